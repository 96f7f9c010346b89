"""Questions on a terminal: prompts without echo, previews, confirmations, signals, colours."""
import datetime
import json
import re
import signal
import subprocess

import pexpect
from harness import BINARY, MNEMONIC, MNEMONIC_ADDRESS, TRANSACTION, KeydeckTest, VaultTest, main


class TerminalMixin:
    def open(self, *args, env=None, columns=200):
        # A test run in the background has inherited an ignored SIGINT; a terminal's foreground has not.
        child = pexpect.spawn(BINARY, ["--vault", str(self.vault), *map(str, args)], env={**self.environment, **(env or {})},
                              encoding="utf-8", timeout=30, dimensions=(24, columns),
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(child.close, force=True)
        return child

    def ends(self, child, status):
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, status, child.before)


class Passphrases(TerminalMixin, KeydeckTest):
    def test_init_asks_twice_and_shows_nothing(self):
        child = self.open("init")
        child.expect("New passphrase for the vault: ")
        child.sendline("hunter2 hunter2")
        child.expect("The same again: ")
        self.assertNotIn("hunter2", child.before)
        child.sendline("hunter2 hunter2")
        self.ends(child, 0)
        self.assertNotIn("hunter2", child.before)
        child = self.open("user", "add", "alice")
        child.expect("Passphrase of the vault: ")
        child.sendline("hunter2 hunter2")
        self.ends(child, 0)
        child = self.open("user", "add", "bob")
        child.expect("Passphrase of the vault: ")
        child.sendline("wrong")
        self.ends(child, 4)

    def test_init_refuses_two_different_ones(self):
        child = self.open("init")
        child.expect("New passphrase for the vault: ")
        child.sendline("one")
        child.expect("The same again: ")
        child.sendline("two")
        self.ends(child, 2)
        self.assertFalse(self.vault.exists())

    def test_a_signal_gives_the_echo_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            shell = pexpect.spawn("/bin/sh", env=self.environment, encoding="utf-8", timeout=30)
            self.addCleanup(shell.close, force=True)
            shell.sendline("PS1='ready''> '")
            shell.expect("ready> ")
            shell.sendline(f"{BINARY} --vault {self.vault} init")
            shell.expect("New passphrase for the vault: ")
            program = subprocess.run(["pgrep", "-P", str(shell.pid)], capture_output=True, text=True, check=True).stdout.strip()
            subprocess.run(["kill", f"-{int(number)}", program], check=True)
            shell.expect("ready> ")
            shell.sendline("stty -a | tr ';' '\\n' | grep -o -w -e '-echo' -e 'echo'; echo done")
            shell.expect("done\r\n.*done", timeout=30)
            self.assertNotIn("-echo\r", shell.after + shell.before)
            shell.close(force=True)


