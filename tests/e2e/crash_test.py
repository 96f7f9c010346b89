"""kill -9 at random moments of creating wallets: nothing half done, every orphaned key found and mended."""
import os
import random
import signal
import sqlite3
import subprocess
import time

from harness import VaultTest, main

ROUNDS = int(os.environ.get("KEYDECK_KILLS", "100"))  # of each custody


class Kills(VaultTest):
    def setUp(self):
        super().setUp()
        self.signed = set()

    def kill_at_random(self, custody, count, rng):
        """One whole run tells how long it takes; the others are killed somewhere within."""
        self.one("pool", "init")
        begun = time.monotonic()
        self.ok("wallet", "create", "alice", "--custody", custody, "--count", count, "--label", f"{custody}-whole")
        whole = time.monotonic() - begun
        killed = 0
        for i in range(ROUNDS):
            child = subprocess.Popen(self.command("wallet", "create", "alice", "--custody", custody, "--count", str(count), "--label", f"{custody}-{i}"),
                                     env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                child.wait(rng.uniform(0, whole))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
                killed += 1
        self.assertGreater(killed, ROUNDS // 4, "hardly any run was hit")

    def orphans(self):
        """The keys that the KMS has and the store does not know, read from the files."""
        def ids(name, query):
            database = sqlite3.connect(f"file:{self.vault / name}?mode=ro", uri=True)
            rows = {row[0] for row in database.execute(query)}
            database.close()
            return rows
        kms = {key["id"] for key in self.ok("key", "list")}
        return kms - ids("keydeck.db", "SELECT key_id FROM keys")

    def check_whole(self):
        self.assertTrue(self.one("audit", "verify")["valid"])
        for name in ("keydeck.db", "kms.db"):
            database = sqlite3.connect(self.vault / name)
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            database.close()
        wallets = self.ok("wallet", "list")
        for wallet in wallets:
            if wallet["address"] in self.signed:
                continue
            self.signed.add(wallet["address"])
            signed = self.one("sign", "message", wallet["address"], "still there")
            self.assertEqual(signed["address"], wallet["address"])
        return wallets

    def findings(self):
        ran = self.keydeck("doctor")
        found = {f["key_id"]: f for f in ran.lines() if f["check"] == "orphan-key"}
        self.assertEqual(ran.status, 1 if found else 0, ran)
        return found

    def mend(self):
        """Adopts every other orphan and disables the rest; nothing is left to find."""
        expected = self.orphans()
        found = self.findings()
        self.assertEqual(set(found), expected)
        adopted = 0
        for i, key in enumerate(sorted(expected)):
            self.assertIn(key, found[key]["command"])
            if i % 2 == 0:
                self.assertEqual(self.one("doctor", "--adopt", key)["id"], key)
                adopted += 1
            else:
                self.assertEqual(self.one("doctor", "--disable", key)["state"], "Disabled")
        self.assertEqual(self.findings(), {})
        return adopted

    def run_custody(self, custody, count):
        seed = int(os.environ.get("KEYDECK_SEED", time.time_ns() % 1_000_000_007))
        print(f"KEYDECK_SEED={seed}", flush=True)
        self.kill_at_random(custody, count, random.Random(seed))
        before = self.check_whole()
        adopted = self.mend()
        after = self.check_whole()
        if custody == "kms-key":
            self.assertEqual(len(after), len(before) + adopted)

    def test_envelope(self):
        self.run_custody("envelope", 20)

    def test_kms_key(self):
        self.run_custody("kms-key", 12)

    def test_an_orphan_made_on_purpose(self):
        # Losing the row of a key is what a crash between the KMS and the store does.
        wallet = self.one("wallet", "create", "alice", "--custody", "kms-key", "--label", "lost")
        database = sqlite3.connect(self.vault / "keydeck.db")
        with database:
            database.execute("DELETE FROM wallets")
            database.execute("DELETE FROM keys WHERE key_id = ?", (wallet["key_id"],))
            database.execute("UPDATE key_journal SET finished_at = NULL, key_id = '' WHERE key_id = ?", (wallet["key_id"],))
        database.close()
        self.assertEqual(set(self.findings()), {wallet["key_id"]})
        known = self.one("key", "create")["id"]
        self.assertIn("key disable", self.refused(1, "rejected", "doctor", "--disable", known)["hint"])
        self.assertEqual(self.keydeck("doctor", "--disable", "nokey").status, 3)
        self.assertEqual(self.one("key", "show", known)["state"], "Enabled")
        self.one("doctor", "--adopt", wallet["key_id"])
        self.assertEqual([w["address"] for w in self.ok("wallet", "list")], [wallet["address"]])
        self.one("sign", "message", wallet["address"], "x")
        self.assertEqual(self.findings(), {})

    def test_killed_while_the_pool_and_the_vault_are_made(self):
        rng = random.Random(7)
        for i in range(20):
            self.vault = self.home / f"vault-{i}"
            for args in (("init", "--key-file", str(self.home / f"key-{i}")), ("pool", "init"), ("pool", "init")):
                child = subprocess.Popen(self.command(*args), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    child.wait(rng.uniform(0, 0.05))
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
            if not (self.vault / "keydeck.db").exists():
                continue
            self.assertEqual(self.one("pool", "init")["size"], 10)
            self.assertEqual(len(self.ok("key", "list", "--state", "Enabled")), 10)


if __name__ == "__main__":
    main()
