"""A vault whose keys are in AWS KMS, as a user has it: here AWS is `keydeck kms serve`, behind a proxy that can fail."""
import json
import os
import unittest
from urllib.parse import urlparse

import pexpect

from faulty_proxy import FaultyProxy
from harness import BINARY
from kms_server import ServedKmsTest
from tui_pty import Tui

COUNT = int(os.environ.get("KEYDECK_TEST_WALLETS", "10000"))


class AwsVaultTest(ServedKmsTest):
    """`self.vault` is the served one; `self.aws` the vault in AWS, reached through `self.proxy`."""

    faults = {}

    def setUp(self):
        super().setUp()
        self.proxy = FaultyProxy(urlparse(self.url).port, self.faults, seed=int(os.environ.get("KEYDECK_TEST_SEED", "1"), 36))
        self.addCleanup(self.proxy.close)
        self.served, self.vault = self.vault, self.home / "aws"
        self.environment = self.aws_environment(AWS_ENDPOINT_URL=self.proxy.url)

    def served_keys(self):
        ran = self.run_command([BINARY, "--vault", str(self.served), "--json", "key", "list"])
        self.assertEqual(ran.status, 0, ran)
        return ran.lines()


class Faults(AwsVaultTest):
    faults = {"throttled": 0.05, "failed": 0.01, "lost": 0.005, "unanswered": 0.005}

    def test_key_pairs_wait_for_the_quota(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        made = self.ok("wallet", "create", "alice", "--custody", "key-pair", "--count", "60", "--label", "p")  # 25 a second
        self.assertEqual([wallet["label"] for wallet in made], [f"p-{i}" for i in range(1, 61)])
        self.assertEqual(len({wallet["address"] for wallet in made}), 60)
        self.assertEqual({wallet["custody"] for wallet in made}, {"key-pair"})
        self.assertEqual(len(self.served_keys()), 10, "the pool's, and none a wallet")
        for wallet in made[::20]:
            signature = self.one("sign", "message", wallet["address"], "hello")
            self.assertTrue(self.one("verify", "message", "--signature", signature["signature"], "--address", wallet["address"], "hello")["valid"])
        policy = json.loads(self.text("config", "iam-policy"))
        actions = {action for statement in policy["Statement"] for action in statement["Action"]}
        self.assertIn("kms:GenerateDataKeyPairWithoutPlaintext", actions)
        self.assertNotIn("kms:GenerateDataKey", actions)

    def test_many_wallets_stopped_and_resumed(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        command = ["wallet", "create", "alice", "--count", str(COUNT), "--label", "w"]
        child = pexpect.spawn(BINARY, ["--vault", str(self.vault), *command], env=self.environment, timeout=300, encoding="utf-8")
        child.expect(rf"(\d+) of {COUNT}")
        while int(child.match[1]) < COUNT // 4:
            child.expect(rf"(\d+) of {COUNT}")
        child.send("\x03")
        child.expect(rf"Stopped: (\d+) of {COUNT} wallets were made")
        made = int(child.match[1])
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 1)
        self.assertGreaterEqual(made, COUNT // 4)
        self.assertLess(made, COUNT)
        self.assertEqual(len(self.ok("wallet", "list")), made, "those are complete")

        rest = self.ok(*command)
        self.assertEqual(len(rest), COUNT - made)
        wallets = self.ok("wallet", "list")
        self.assertEqual({wallet["label"] for wallet in wallets}, {f"w-{i}" for i in range(1, COUNT + 1)})
        self.assertEqual(len({wallet["address"] for wallet in wallets}), COUNT)

        for fault in self.faults:
            self.assertGreater(self.proxy.made_up[fault], 0, "the proxy let it happen")
        self.assertGreater(self.proxy.most_at_once, 8, "many calls are under way at a time")
        self.assertEqual(len(self.served_keys()), 10, "a CreateKey whose answer is lost makes no second key")
        self.assertEqual(self.keydeck("doctor").status, 0)
        self.assertTrue(self.one("audit", "verify")["valid"])
        for label in ("w-1", f"w-{made + 1}", f"w-{COUNT}"):
            signed = self.one("sign", "message", label, "hello")
            self.assertTrue(self.one("verify", "message", "--signature", signed["signature"], "--address", signed["address"], "hello")["valid"])


class Batches(AwsVaultTest):
    def test_signatures_of_a_batch_are_under_way_together(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        wallet = self.one("wallet", "create", "alice", "--custody", "kms-key")
        lines = [f"message {i}" for i in range(300)]
        (self.home / "lines").write_text("\n".join(lines) + "\n")
        self.proxy.most_at_once = 0
        signed = self.ok("sign", "message", wallet["address"], "--file", str(self.home / "lines"), "--lines")
        self.assertGreater(self.proxy.most_at_once, 8)
        self.assertEqual(len(signed), len(lines))
        for line, answer in list(zip(lines, signed))[::50]:
            self.assertTrue(self.one("verify", "message", "--signature", answer["signature"], "--address", wallet["address"], line)["valid"], line)
        self.assertEqual([event["digest"] for event in self.ok("audit", "list") if event["action"] == "SignMessage"], [answer["digest"] for answer in signed])


class Calls(AwsVaultTest):
    def test_looking_calls_nobody(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.ok("wallet", "create", "alice", "--count", "3")
        before = self.proxy.calls.total()
        for looking in (["wallet", "list"], ["user", "list"], ["wallet", "list", "--user", "alice"], ["audit", "list"], ["audit", "verify"]):
            self.ok(*looking)
        self.assertEqual(self.proxy.calls.total(), before)

    def test_the_demo(self):
        ran = self.keydeck("demo", "--kms", "aws", "--headless")
        self.assertEqual(ran.status, 0, ran)
        self.assertIn("12.00 USD a month", ran.err)
        self.assertTrue(ran.lines()[-1]["verified"])
        self.assertEqual(len(self.served_keys()), 13)
        cleaned = self.ok("demo", "--clean")
        self.assertEqual(len([line for line in cleaned if line.get("kind") == "key"]), 12)
        self.assertEqual({key["state"] for key in self.served_keys()}, {"PendingDeletion"})
        self.assertFalse((self.vault / "keydeck.db").exists())
        again = self.keydeck("demo", "--kms", "aws", "--headless")
        self.assertEqual(again.status, 0, again)

    def test_the_environments_faults_are_told_apart(self):
        def refusal(**env):
            return self.refused_with(env)["message"]

        wrong_secret = refusal(AWS_SECRET_ACCESS_KEY="wrong")
        unknown = refusal(AWS_ACCESS_KEY_ID="AKIAAAAAAAAAAAAAAAAA")
        nobody = refusal(AWS_ENDPOINT_URL="http://127.0.0.1:9")
        none = refusal(AWS_ACCESS_KEY_ID="")
        self.assertEqual(len({wrong_secret, unknown, nobody, none}), 4)
        self.assertFalse(self.vault.exists())

    def refused_with(self, env):
        ran = self.keydeck("init", "--kms", "aws", env=env)
        self.assertIn(ran.status, (2, 4, 5), ran)
        error = ran.error()
        self.assertTrue(error["hint"], error)
        return error

    def test_config_tells_the_source(self):
        self.one("init", "--kms", "aws")
        shown = {line["name"]: line for line in self.ok("config", "show")}
        self.assertEqual(shown["aws_credentials"]["value"], self.access_key["access_key_id"])
        self.assertIn("environment", shown["aws_credentials"]["source"])
        self.assertEqual(shown["aws_endpoint"]["source"], "AWS_ENDPOINT_URL")
        self.assertNotIn(self.access_key["secret_access_key"], json.dumps(shown))
        policy = self.run_command(self.command("config", "iam-policy"))
        self.assertEqual(json.loads(policy.out)["Version"], "2012-10-17")


class Screens(AwsVaultTest):
    def test_they_say_where_aws_is_and_as_whom_it_is_called(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.one("wallet", "create", "alice")
        tui = Tui([BINARY, "--vault", str(self.vault)], {**self.environment, "KEYDECK_TUI_TEST": "1"}, self.home, (24, 100))
        self.addCleanup(tui.close)
        tui.until("aws:default:us-east-1", "[1 Home]")
        tui.send("4")
        tui.until("all keys · credentials: the environment", "keydeck-pool-1")


    def test_what_others_do_does_not_read_all_keys_again(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.one("wallet", "create", "alice", "--label", "main")
        tui = Tui([BINARY, "--vault", str(self.vault)], {**self.environment, "KEYDECK_TUI_TEST": "1"}, self.home, (24, 100))
        self.addCleanup(tui.close)
        tui.until("[1 Home]")
        tui.send("4")
        tui.until("keydeck-pool-1 ", "10 keys · 1 wallet")
        before = self.proxy.calls["DescribeKey"]
        for made in range(2, 6):
            self.one("wallet", "create", "alice")
            tui.until(f"10 keys · {made} wallets")
        self.assertLessEqual(self.proxy.calls["DescribeKey"] - before, 10, "once, should the minute have changed")
        tui.send("X")  # what is asked for is read at once
        tui.wait(lambda: "Schedule deletion" in tui.text(), "no dialog")
        tui.wait(lambda: self.proxy.calls["DescribeKey"] > before, "the key was not asked for")  # by another thread


class Silence(AwsVaultTest):
    def test_the_screens_do_not_wait(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.one("wallet", "create", "alice", "--label", "alice-main")
        silent = FaultyProxy(0, silent=True)
        self.addCleanup(silent.close)
        tui = Tui([BINARY, "--vault", str(self.vault)], {**self.environment, "AWS_ENDPOINT_URL": silent.url, "KEYDECK_TUI_TEST": "1"}, self.home)
        self.addCleanup(tui.close)
        tui.wait(lambda: "10 enabled" in tui.text(), "no first frame")
        tui.send("4")  # the keys, which the KMS never tells
        tui.wait(lambda: "[4 Keys]" in tui.text(), "no screen of keys")
        tui.send("3")
        tui.wait(lambda: "alice-main" in tui.text(), "no screen of wallets")
        tui.send("q")
        tui.end()
        self.assertEqual(os.waitstatus_to_exitcode(tui.status), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
