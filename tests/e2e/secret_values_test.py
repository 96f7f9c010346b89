"""`secret` with the real program: values byte for byte, versions, environments, owners, and never in a file or an output but get's."""
import os
import pathlib
import sqlite3
import subprocess

import pexpect

from harness import VaultTest, main

VALUE = "correct horse battery staple"


class Secrets(VaultTest):
    def put(self, name, value, *more, **options):
        return self.one("secret", "put", name, *more, stdin=value, **options)

    def raw(self, *args, status=0):
        """Standard output as bytes, without --json."""
        ran = subprocess.run(self.command(*args), capture_output=True, env=self.environment, stdin=subprocess.DEVNULL, timeout=60, check=False)
        self.assertEqual(ran.returncode, status, ran.stderr)
        return ran.stdout

    def test_a_value_comes_back_byte_for_byte(self):
        for value in (b"x", b"line\n", b" two\n lines \r\n", bytes(range(256)), os.urandom(4096), os.urandom(4097), os.urandom(3_000_000)):
            made = self.put("blob", value)
            self.assertEqual(made["size"], len(value))
            self.assertEqual(made["has_data_key"], len(value) > 4096)
            self.assertEqual(self.raw("secret", "get", "blob"), value)
        self.assertEqual([version["version"] for version in self.ok("secret", "versions", "blob")], [7, 6, 5, 4, 3, 2, 1])
        self.assertEqual(self.raw("secret", "get", "blob", "--version", "2"), b"line\n")
        self.refused(3, "not_found", "secret", "get", "blob", "--version", "8")
        self.refused(2, "invalid_input", "secret", "put", "blob", stdin=b"")
        self.refused(2, "invalid_input", "secret", "put", "blob", stdin=bytes((16 << 20) + 1))
        self.refused(2, "invalid_input", "secret", "put", "no spaces", stdin=b"x")

    def test_json_says_text_or_bytes(self):
        self.put("text", 'he said "no"\n\t\x01\x7f\u202e')
        self.assertEqual(self.one("secret", "get", "text")["value"], 'he said "no"\n\t\x01\x7f\u202e')
        self.put("bytes", b"\xff\x00")
        got = self.one("secret", "get", "bytes")
        self.assertEqual((got["value_hex"], got["version"], got["user"]), ("0xff00", 1, None))

    def test_environments_and_keys_stand_side_by_side(self):
        keys = {name: self.one("key", "create", "--alias", name)["id"] for name in ("coinflip-master-key", "staging-key")}
        made = self.put("db", "p", "--environment", "production", "--key", "alias/coinflip-master-key", "--context", "app=coinflip")
        self.assertEqual((made["key_id"], made["key_alias"], made["context"]),
                         (keys["coinflip-master-key"], "alias/coinflip-master-key", {"app": "coinflip"}))
        self.put("db", "s", "--environment", "staging", env={"KEYDECK_SECRET_KEYS": "staging=alias/staging-key"})
        self.put("db", "d")
        self.assertEqual(self.raw("secret", "get", "db", "--environment", "production"), b"p")
        self.assertEqual(self.raw("secret", "get", "db", "--environment", "staging"), b"s")
        self.assertEqual(self.raw("secret", "get", "db"), b"d")
        listed = self.ok("secret", "list", "--environment", "staging")
        self.assertEqual([(row["name"], row["key_id"]) for row in listed], [("db", keys["staging-key"])])
        self.assertEqual(len(self.ok("secret", "list", "--key", "alias/staging-key")), 1)
        self.assertEqual(self.one("key", "show", "alias/staging-key")["secrets"], 1)
        error = self.refused(1, "rejected", "key", "schedule-deletion", "alias/staging-key", "--yes")
        self.assertIn("0 wallets, 1 secret and 0 migrated values depend on", error["message"])
        self.one("key", "disable", keys["staging-key"])
        self.refused(1, "rejected", "secret", "get", "db", "--environment", "staging")
        self.one("key", "enable", keys["staging-key"])
        self.assertEqual(self.raw("secret", "get", "db", "--environment", "staging"), b"s")

    def test_owners_see_their_own(self):
        self.put("vaults", "v")
        self.one("--as", "alice", "secret", "put", "mine", stdin="a")
        self.assertEqual([row["name"] for row in self.ok("--as", "alice", "secret", "list")], ["mine"])
        self.assertEqual([row["user"] for row in self.ok("secret", "list")], ["alice", None])
        self.assertEqual(len(self.ok("secret", "list", "--vault-only")), 1)
        self.assertEqual(self.one("secret", "get", "mine", "--user", "alice")["value"], "a")
        self.refused(3, "not_found", "--as", "bob", "secret", "get", "mine")
        self.refused(4, "denied", "--as", "bob", "secret", "get", "mine", "--user", "alice")
        self.refused(1, "rejected", "user", "remove", "alice")

    def test_removing_hides_and_destroying_asks(self):
        self.put("api", "1")
        self.one("secret", "remove", "api")
        self.assertEqual(self.ok("secret", "list"), [])
        self.refused(3, "not_found", "secret", "get", "api")
        self.one("secret", "restore", "api")
        self.refused(1, "rejected", "secret", "remove", "api", "--destroy", "--acknowledge", "1")
        self.refused(1, "rejected", "secret", "remove", "api", "--destroy", "--yes")
        self.assertEqual(self.one("secret", "get", "api")["value"], "1")
        self.one("secret", "remove", "api", "--destroy", "--acknowledge", "1", "--yes")
        self.refused(3, "not_found", "secret", "restore", "api")

    def test_pages(self):
        for name in ("c", "a", "b"):
            self.put(name, "x")
        first = self.ok("secret", "list", "--limit", "2")
        rest = self.ok("secret", "list", "--limit", "2", "--after", first[-1]["id"])
        self.assertEqual([row["name"] for row in first + rest], ["a", "b", "c"])

    def test_a_file_in_and_a_file_out(self):
        source = self.write("value", VALUE)
        self.one("secret", "put", "api", "--file", source)
        target = self.home / "out"
        self.one("secret", "get", "api", "--output", target)
        self.assertEqual((target.read_text(), target.stat().st_mode & 0o777), (VALUE, 0o600))
        self.refused(1, "already_exists", "secret", "get", "api", "--output", target)

    def test_at_a_terminal(self):
        child = pexpect.spawn(self.command("secret", "put", "api")[0], self.command("secret", "put", "api")[1:], env=self.environment, timeout=30)
        child.expect("Value of api: ")
        child.sendline(VALUE)
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 0)
        self.assertNotIn(VALUE.encode(), child.before, "the value was echoed")
        self.assertEqual(self.raw("secret", "get", "api"), VALUE.encode())
        self.put("escape", "\x1b[2Jgone")
        child = pexpect.spawn(self.command("secret", "get", "escape")[0], self.command("secret", "get", "escape")[1:], env=self.environment, timeout=30)
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 1)
        self.assertNotIn(b"\x1b[2J", child.before)

    def test_no_value_in_any_file(self):
        self.put("api", VALUE)
        self.put("large", VALUE * 1000)
        self.one("secret", "get", "api")
        self.ok("audit", "list")
        for path in pathlib.Path(self.vault).iterdir():
            if path.is_file() and "lock" not in path.name:
                content = subprocess.run(["cat", path], capture_output=True, check=True).stdout
                self.assertNotIn(VALUE.encode(), content, path.name)
        database = sqlite3.connect(f"file:{self.vault / 'keydeck.db'}?mode=ro", uri=True)
        self.assertEqual(database.execute("SELECT COUNT(*) FROM secret_versions").fetchone(), (2,))
        database.close()


if __name__ == "__main__":
    main()
