"""What a person expects of the screens whatever becomes of the KMS, of the terminal and of the time: see tests/ui/README.md."""
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time
import unicodedata

import aws_vault_test
from harness import BINARY, main
from tui_pty import DOWN, ENTER, ESC, PATIENCE, TAB, DemoTest, Tui, TuiTest

RIGHT = "\033[C"
TALL = (44, 100)


def wake_ups(pid):
    """How often the program's threads have waited for something, all together."""
    count = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        count += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M).group(1))
    return count


class Idle(DemoTest):
    def test_ten_seconds_cost_nothing(self):
        """No byte, and no thread wakes: but once, where the minute changes meanwhile, to draw the clock and look for alerts."""
        tui = self.demo()
        tui.press(*"234567", "3")
        tui.wait(lambda: tui.idle_number() > 0, "not idle")
        tui.silence(4.5)  # what fades has faded
        while time.gmtime().tm_sec > 46:  # the ten seconds lie within one minute
            tui.silence(1)
        before, bytes_before = wake_ups(tui.pid), len(tui.raw)
        tui.pump(10)  # this one waits by nature
        self.assertEqual((bytes(tui.raw[bytes_before:]), wake_ups(tui.pid) - before), (b"", 0))
        tui.press(DOWN)  # the frame is there before the thread waits again, and only waiting counts
        tui.wait(lambda: wake_ups(tui.pid) > before, "it would not have been seen")
        self.quit(tui)


