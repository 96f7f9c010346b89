"""--linear: the screens as lines of words, on a terminal and through pipes. Never an escape sequence."""
import os
import re
import subprocess

from harness import BINARY, main
from tui_pty import DOWN, ENTER, ESC, PATIENCE, TAB, DemoTest, TuiTest


class Listening:
    """What is said between two keys; the program says `keydeck idle N` when nothing is pending."""

    @staticmethod
    def words(tui, since):
        text = bytes(tui.raw[since:]).decode().replace("\r\n", "\n")
        return re.sub(r"keydeck idle \d+\n", "", text)

    def press(self, tui, *keys):
        said = ""
        for each in keys:
            while tui.pump():
                pass
            since = len(tui.raw)
            tui.send(each)
            tui.wait(lambda: b"keydeck idle " in tui.raw[since:], f"nothing is said after {each!r}")
            said += self.words(tui, since)
        return said

    def close_dialog(self, tui):
        """Escape followed at once by a key would be Alt with that key."""
        since = len(tui.raw)
        tui.send(ESC)
        tui.wait(lambda: b"Back in " in tui.raw[since:], "the dialog stays")

    def begin(self, *args, **options):
        tui = self.open(*args, wait=False, **options)
        tui.wait(lambda: b"keydeck idle " in tui.raw, "it says nothing")
        return tui

    def end(self, tui):
        tui.send("q")
        self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0, tui.errors())
        self.assertEqual(tui.errors(), "")
        self.assertNotIn(0x1B, tui.raw)
        self.assertNotIn(b"\r", bytes(tui.raw).replace(b"\r\n", b"\n"))  # the terminal itself puts one before each line's end
        self.assertEqual(tui.modes(), tui.modes_before)


class OnATerminal(Listening, DemoTest):
    def test_signs_a_message_without_a_single_escape(self):
        tui = self.begin("demo", "--linear", "--screen", "users")
        self.assertIn("Row 1 of 3: alice, 1 wallet", self.words(tui, 0))
        self.assertIn("Row 2 of 3: bob", self.press(tui, "j"))
        self.assertIn("Row 1 of 3: alice", self.press(tui, "k"))
        self.assertIn("User: alice.", self.press(tui, "i"))
        self.assertIn("message (EIP-191)", self.press(tui, "s"))
        self.press(tui, "m")
        self.assertIn("h", self.press(tui, *"hello"))
        said = ""
        while "has the focus" not in said:
            said = self.press(tui, TAB)
        preview = self.press(tui, ENTER)
        self.assertIn("hello", preview)
        self.assertIn("Sign (S)", preview)
        signed = self.press(tui, "S")
        signature = re.search(r"0x[0-9a-f]{130}", signed)
        self.assertIsNotNone(signature, signed)
        address = self.one("wallet", "show", "alice")["address"]
        verified = self.one("verify", "message", "--signature", signature.group(), "--address", address, "hello")
        self.assertTrue(verified["valid"])
        self.close_dialog(tui)
        self.end(tui)

    def test_says_each_thing_once(self):
        tui = self.begin("demo", "--linear", "--screen", "keys")
        self.assertEqual(len(re.findall("Keys. ", self.words(tui, 0))), 1)
        self.assertEqual(self.press(tui, "g"), "")  # it stands there already
        helped = self.press(tui, "?")
        self.assertIn("R: rotate…", helped)
        self.assertIn("i: the selected row in full", helped)
        self.assertIn("Back in Keys.", self.press(tui, ESC))
        self.end(tui)

    def test_nothing_is_destroyed_without_the_typed_name(self):
        events = len(self.events())
        tui = self.begin("demo", "--linear", "--screen", "keys")
        self.press(tui, "G")  # a key of the pool, whose deletion nobody has scheduled
        asked = self.press(tui, "X")
        self.assertIn("lost FOR EVER" if "lost FOR EVER" in asked else "No wallet and no secret depends", asked)
        self.assertIn("off:", asked)
        self.press(tui, "D", "D", ENTER)
        self.end(tui)
        self.assertEqual(len(self.events()), events)

    def test_a_long_review_is_read_line_by_line_and_to_its_end(self):
        tui = self.begin("demo", "--linear", "--screen", "users")
        self.press(tui, "s", "m")
        for number in range(30):
            self.press(tui, *f"n{number}", ENTER)
        said = ""
        while "has the focus" not in said:
            said = self.press(tui, TAB)
        begun = self.press(tui, ENTER)
        lines = int(re.search(r"(\d+) lines\. Down says the next one", begun).group(1))
        self.assertGreater(lines, 30)
        self.assertNotIn("n29", begun)
        self.assertIn("off: read to the end first", begun)
        before = len(self.events("SignMessage"))
        self.press(tui, "S")
        heard = begun
        for _ in range(lines - 2):
            heard += self.press(tui, DOWN)
        for number in range(30):
            self.assertIn(f"n{number}", heard)
        self.assertNotIn("Sign (S)", heard)
        self.press(tui, "S")
        self.assertEqual(len(self.events("SignMessage")), before)
        last = self.press(tui, DOWN)
        self.assertIn("That was the last line.", last)
        self.assertIn("Sign (S)", last)
        self.assertRegex(self.press(tui, "S"), r"0x[0-9a-f]{130}")
        self.close_dialog(tui)
        self.end(tui)

    def test_plain_letters_where_the_locale_has_no_others(self):
        tui = self.begin("demo", "--linear", "--screen", "wallets", env={"LC_ALL": "C"})
        self.press(tui, "i", "?", ESC)
        self.end(tui)
        self.assertTrue(bytes(tui.raw).isascii())


