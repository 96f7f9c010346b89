"""No secret at rest, in output or in a core; what was tampered with does not open."""
import base64
import hashlib
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess

from harness import MNEMONIC, MNEMONIC_PRIVATE_KEY, TRANSACTION, TYPED_DATA, VaultTest, main

MNEMONIC_ENTROPY = bytes.fromhex("df9bf37e6fcdf9bf37e6fcdf9bf37e3c")
OTHER_KEY = hashlib.sha256(b"a private key that only this test knows").digest()


def forms(secret):
    """What a secret looks like in the files of somebody careless."""
    yield from (secret, secret[::-1], secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret).rstrip(b"="),
                base64.urlsafe_b64encode(secret).rstrip(b"="), str(int.from_bytes(secret, "big")).encode())


def needles():
    seed = hashlib.pbkdf2_hmac("sha512", MNEMONIC.encode(), b"mnemonic", 2048)
    for secret in (MNEMONIC_ENTROPY, bytes.fromhex(MNEMONIC_PRIVATE_KEY[2:]), OTHER_KEY, seed):
        yield from forms(secret)
    yield from (MNEMONIC.encode(), base64.b64encode(MNEMONIC.encode()), b"test junk", b"very secret passphrase", b"keystore passphrase 9")


class Leaks(VaultTest):
    def setUp(self):
        super().setUp()
        self.outputs = []
        self.temporary = self.home / "tmp"
        self.temporary.mkdir()
        self.environment.update(TMPDIR=str(self.temporary), SQLITE_TMPDIR=str(self.temporary))

    def keep(self, *args, **options):
        ran = self.keydeck(*args, **options)
        self.outputs += [ran.out.encode(), ran.err.encode()]
        ran = self.run_command(self.command(*args), **options)  # and for people
        self.outputs += [ran.out.encode(), ran.err.encode()]
        return ran

    def search(self):
        # Copies are read: a process that closes a database file drops the locks that it holds on it otherwise (POSIX).
        copies = self.home.parent / (self.home.name + "-copies")
        subprocess.run(["cp", "-r", self.home, copies], check=True)
        places = dict(enumerate(self.outputs))
        for path in copies.rglob("*"):
            if path.is_file() and path.name not in ("kp", "m"):
                places[path.name] = path.read_bytes()
        shutil.rmtree(copies)
        self.assertTrue({"keydeck.db", "keydeck.db-wal", "kms.db"} <= set(places), places.keys())
        for name, content in places.items():
            for needle in needles():
                self.assertNotIn(needle, content, f"{name} holds a secret")
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_imported_secrets_are_found_nowhere(self):
        # A reader keeps the write-ahead logs from being folded in and removed.
        readers = [sqlite3.connect(self.vault / name) for name in ("keydeck.db", "kms.db")]
        for reader in readers:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        wallet = self.one("wallet", "import", "alice", "--mnemonic-stdin", "--label", "first", stdin=MNEMONIC)
        self.one("wallet", "import", "bob", "--private-key-stdin", "--label", "second", stdin=OTHER_KEY.hex())
        keystore, secret = self.home / "keystore.json", self.write("kp", "keystore passphrase 9\n")
        self.keep("wallet", "export", "first", "--keystore", keystore, "--keystore-passphrase-file", secret, "--yes")
        for args in (("wallet", "list"), ("wallet", "show", "first"), ("user", "list"), ("sign", "message", "first", "hello"),
                     ("sign", "typed-data", "second", "--yes", "--file", self.write("typed", TYPED_DATA)),
                     ("sign", "transaction", "first", "--yes", "--file", self.write("txn", TRANSACTION)), ("key", "list"), ("audit", "list"),
                     ("audit", "export"), ("audit", "verify"), ("doctor",), ("config", "show"),
                     ("wallet", "export", "second", "--mnemonic", "--yes"), ("wallet", "export", "first", "--mnemonic"),
                     ("wallet", "import", "alice", "--mnemonic", MNEMONIC), ("sign", "message", "nobody", "x")):
            self.keep(*args)
        # Wrong secrets must not come back in errors either.
        for stdin in (MNEMONIC, MNEMONIC + " junk", MNEMONIC.replace("junk", "test"), MNEMONIC_PRIVATE_KEY + "00"):
            self.keep("wallet", "import", "bob", "--mnemonic-stdin", stdin=stdin)
            self.keep("wallet", "import", "bob", "--private-key-stdin", stdin=stdin)
        self.search()
        for reader in readers:
            reader.close()
        self.one("wallet", "remove", wallet["address"], "--destroy", "--acknowledge", "1", "--yes")

    def test_a_passphrase_is_found_nowhere(self):
        self.vault = self.home / "second"
        secret = self.write("kp", "very secret passphrase\n")
        self.keep("init", "--passphrase-file", secret)
        reader = sqlite3.connect(self.vault / "keydeck.db")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self.keep("user", "add", "alice", "--passphrase-file", secret)
        self.keep("wallet", "create", "alice", "--passphrase-file", secret)
        self.keep("sign", "message", "alice", "x", "--passphrase-file", secret)
        self.keep("user", "add", "bob", "--passphrase-file", self.write("m", "very secret passphrase2"))
        self.search()
        reader.close()

    def test_created_mnemonics_are_found_nowhere(self):
        reader = sqlite3.connect(self.vault / "keydeck.db")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self.ok("wallet", "create", "alice", "--count", "20")
        exported = []
        for wallet in self.ok("wallet", "list"):
            exported.append(self.one("wallet", "export", wallet["address"], "--mnemonic", "--yes")["mnemonic"].encode())
            exported += forms(bytes.fromhex(self.one("wallet", "export", wallet["address"], "--private-key", "--yes")["private_key"][2:]))
        for path in self.home.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for needle in exported:
                    self.assertNotIn(needle, content, path)
        reader.close()