class UnansweredKms(aws_vault_test.AwsVaultTest, TuiTest):
    """A KMS that takes calls and never answers, or holds many of them."""

    def setUp(self):
        super().setUp()
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.wallets = self.ok("wallet", "create", "alice", "--count", "100", "--label", "w")

    def key(self, tui, key, *texts, gone=()):
        """A key, and what must come of it although something is under way."""
        tui.send(key)
        tui.wait(lambda: all(text in tui.text() for text in texts) and not any(text in tui.text() for text in gone),
                 f"{key!r}: waiting for {texts}")

    def select(self, tui, key, number):
        self.key(tui, key, "> " + self.wallets[number]["address"][:8])

    def walk(self, tui):
        """All over the lists, and in a form; no call is needed for any of it."""
        self.key(tui, "3", "[3 Wallets]", self.wallets[0]["address"][:8])
        self.select(tui, "g", 0)
        self.select(tui, DOWN, 1)
        self.select(tui, "G", -1)
        self.select(tui, "g", 0)
        self.key(tui, "/w-77", "> " + self.wallets[76]["address"][:8])
        self.key(tui, ESC, "> " + self.wallets[0]["address"][:8], gone=["filter:"])
        self.key(tui, "2", "[2 Users]", "alice")
        self.key(tui, "u", "New user")
        self.key(tui, "dave", "[dave")
        self.key(tui, ESC, "[2 Users]", gone=["New user"])
        self.key(tui, "5", "[5 Audit]", "CreateWallet")
        self.key(tui, "?", "Help")
        self.key(tui, ESC, "[5 Audit]", gone=["type to search"])

    def test_lists_and_keys_without_any_answer(self):
        self.proxy.silent = True
        tui = self.open("--vault", self.vault, wait=False)
        tui.wait(lambda: "[1 Home]" in tui.text(), "no first frame")
        self.key(tui, "2", "alice")
        self.walk(tui)
        self.key(tui, "4", "[4 Keys]")
        self.key(tui, "3", "[3 Wallets]", "w-1")
        tui.send("q")
        tui.end()
        self.assertEqual(tui.errors(), "")

    def test_a_hung_call_is_cancelled(self):
        tui = self.open("--vault", self.vault, size=TALL)
        tui.press("3", "s", "m", "hello", TAB, TAB, ENTER)
        self.assertShown(tui, "EIP-191 digest")
        self.proxy.silent = True
        self.key(tui, "S", "Esc stops waiting")
        self.key(tui, ESC, "Cancelled: sign", gone=["┌─"])
        self.walk(tui)
        tui.send("q")  # nothing is under way any more, so nothing is asked
        tui.end()
        self.assertEqual((tui.modes(), tui.errors()), (tui.modes_before, ""))
        self.assertEqual([wallet["signatures"] for wallet in self.ok("wallet", "list") if wallet["signatures"]], [])

    def test_keys_with_eight_calls_in_flight(self):
        tui = self.open("--vault", self.vault, size=TALL)
        keys = sorted(self.ok("key", "list"), key=lambda key: -key["wallets"])
        tui.press("4", "g")
        for _ in keys:
            if (keys[0]["alias"] or keys[0]["id"]).removeprefix("alias/")[:15] in tui.selected():
                break
            tui.press(DOWN)
        tui.press("m", ENTER, ENTER, ENTER)
        self.assertShown(tui, "Move", "[ Cancel ]")
        self.proxy.held, self.proxy.most_at_once = True, 0
        tui.send("M")
        until = time.monotonic() + PATIENCE
        while self.proxy.at_once < 8:
            self.assertLess(time.monotonic(), until, f"{self.proxy.at_once} calls\n{tui}")
            tui.pump(0.01)
        self.walk(tui)
        self.assertGreaterEqual(self.proxy.at_once, 8, "they were in flight all the time")
        self.key(tui, "6", "[6 Jobs]")
        tui.idle_count = tui.idle_number()
        self.proxy.held = False
        tui.idle()
        self.assertShown(tui, "✓ done")
        self.quit(tui)

    def test_what_is_done_to_all_marked_is_a_job_that_survives(self):
        tui = self.open("--vault", self.vault, size=TALL)
        tui.press("4", "g", " ", "G", "v", "d")
        self.assertShown(tui, "Disable 10 keys?", "[ Cancel ]")
        self.proxy.held = True
        self.key(tui, "y", gone=["Please confirm"])
        self.key(tui, "6", "[6 Jobs]", "disable 10 keys", "● running")
        self.walk(tui)  # nobody waits for it
        os.kill(tui.pid, signal.SIGKILL)
        tui.end()
        self.proxy.held = False
        [job] = [job for job in self.ok("job", "list") if job["kind"] == "bulk"]
        self.assertEqual((job["title"], job["state"], job["total"], job["failed"]), ("disable 10 keys", "interrupted", 10, 0))
        self.assertLess(job["done"], 10)
        tui = self.open("--vault", self.vault, size=TALL)
        tui.press("1")
        self.assertShown(tui, f"job #{job['id']} was interrupted: disable 10 keys")
        tui.press("6", "p")
        self.assertShown(tui, "Go on with job #")
        tui.press("y")
        tui.until("✓ done")
        self.quit(tui)
        self.assertEqual({key["state"] for key in self.ok("key", "list")}, {"Disabled"})
        self.assertTrue(self.one("audit", "verify")["valid"])


