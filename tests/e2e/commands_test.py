"""The commands of the contract: exit status, JSON fields, and what people see. Wallets, keys and signing have files of their own."""
import json

from harness import MNEMONIC, MNEMONIC_PRIVATE_KEY, TRANSACTION, TYPED_DATA, ZERO, KeydeckTest, VaultTest, main

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