class APassphrase(Listening, TuiTest):
    def test_is_never_echoed(self):
        secret = self.write("passphrase", "correct horse\n")
        self.one("init", "--passphrase-file", secret)
        self.one("user", "add", "alice", "--passphrase-file", secret)
        self.one("wallet", "create", "alice", "--passphrase-file", secret)
        tui = self.begin("--vault", self.vault, "--linear", "--screen", "users")
        self.press(tui, "s", "m", *"hi")
        said = ""
        while "has the focus" not in said:
            said = self.press(tui, TAB)
        self.press(tui, ENTER)
        self.assertIn("Passphrase of the vault", self.press(tui, "S"))
        for letter in "correct horse":
            self.assertEqual(self.press(tui, letter), "")
        tui.send(ENTER)
        tui.wait(lambda: re.search(rb"0x[0-9a-f]{130}", tui.raw), "no signature")
        self.close_dialog(tui)
        self.end(tui)
        self.assertNotIn(b"horse", tui.raw)


class ThroughPipes(DemoTest):
    def test_reads_keys_from_a_pipe_and_leaves_at_its_end(self):
        with subprocess.Popen([BINARY, "demo", "--linear", "--screen", "users"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment) as program:
            said = b""
            for expected, key in ((b"Row 1 of 3: alice", b"j"), (b"Row 2 of 3: bob", b"j"), (b"Row 3 of 3: charlie", b"q")):
                while expected not in said:
                    line = program.stdout.readline()
                    self.assertNotEqual(line, b"", said)
                    said += line
                program.stdin.write(key)
                program.stdin.flush()
            said += program.stdout.read()
            self.assertEqual((program.wait(PATIENCE), program.stderr.read()), (0, b""))
        self.assertNotIn(0x1B, said)
        ran = subprocess.run([BINARY, "demo", "--linear"], input=b"", env=self.environment, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual((ran.returncode, ran.stderr), (0, b""), ran)

    def test_one_frame_is_something_else(self):
        ran = subprocess.run([BINARY, "demo", "--linear", "--once"], env=self.environment, capture_output=True, check=False)
        self.assertEqual((ran.returncode, ran.stdout), (2, b""))


if __name__ == "__main__":
    main()
