"""keydeck key, keydeck pool: exit status, JSON fields, and what people see."""
from harness import VaultTest, main

KEY_FIELDS = {"id", "arn", "alias", "spec", "usage", "state", "region", "created_at", "deletion_date", "last_used_at", "rotation",
              "wallets", "secrets"}
RFC3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


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


if __name__ == "__main__":
    main()