class Signing(TerminalMixin, VaultTest):
    def setUp(self):
        super().setUp()
        self.import_known()

    def test_shows_what_is_signed_and_asks(self):
        child = self.open("sign", "message", "alice", "hello \u202eolleh")
        child.expect(r"Sign this\? \[y/N\] ")
        self.assertIn(MNEMONIC_ADDRESS, child.before)
        self.assertIn("⟨U+202E⟩", child.before)
        self.assertNotIn("\u202e", child.before)
        child.sendline("n")
        self.ends(child, 1)
        self.assertFalse([e for e in self.ok("audit", "list") if e["action"] == "SignMessage" and e["result"] == "ok"])
        child = self.open("sign", "message", "alice", "hello")
        child.expect(r"Sign this\? \[y/N\] ")
        child.sendline("y")
        self.ends(child, 0)
        self.assertIn(self.one("sign", "message", "alice", "hello")["signature"], child.before)

    def test_a_message_cannot_pass_for_lines_of_the_preview(self):
        forged = "EIP-191 digest  0x" + "1" * 62
        child = self.open("sign", "message", "alice", ("pay the rent" + " " * 68 + "  " + forged).ljust(200, "."), columns=80)
        child.expect(r"Sign this\? \[y/N\] ")
        lines = child.before.split("\r\n")
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual([line.split("0x")[0] for line in lines if line.startswith("  EIP-191")], ["  EIP-191 digest  "], lines)
        self.assertRegex("\n".join(lines), r"\n  EIP-191 digest +\n    0x[0-9a-f]{64}\n")
        child.sendline("n")
        self.ends(child, 1)

    def test_what_was_asked_about_is_what_signs(self):
        """The label moves to another wallet while the person reads."""
        other = self.one("wallet", "create", "bob", "--label", "spare")["address"]
        self.one("wallet", "label", MNEMONIC_ADDRESS, "main")
        child = self.open("sign", "message", "main", "hello")
        child.expect(r"Sign this\? \[y/N\] ")
        self.assertIn(MNEMONIC_ADDRESS, child.before)
        self.swap_labels(other)
        child.sendline("y")
        self.ends(child, 0)
        signed = [event["target"] for event in self.ok("audit", "list") if event["action"] == "SignMessage"]
        self.assertEqual(signed, [MNEMONIC_ADDRESS])

    def test_what_was_asked_about_is_what_is_given_out_and_destroyed(self):
        other = self.one("wallet", "create", "bob", "--label", "spare")["address"]
        self.one("wallet", "label", MNEMONIC_ADDRESS, "main")
        child = self.open("wallet", "export", "main", "--mnemonic")
        child.expect("Type yes to go on: ")
        self.swap_labels(other)
        child.sendline("yes")
        self.ends(child, 0)
        self.assertIn(MNEMONIC, child.before)
        self.assertIn("Derivation path: m/44'/60'/0'/0/0", child.before)
        self.swap_labels(MNEMONIC_ADDRESS, other)
        child = self.open("wallet", "remove", "main", "--destroy", "--acknowledge", "1")
        child.expect("Type yes to go on: ")
        self.assertIn(MNEMONIC_ADDRESS, child.before)
        self.swap_labels(other)
        child.sendline("yes")
        self.ends(child, 0)
        self.assertEqual([wallet["address"] for wallet in self.ok("wallet", "list")], [other])

    def swap_labels(self, to, former=MNEMONIC_ADDRESS):
        self.one("wallet", "label", former, "former")
        self.one("wallet", "label", to, "main")
        self.one("wallet", "label", former, "")

    def test_enter_alone_signs_nothing(self):
        child = self.open("sign", "message", "alice", "hello")
        child.expect(r"Sign this\? \[y/N\] ")
        child.sendline("")
        self.ends(child, 1)

    def test_yes_asks_nothing(self):
        child = self.open("sign", "message", "alice", "hello", "--yes", "--json")
        self.ends(child, 0)
        self.assertEqual(json.loads(child.before)["address"], MNEMONIC_ADDRESS)

    def test_a_risky_signature_wants_the_challenge(self):
        approve = {**TRANSACTION, "value": 0, "gas": 60000, "data": "0x095ea7b3" + "00" * 12 + "11" * 20 + "ff" * 32}
        file = self.write("approve.json", approve)
        child = self.open("sign", "transaction", "alice", "--file", file)
        child.expect("ype ")
        child.sendline("y")
        self.ends(child, 1)
        self.assertFalse([e for e in self.ok("audit", "list") if e["action"] == "SignTransaction" and e["result"] == "ok"])

    def test_an_authorization_wants_a_word(self):
        ask = ("sign", "authorization", "alice", "--chain-id", "1", "--nonce", "0x1", "--address")
        own = self.one("wallet", "create", "bob")["address"]
        self.one("contact", "add", "delegate", own)  # a known address: no other reason to warn
        for answer in ("", "y", "yes", "delegate"):
            child = self.open(*ask, own)
            child.expect("Type DELEGATE to sign ")
            child.sendline(answer)
            self.ends(child, 1)
        self.assertEqual([e["result"] for e in self.ok("audit", "list", "--action", "SignAuthorization") if e["result"] == "ok"], [])
        child = self.open(*ask, own, "--json")
        child.expect("Type DELEGATE to sign ")
        child.sendline("DELEGATE")
        self.ends(child, 0)
        self.assertIn('"authorization":', child.before)

    def test_a_batch_asks_once(self):
        file = self.write("batch.json", json.dumps(TRANSACTION) * 2)
        child = self.open("sign", "transaction", "alice", "--file", file, "--json")
        child.expect(r"\[y/N\] ")
        child.sendline("n")
        self.ends(child, 1)
        file = self.write("lines", "a\nb\nc\n")
        child = self.open("sign", "message", "alice", "--file", file, "--lines", "--json")
        child.expect(r"Sign all 3 lines .* \[y/N\] ")
        child.sendline("y")
        self.ends(child, 0)
        self.assertEqual(child.before.count('"signature"'), 3)


