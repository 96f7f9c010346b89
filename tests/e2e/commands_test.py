"""Every command of the contract: exit status, JSON fields, and what people see."""
import json
import unittest

from harness import MNEMONIC, MNEMONIC_ADDRESS, MNEMONIC_PRIVATE_KEY, TRANSACTION, TYPED_DATA, ZERO, KeydeckTest, VaultTest, main

WALLET_FIELDS = {"id", "user", "label", "address", "custody", "key_id", "region", "public_key", "created_at"}
KEY_FIELDS = {"id", "arn", "alias", "spec", "usage", "state", "region", "created_at", "deletion_date", "last_used_at", "rotation",
              "wallets", "secrets"}
RFC3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


class Init(KeydeckTest):
    def test_makes_a_vault_and_nothing_else(self):
        made = self.one("init", "--key-file", self.key_file, "--region", "eu-west-1", "--account", "111122223333")
        self.assertEqual((made["kms"], made["region"], made["account"], made["is_demo"]), ("local", "eu-west-1", "111122223333", False))
        self.assertEqual(made["key_file"], str(self.key_file))
        self.assertEqual(self.key_file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(len(self.key_file.read_bytes()), 32)
        self.assertEqual(self.vault.stat().st_mode & 0o777, 0o700)
        for name in ("keydeck.db", "kms.db"):
            self.assertEqual((self.vault / name).stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.ok("user", "list"), [])
        self.assertEqual(self.ok("wallet", "list"), [])
        self.assertEqual(self.ok("key", "list"), [])

    def test_uses_an_existing_key_file_and_keeps_its_absolute_path(self):
        self.key_file.write_bytes(bytes(range(32)))
        self.key_file.chmod(0o600)
        self.run_command(self.command("init", "--key-file", "key"), cwd=self.home)
        self.assertEqual(self.key_file.read_bytes(), bytes(range(32)))
        self.one("user", "add", "alice", cwd="/")

    def test_refuses_a_second_vault(self):
        self.one("init", "--key-file", self.key_file)
        self.refused(1, "already_exists", "init", "--key-file", self.key_file)

    def test_needs_a_secret(self):
        self.refused(2, "invalid_input", "init")
        self.assertFalse(self.vault.exists())

    def test_refuses_both_secrets(self):
        self.refused(2, "invalid_input", "init", "--key-file", self.key_file, "--passphrase-file", self.write("p", "secret\n"))

    def test_what_belongs_to_the_other_kms_is_refused(self):
        for options in (("--kms", "aws", "--key-file", self.key_file), ("--kms", "aws", "--account", "123456789012"),
                        ("--profile", "dev", "--key-file", self.key_file), ("--kms", "vault")):
            self.refused(2, "invalid_input", "init", *options)
        self.assertFalse(self.vault.exists())

    def test_no_vault(self):
        error = self.refused(3, "not_found", "wallet", "list")
        self.assertIn("keydeck init", error["hint"])
        self.assertIn("keydeck demo", error["hint"])

    def test_default_vault_is_in_the_data_home(self):
        self.run_command([self.command()[0], "init", "--key-file", str(self.key_file)])
        self.assertTrue((self.home / ".local/share/keydeck/keydeck.db").exists())


class Passphrase(KeydeckTest):
    def test_first_line_opens_the_vault(self):
        secret = self.write("p", "correct horse\nnot this\n")
        self.one("--passphrase-file", secret, "init")
        same = self.write("same", "correct horse")
        self.one("--passphrase-file", same, "user", "add", "alice")
        self.one("user", "add", "bob", "--passphrase-file", same)
        self.one("user", "add", "carol", env={"KEYDECK_PASSPHRASE_FILE": str(same)})
        self.assertEqual([u["name"] for u in self.ok("user", "list")], ["alice", "bob", "carol"])  # lists need no unlock
        self.refused(4, "locked", "user", "add", "dave")
        self.refused(4, "denied", "user", "add", "dave", "--passphrase-file", self.write("w", "wrong\n"))
        self.refused(2, "invalid_input", "user", "add", "dave", "--passphrase-file", self.write("e", "\n"))
        self.refused(3, "not_found", "user", "add", "dave", "--passphrase-file", self.home / "nowhere")
        self.assertTrue(self.one("audit", "verify", "--passphrase-file", same)["valid"])


class Users(VaultTest):
    def test_add_list_show_rename_lock_remove(self):
        added = self.one("user", "add", "charlie")
        self.assertRegex(added["created_at"], RFC3339)
        self.assertEqual([u["name"] for u in self.ok("user", "list")], ["alice", "bob", "charlie"])
        self.assertEqual(self.one("user", "show", "charlie")["wallets"], 0)
        self.assertEqual(self.one("user", "rename", "charlie", "carol")["name"], "carol")
        self.refused(3, "not_found", "user", "show", "charlie")
        self.assertTrue(self.one("user", "lock", "carol")["locked"])
        self.assertFalse(self.one("user", "unlock", "carol")["locked"])
        self.one("user", "remove", "carol")
        self.refused(3, "not_found", "user", "remove", "carol")

    def test_names_are_unique_and_sane(self):
        self.refused(1, "already_exists", "user", "add", "alice")
        self.refused(1, "already_exists", "user", "rename", "alice", "bob")
        for name in ("", "a\nb", "x" * 65, "a\x1bb"):
            self.refused(2, "invalid_input", "user", "add", name)

    def test_command_names_are_fine_as_user_names(self):
        for name in ("key", "user", "list", "add"):
            self.assertEqual(self.one("user", "add", name)["name"], name)

    def test_pages(self):
        for i in range(5):
            self.one("user", "add", f"u{i}")
        first = self.ok("user", "list", "--filter", "u", "--limit", "2")
        rest = self.ok("user", "list", "--filter", "u", "--after", first[-1]["id"])
        self.assertEqual([u["name"] for u in first + rest], [f"u{i}" for i in range(5)])

    def test_a_user_with_wallets_stays(self):
        self.one("wallet", "create", "alice")
        self.refused(1, "rejected", "user", "remove", "alice")

    def test_a_locked_user_signs_nothing(self):
        self.one("wallet", "create", "alice")
        self.one("user", "lock", "alice")
        self.refused(4, "locked", "sign", "message", "alice", "x")
        self.one("user", "unlock", "alice")
        self.one("sign", "message", "alice", "x")


class Wallets(VaultTest):
    def test_create_has_the_contracts_fields(self):
        for custody in ("envelope", "kms-key"):
            wallet = self.one("wallet", "create", "alice", "--custody", custody, "--label", f"my {custody}")
            self.assertLessEqual(WALLET_FIELDS, set(wallet))
            self.assertEqual((wallet["user"], wallet["label"], wallet["custody"]), ("alice", f"my {custody}", custody))
            self.assertRegex(wallet["address"], r"^0x[0-9a-fA-F]{40}$")
            self.assertRegex(wallet["public_key"], r"^0x04[0-9a-f]{128}$")
            self.assertRegex(wallet["created_at"], RFC3339)
            self.assertEqual(wallet["region"], "us-east-1")
            self.assertEqual(self.one("wallet", "show", wallet["address"]), wallet)
            self.assertEqual(self.one("wallet", "show", wallet["address"].lower()), wallet)
            self.assertEqual(self.one("wallet", "show", f"my {custody}"), wallet)
        self.assertEqual(len(self.ok("wallet", "list", "--user", "alice")), 2)
        self.refused(2, "invalid_input", "wallet", "show", "alice")  # two wallets: which?
        key = self.one("key", "show", self.ok("wallet", "list")[1]["key_id"])
        self.assertEqual((key["spec"], key["usage"]), ("ECC_SECG_P256K1", "SIGN_VERIFY"))

    def test_defaults(self):
        wallet = self.one("wallet", "create", "alice")
        self.assertEqual((wallet["custody"], wallet["label"], wallet["has_mnemonic"]), ("envelope", "", True))
        mnemonic = self.one("wallet", "export", "alice", "--mnemonic", "--yes")["mnemonic"]
        self.assertEqual(len(mnemonic.split()), 12)
        self.one("wallet", "create", "bob", "--words", "24")
        self.assertEqual(len(self.one("wallet", "export", "bob", "--mnemonic", "--yes")["mnemonic"].split()), 24)
        pool = self.one("pool", "status")
        self.assertEqual(pool["size"], 10)
        self.assertIn(wallet["key_id"], [k["id"] for k in pool["keys"]])

    def test_key_pair(self):
        wallet = self.one("wallet", "create", "alice", "--custody", "key-pair", "--label", "pair")
        self.assertEqual((wallet["custody"], wallet["has_mnemonic"], wallet["path"], wallet["key_version"]), ("key-pair", False, None, 1))
        self.assertIn(wallet["key_id"], [k["id"] for k in self.one("pool", "status")["keys"]])
        signature = self.one("sign", "message", "pair", "hello")
        self.assertTrue(self.one("verify", "message", "--signature", signature["signature"], "--address", wallet["address"], "hello")["valid"])
        error = self.refused(1, "rejected", "wallet", "export", "pair", "--mnemonic", "--yes")
        self.assertIn("has no mnemonic", error["message"])
        self.assertIn("--private-key", error["hint"])
        key = self.one("wallet", "export", "pair", "--private-key", "--yes")["private_key"]
        self.one("wallet", "remove", "pair", "--destroy", "--acknowledge", "1", "--yes")
        again = self.one("wallet", "import", "alice", "--private-key-stdin", stdin=key)
        self.assertEqual(again["address"], wallet["address"])
        many = self.ok("wallet", "create", "bob", "--custody", "key-pair", "--count", "30", "--label", "p")
        self.assertEqual([w["label"] for w in many], [f"p-{i}" for i in range(1, 31)])
        self.assertEqual(len({w["address"] for w in many}), 30)

    def test_count_numbers_the_labels(self):
        made = self.ok("wallet", "create", "alice", "--count", "12", "--label", "cold")
        self.assertEqual([w["label"] for w in made], [f"cold-{i}" for i in range(1, 13)])
        self.assertEqual(len({w["address"] for w in made}), 12)
        self.refused(1, "already_exists", "wallet", "create", "bob", "--label", "cold-3")

    def test_refuses(self):
        self.refused(3, "not_found", "wallet", "create", "nobody")
        self.refused(2, "invalid_input", "wallet", "create", "alice", "--custody", "paper")
        for option, value in (("--words", "13"), ("--words", "15"), ("--words", "18"), ("--words", "25"), ("--words", "x"), ("--count", "0"), ("--count", "100001"), ("--count", "-1"), ("--count", "1.5")):
            self.refused(2, "invalid_input", "wallet", "create", "alice", option, value)
        self.assertEqual(self.ok("wallet", "list"), [])

    def test_list_pages_and_filters(self):
        made = self.ok("wallet", "create", "alice", "--count", "7", "--label", "a")
        other = self.one("wallet", "create", "bob", "--custody", "kms-key", "--label", "treasury")
        first = self.ok("wallet", "list", "--limit", "3")
        second = self.ok("wallet", "list", "--limit", "3", "--after", first[-1]["id"])
        third = self.ok("wallet", "list", "--limit", "3", "--after", second[-1]["id"])
        self.assertEqual([w["address"] for w in first + second + third], [w["address"] for w in made + [other]])
        self.assertEqual(self.ok("wallet", "list", "--after", other["id"]), [])
        self.assertEqual([w["label"] for w in self.ok("wallet", "list", "--filter", "reasu")], ["treasury"])
        self.assertEqual([w["label"] for w in self.ok("wallet", "list", "--filter", other["address"][:8].lower())], ["treasury"])
        self.assertEqual([w["label"] for w in self.ok("wallet", "list", "--key", other["key_id"])], ["treasury"])
        key = self.one("key", "show", made[0]["key_id"])
        for name in (key["alias"], key["arn"], key["id"]):
            self.assertIn(made[0]["address"], [w["address"] for w in self.ok("wallet", "list", "--key", name)])
        self.refused(3, "not_found", "wallet", "list", "--user", "nobody")
        for limit in ("0", "100001", "x"):
            self.refused(2, "invalid_input", "wallet", "list", "--limit", limit)

    def test_a_filter_that_names_nothing_is_an_error(self):
        wallet = self.one("wallet", "create", "alice", "--custody", "kms-key")
        self.refused(3, "not_found", "wallet", "list", "--user", "nouser")
        for key in ("nokey", "alias/nokey", wallet["key_id"][:-1], "arn:aws:kms:us-east-1:000000000000:key/nokey"):
            self.refused(3, "not_found", "wallet", "list", "--key", key)
        other = self.one("key", "create")["id"]
        self.assertEqual(self.ok("wallet", "list", "--key", other), [])  # there, and nothing depends on it
        self.assertEqual(self.ok("--as", "alice", "wallet", "list", "--key", wallet["key_id"]), [wallet])
        self.refused(4, "denied", "--as", "bob", "wallet", "list", "--key", wallet["key_id"])

    def test_label_and_remove(self):
        wallet = self.one("wallet", "create", "alice")
        self.assertEqual(self.one("wallet", "label", "alice", "hot")["label"], "hot")
        self.assertEqual(self.one("wallet", "label", "hot", "")["label"], "")
        self.one("wallet", "remove", wallet["address"])
        self.assertEqual(self.ok("wallet", "list"), [])
        self.assertEqual(self.one("wallet", "restore", wallet["address"])["address"], wallet["address"])
        self.assertEqual([w["address"] for w in self.ok("wallet", "list")], [wallet["address"]])
        self.one("wallet", "remove", wallet["address"])
        self.refused(3, "not_found", "sign", "message", "alice", "x")

    def test_destroy_is_a_step_of_its_own(self):
        wallet = self.one("wallet", "create", "alice")
        self.refused(1, "rejected", "wallet", "remove", "alice", "--destroy", "--acknowledge", "1")  # nobody said --yes
        self.refused(1, "rejected", "wallet", "remove", "alice", "--destroy", "--yes")
        self.refused(2, "invalid_input", "wallet", "remove", "alice", "--destroy", "--yes", "--acknowledge", "2")
        self.refused(2, "invalid_input", "wallet", "remove", "alice", "--acknowledge", "1")
        self.one("wallet", "remove", "alice", "--destroy", "--yes", "--acknowledge", "1")
        self.refused(3, "not_found", "wallet", "show", wallet["address"])
        self.assertEqual(self.one("key", "show", wallet["key_id"])["state"], "Enabled")

    def test_import_and_export(self):
        wallet = self.import_known()
        self.assertEqual((wallet["address"], wallet["custody"], wallet["imported"]), (MNEMONIC_ADDRESS, "envelope", True))
        self.assertEqual(self.one("wallet", "export", "alice", "--mnemonic", "--yes"), {"address": MNEMONIC_ADDRESS, "mnemonic": MNEMONIC, "path": "m/44'/60'/0'/0/0"})
        self.assertEqual(self.one("wallet", "export", "alice", "--private-key", "--yes")["private_key"], MNEMONIC_PRIVATE_KEY)
        self.assertEqual(self.text("wallet", "export", "alice", "--mnemonic", "--yes"), MNEMONIC + "\n")
        self.refused(1, "rejected", "wallet", "export", "alice", "--mnemonic")
        self.refused(2, "invalid_input", "wallet", "export", "alice", "--yes")
        self.refused(2, "invalid_input", "wallet", "export", "alice", "--yes", "--mnemonic", "--private-key")
        self.refused(1, "already_exists", "wallet", "import", "bob", "--mnemonic-stdin", stdin=MNEMONIC)
        other = self.one("wallet", "import", "bob", "--mnemonic-stdin", "--path", "m/44'/60'/0'/0/1", "--label", "second", stdin=MNEMONIC)
        self.assertEqual(other["address"], "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")

    def test_import_private_key(self):
        for text in (MNEMONIC_PRIVATE_KEY, MNEMONIC_PRIVATE_KEY[2:] + "\r\n"):
            wallet = self.one("wallet", "import", "alice", "--private-key-stdin", stdin=text)
            self.assertEqual((wallet["address"], wallet["has_mnemonic"]), (MNEMONIC_ADDRESS, False))
            self.refused(1, "rejected", "wallet", "export", MNEMONIC_ADDRESS, "--mnemonic", "--yes")
            self.one("wallet", "remove", MNEMONIC_ADDRESS, "--destroy", "--yes", "--acknowledge", "1")

    def test_keystore_round_trip(self):
        self.import_known()
        secret, file = self.write("kp", "keystore secret\n"), self.home / "keystore.json"
        self.refused(2, "invalid_input", "wallet", "export", "alice", "--keystore", file, "--yes")
        self.one("wallet", "export", "alice", "--keystore", file, "--keystore-passphrase-file", secret, "--yes")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        keystore = json.loads(file.read_text())
        self.assertEqual((keystore["version"], keystore["crypto"]["kdfparams"]["n"]), (3, 262144))
        self.refused(1, "already_exists", "wallet", "export", "alice", "--keystore", file, "--keystore-passphrase-file", secret, "--yes")
        self.one("wallet", "remove", "alice", "--destroy", "--yes", "--acknowledge", "1")
        self.refused(4, "denied", "wallet", "import", "bob", "--keystore", file, "--keystore-passphrase-file", self.write("w", "wrong"))
        self.refused(2, "invalid_input", "wallet", "import", "bob", "--keystore", file)
        back = self.one("wallet", "import", "bob", "--keystore", file, "--keystore-passphrase-file", secret)
        self.assertEqual(back["address"], MNEMONIC_ADDRESS)

    def test_import_refuses(self):
        cases = [(("--mnemonic-stdin",), ""), (("--mnemonic-stdin",), "abandon " * 12), (("--mnemonic-stdin",), "not words at all"),
                 (("--private-key-stdin",), "0x12"), (("--private-key-stdin",), "0x" + "00" * 32), (("--private-key-stdin",), "zz" * 32),
                 (("--private-key-stdin",), "ff" * 32), ((), "x"), (("--mnemonic-stdin", "--private-key-stdin"), MNEMONIC),
                 (("--private-key-stdin", "--path", "m/0"), MNEMONIC_PRIVATE_KEY), (("--mnemonic-stdin", "--path", "m/x"), MNEMONIC),
                 (("--keystore", self.write("k", "{}"), "--keystore-passphrase-file", self.write("kp", "x")), None)]
        for options, stdin in cases:
            error = self.refused(2, "invalid_input", "wallet", "import", "alice", *options, stdin=stdin)
            self.assertNotIn("abandon abandon", error["message"])
            self.assertNotIn("zzzz", error["message"])
        self.assertEqual(self.ok("wallet", "list"), [])

    def test_secrets_on_the_command_line_are_not_repeated(self):
        ran = self.keydeck("wallet", "import", "alice", "--mnemonic", MNEMONIC)
        self.assertEqual(ran.status, 2)
        self.assertNotIn("junk", ran.err)
        ran = self.keydeck("wallet", "import", "alice", f"--private-key-stdin={MNEMONIC_PRIVATE_KEY}", stdin="")
        self.assertEqual(ran.status, 2)
        self.assertNotIn("ac0974", ran.err)


class Contacts(VaultTest):
    ADDRESS = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820"
    OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

    def test_add_list_remove(self):
        added = self.one("contact", "add", "bob-cold", self.ADDRESS.lower(), "--note", "his hardware wallet")
        self.assertEqual(set(added), {"name", "address", "note", "created_at"})
        self.assertEqual((added["name"], added["address"], added["note"]), ("bob-cold", self.ADDRESS, "his hardware wallet"))
        self.assertRegex(added["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        carol = self.one("contact", "add", "carol", self.OTHER)
        self.assertEqual(carol["note"], "")
        self.assertEqual(self.ok("contact", "list"), [added, carol])
        self.assertEqual(self.ok("contact", "list", "--filter", "COLD"), [added])
        self.assertEqual(self.ok("contact", "list", "--filter", self.OTHER[:6]), [carol])
        self.assertEqual(self.ok("contact", "list", "--filter", "nobody"), [])
        self.assertEqual(self.one("contact", "remove", "bob-cold"), {"done": "removed", "name": "bob-cold"})
        self.assertEqual(self.ok("contact", "list"), [carol])
        self.assertEqual([e["action"] for e in self.ok("audit", "list")][-3:], ["AddContact", "AddContact", "RemoveContact"])
        self.assertEqual([e["target"] for e in self.ok("audit", "list", "--action", "RemoveContact")], ["bob-cold"])

    def test_refuses(self):
        self.one("contact", "add", "bob-cold", self.ADDRESS)
        self.refused(1, "already_exists", "contact", "add", "BOB-COLD", self.OTHER)
        self.refused(1, "already_exists", "contact", "add", "bob", self.ADDRESS)
        self.refused(2, "invalid_input", "contact", "add", "x", self.ADDRESS[:-1])
        self.refused(2, "invalid_input", "contact", "add", "x", self.ADDRESS[:-1] + "1")
        self.refused(2, "invalid_input", "contact", "add", "x", self.ADDRESS.replace("F", "f", 1))
        self.refused(2, "invalid_input", "contact", "add", "a\u202eb", self.OTHER)
        self.refused(2, "invalid_input", "contact", "add", "x")
        self.refused(2, "invalid_input", "contact")
        self.refused(3, "not_found", "contact", "remove", "nobody")
        twin = self.ADDRESS[:6] + "3" * 32 + self.ADDRESS[-4:]
        self.assertIn("bob-cold", self.refused(1, "rejected", "contact", "add", "x", twin.lower())["message"])

    def test_users_read_and_do_not_write(self):
        added = self.one("contact", "add", "bob-cold", self.ADDRESS)
        self.assertEqual(self.ok("--as", "alice", "contact", "list"), [added])
        self.refused(4, "denied", "--as", "alice", "contact", "add", "x", self.OTHER)
        self.refused(4, "denied", "--as", "alice", "contact", "remove", "bob-cold")

    def test_for_people(self):
        self.assertEqual(self.text("contact", "list"), "No contacts.\n")
        self.text("contact", "add", "bob-cold", self.ADDRESS, "--note", "hardware")
        lines = self.text("contact", "list").splitlines()
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r"^NAME +ADDRESS +NOTE +ADDED$")
        self.assertRegex(lines[1], rf"^bob-cold +{self.ADDRESS} +hardware +\d{{4}}-")


class Keys(VaultTest):
    def test_life_of_a_key(self):
        key = self.one("key", "create", "--alias", "mine", "--description", "For tests")
        self.assertLessEqual(KEY_FIELDS, set(key))
        self.assertEqual((key["alias"], key["spec"], key["usage"], key["state"], key["wallets"], key["secrets"]),
                         ("alias/mine", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Enabled", 0, 0))
        self.assertEqual(key["arn"], f"arn:aws:kms:us-east-1:000000000000:key/{key['id']}")
        for name in (key["id"], key["arn"], "alias/mine"):
            self.assertEqual(self.one("key", "show", name)["id"], key["id"])
        self.one("key", "tag", "alias/mine", "team=payments=eu")
        self.assertEqual(self.one("key", "show", key["id"])["tags"]["team"], "payments=eu")
        self.assertEqual([k["id"] for k in self.ok("key", "list", "--tag", "team=payments=eu")], [key["id"]])
        self.assertEqual(self.ok("key", "list", "--tag", "team=other"), [])
        self.one("key", "alias", key["id"], "second")
        self.one("key", "rotate", "alias/second")
        self.assertEqual(self.one("key", "disable", "alias/mine")["state"], "Disabled")
        self.assertEqual([k["id"] for k in self.ok("key", "list", "--state", "disabled")], [key["id"]])
        self.assertEqual(self.ok("key", "list", "--state", "PendingDeletion"), [])
        error = self.refused(2, "invalid_input", "key", "list", "--state", "Bogus")
        self.assertIn("Enabled, Disabled, PendingDeletion", error["hint"])
        error = self.refused(1, "rejected", "key", "rotate", key["id"])
        self.assertEqual(error["kms_error"], "DisabledException")
        self.assertEqual(self.one("key", "enable", "alias/mine")["state"], "Enabled")
        self.refused(1, "rejected", "key", "schedule-deletion", key["id"])  # nobody said --yes
        gone = self.one("key", "schedule-deletion", key["id"], "--days", "7", "--yes")
        self.assertEqual(gone["state"], "PendingDeletion")
        self.assertRegex(gone["deletion_date"], RFC3339)
        self.assertEqual(self.refused(1, "rejected", "key", "enable", key["id"])["kms_error"], "KMSInvalidStateException")
        self.assertEqual(self.one("key", "cancel-deletion", key["id"])["state"], "Disabled")

    def test_signing_key(self):
        key = self.one("key", "create", "--spec", "ECC_SECG_P256K1")
        self.assertEqual((key["usage"], key["rotation"], key["rotation_due"]), ("SIGN_VERIFY", "n/a (ECC)", None))
        for how in ((), ("--every", "365"), ("--off",)):
            error = self.refused(1, "rejected", "key", "rotate", key["id"], *how)
            self.assertIn("a new key is a new address", error["message"])
            self.assertEqual(error["kms_error"], "UnsupportedOperationException")

    def test_rotation(self):
        key = self.one("key", "create")
        self.assertEqual((key["rotation"], key["versions"], key["rotation_period_days"], key["rotated_at"], key["retiring"]), ("off", 1, 0, None, False))
        self.assertRegex(key["rotation_due"], RFC3339)
        on = self.one("key", "rotate", key["id"], "--every", "90")
        self.assertRegex(on["rotation"], r"^90d next \d{4}-\d\d-\d\d$")
        self.assertEqual((on["rotation_period_days"], on["versions"]), (90, 1))
        self.assertRegex(on["next_rotation"], RFC3339)
        now = self.one("key", "rotate", key["id"])
        self.assertEqual(now["versions"], 2)
        self.assertRegex(now["rotated_at"], RFC3339)
        self.assertEqual(self.one("key", "rotate", key["id"], "--off")["rotation"], "off")
        for wrong in ("89", "2561", "0", "x", "-90"):
            self.refused(2, "invalid_input", "key", "rotate", key["id"], "--every", wrong)
        self.refused(2, "invalid_input", "key", "rotate", key["id"], "--every", "90", "--off")
        shown = self.text("key", "show", key["id"])
        self.assertIn("2, the newest since ", shown)
        self.assertIn("due on ", shown)
        self.ok("key", "disable", key["id"])
        self.assertEqual(self.one("key", "show", key["id"])["rotation"], "n/a (disabled)")

    def test_countdown_of_a_deletion(self):
        key = self.one("key", "create")["id"]
        self.ok("key", "schedule-deletion", key, "--days", "7", "--yes")
        for command in (("key", "show", key), ("key", "list")):
            self.assertIn("(in 6 days 23 hours)", self.text(*command))
        self.assertEqual(self.one("key", "show", key)["rotation"], "n/a (pending deletion)")

    def test_refuses(self):
        self.refused(3, "not_found", "key", "show", "alias/none")
        self.refused(2, "invalid_input", "key", "create", "--spec", "ROT13")
        for tag in ("x", "=y"):
            self.refused(2, "invalid_input", "key", "list", "--tag", tag)
        key = self.one("key", "create")["id"]
        for days in ("6", "31", "x", "-7"):
            self.refused(2, "invalid_input", "key", "schedule-deletion", key, "--days", days, "--yes")
        self.refused(2, "invalid_input", "key", "tag", key, "noequals")
        ran = self.keydeck("key", "alias", key, "no spaces")  # AWS's own words, without a full stop
        self.assertEqual((ran.status, ran.error()["kms_error"]), (2, "ValidationException"))
        self.assertEqual(self.refused(4, "denied", "key", "alias", key, "aws/mine")["kms_error"], "NotAuthorizedException")
        self.assertEqual(self.one("key", "show", key)["state"], "Enabled")

    def test_deletion_wants_the_very_number(self):
        self.one("pool", "init", "--size", "1")
        key = self.one("pool", "status")["keys"][0]["id"]
        self.ok("wallet", "create", "alice", "--count", "3")
        self.assertEqual(self.one("key", "show", key)["wallets"], 3)
        for number in ((), ("--acknowledge", "0"), ("--acknowledge", "2"), ("--acknowledge", "4")):
            error = self.refused(1, "rejected", "key", "schedule-deletion", key, "--yes", *number)
            self.assertIn(f"keydeck pool rewrap --from {key}", error["hint"])
            self.assertIn("--acknowledge 3", error["hint"])
        ran = self.run_command(self.command("key", "schedule-deletion", key, "--yes"))
        self.assertEqual((ran.status, ran.out), (1, ""))
        for wallet in self.ok("wallet", "list"):
            self.assertIn(wallet["address"], ran.err, "everything that would be lost is listed")
        self.assertIn("It was last used at", ran.err)
        self.assertEqual(self.one("key", "show", key)["state"], "Enabled")
        self.assertEqual(self.one("key", "schedule-deletion", key, "--yes", "--acknowledge", "3")["state"], "PendingDeletion")
        wallet = self.ok("wallet", "list")[0]["address"]
        self.refused(1, "rejected", "sign", "message", wallet, "x")
        self.one("key", "cancel-deletion", key)
        self.refused(1, "rejected", "sign", "message", wallet, "x")
        self.one("key", "enable", key)
        self.one("sign", "message", wallet, "x")


class Pool(VaultTest):
    def test_init_status_add(self):
        pool = self.one("pool", "init", "--size", "3", "--alias-prefix", "team-a")
        self.assertEqual([k["alias"] for k in pool["keys"]], ["alias/team-a-1", "alias/team-a-2", "alias/team-a-3"])
        self.assertEqual(self.one("pool", "init", "--size", "5")["size"], 5)
        self.assertEqual(self.one("pool", "init", "--size", "5")["size"], 5)
        self.assertEqual(self.one("pool", "add", "2")["size"], 7)
        self.assertEqual(self.one("pool", "add")["size"], 8)
        self.assertEqual(self.one("pool", "status")["size"], 8)
        for size in ("0", "-1", "x"):
            self.refused(2, "invalid_input", "pool", "init", "--size", size)

    def test_settings_name_size_and_prefix(self):
        env = {"KMS_KEY_POOL_SIZE": "4", "KMS_KEY_ALIAS_PREFIX": "payments"}
        self.one("wallet", "create", "alice", env=env)
        pool = self.one("pool", "status")
        self.assertEqual((pool["size"], pool["keys"][0]["alias"]), (4, "alias/payments-1"))


class Signing(VaultTest):
    def setUp(self):
        super().setUp()
        self.import_known()
        self.one("wallet", "create", "bob", "--custody", "kms-key")

    def test_message(self):
        # ethers: new Wallet(key).signMessage("hello")
        signed = self.one("sign", "message", "alice", "hello")
        self.assertLessEqual({"address", "digest", "signature", "r", "s", "v"}, set(signed))
        self.assertEqual(signed["address"], MNEMONIC_ADDRESS)
        self.assertEqual(signed["digest"], "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750")
        self.assertEqual(signed["signature"], signed["r"] + signed["s"][2:] + f"{signed['v']:02x}")
        self.assertIn(signed["v"], (27, 28))
        for wallet in ("alice", "bob"):
            signed = self.one("sign", "message", wallet, "hello")
            check = self.one("verify", "message", "--signature", signed["signature"], "--address", signed["address"], "hello")
            self.assertEqual(check, {"valid": True, "address": signed["address"]})

    def test_message_sources(self):
        text = self.one("sign", "message", "alice", "0x6869")
        data = self.one("sign", "message", "alice", "--hex", "0x6869")
        plain = self.one("sign", "message", "alice", "hi")
        self.assertNotEqual(text["digest"], data["digest"])
        self.assertEqual(plain["digest"], data["digest"])
        self.assertEqual(self.one("sign", "message", "alice", "--file", self.write("m", "hi"))["digest"], plain["digest"])
        self.assertEqual(self.one("sign", "message", "alice", "--file", "-", stdin="hi")["digest"], plain["digest"])
        self.assertNotEqual(self.one("sign", "message", "alice", "--file", "-", stdin="hi\n")["digest"], plain["digest"])
        for text in ("", "{}", "[a,b]", "%%", "wallet", "日本"):
            self.assertEqual(self.one("sign", "message", "alice", text)["digest"],
                             self.one("sign", "message", "alice", "--file", "-", stdin=text)["digest"])
        self.one("sign", "message", "alice", "--", "--json")
        for sources in ((), ("a", "--hex", "00"), ("--hex", "0"), ("--hex", "0xzz"), ("--lines", "x"), ("a", "b")):
            self.refused(2, "invalid_input", "sign", "message", "alice", *sources)
        self.refused(3, "not_found", "sign", "message", "alice", "--file", self.home / "nowhere")

    def test_typed_data(self):
        file = self.write("typed.json", TYPED_DATA)
        for wallet in ("alice", "bob"):
            error = self.refused(1, "rejected", "sign", "typed-data", wallet, "--file", file)  # of a kind that nobody can read
            self.assertIn("Unknown typed data (Mail)", error["message"])
            signed = self.one("sign", "typed-data", wallet, "--file", file, "--yes")
            self.assertLessEqual({"address", "digest", "signature", "r", "s", "v"}, set(signed))
            self.assertTrue(self.one("verify", "typed-data", "--signature", signed["signature"], "--address", signed["address"], "--file", file)["valid"])
        self.refused(2, "invalid_input", "sign", "typed-data", "alice", "--file", self.write("bad", {**TYPED_DATA, "primaryType": "Male"}))
        self.refused(2, "invalid_input", "sign", "typed-data", "alice", "--file", self.write("bad", "nonsense"))
        self.refused(2, "invalid_input", "sign", "typed-data", "alice", "--file", self.write("bad", " \n"))

    def test_transaction(self):
        for wallet in ("alice", "bob"):
            signed = self.sign_transaction(wallet)
            self.assertEqual(set(signed), {"address", "type", "raw", "hash"})
            self.assertEqual(signed["type"], 2)
            self.assertTrue(signed["raw"].startswith("0x02"))
            decoded = self.one("decode", "transaction", signed["raw"])
            self.assertEqual((decoded["from"], decoded["hash"]), (signed["address"], signed["hash"]))

    def test_transaction_refuses(self):
        cases = [({**TRANSACTION, "gasprice": 1}, "gasprice"), ({k: v for k, v in TRANSACTION.items() if k != "chainId"}, "chainId"),
                 ({k: v for k, v in TRANSACTION.items() if k != "nonce"}, "nonce"), ({**TRANSACTION, "value": "-1"}, "value"),
                 ({**TRANSACTION, "to": "0x12"}, "to"), ({**TRANSACTION, "data": "0x12", "input": "0x13"}, "input"),
                 ({**TRANSACTION, "from": ZERO}, "from"), ({**TRANSACTION, "nonce": 1.5}, "nonce"),
                 ({**TRANSACTION, "to": TRANSACTION["to"].replace("C", "c", 1)}, "to")]
        for txn, field in cases:
            error = self.refused(2, "invalid_input", "sign", "transaction", "alice", "--yes", "--file", "-", stdin=json.dumps(txn))
            self.assertIn(field, error["message"])

    def test_risky_transactions_need_yes_elsewhere(self):
        approve = {**TRANSACTION, "value": 0, "gas": 60000, "data": "0x095ea7b3" + "00" * 12 + "11" * 20 + "ff" * 32}
        error = self.refused(1, "rejected", "sign", "transaction", "alice", "--file", "-", stdin=json.dumps(approve))
        self.assertIn("--yes", error["hint"])
        self.sign_transaction("alice", approve)

    def test_authorization(self):
        delegate = "0x63c0c19a282a1B52b07dD5a65b58948A07DAE32B"
        ask = ("sign", "authorization", "alice", "--address", delegate, "--nonce", "7", "--yes")
        signed = self.one(*ask, "--chain-id", "11155111")
        self.assertEqual((signed["address"], signed["chain_id"], signed["delegate"], signed["nonce"]), (MNEMONIC_ADDRESS, "11155111", delegate, 7))
        self.assertIn(signed["y_parity"], (0, 1))
        self.refused(2, "invalid_input", *ask, "--chain-id", "0")
        same = ("sign", "authorization", "alice", "--address", delegate, "--yes", "--chain-id", "11155111", "--nonce")
        for nonce in ("0x7", "0x07", "007"):
            self.assertEqual(self.one(*same, nonce), signed)
        for nonce in ("", "0x", "-1", "7f", "0xg", "1.0"):
            self.refused(2, "invalid_input", *same, nonce)
        self.one(*ask, "--chain-id", "0", "--any-chain")
        txn = {**TRANSACTION, "type": 4, "gas": 100000, "authorizationList": [signed["authorization"]]}
        raw = self.sign_transaction("bob", txn)["raw"]
        self.assertIn(MNEMONIC_ADDRESS, json.dumps(self.one("decode", "transaction", raw)) + self.text("decode", "transaction", raw))

    def test_an_authorization_needs_yes_always(self):
        delegate = "0x63c0c19a282a1B52b07dD5a65b58948A07DAE32B"
        ask = ("sign", "authorization", "alice", "--chain-id", "1", "--nonce", "7", "--address")
        self.assertIn("--yes", self.refused(1, "rejected", *ask, delegate)["hint"])
        self.one(*ask, delegate, "--yes")
        self.refused(1, "rejected", *ask, delegate)  # known by now, and as dangerous
        self.refused(1, "rejected", *ask, ZERO)
        own = self.one("wallet", "show", "bob")["address"]
        self.refused(1, "rejected", *ask, own)

    def test_batches_keep_order_and_go_on(self):
        good = [{**TRANSACTION, "nonce": n} for n in range(4)]
        lines = [json.dumps(good[0]), json.dumps(good[1], indent=2), '{"broken": ', json.dumps(good[2])]
        ran = self.keydeck("sign", "transaction", "alice", "--yes", "--file", "-", stdin="\n".join([lines[0], lines[1], '{"nonce":1}', lines[3]]))
        self.assertEqual(ran.status, 1)
        results = ran.lines()
        self.assertEqual(["error" in r for r in results], [False, False, True, False])
        self.assertEqual(results[2]["error"]["code"], "invalid_input")
        self.assertEqual(results[3]["raw"], self.sign_transaction("alice", good[2])["raw"])
        many = self.ok("sign", "transaction", "bob", "--yes", "--file", "-", stdin="".join(json.dumps(t) for t in good))
        self.assertEqual([self.one("decode", "transaction", r["raw"])["nonce"] for r in many], [0, 1, 2, 3])

    def test_batch_of_typed_data(self):
        two = [{**TYPED_DATA, "message": {**TYPED_DATA["message"], "contents": text}} for text in ("one", "two")]
        results = self.ok("sign", "typed-data", "alice", "--yes", "--file", self.write("two", "\n".join(map(json.dumps, two))))
        single = [self.one("sign", "typed-data", "alice", "--yes", "--file", self.write("t", t))["signature"] for t in two]
        self.assertEqual([r["signature"] for r in results], single)

    def test_lines(self):
        for text, expected in (("one\ntwo\n", ["one", "two"]), ("one\n\ntwo", ["one", "", "two"]), ("one\rtwo\n", ["one\rtwo"])):
            results = self.ok("sign", "message", "alice", "--lines", "--file", "-", stdin=text)
            self.assertEqual([r["digest"] for r in results], [self.one("sign", "message", "alice", m)["digest"] for m in expected])
        self.refused(2, "invalid_input", "sign", "message", "alice", "--lines", "--file", "-", stdin="")
        error = self.refused(2, "invalid_input", "sign", "message", "alice", "--lines", "--file", "-", stdin="one\ntwo\r\n")
        self.assertIn("Line 2 ends with a carriage return", error["message"])
        digest = b"one\n" + bytes(range(128, 160)) + b"\n"  # 32 bytes that nobody can read
        error = self.refused(1, "rejected", "sign", "message", "alice", "--lines", "--file", "-", stdin=digest)
        self.assertIn("Line 2 is risky", error["message"])
        self.assertEqual(len(self.ok("sign", "message", "alice", "--lines", "--file", "-", "--yes", stdin=digest)), 2)

    def test_verify_says_who_signed(self):
        signature = self.one("sign", "message", "alice", "hello")["signature"]
        self.assertEqual(self.one("verify", "message", "--signature", signature, "hello"), {"valid": True, "address": MNEMONIC_ADDRESS})
        ran = self.keydeck("verify", "message", "--signature", signature, "--address", ZERO, "hello")
        self.assertEqual((ran.status, ran.lines()), (1, [{"valid": False, "address": MNEMONIC_ADDRESS}]))
        ran = self.keydeck("verify", "message", "--signature", signature, "--address", MNEMONIC_ADDRESS, "other")
        self.assertEqual((ran.status, ran.lines()[0]["valid"]), (1, False))
        nobodys = "0x" + f"{5:064x}" + signature[66:]  # no point of secp256k1 has x = 5: no key can have made it
        for more in ((), ("--address", ZERO), ("--address", MNEMONIC_ADDRESS)):
            ran = self.keydeck("verify", "message", "--signature", nobodys, *more, "hello")
            self.assertEqual((ran.status, ran.lines()), (1, [{"valid": False, "address": None}]))
        ran = self.run_command(self.command("verify", "message", "--signature", nobodys, "hello"))
        self.assertEqual(ran.status, 1)
        self.assertIn("nobody", ran.out)
        self.assertNotIn(ZERO, ran.out)
        self.refused(2, "invalid_input", "verify", "message", "--signature", "0x12", "hello")
        self.refused(2, "invalid_input", "verify", "message", "--signature", signature, "--address", "0x12", "hello")
        self.refused(2, "invalid_input", "decode", "transaction", "0x02")
        self.refused(2, "invalid_input", "decode", "transaction")

    def test_verify_and_decode_need_no_vault(self):
        signature = self.one("sign", "message", "alice", "hello")["signature"]
        raw = self.sign_transaction("alice")["raw"]
        self.vault = self.home / "nowhere"
        self.one("verify", "message", "--signature", signature, "hello")
        self.one("decode", "transaction", raw)
        self.one("decode", "transaction", "--file", "-", stdin=raw + "\n")
        self.assertFalse(self.vault.exists())


class Audit(VaultTest):
    def test_list_verify_export(self):
        self.import_known()
        self.one("sign", "message", "alice", "hello")
        self.refused(3, "not_found", "sign", "message", "nobody", "x")
        events = self.ok("audit", "list")
        self.assertEqual([e["id"] for e in events], list(range(1, len(events) + 1)))
        signed = [e for e in events if e["action"] == "SignMessage" and e["result"] == "ok"]
        self.assertEqual(len(signed), 1)
        self.assertEqual((signed[0]["actor"], signed[0]["surface"], signed[0]["user"]), ("operator", "cli", "alice"))
        self.assertEqual([e["id"] for e in self.ok("audit", "list", "--action", "SignMessage", "--result", "ok")], [signed[0]["id"]])
        newest = self.ok("audit", "list", "--newest-first", "--limit", "2")
        self.assertEqual([e["id"] for e in newest], [len(events), len(events) - 1])
        check = self.one("audit", "verify")
        self.assertLessEqual({"valid", "events", "first_bad", "head"}, set(check))
        self.assertEqual((check["valid"], check["events"], check["first_bad"]), (True, len(events), None))
        self.assertTrue(self.one("audit", "verify", "--head", check["head"])["valid"])
        exported = [json.loads(line) for line in self.keydeck("audit", "export").out.splitlines()]
        self.assertEqual(len(exported), len(self.ok("audit", "list")))
        self.assertTrue(all("eventName" in e and "eventTime" in e for e in exported))
        self.one("user", "add", "dave")
        ran = self.keydeck("audit", "verify", "--head", check["head"])
        self.assertTrue(ran.status in (0, 6), ran)
        self.refused(2, "invalid_input", "audit", "verify", "--head", "0x12")

    def test_a_filter_that_names_nothing_is_an_error(self):
        wallet = self.import_known()
        self.one("sign", "message", "alice", "hello")
        everything = self.ok("audit", "list")
        for option, value in (("--actor", "nobody"), ("--user", "nobody"), ("--key", "nokey"), ("--key", "alias/nokey"),
                              ("--target", "nobody"), ("--target", ZERO)):
            self.refused(3, "not_found", "audit", "list", option, value)
        error = self.refused(2, "invalid_input", "audit", "list", "--action", "signmessage")
        self.assertIn("SignMessage", error["hint"])
        error = self.refused(2, "invalid_input", "audit", "list", "--result", "fine")
        for word in ("ok", "invalid_input", "not_found", "denied", "internal"):
            self.assertIn(word, error["hint"])
        # What is there and did nothing is an empty list.
        for option, value in (("--actor", "bob"), ("--user", "bob"), ("--action", "RotateKeyOnDemand"), ("--result", "corrupt"),
                              ("--key", self.one("key", "create")["id"])):
            self.assertLessEqual(len(self.ok("audit", "list", option, value)), 1)
        self.assertEqual(self.ok("audit", "list", "--actor", "operator")[:len(everything)], everything)
        self.assertTrue(self.ok("audit", "list", "--target", wallet["address"].lower()))
        for event in everything:
            for option, field in (("--action", "action"), ("--target", "target"), ("--result", "result")):
                self.assertIn(event, self.ok("audit", "list", option, event[field]))

    def test_every_action_is_known_before_it_happens(self):
        empty = self.ok("audit", "list", "--action", "DestroyWallet")
        self.assertEqual(empty, [])
        # A user who is gone is still a name in the log.
        self.one("user", "add", "dave")
        self.one("user", "remove", "dave")
        self.assertEqual([e["action"] for e in self.ok("audit", "list", "--target", "dave")], ["CreateUser", "RemoveUser"])

    def test_unknown_head_is_corrupt(self):
        ran = self.keydeck("audit", "verify", "--head", "0x" + "11" * 32)
        self.assertEqual((ran.status, ran.lines()[0]["valid"]), (6, False))


class Configuration(KeydeckTest):
    def test_show_names_value_and_source(self):
        config = self.home / ".config/keydeck/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text("pool_size = 7\n")
        env = {"KMS_KEY_ALIAS_PREFIX": "payments"}
        settings = {s["name"]: (s["value"], s["source"]) for s in self.ok("config", "show", env=env)}
        self.assertEqual(settings["vault"], (str(self.vault), "option"))
        self.assertEqual(settings["pool_size"], ("7", "file"))
        self.assertEqual(settings["pool_alias_prefix"], ("payments", "environment"))
        self.assertEqual(settings["passphrase_file"], ("", "default"))
        self.one("config", "check")
        config.write_text("pool_size = 7\nvualt = 1\n")
        ran = self.keydeck("config", "check")
        self.assertEqual(ran.status, 2)
        self.assertIn("line 2", ran.out)
        self.refused(2, "invalid_input", "wallet", "list")

    def test_env_file(self):
        file = self.write(".env", "KMS_KEY_POOL_SIZE=3\n")
        settings = {s["name"]: (s["value"], s["source"]) for s in self.ok("config", "show", "--env-file", file)}
        self.assertEqual(settings["pool_size"], ("3", "env-file"))
        self.refused(3, "not_found", "config", "show", "--env-file", self.home / "nowhere")

    def test_vault_from_the_environment(self):
        bare = [self.command()[0], "--json"]
        self.run_command([*bare, "init", "--key-file", str(self.key_file)], env={"KEYDECK_VAULT": str(self.vault)})
        self.assertTrue((self.vault / "keydeck.db").exists())


class Usage(VaultTest):
    def test_wrong_usage_is_2_and_json_with_json(self):
        for args in (("nonsense",), ("wallet",), ("wallet", "nonsense"), ("wallet", "list", "--nonsense"), ("wallet", "create"),
                     ("wallet", "list", "extra"), ("wallet", "list", "--limit"), ("user", "list", "wallet", "list")):
            self.refused(2, "invalid_input", *args)
            ran = self.run_command(self.command(*args))
            self.assertEqual((ran.status, ran.out), (2, ""))
            self.assertTrue(ran.err.startswith("error: "), ran.err)
            self.assertIn("hint: ", ran.err)

    def test_an_unknown_command_is_named_with_the_nearest(self):
        for args, said, hint in ((("wallet", "crate"), 'There is no command "crate" after `keydeck wallet`.', "Did you mean `keydeck wallet create`?"),
                                 (("wallet", "crate", "alice", "--label", "x"), "crate", "`keydeck wallet create`"),
                                 (("walet", "list"), 'There is no command "walet".', "Did you mean `keydeck wallet`?"),
                                 (("key", "nonsense"), "nonsense", "`keydeck key --help`"),
                                 (("wallet", "--nonsense"), "--nonsense", "`keydeck wallet --help`"),
                                 (("wallet",), "needs a command after it", "`keydeck wallet --help`")):
            error = self.refused(2, "invalid_input", *args)
            self.assertIn(said, error["message"])
            self.assertIn(hint, error["hint"])
        error = self.refused(2, "invalid_input", "wallet", MNEMONIC_PRIVATE_KEY)  # perhaps a secret: not repeated
        self.assertNotIn("ac0974", json.dumps(error))

    def test_an_empty_value_is_not_a_missing_option(self):
        for option in ("--as", "--vault", "--passphrase-file"):
            self.refused(2, "invalid_input", option, "", "user", "list")

    def test_words_of_other_groups_as_values(self):
        self.one("user", "add", "wallet")
        self.assertEqual(self.ok("--as", "wallet", "wallet", "list"), [])
        self.assertEqual(self.refused(4, "denied", "--as", "wallet", "key", "list")["code"], "denied")
        self.one("sign", "message", self.import_known()["address"], "key")

    def test_help_and_version(self):
        self.assertRegex(self.text("--version"), r"^keydeck \d+\.\d+\.\d+\n$")
        self.assertIn("wallet", self.text("--help"))
        self.assertIn("--custody", self.text("wallet", "create", "--help"))

    def test_read_only_changes_nothing(self):
        self.import_known()
        before = self.ok("audit", "list")
        for args in (("user", "add", "x"), ("wallet", "create", "alice"), ("sign", "message", "alice", "x"), ("key", "create"), ("pool", "init")):
            self.refused(4, "denied", "--read-only", *args)
        self.assertEqual(self.ok("audit", "list", "--read-only"), before)
        self.assertEqual(len(self.ok("wallet", "list", "--read-only")), 1)

    def test_tables_for_people(self):
        self.one("user", "add", "世界")
        self.one("wallet", "create", "世界", "--label", "hot")
        self.one("wallet", "create", "bob", "--label", "cold storage")
        for args in (("user", "list"), ("wallet", "list"), ("key", "list"), ("audit", "list")):
            lines = self.text(*args).splitlines()
            self.assertGreater(len(lines), 2)
            self.assertNotIn("\033", "".join(lines))
        rows = self.text("wallet", "list").splitlines()
        column = rows[0].index("USER")
        self.assertEqual(rows[1][column:column + 2], "世界")  # what is left of it is ASCII
        self.assertEqual(rows[2][column:column + 3], "bob")
        custody = rows[0].index("CUSTODY")
        self.assertEqual(rows[2][custody:custody + 8], "envelope")
        self.assertEqual(rows[1][custody - 2:custody + 6], "envelope")  # two wide characters take two columns more

    def test_output_that_cannot_be_written_is_said(self):
        with open("/dev/full", "w") as full:
            import subprocess
            done = subprocess.run(self.command("--json", "user", "list"), stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=self.environment, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 5)
        self.assertEqual(json.loads(done.stderr)["error"]["code"], "unavailable")

    def test_a_vault_that_is_a_file_is_said_to_be_one(self):
        self.vault = self.write("file", "x")
        for args in (("user", "list"), ("wallet", "create", "alice"), ()):
            ran = self.run_command(self.command(*args))
            self.assertEqual(ran.status, 2, ran)
            self.assertIn("is a file, not a directory", ran.err)
        self.refused(2, "invalid_input", "init", "--key-file", self.key_file)

    def test_bare_without_a_vault_says_how_to_make_one(self):
        self.vault = self.home / "nowhere"
        error = self.refused(3, "not_found", "user", "list")
        self.assertIn("keydeck init", error["hint"])
        ran = self.run_command(self.command())
        self.assertEqual(ran.status, 3)
        self.assertIn("keydeck demo", ran.err)

    def test_screens_need_a_terminal(self):
        ran = self.run_command(self.command())
        self.assertNotEqual(ran.status, 0)
        self.assertIn("terminal", ran.err)
        self.refused(2, "invalid_input")


class Isolation(VaultTest):
    def setUp(self):
        super().setUp()
        self.alice = self.one("wallet", "create", "alice", "--label", "alice-hot")
        self.bob = self.one("wallet", "create", "bob", "--custody", "kms-key", "--label", "bob-hot")

    def test_a_user_sees_and_uses_their_own_wallets(self):
        self.assertEqual([w["address"] for w in self.ok("--as", "alice", "wallet", "list")], [self.alice["address"]])
        self.assertEqual(self.one("--as", "alice", "sign", "message", "alice", "x")["address"], self.alice["address"])
        self.assertEqual(self.one("--as", "alice", "wallet", "create", "alice")["user"], "alice")
        self.assertEqual(self.one("--as", "alice", "user", "show", "alice")["name"], "alice")
        events = self.ok("--as", "alice", "audit", "list")
        self.assertTrue(events)
        self.assertFalse([e for e in events if e["user"] == "bob"])

    def test_and_nobody_elses(self):
        typed, txn = self.write("typed", TYPED_DATA), self.write("txn", TRANSACTION)
        for wallet in (self.bob["address"], self.bob["label"], "bob"):
            for args in (("wallet", "show", wallet), ("wallet", "label", wallet, "x"), ("wallet", "remove", wallet),
                         ("wallet", "remove", wallet, "--destroy", "--acknowledge", "1", "--yes"),
                         ("wallet", "export", wallet, "--private-key", "--yes"), ("sign", "message", wallet, "x"),
                         ("sign", "message", wallet, "x", "--yes"), ("sign", "typed-data", wallet, "--file", typed, "--yes"),
                         ("sign", "transaction", wallet, "--file", txn, "--yes"),
                         ("sign", "message", wallet, "--file", txn, "--lines"),
                         ("sign", "authorization", wallet, "--chain-id", "1", "--address", ZERO, "--nonce", "0", "--yes")):
                self.refused(4, "denied", "--as", "alice", *args)
        for args in (("wallet", "create", "bob"), ("wallet", "list", "--user", "bob"), ("user", "add", "eve"), ("user", "list"),
                     ("user", "show", "bob"), ("user", "rename", "alice", "eve"), ("user", "lock", "bob"), ("user", "remove", "bob"),
                     ("key", "list"), ("key", "create"), ("key", "show", self.bob["key_id"]), ("key", "disable", self.bob["key_id"]),
                     ("key", "schedule-deletion", self.bob["key_id"], "--acknowledge", "1", "--yes"), ("pool", "status"), ("pool", "init"),
                     ("audit", "verify"), ("doctor",), ("doctor", "--adopt", self.bob["key_id"])):
            self.refused(4, "denied", "--as", "alice", *args)
        self.refused(4, "denied", "--as", "alice", "wallet", "import", "bob", "--mnemonic-stdin", stdin=MNEMONIC)
        self.assertEqual(len(self.ok("wallet", "list", "--user", "bob")), 1)
        self.assertEqual(self.one("key", "show", self.bob["key_id"])["state"], "Enabled")

    def test_an_unknown_user_is_nobody(self):
        ran = self.keydeck("--as", "eve", "wallet", "list")
        self.assertIn(ran.status, (3, 4))
        ran = self.keydeck("--as", "eve", "sign", "message", "alice", "x")
        self.assertIn(ran.status, (3, 4))


if __name__ == "__main__":
    main()
