"""The demo: its story, its resumption, and that it never touches a vault that is not one."""
import json
import os
import random
import subprocess

import pexpect
from harness import BINARY, KeydeckTest, main


class Demo(KeydeckTest):
    def setUp(self):
        super().setUp()
        self.data = self.home / "data"
        self.environment["XDG_DATA_HOME"] = str(self.data)
        self.demo_vault = self.data / "keydeck-demo"

    def demo(self, *args, **options):
        return self.run_command([BINARY, "demo", *args], **options)

    def story(self, *args):
        ran = self.demo("--headless", "--json", *args)
        self.assertEqual((ran.status, ran.err), (0, ""), ran)
        return ran.lines()

    def test_tells_the_whole_story(self):
        lines = self.story()
        self.vault = self.demo_vault
        wallets = [line["wallet"] for line in lines if line["kind"] == "wallet"]
        self.assertEqual([w["user"] for w in wallets], ["alice", "bob", "charlie"])
        self.assertEqual(sorted(w["custody"] for w in wallets), ["envelope", "kms-key", "kms-key"])
        self.assertEqual([w["address"] for w in wallets], [w["address"] for w in self.ok("wallet", "list")])
        pool = [line["pool"] for line in lines if line["kind"] == "pool"][0]
        self.assertEqual(pool["size"], 10)
        for wallet in wallets:
            self.assertIn(wallet["key_id"], {k["id"] for k in self.ok("key", "list")})
            self.assertEqual(wallet["key_id"] in {k["id"] for k in pool["keys"]}, wallet["custody"] == "envelope")
        for kind, command in (("message", "verify"), ("transaction", "decode")):
            parts = [line for line in lines if line["kind"] == kind]
            self.assertEqual([p["user"] for p in parts], ["alice", "bob", "charlie"])
            for part in parts:
                self.assertTrue(part["verified"])
                if command == "verify":
                    self.one("verify", "message", "--signature", part["signature"], "--address", part["address"], "--", part["message"])
                else:
                    decoded = self.one("decode", "transaction", part["raw"])
                    self.assertEqual((part["type"], decoded["from"], decoded["hash"]), (2, part["address"], part["hash"]))
        key = [line["key"] for line in lines if line["kind"] == "key"][0]
        self.assertEqual((key["state"], key["wallets"]), ("PendingDeletion", 0))
        self.assertTrue(key["deletion_date"])
        self.assertEqual([k["id"] for k in self.ok("key", "list", "--state", "PendingDeletion")], [key["id"]])
        self.assertEqual(lines[-1], {"kind": "result", "verified": True, "signatures": 6})
        self.assertTrue(self.one("audit", "verify")["valid"])
        self.assertEqual(self.ok("doctor"), [])
        self.assertTrue((self.demo_vault / "keydeck-demo.key").exists())

    def test_people_can_read_it(self):
        text = self.demo("--headless").out
        for word in ("alice", "bob", "charlie", "kms-key", "envelope", "Signature", "Raw", "All 6 signatures verified."):
            self.assertIn(word, text)
        self.assertNotIn("\033", text)

    def test_comes_back_to_the_same_vault_and_starts_over(self):
        first = [line["wallet"]["address"] for line in self.story() if line["kind"] == "wallet"]
        again = [line["wallet"]["address"] for line in self.story() if line["kind"] == "wallet"]
        self.assertEqual(first, again)
        fresh = [line["wallet"]["address"] for line in self.story("--fresh") if line["kind"] == "wallet"]
        self.assertFalse(set(first) & set(fresh))
        self.assertEqual(sorted(os.listdir(self.demo_vault)), ["keydeck-demo.key", "keydeck.db", "kms.db"])

    def test_clean_removes_it_and_nothing_else(self):
        self.story()
        (self.demo_vault / "notes.txt").write_text("mine")
        self.assertEqual(self.demo("--clean").status, 0)
        self.assertEqual(os.listdir(self.demo_vault), ["notes.txt"])
        (self.demo_vault / "notes.txt").unlink()
        self.story()
        self.assertEqual(self.demo("--clean", "--json").status, 0)
        self.assertFalse(self.demo_vault.exists())
        self.assertEqual(self.demo("--clean").status, 0)  # nothing to do

    def test_never_touches_another_vault(self):
        for place in (self.demo_vault, self.home / "mine"):
            self.vault = place
            self.one("init", "--key-file", self.home / f"key-{place.name}")
            self.one("user", "add", "alice")
            before = {path.name: path.read_bytes() for path in place.glob("*.db")}
            for args in (("--fresh", "--headless"), ("--clean",), ("--headless",), ("--fresh",)):
                ran = self.run_command(self.command("demo", *args))
                self.assertEqual((ran.status, "is not a demo" in ran.err), (1, True), ran)
            self.assertTrue({path.name: path.read_bytes() for path in place.glob("*.db")} == before)
            self.assertEqual([u["name"] for u in self.ok("user", "list")], ["alice"])

    def test_the_environments_vault_is_left_alone(self):
        self.one("init", "--key-file", self.key_file)
        ran = self.demo("--headless", "--fresh", env={"KEYDECK_VAULT": str(self.vault)})
        self.assertEqual(ran.status, 0)
        self.assertEqual(self.ok("user", "list"), [])

    def test_resumes_after_a_kill(self):
        rng = random.Random(11)
        for _ in range(30):
            child = subprocess.Popen([BINARY, "demo", "--headless"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     stdin=subprocess.DEVNULL)
            try:
                child.wait(rng.uniform(0, 0.12))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if rng.random() < 0.3:
                self.demo("--clean")
        lines = self.story()
        self.assertEqual(lines[-1]["signatures"], 6)
        self.assertEqual(len([line for line in lines if line["kind"] == "wallet"]), 3)

    def test_opens_the_screens_and_gives_the_terminal_back(self):
        for _ in range(2):  # made on first use, found again
            child = pexpect.spawn(BINARY, ["demo"], env=self.environment, encoding="utf-8", timeout=60, dimensions=(24, 80))
            self.addCleanup(child.close, force=True)
            child.expect("Recent")
            child.send("q")
            child.expect(pexpect.EOF)
            child.close()
            self.assertEqual(child.exitstatus, 0)
        self.vault = self.demo_vault
        self.assertEqual([u["name"] for u in self.ok("user", "list")], ["alice", "bob", "charlie"])
        self.assertEqual([w["signatures"] for w in self.ok("wallet", "list")], [2, 2, 2])  # signed once, on first use
        self.assertEqual(len(self.ok("key", "list", "--state", "PendingDeletion")), 1)

    def test_refuses(self):
        for args in (("--kms", "aws", "--headless"), ("--as", "alice", "--headless"), ("--json",)):
            ran = self.demo(*args)
            self.assertEqual(ran.status, 2, args)
        ran = self.demo("--headless", "--read-only", "--json")
        self.assertEqual((ran.status, json.loads(ran.err)["error"]["code"]), (4, "denied"))
        self.assertFalse(self.demo_vault.exists())


if __name__ == "__main__":
    main()
