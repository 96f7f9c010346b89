"""keydeck wallet: exit status, JSON fields, and what people see."""
import json

from harness import MNEMONIC, MNEMONIC_ADDRESS, MNEMONIC_PRIVATE_KEY, VaultTest, main

WALLET_FIELDS = {"id", "user", "label", "address", "custody", "key_id", "region", "public_key", "created_at"}
RFC3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


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


if __name__ == "__main__":
    main()