class Confirming(TerminalMixin, VaultTest):
    def test_export_wants_the_word(self):
        self.import_known()
        child = self.open("wallet", "export", "alice", "--mnemonic")
        child.expect("Type yes to go on: ")
        self.assertIn(MNEMONIC_ADDRESS, child.before)
        child.sendline("y")
        self.ends(child, 1)
        self.assertNotIn("junk", child.before)
        child = self.open("wallet", "export", "alice", "--mnemonic")
        child.expect("Type yes to go on: ")
        child.sendline("yes")
        self.ends(child, 0)
        self.assertIn(MNEMONIC, child.before)

    def test_deletion_shows_what_is_lost(self):
        self.one("pool", "init", "--size", "1")
        wallet = self.one("wallet", "create", "alice", "--label", "precious")
        child = self.open("key", "schedule-deletion", wallet["key_id"], "--acknowledge", "1")
        child.expect("Type yes to go on: ")
        self.assertIn(wallet["address"], child.before)
        self.assertIn("precious", child.before)
        self.assertNotIn("cannot be undone", child.before)
        date = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)).strftime("%Y-%m-%d")
        self.assertIn(f"Until {date} ", child.before)
        self.assertIn(f"`keydeck key cancel-deletion {wallet['key_id']}` cancels it", child.before)
        child.sendline("")
        self.ends(child, 1)
        self.assertEqual(self.one("key", "show", wallet["key_id"])["state"], "Enabled")

    def test_removing_a_wallet_asks_and_says_what_stays(self):
        wallet = self.one("wallet", "create", "alice", "--label", "hot\u200b")
        for answer in ("", "n", "no"):
            child = self.open("wallet", "remove", "alice")
            child.expect(r"Remove it\? \[y/N\] ")
            for said in (wallet["address"], "alice", "hot⟨U+200B⟩", "row", "sealed key", "stay"):
                self.assertIn(said, child.before)
            child.sendline(answer)
            self.ends(child, 1)
        self.assertEqual(len(self.ok("wallet", "list")), 1)
        child = self.open("wallet", "remove", "alice")
        child.expect(r"Remove it\? \[y/N\] ")
        child.sendline("y")
        self.ends(child, 0)
        self.assertEqual(self.ok("wallet", "list"), [])
        self.one("wallet", "create", "alice")
        self.ends(self.open("wallet", "remove", "alice", "--yes"), 0)

    def test_destroying_a_wallet_wants_the_word(self):
        self.one("wallet", "create", "alice")
        child = self.open("wallet", "remove", "alice", "--destroy", "--acknowledge", "1")
        child.expect("This cannot be undone. Type yes to go on: ")
        child.sendline("y")
        self.ends(child, 1)
        self.assertEqual(len(self.ok("wallet", "list")), 1)

    def test_a_mnemonic_is_typed_without_echo(self):
        child = self.open("wallet", "import", "alice", "--mnemonic-stdin")
        child.expect("Mnemonic: ")
        child.sendline(MNEMONIC)
        self.ends(child, 0)
        self.assertNotIn("junk", child.before)
        self.assertIn(MNEMONIC_ADDRESS, child.before)


class Interrupting(TerminalMixin, VaultTest):
    def test_ctrl_c_keeps_what_is_made(self):
        for options in ((), ("--words", "24", "--json")):  # the same words would go on where the first one stopped
            before = len(self.ok("wallet", "list"))
            child = self.open("wallet", "create", "alice", "--count", "100000", *options)
            child.expect(r"\D[1-9]\d* of 100000")  # the first count says that nothing is done yet
            child.sendintr()
            self.ends(child, 1)
            made = int(re.search(r"Stopped: (\d+) of 100000 wallets were made", child.before)[1])
            self.assertGreaterEqual(made, 1000)
            self.assertEqual('"code":"cancelled"' in child.before, "--json" in options)
            self.assertEqual(len(self.ok("wallet", "list")), before + made)
            self.assertTrue(self.one("audit", "verify")["valid"])
        last = self.ok("wallet", "list")[-1]["address"]
        self.assertEqual(self.one("sign", "message", last, "x")["address"], last)


class Colours(TerminalMixin, VaultTest):
    def test_only_on_a_terminal_and_never_with_no_color(self):
        child = self.open("user", "list")
        self.ends(child, 0)
        self.assertIn("\033[1m", child.before)
        child = self.open("user", "list", env={"NO_COLOR": "1"})
        self.ends(child, 0)
        self.assertNotIn("\033", child.before)
        child = self.open("user", "list", "--json")
        self.ends(child, 0)
        self.assertNotIn("\033", child.before)
        self.assertNotIn("\033", self.text("user", "list"))


if __name__ == "__main__":
    main()
