"""`keydeck doctor terminal`: without a terminal, on one that answers, and inside tmux."""
import json
import os
import shutil
import subprocess
import unittest

from harness import BINARY, KeydeckTest, main
from tui_pty import TuiTest

CHECKS = ["terminal", "terminfo", "colours", "charset", "size", "escape-time", "clipboard", "bracketed-paste", "synchronized-output"]


class WithoutATerminal(KeydeckTest):
    def findings(self, status=0, **environment):
        ran = self.run_command([BINARY, "doctor", "terminal", "--json"], env=environment)
        self.assertEqual((ran.status, ran.err), (status, ""))
        found = ran.lines()
        self.assertEqual([each["check"] for each in found], CHECKS)
        for each in found:
            self.assertIn(each["severity"], ("ok", "notice", "problem"))
            self.assertTrue(each["sentence"].endswith("."), each)
        return {each["check"]: each for each in found}

    def test_says_so(self):
        found = self.findings()
        self.assertEqual(found["terminal"]["command"], "keydeck --once")
        self.assertEqual(found["terminfo"]["severity"], "ok")
        self.assertIn("no terminal to have a size", found["size"]["sentence"])

    def test_looks_at_the_environment(self):
        self.assertIn("drawing as for xterm-256color", self.findings(TERM="no-such-terminal")["terminfo"]["sentence"])
        self.assertEqual(self.findings(1, TERM="dumb")["terminfo"]["severity"], "problem")
        self.assertEqual(self.findings(LC_ALL="C")["charset"]["command"], "export LC_ALL=C.UTF-8")
        self.assertIn("NO_COLOR", self.findings(NO_COLOR="1")["colours"]["sentence"])
        self.assertEqual(self.findings(TERM="vt100")["colours"]["severity"], "notice")
        # A tmux that is gone: nothing is known, and that is no reason to fail.
        self.assertIn("did not say", self.findings(TMUX=str(self.home / "gone") + ",1,0")["escape-time"]["sentence"])

    def test_needs_no_vault_and_makes_none(self):
        self.findings()
        self.assertEqual([path for path in self.home.rglob("*") if path.name.endswith(".db")], [])

    def test_names_what_was_meant(self):
        ran = self.run_command([BINARY, "doctor", "terminall"])
        self.assertEqual(ran.status, 2)
        self.assertIn("keydeck doctor terminal", ran.err)


class OnATerminal(TuiTest):
    def test_asks_the_terminal_and_leaves_it_as_it_was(self):
        tui = self.open("doctor", "terminal", "--json", wait=False)
        tui.wait(lambda: b"\033[c" in tui.raw, "it does not ask")
        tui.send("\033[?2004;2$y\033[?2026;0$y\033[?62;22c")
        self.assertEqual(os.waitstatus_to_exitcode(tui.end()), 0, tui.errors())
        lines = [line for line in bytes(tui.raw).decode().split("\r\n") if "{" in line]
        found = {each["check"]: each for each in (json.loads(line[line.index("{"):]) for line in lines)}
        self.assertEqual(found["bracketed-paste"]["severity"], "ok")
        self.assertEqual(found["synchronized-output"]["severity"], "notice")
        self.assertEqual(found["size"]["sentence"], "The terminal is 80x24.")
        self.assertEqual(tui.modes(), tui.modes_before)


@unittest.skipUnless(shutil.which("tmux"), "no tmux")
class InsideTmux(KeydeckTest):
    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.home / "socket", "-f", "/dev/null", *args], env=self.environment, capture_output=True,
                              check=True, timeout=60, text=True).stdout

    def test_says_why_esc_is_slow(self):
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "cat")
        self.addCleanup(subprocess.run, ["tmux", "-S", self.home / "socket", "kill-server"], capture_output=True, check=False)
        inside = {"TMUX": f"{self.home / 'socket'},1,0", "TERM": "tmux-256color"}
        for held, severity in (("500", "notice"), ("10", "ok")):
            self.tmux("set", "-s", "escape-time", held)
            ran = self.run_command([BINARY, "doctor", "terminal", "--json"], env=inside)
            found = {each["check"]: each for each in ran.lines()}
            self.assertEqual(found["escape-time"]["severity"], severity)
            self.assertIn(f"{held} ms", found["escape-time"]["sentence"])
            self.assertIn("load-buffer", found["clipboard"]["sentence"])
            self.assertEqual(found["escape-time"]["command"], "tmux set -s escape-time 10" if severity == "notice" else None)


if __name__ == "__main__":
    main()
