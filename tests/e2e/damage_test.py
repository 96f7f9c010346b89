"""Damaged, truncated, newer, unwritable, full: a clear error, nothing lost, nothing half done."""
import os
import resource
import signal
import sqlite3
import subprocess

from harness import TRANSACTION, KeydeckTest, VaultTest, main

NOBODY = 65534


class Damage(VaultTest):
    def setUp(self):
        super().setUp()
        self.wallet = self.one("wallet", "create", "alice", "--label", "a")["address"]
        self.one("wallet", "create", "bob", "--custody", "kms-key", "--label", "b")
        self.good = {name: (self.vault / name).read_bytes() for name in os.listdir(self.vault)}
        self.expected = self.ok("wallet", "list")

    def put(self, name, content):
        for file in os.listdir(self.vault):
            (self.vault / file).unlink()
        for file, good in self.good.items():
            (self.vault / file).write_bytes(good)
            (self.vault / file).chmod(0o600)
        if content is None:
            (self.vault / name).unlink()
        else:
            (self.vault / name).write_bytes(content)

    def check(self, what, allow_ok):
        file = self.write("txn", TRANSACTION)
        refused = 0
        for args in (("wallet", "list"), ("sign", "message", "a", "x"), ("sign", "message", "b", "x"), ("key", "list"), ("user", "add", "carol"),
                     ("sign", "transaction", "a", "--yes", "--file", file), ("audit", "verify")):
            ran = self.keydeck(*args)
            self.assertIn(ran.status, (0, 6) if allow_ok else (6,), f"{what}, {args}: {ran}")
            if ran.status == 6 and args != ("audit", "verify"):
                self.assertEqual(ran.error()["code"], "corrupt", f"{what}, {args}")
                self.assertNotIn("signature", ran.out)
            refused += ran.status == 6
        return refused

    def test_truncated(self):
        for name in ("keydeck.db", "kms.db"):
            whole = self.good[name]
            for size in (0, 1, 15, 16, 99, 100, 1000, 4095, 4096, 4097, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
                self.put(name, whole[:size])
                self.assertGreater(self.check(f"{name} cut to {size} of {len(whole)} bytes", allow_ok=True), 0, f"{name} {size}")

    def test_pages_overwritten(self):
        for name in ("keydeck.db", "kms.db"):
            whole = self.good[name]
            refused = 0
            for page in range(len(whole) // 4096):
                at = page * 4096
                self.put(name, whole[:at] + b"\xa5" * 4096 + whole[at + 4096:])
                refused += self.check(f"{name}, page {page}", allow_ok=True) > 0
            self.assertGreater(refused, 3)

    def test_header_damage(self):
        for name in ("keydeck.db", "kms.db"):
            for at, value in ((0, b"SQLite format 4\0"), (16, b"\x00\x03"), (18, b"\x09\x09"), (68, b"\0\0\0\1")):
                whole = self.good[name]
                self.put(name, whole[:at] + value + whole[at + len(value):])
                self.assertGreater(self.check(f"{name}, header byte {at}", allow_ok=False), 0)

    def test_not_a_database(self):
        for name in ("keydeck.db", "kms.db"):
            self.put(name, b"This is a text, and no database.\n" * 300)
            self.check(name, allow_ok=False)

    def test_one_file_missing(self):
        for name in ("keydeck.db", "kms.db"):
            self.put(name, None)
            self.check(f"no {name}", allow_ok=False)
            self.assertFalse((self.vault / name).exists(), "it was made anew")

    def test_the_two_files_of_two_vaults(self):
        first = self.good
        self.vault = self.home / "other"
        self.one("init", "--key-file", self.home / "other-key")
        self.one("user", "add", "alice")
        (self.vault / "kms.db").write_bytes(first["kms.db"])
        ran = self.keydeck("wallet", "create", "alice")
        self.assertIn(ran.status, (4, 6), ran)

    def test_newer_schema(self):
        for name in ("keydeck.db", "kms.db"):
            self.put(name, self.good[name])
            database = sqlite3.connect(self.vault / name)
            database.execute("PRAGMA user_version = 999")
            database.commit()
            database.close()
            before = (self.vault / name).read_bytes()
            for args in (("wallet", "list"), ("sign", "message", "a", "x"), ("user", "add", "carol")):
                self.assertIn("newer", self.refused(1, "rejected", *args)["message"])
            self.assertEqual((self.vault / name).read_bytes(), before)

    def test_key_file(self):
        content = self.key_file.read_bytes()
        self.key_file.unlink()
        self.refused(3, "not_found", "sign", "message", "a", "x")
        self.assertEqual(self.ok("wallet", "list"), self.expected)  # addresses are public
        self.assertFalse(self.key_file.exists(), "it was made anew")
        self.key_file.write_bytes(content[::-1])
        self.key_file.chmod(0o600)
        self.refused(4, "denied", "sign", "message", "a", "x")
        self.key_file.write_bytes(content[:31])
        self.refused(2, "invalid_input", "sign", "message", "a", "x")
        self.key_file.write_bytes(content)
        self.key_file.chmod(0o644)
        self.refused(4, "denied", "sign", "message", "a", "x")
        self.key_file.chmod(0o600)
        self.one("sign", "message", "a", "x")


class Permissions(VaultTest):
    """Root ignores the modes of files, so the program runs as nobody here."""

    def setUp(self):
        super().setUp()
        self.one("wallet", "create", "alice", "--label", "a")
        if os.getuid() == 0:
            self.chown(NOBODY)

    def chown(self, uid):
        os.chown(self.home, uid, uid)
        for path in self.home.rglob("*"):
            os.chown(path, uid, uid)

    def command(self, *args):
        command = super().command(*args)
        if os.getuid() == 0 and getattr(self, "as_nobody", False):
            return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        return command

    def test_a_vault_that_may_not_be_written(self):
        self.as_nobody = True
        self.assertEqual(len(self.ok("wallet", "list")), 1)
        for name in os.listdir(self.vault):
            (self.vault / name).chmod(0o400)
        self.vault.chmod(0o500)
        before = {name: (self.vault / name).read_bytes() for name in os.listdir(self.vault)}
        for args in (("user", "add", "carol"), ("wallet", "create", "alice"), ("sign", "message", "a", "x"), ("wallet", "list")):
            self.refused(4, "denied", *args)
        self.assertEqual(len(self.ok("wallet", "list", "--read-only")), 1)
        self.assertEqual({name: (self.vault / name).read_bytes() for name in os.listdir(self.vault)}, before)
        self.vault.chmod(0o700)
        for name in os.listdir(self.vault):
            (self.vault / name).chmod(0o600)
        self.one("sign", "message", "a", "x")

    def test_a_vault_that_may_not_be_read(self):
        self.as_nobody = True
        self.vault.chmod(0)
        self.refused(4, "denied", "wallet", "list")
        self.vault.chmod(0o700)
        (self.vault / "keydeck.db").chmod(0)
        self.refused(4, "denied", "wallet", "list")

    def test_no_vault_where_none_may_be_made(self):
        self.as_nobody = True
        closed = self.home / "closed"
        closed.mkdir()
        os.chown(closed, NOBODY, NOBODY) if os.getuid() == 0 else None
        closed.chmod(0o500)
        self.vault = closed / "vault"
        self.refused(4, "denied", "init", "--key-file", self.home / "another-key")
        self.assertEqual(list(closed.iterdir()), [])
        self.assertFalse((self.home / "another-key").exists())


class FullDisk(KeydeckTest):
    """On a file system of one megabyte where one can be mounted, else under a limit on the size of files."""

    def setUp(self):
        super().setUp()
        self.disk = self.home / "disk"
        self.disk.mkdir()
        mounted = os.getuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3M", "tmpfs", str(self.disk)], check=False,
                                                      stderr=subprocess.DEVNULL).returncode == 0
        if mounted:
            self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)], check=False)
        self.mounted = mounted
        self.vault = self.disk / "vault"

    def fill(self):
        """Leaves almost nothing free; what frees it again."""
        if not self.mounted:
            return None
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            for size in (65536, 4096):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
        return filler

    def limited(self, *args, **options):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            size = max(path.stat().st_size for path in self.vault.iterdir())
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return self.keydeck(*args, **({} if self.mounted else {"preexec_fn": limit}), **options)

    def test_nothing_is_half_done(self):
        self.one("init", "--key-file", self.key_file)
        self.one("user", "add", "alice")
        made = self.ok("wallet", "create", "alice", "--count", "5")
        filler = self.fill()
        file = self.write("txn", TRANSACTION)
        for args in (("wallet", "create", "alice", "--count", "2000"), ("wallet", "create", "alice", "--custody", "kms-key", "--count", "500"),
                     ("sign", "message", made[0]["address"], "--lines", "--file", self.write("lines", "x\n" * 20000))):
            ran = self.limited(*args)
            self.assertIn(ran.status, (1, 5), f"{args}: {str(ran)[-600:]}")
            self.assertIn('"unavailable"', ran.err + ran.out[-2000:])
        ran = self.limited("sign", "transaction", made[0]["address"], "--yes", "--file", file)
        self.assertIn(ran.status, (0, 5))  # there may be room for one more
        if filler:
            filler.unlink()
        wallets = self.ok("wallet", "list")
        self.assertEqual([w["address"] for w in wallets[:5]], [w["address"] for w in made])
        for wallet in wallets:
            self.one("sign", "message", wallet["address"], "x")
        self.assertTrue(self.one("audit", "verify")["valid"])
        for finding in self.keydeck("doctor").lines():
            self.one("doctor", "--adopt", finding["key_id"])
        self.assertEqual(self.ok("doctor"), [])

    def test_no_half_vault(self):
        if not self.mounted:
            self.skipTest("no file system can be mounted here")
        filler = self.fill()
        ran = self.keydeck("init", "--key-file", self.key_file)
        self.assertEqual(ran.status, 5, ran)
        self.assertFalse((self.vault / "keydeck.db").exists())
        self.assertFalse((self.vault / "kms.db").exists())
        filler.unlink()
        self.one("init", "--key-file", self.key_file)


if __name__ == "__main__":
    main()
