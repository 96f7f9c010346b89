"""`keydeck` where there is no vault: the welcome, and what comes of each choice."""
import os
import subprocess

from harness import BINARY, main
from tui_pty import DOWN, ENTER, ESC, PATIENCE, TAB, TuiTest


class FirstRun(TuiTest):
    def setUp(self):
        super().setUp()
        self.environment["XDG_DATA_HOME"] = str(self.home / "data")
        self.vault = self.home / "data" / "keydeck"

    def welcome(self, *args, **options):
        tui = self.open(*args, **options)
        self.assertShown(tui, "Welcome", "No vault was found in")
        return tui

    def go(self, tui, key, *texts):
        """Presses a key that ends this screen; waits for what the next one shows, which counts its frames anew."""
        tui.pump()
        since = len(tui.raw)
        tui.send(key)
        tui.wait(lambda: b"keydeck idle 1\a" in tui.raw[since:], "no other screen")
        tui.idle_count = 0
        tui.until(*texts)

    def test_making_a_vault_with_a_key_file(self):
        tui = self.welcome()
        tui.press("l")
        self.assertShown(tui, "Key file", "keydeck.key")
        tui.press(TAB, TAB)
        self.go(tui, ENTER, "LOCAL")
        self.assertNotShown(tui, "Welcome")
        self.quit(tui)
        self.assertEqual(self.one("user", "add", "alice")["name"], "alice")
        self.assertEqual((self.home / "data" / "keydeck.key").stat().st_mode & 0o777, 0o600)

    def test_making_a_vault_with_a_passphrase(self):
        tui = self.welcome()
        tui.press("l", "l", TAB, "correct horse", TAB, "correct hors", TAB)
        self.assertShown(tui, "the two differ")
        self.assertNotShown(tui, "correct")
        tui.press("\033[Z", "e", TAB)
        self.go(tui, ENTER, "LOCAL")
        self.assertNotShown(tui, "Welcome")
        self.quit(tui)
        secret = self.write("passphrase", "correct horse\n")
        self.one("user", "add", "alice", "--passphrase-file", secret)
        self.assertNotIn(b"correct horse", bytes(tui.raw))

    def test_a_refusal_stands_in_the_form(self):
        tui = self.welcome()
        tui.press("l", TAB, "\025", "/proc/none/key", TAB)
        self.go(tui, ENTER, "A vault with the embedded KMS", "/proc/none/key")
        self.assertEqual(list(self.home.glob("data/keydeck/*.db")), [])
        tui.press(ESC)
        tui.send("q")
        self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0)

    def test_the_demo(self):
        tui = self.welcome()
        self.go(tui, "d", "2 Users", "DEMO/local")
        self.quit(tui)
        self.assertTrue((self.home / "data" / "keydeck-demo" / "keydeck.db").exists())

    def test_read_only(self):
        elsewhere = self.home / "elsewhere"
        self.run_command([BINARY, "--vault", str(elsewhere), "init", "--key-file", str(self.key_file)])
        tui = self.welcome()
        tui.press(DOWN, DOWN, DOWN, ENTER)
        tui.press(str(self.home / "nowhere"), TAB)
        self.go(tui, ENTER, "Look at a vault", "nowhere")
        tui.press("\025", str(elsewhere), TAB)
        self.go(tui, ENTER, "RO", "LOCAL")
        self.quit(tui)

    def test_aws_lists_the_profiles(self):
        (self.home / ".aws").mkdir()
        (self.home / ".aws" / "config").write_text("[default]\nregion = eu-west-1\n[profile prod-ro]\n[sso-session x]\n")
        tui = self.welcome(env={"AWS_REGION": "eu-central-1"})
        self.assertShown(tui, "default, prod-ro")
        tui.press("a")
        self.assertShown(tui, "Profile", "eu-central-1", "1 of 3")
        tui.press("\033[C", "\033[C")
        self.assertShown(tui, "prod-ro", "3 of 3")
        tui.press(ESC)
        tui.send("q")
        self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0)
        self.assertFalse(self.vault.exists())

    def test_leaving_makes_nothing_and_gives_the_terminal_back(self):
        for keys in ("q", ESC, "\003"):
            tui = self.welcome()
            tui.send(keys)
            self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0)
            self.assertEqual(tui.modes(), tui.modes_before)
        self.assertFalse((self.home / "data").exists())

    def test_can_be_heard(self):
        tui = self.open("--linear", wait=False)
        tui.wait(lambda: b"Choose one" in tui.raw and b"idle" in tui.raw, "no welcome")
        tui.send("q")
        self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0)
        self.assertNotIn(0x1B, tui.raw)

    def test_the_error_stays_where_nobody_can_be_asked(self):
        ran = subprocess.run([BINARY], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((ran.returncode, ran.stdout), (3, ""))
        self.assertIn("keydeck demo", ran.stderr)
        for args, env in ((["--vault", str(self.home / "missing")], {}), ([], {"KEYDECK_VAULT": str(self.home / "missing")}), (["--read-only"], {})):
            tui = self.open(*args, wait=False, env=env)
            self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 3, args)
            self.assertIn("keydeck demo", tui.errors())
            self.assertNotIn("Welcome", tui.text())


if __name__ == "__main__":
    main()