class Cores(VaultTest):
    def crash(self, command, ready):
        """Sends SIGSEGV once `ready` says so; the cores that it left in its working directory."""
        place = self.home / f"cores-{len(list(self.home.iterdir()))}"
        place.mkdir()
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        child = subprocess.Popen(command, cwd=place, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, unlimited))
        while not ready(child.pid):
            self.assertIsNone(child.poll(), "it ended too early")
            os.sched_yield()
        limits = pathlib.Path(f"/proc/{child.pid}/limits").read_text()
        child.send_signal(signal.SIGSEGV)
        self.assertEqual(child.wait(30), -signal.SIGSEGV)
        child.stdin.close()
        return list(place.iterdir()), [line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size")][0]

    def has_open(self, name):
        def ready(pid):
            try:
                return any(os.readlink(f"/proc/{pid}/fd/{fd}").endswith(name) for fd in os.listdir(f"/proc/{pid}/fd"))
            except OSError:
                return False
        return ready

    def test_none_is_left(self):
        def asleep(pid):
            return pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] == "S"
        cores, _ = self.crash(["cat"], asleep)
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text()
        if not pattern.startswith(("|", "/")):
            self.assertTrue(cores, "an ordinary program leaves a core here, or this test shows nothing")
        self.one("pool", "init")
        for command in (self.command("wallet", "create", "alice", "--count", "100000"),
                        self.command("wallet", "import", "alice", "--mnemonic-stdin")):
            cores, limit = self.crash(command, self.has_open("/keydeck.db"))
            self.assertEqual(cores, [])
            self.assertEqual(limit, "0")


