"""The completion scripts, run by the shells they are for."""
import shutil
import subprocess
import unittest

from harness import KeydeckTest, main


class Completion(KeydeckTest):
    def script(self, shell):
        return self.text("completion", shell)

    def bash(self, *words):
        """What bash offers for the last of these words."""
        listing = " ".join("'" + word.replace("'", "'\\''") + "'" for word in ("keydeck", *words))
        program = f"""{self.script('bash')}
COMP_WORDS=({listing}); COMP_CWORD={len(words)}
_keydeck
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
        done = subprocess.run(["bash", "--norc", "-u", "-c", program], capture_output=True, text=True, check=False, cwd=self.home)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.split()

    def test_commands(self):
        self.assertLessEqual({"wallet", "user", "demo", "sign", "completion", "--vault"}, set(self.bash("")))
        self.assertEqual(self.bash("wal"), ["wallet"])
        self.assertLessEqual({"create", "import", "list", "show", "label", "remove", "export"}, set(self.bash("wallet", "")))
        self.assertEqual(self.bash("key", "schedule"), ["schedule-deletion"])
        self.assertEqual(self.bash("--vault", "wallet", "user", "ren"), ["rename"])
        self.assertEqual(self.bash("--json", "wallet", "cr"), ["create"])

    def test_options(self):
        self.assertLessEqual({"--custody", "--words", "--label", "--count", "--json"}, set(self.bash("wallet", "create", "alice", "--")))
        self.assertEqual(self.bash("wallet", "create", "alice", "--cust"), ["--custody"])
        self.assertEqual(self.bash("wallet", "create", "--custody", ""), ["envelope", "kms-key", "key-pair"])
        self.assertEqual(self.bash("wallet", "create", "--custody", "k"), ["kms-key", "key-pair"])
        self.assertLessEqual({"--every", "--off"}, set(self.bash("key", "rotate", "x", "--")))
        self.assertEqual(self.bash("--as", ""), [])

    def test_files(self):
        (self.home / "seen.json").write_text("{}")
        (self.home / "folder").mkdir()
        self.assertEqual(self.bash("sign", "transaction", "alice", "--file", "se"), ["seen.json"])
        self.assertEqual(self.bash("--vault", "fo"), ["folder"])
        self.assertEqual(self.bash("--vault", "se"), [])

    def test_refuses_other_shells(self):
        self.refused(2, "invalid_input", "completion", "csh")
        self.refused(2, "invalid_input", "completion")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_reads_its_script(self):
        done = subprocess.run(["zsh", "-n"], input=self.script("zsh"), capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_completes(self):
        program = self.script("fish") + "\ncomplete -C 'keydeck wallet create --custody '\necho\ncomplete -C 'keydeck wal'"
        done = subprocess.run(["fish", "--no-config", "-c", program], capture_output=True, text=True, env=self.environment, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("kms-key", done.stdout)
        self.assertIn("wallet", done.stdout)


if __name__ == "__main__":
    main()
