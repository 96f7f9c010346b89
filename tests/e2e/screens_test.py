"""Deep links into the screens, and one frame on standard output."""
import os
import subprocess

from harness import BINARY, VaultTest, main
from tui_pty import DemoTest


class OneFrame(VaultTest):
    def frame(self, *args, **options):
        return self.text("--once", *args, **options)

    def test_needs_no_terminal(self):
        for environment in ({"TERM": ""}, {"TERM": "dumb"}, {"TERM": "no-such-terminal"}):
            lines = self.frame("--screen", "users", "--size", "120x36", env=environment).split("\n")
            self.assertEqual(len(lines), 37)  # the last one ends the text
            self.assertTrue(all(len(line) <= 120 for line in lines))
            self.assertIn("[2 Users]", lines[1])
            self.assertTrue(any(line.startswith("> alice") for line in lines), lines)
        self.assertEqual(len(self.frame().split("\n")), 25)

    def test_writes_nothing(self):
        self.import_known()
        events = len(self.ok("audit", "list"))
        before = {file.name: file.read_bytes() for file in self.vault.iterdir() if file.name.endswith(".db")}
        for screen in ("users", "wallets", "keys", "audit", "jobs", "health"):
            self.frame("--screen", screen)
        self.assertEqual(before, {file.name: file.read_bytes() for file in self.vault.iterdir() if file.name.endswith(".db")})
        self.assertEqual(len(self.ok("audit", "list")), events)

    def test_says_ro_only_where_that_was_asked_for(self):
        self.assertIn("  RW  ", self.frame().split("\n")[0])  # though it is opened to look only
        self.assertIn("  RO  ", self.frame("--read-only").split("\n")[0])

    def test_is_ascii_where_that_is_asked_for(self):
        for args, environment in ((["--ascii"], {}), ([], {"LC_ALL": "C"})):
            self.assertTrue(self.frame("--screen", "wallets", *args, env=environment).isascii())
        self.assertFalse(self.frame("--screen", "wallets").isascii())

    def test_filters(self):
        self.import_known()
        address = self.one("wallet", "list")["address"]
        self.assertIn(address, self.frame("--screen", "wallets", "--filter", "user:alice", "--size", "120x36"))
        self.assertNotIn(address, self.frame("--screen", "wallets", "--filter", "user:bob", "--size", "120x36"))
        self.assertIn("> bob", self.frame("--screen", "users", "--filter", "b"))
        self.assertIn("ImportWallet", self.frame("--screen", "audit", "--filter", "action:ImportWallet since:1h"))
        self.assertNotIn("CreateUser", self.frame("--screen", "audit", "--filter", "action:ImportWallet since:1h"))
        self.assertIn("No keys match", self.frame("--screen", "keys", "--filter", "state:pending"))

    def refused_sentence(self, *args):
        ran = self.run_command(self.command(*args))
        self.assertEqual((ran.status, ran.out), (2, ""), ran)
        return ran.err

    def test_says_what_was_probably_meant(self):
        self.assertIn("Did you mean wallets?", self.refused_sentence("--once", "--screen", "walets"))
        self.assertIn("did you mean state:?", self.refused_sentence("--once", "--screen", "keys", "--filter", "sate:pending"))
        self.assertIn("did you mean PendingDeletion?", self.refused_sentence("--screen", "keys", "--filter", "state:pendign"))
        self.assertIn("has no filter", self.refused_sentence("--once", "--screen", "jobs", "--filter", "x"))
        self.assertIn("has no filter", self.refused_sentence("--once", "--screen", "health", "--filter", "x"))
        self.assertIn("needs the screen", self.refused_sentence("--once", "--filter", "x"))

    def test_refuses_sizes_and_mixtures(self):
        for size in ("59x16", "60x15", "120", "x36", "120x", "1001x36", "ax b", "-80x24"):
            self.refused_sentence("--once", f"--size={size}")
        self.assertIn("goes with --once", self.refused_sentence("--size", "80x24"))
        self.assertIn("for the screens", self.refused_sentence("--once", "user", "list"))
        self.refused(2, "invalid_input", "--once")
        self.assertEqual(len(self.ok("user", "list", "--filter", "b")), 1)  # a command's own option of that name

    def test_says_that_there_is_no_vault(self):
        ran = self.run_command([BINARY, "--vault", str(self.home / "none"), "--once"])
        self.assertEqual((ran.status, ran.out), (3, ""))


class OnATerminal(DemoTest):
    def printed(self, *args, **options):
        tui = self.open(*args, wait=False, **options)
        self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0, tui.errors())
        self.assertEqual(tui.errors(), "")
        return bytes(tui.raw).decode()

    def test_one_frame_has_colours_and_no_cursor_movement(self):
        text = self.printed("demo", "--once", "--screen", "keys")
        self.assertIn("\033[0;", text)
        self.assertEqual(len(text.split("\r\n")), 25)  # the terminal's 24 rows
        self.assertNotIn("\033[?", text)
        for options in ({"env": {"NO_COLOR": "1"}}, {"env": {"TERM": "dumb"}}):
            self.assertNotIn("\033", self.printed("demo", "--once", **options))
        self.assertNotIn("\033", self.printed("demo", "--once", "--mono"))

    def test_the_demo_is_made_for_its_frame(self):
        environment = {**self.environment, "XDG_DATA_HOME": str(self.home / "other")}
        ran = subprocess.run([BINARY, "demo", "--once", "--screen", "users"], env=environment, capture_output=True, check=False)
        self.assertEqual((ran.returncode, ran.stderr), (0, b""))
        for name in (b"alice", b"bob", b"charlie"):
            self.assertIn(name, ran.stdout)

    def test_the_screens_open_where_the_link_leads(self):
        tui = self.demo("--screen", "keys", "--filter", "state:pending", screen="1")  # no key is pressed
        self.assertShown(tui, "[4 Keys]", "state:pending", "1 of ", "× Pending")
        self.assertNotShown(tui, "● Enabled")
        tui.press("\033")  # Esc clears the filter
        self.assertShown(tui, "● Enabled")
        self.quit(tui)


if __name__ == "__main__":
    main()