class Memory(VaultTest):
    """What is shipped: in a sanitized build mlock() does nothing."""

    def test_secrets_lie_in_locked_pages_that_no_core_holds(self):
        self.one("pool", "init")
        child = subprocess.Popen(self.command("wallet", "create", "alice", "--count", "100000"), env=self.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def flags():
                smaps = pathlib.Path(f"/proc/{child.pid}/smaps").read_text()
                return [set(line.split()[1:]) for line in smaps.splitlines() if line.startswith("VmFlags:")]
            while not any({"lo", "dd"} <= each for each in flags()):  # locked; not in a dump
                self.assertIsNone(child.poll(), "it ended and had never locked a page")
                os.sched_yield()
        finally:
            child.kill()
            child.wait()


class Tampering(VaultTest):
    def edit(self, *statements):
        database = sqlite3.connect(self.vault / "keydeck.db")
        with database:
            for statement in statements:
                self.assertGreater(database.execute(statement).rowcount, 0, statement)
        database.close()

    def swap(self, *columns):
        """Exchanges these columns of the two wallets."""
        database = sqlite3.connect(self.vault / "keydeck.db")
        with database:
            rows = database.execute(f"SELECT id, {', '.join(columns)} FROM wallets ORDER BY id").fetchall()
            self.assertEqual(len(rows), 2)
            for (row, *_), (_, *values) in zip(rows, reversed(rows)):
                database.execute(f"UPDATE wallets SET {', '.join(c + ' = ?' for c in columns)} WHERE id = ?", (*values, row))
        database.close()

    def corrupt(self, *wallets):
        for wallet in wallets:
            file = self.write("txn", TRANSACTION)
            for args in (("sign", "message", wallet, "x"), ("sign", "transaction", wallet, "--yes", "--file", file),
                         ("sign", "message", wallet, "--lines", "--file", file), ("wallet", "export", wallet, "--private-key", "--yes")):
                ran = self.keydeck(*args)
                self.assertEqual(ran.status, 6, f"{args}: {ran}")
                self.assertNotIn("signature", ran.out)
                self.assertNotIn("private_key", ran.out)

    def test_swapped_sealed_columns_open_nowhere(self):
        made = [self.one("wallet", "create", user)["address"] for user in ("alice", "bob")]
        for columns in (("sealed_data_key", "sealed_secret"), ("sealed_secret",), ("sealed_data_key",)):
            self.swap(*columns)
            self.corrupt(*made)
            self.swap(*columns)  # and back
            for wallet in made:
                self.one("sign", "message", wallet, "x")

    def test_swapped_between_two_wallets_of_one_user_and_key(self):
        self.one("pool", "init", "--size", "1")
        made = [w["address"] for w in self.ok("wallet", "create", "alice", "--count", "2")]
        self.swap("sealed_data_key", "sealed_secret")
        self.corrupt(*made)

    def test_a_wallet_moved_to_another_user(self):
        wallet = self.one("wallet", "create", "alice")["address"]
        self.edit("UPDATE wallets SET user_id = (SELECT id FROM users WHERE name = 'bob')")
        self.corrupt(wallet)
        self.assertEqual(self.keydeck("--as", "bob", "sign", "message", wallet, "x").status, 6)

    def test_a_forged_address(self):
        self.one("wallet", "create", "alice", "--label", "w")
        self.edit("UPDATE wallets SET address = x'1111111111111111111111111111111111111111'")
        self.corrupt("w")

    def test_a_signing_key_swapped(self):
        made = [self.one("wallet", "create", user, "--custody", "kms-key")["address"] for user in ("alice", "bob")]
        self.swap("key_ref")
        for wallet in made:
            self.assertEqual(self.keydeck("sign", "message", wallet, "x").status, 6)

    def test_damaged_sealed_bytes(self):
        wallet = self.one("wallet", "create", "alice")["address"]
        self.edit("UPDATE wallets SET sealed_secret = CAST(substr(sealed_secret, 1, length(sealed_secret) - 1) || x'00' AS BLOB)")
        self.corrupt(wallet)

    def test_the_audit_log_tells(self):
        for i in range(5):
            self.one("user", "add", f"u{i}")
        head = self.one("audit", "verify")
        changes = (("UPDATE audit SET actor = 'eve' WHERE id = 3",), ("DELETE FROM audit WHERE id = 3",),
                   ("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",),
                   ("UPDATE audit SET id = 1000 WHERE id = 3", "UPDATE audit SET id = 3 WHERE id = 4", "UPDATE audit SET id = 4 WHERE id = 1000"))
        whole = {name: (self.vault / name).read_bytes() for name in os.listdir(self.vault)}
        for statements in changes:
            self.edit(*statements)
            ran = self.keydeck("audit", "verify")
            self.assertEqual((ran.status, ran.lines()[0]["valid"]), (6, False), statements)
            for name in os.listdir(self.vault):
                (self.vault / name).unlink()
            for name, content in whole.items():
                (self.vault / name).write_bytes(content)
            self.assertEqual(self.one("audit", "verify"), head)


if __name__ == "__main__":
    main()