class EveryHiddenCharacter(DemoTest):
    """Every control and format character there is, through what the vault can hold and what can be typed."""

    # What ncurses itself sends, and a line feed, which is one in a message.
    SENT = set("\a\b\t\n\r\x0e\x0f\x1b")
    HIDDEN = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    HIDDEN += [chr(code) for code in (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x3164, 0xFE0F, 0xFFA0, 0xE0100)]

    def assertNoneSent(self, tui):
        sent = set(bytes(tui.raw).decode())
        self.assertEqual([f"U+{ord(c):04X}" for c in self.HIDDEN if c in sent and c not in self.SENT], [])
        self.assertNotIn("owned", tui.screen.title)

    def test_typed_and_pasted(self):
        self.assertGreater(len(self.HIDDEN), 200)
        text = "".join(c for c in self.HIDDEN if c not in "\n\r\x1b")
        tui = self.demo(size=(60, 120))
        for keys in (("u",), ("w",), ("/",), ("3", "r"), ("3", "/"), ("3", "s", "m"), ("3", "s", "t", TAB), ("3", "s", "d", TAB), ("5", "/"), ("4", "/")):
            with self.subTest(keys=keys):
                tui.press(*keys)
                for start in range(0, len(text), 40):
                    tui.paste(text[start:start + 40])
                tui.press(ENTER, ESC, ESC, ESC, "2")
        self.assertIn("⟨U+", bytes(tui.raw).decode())
        self.assertNoneSent(tui)

    def test_in_a_message_that_is_signed(self):
        message = "pay " + "".join(c for c in self.HIDDEN if c not in "\n\r\x1b") + " now\x1b]2;owned\x07"
        tui = self.demo(size=(60, 120))
        tui.press("3", DOWN, "s", "m").paste(message.replace("\x1b", ""))
        tui.press(TAB, TAB, ENTER)
        tui.press("G").press("S").until("Signature")
        tui.press(ESC, "5", ENTER)
        self.assertNoneSent(tui)
        self.quit(tui.press(ESC))

    def test_out_of_the_vaults_file(self):
        columns = {"users": ["name"], "wallets": ["label", "path"], "keys": ["alias"], "jobs": ["owner", "error", "actor"],
                   "audit": ["actor", "surface", "target", "user", "detail", "digest"], "alerts": ["subject", "sentence", "command"]}
        for i in range(60):
            self.one("user", "add", f"user-{i:02}")
        parts = [self.HIDDEN[i:i + 4] for i in range(0, len(self.HIDDEN), 4)]
        with sqlite3.connect(self.vault / "keydeck.db") as database:
            for table, names in columns.items():
                for number, (row,) in enumerate(database.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()):
                    for name in names:
                        evil = "".join(parts[number % len(parts)]) + "\x1b]2;owned\x07"
                        database.execute(f"UPDATE {table} SET {name} = ? || substr({name}, 1, 8) || ? WHERE id = ?", (f"{number}", evil, row))
        database.close()
        tui = self.demo(size=(60, 120))
        for number in "2345672":
            tui.press(number, ENTER, ESC, number, "G", "g")
        tui.press("2", "\033[6~", "\033[6~", "3", ENTER, ESC, "s", ESC, "r", ESC, "4", "X", ESC, "m", ESC, "5", ENTER, ESC, "?", ESC, "!")
        self.assertIn("⟨U+", bytes(tui.raw).decode())
        self.assertNoneSent(tui)
        self.assertEqual(tui.errors(), "")


class InTmux(DemoTest):
    """The same inside tmux, which is a terminal of its own opinions: colours, titles, pastes, the clipboard."""

    def setUp(self):
        super().setUp()
        self.socket = self.home / "tmux.socket"
        config = self.write("tmux.conf", "set -g status off\nset -g set-titles on\nset -g set-titles-string '#T'\n"
                                         "set -g default-terminal tmux-256color\nset -s escape-time 0\n")
        command = ["tmux", "-S", str(self.socket), "-f", str(config), "new-session", BINARY, "demo"]
        self.tui = Tui(command, {**self.environment, "KEYDECK_TUI_TEST": "1"}, self.home, (24, 80))
        self.addCleanup(self.tui.close)
        self.addCleanup(self.tmux, "kill-server", check=False)
        self.tui.until("[1 Home]")
        self.tui.send("2")
        self.tui.until("[2 Users]", "alice")

    def tmux(self, *args, check=True):
        return subprocess.run(["tmux", "-S", str(self.socket), *args], capture_output=True, check=check, env=self.environment, timeout=PATIENCE).stdout.decode()

    def test_screens_pastes_copies_and_leaves(self):
        address = self.ok("wallet", "list")[0]["address"]
        self.tui.press("3", "y").until("copied into tmux's buffer")
        self.assertEqual(self.tmux("show-buffer"), address)
        events = self.events()
        self.tmux("set-buffer", "XdydyL\ny\n")
        self.tmux("paste-buffer", "-p")
        self.tui.until("The paste was dropped")
        self.tui.press("u", "dave").press(ESC)
        self.assertNotIn("New user", self.tui.text())
        self.assertEqual(self.events(), events)
        self.tui.resize(36, 120)
        self.tui.until("[3 Wallets]", address)
        self.tui.send("q")
        self.tui.end()


if __name__ == "__main__":
    main()
