"""An application's database off Fernet with the real program: killed, written to, refused, full, and every value is there at the end."""
import base64
import hashlib
import json
import os
import pathlib
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

import pexpect
from cryptography.fernet import Fernet

from fernet_app import COLUMNS, FernetAppTest, make_database
from harness import BINARY, main

KILLS = int(os.environ.get("KEYDECK_TEST_KILLS", "50"))
READER = pathlib.Path(__file__).parents[2] / "assets/examples/read_secret.py"


class Migration(FernetAppTest):
    def test_migrates_and_the_reader_reads(self):
        tokens = list(self.cells().values())
        found = self.ok("migrate", "fernet", "--database", self.app, "--discover")
        self.assertEqual([f"{c['table']}.{c['column']}" for c in found], list(COLUMNS))
        self.assertEqual([c["tokens"] for c in found], [100, 100, 50, 50])
        check = self.one(*self.arguments("--dry-run"))
        self.assertEqual((check["mode"], check["complete"], check["changed"], check["backup"]), ("check", True, 0, None))
        self.assertEqual(list(self.cells().values()), tokens)
        report = self.migrate()
        self.assertEqual(set(report), {"mode", "complete", "key_id", "changed", "migrated_again", "seconds", "cells_per_second", "backup",
                                       "columns", "problem_count", "problems", "notices"})
        self.assertEqual((report["mode"], report["complete"], report["changed"], report["key_id"]), ("migrate", True, 300, self.key["id"]))
        self.check_migrated()
        self.assertEqual(self.remains(tokens), [])
        backup = pathlib.Path(report["backup"])
        self.assertRegex(backup.name, r"^app\.db\.before-keydeck-\d{8}T\d{6}Z$")
        self.assertEqual(backup.stat().st_mode & 0o777, 0o600)
        self.assertIn("still holds the old tokens", " ".join(report["notices"]))
        self.assertTrue(self.one(*self.arguments("--verify"))["complete"])
        self.assertEqual(self.migrate()["changed"], 0)
        for table, column, row in (("users", "encrypted_secret", 7), ("wagers", "acceptor_escrow_secret", 50)):
            read = self.run_command([sys.executable, READER, self.app, table, column, str(row), "--endpoint-url", self.url])
            self.assertEqual((read.status, read.out.strip()), (0, self.values[table, column, row]), read)
        self.assertEqual(self.one("job", "list")["title"], "migrate app.db from Fernet")
        self.assertTrue(self.one("audit", "verify")["valid"])

    def test_bound_cells_open_in_their_place_only(self):
        self.migrate("--bind")
        self.assertTrue(self.one(*self.arguments("--verify", "--bind"))["complete"])
        command = [sys.executable, READER, self.app, "users", "encrypted_secret", "7", "--endpoint-url", self.url]
        self.assertEqual(self.run_command([*command, "--bound"]).out.strip(), self.values["users", "encrypted_secret", 7])
        self.assertNotEqual(self.run_command(command).status, 0)
        self.change("UPDATE users SET encrypted_secret = (SELECT encrypted_secret FROM users WHERE id = 8) WHERE id = 7")
        ran = self.keydeck(*self.arguments("--verify", "--bind"))
        self.assertEqual((ran.status, ran.lines()[0]["problems"][0]["row"]), (1, "7"))
        self.refused(1, "rejected", *self.arguments("--yes"))

    def test_damaged_and_odd_cells(self):
        self.change("UPDATE users SET encrypted_secret = substr(encrypted_secret, 1, 70) || 'AAAA' || substr(encrypted_secret, 75) WHERE id = 13")
        self.change("UPDATE users SET encrypted_secret = NULL WHERE id = 14")
        self.change("UPDATE users SET encrypted_secret = '' WHERE id = 15")
        self.change("UPDATE users SET encrypted_secret = ? WHERE id = 16", self.fernet.encrypt(b"x" * (3 << 20)).decode())
        kms = self.boto3()
        blob = kms.encrypt(KeyId="alias/coinflip-master-key", Plaintext=b"from boto3")["CiphertextBlob"]
        self.change("UPDATE wagers SET acceptor_escrow_secret = ? WHERE id = 1", blob)
        before = self.cells()
        ran = self.keydeck(*self.arguments("--yes"))
        self.assertEqual((ran.status, ran.err), (1, ""), ran)
        report = ran.lines()[0]
        self.assertEqual((report["complete"], report["problem_count"], report["changed"]), (False, 2, 295))
        self.assertEqual([(p["column"], p["row"]) for p in report["problems"]], [("users.encrypted_secret", "13"), ("users.encrypted_secret", "16")])
        self.assertEqual({"rows": 100, "tokens": 1, "migrated": 96, "undecryptable": 1, "other": 0, "empty": 2, "column": COLUMNS[0]},
                         report["columns"][0])
        after = self.cells()
        for row in (13, 14, 15, 16):
            self.assertEqual(after["users", "encrypted_secret", row], before["users", "encrypted_secret", row])
        self.assertEqual(after["wagers", "acceptor_escrow_secret", 1], blob)
        job = self.one("job", "list")
        self.assertEqual((job["state"], job["failed"]), ("done", 2))
        self.assertEqual(len(self.one("job", "show", job["id"])["failures"]), 2)

    def test_rolled_back(self):
        before = self.cells()
        self.migrate()
        self.change("UPDATE users SET encrypted_secret = encrypted_secret || 'AAAA' WHERE id = 3")
        self.assertIn("1 cells were written since", self.refused(1, "rejected", *self.arguments("--rollback", "--yes"))["message"])
        self.change("UPDATE users SET encrypted_secret = substr(encrypted_secret, 1, length(encrypted_secret) - 4) WHERE id = 3")
        report = self.one(*self.arguments("--rollback", "--yes"))
        self.assertEqual((report["mode"], report["complete"], report["changed"]), ("rollback", True, 300))
        self.assertEqual(self.cells(), before)
        self.migrate()
        kms = self.boto3()
        new = base64.b64encode(kms.encrypt(KeyId="alias/coinflip-master-key", Plaintext=b"written since")["CiphertextBlob"]).decode()
        self.change("UPDATE users SET encrypted_secret = ? WHERE id = 3", new)
        self.refused(1, "rejected", *self.arguments("--rollback", "--yes"))
        self.assertTrue(self.one(*self.arguments("--rollback", "--force", "--yes"))["complete"])
        after = self.cells()
        self.assertEqual(self.fernet.decrypt(after.pop(("users", "encrypted_secret", 3)).encode()), b"written since")
        before.pop(("users", "encrypted_secret", 3))
        self.assertEqual(after, before)


class Commands(FernetAppTest):
    users, wagers = 5, 2

    def test_keys_from_the_environment(self):
        bare = ["migrate", "fernet", "--database", self.app, "--column", COLUMNS[0], "--dry-run"]
        legacy = Fernet.generate_key()
        self.change("UPDATE users SET encrypted_secret = ? WHERE id = 2", Fernet(legacy).encrypt(b"old").decode())
        key = {"AWS_KMS_KEY_ID": "alias/coinflip-master-key"}
        self.refused(2, "invalid_input", *bare, env={"ENCRYPTION_KEY": self.fernet_key.decode()})  # no KMS key
        ran = self.keydeck(*bare, env={**key, "ENCRYPTION_KEY": self.fernet_key.decode()})
        self.assertEqual((ran.status, ran.lines()[0]["problem_count"]), (1, 1))
        both = {**key, "ENCRYPTION_KEY": self.fernet_key.decode(), "ENCRYPTION_KEY_LEGACY": f"{Fernet.generate_key().decode()}, {legacy.decode()}"}
        self.assertTrue(self.one(*bare, env=both)["complete"])
        file = self.write(".env", "".join(f"export {name}='{value}'\n" for name, value in both.items()))
        self.assertTrue(self.one(*bare, "--env-file", file)["complete"])
        shown = self.keydeck("config", "show", "--env-file", file).out
        self.assertIn("alias/coinflip-master-key", shown)
        self.assertNotIn(legacy.decode(), shown)
        several = self.write("keys", self.fernet_key + b"\n\n" + legacy + b"\n")
        self.assertTrue(self.one(*bare, "--key-file", several, env=key)["complete"])
        self.assertTrue(self.one(*bare, "--key-file", self.fernet_file, "--key-file", self.write("legacy", legacy), env=key)["complete"])

    def test_what_is_refused(self):
        self.refused(2, "invalid_input", "migrate", "fernet")
        self.refused(2, "invalid_input", *self.arguments("--dry-run", "--verify"))
        self.refused(2, "invalid_input", *self.arguments("--force"))
        self.refused(2, "invalid_input", *self.arguments("--dry-run", columns=()))
        self.refused(2, "invalid_input", *self.arguments("--dry-run", columns=("encrypted_secret",)))
        self.refused(3, "not_found", *self.arguments("--dry-run", columns=("users.nothing",)))
        self.refused(3, "not_found", *self.arguments("--dry-run", database=self.home / "nowhere.db"))
        self.refused(3, "not_found", *self.arguments("--dry-run", "--key-file", self.home / "nowhere"))
        self.refused(3, "not_found", "migrate", "fernet", "--database", self.app, "--column", COLUMNS[0], "--key-file", self.fernet_file, "--to",
                     "alias/none", "--dry-run")
        self.refused(6, "corrupt", *self.arguments("--dry-run", database=self.write("text.db", "no database" * 500)))
        bad = self.write("bad.key", "not a key\n")
        error = self.refused(2, "invalid_input", *self.arguments("--dry-run", "--key-file", bad))
        self.assertNotIn("not a key", json.dumps(error))
        self.refused(4, "denied", "--read-only", *self.arguments("--yes"))
        self.refused(4, "denied", "--as", "alice", *self.arguments("--dry-run"))
        self.assertIn("--yes", self.refused(1, "rejected", *self.arguments())["hint"])
        self.refused(3, "not_found", *self.arguments("--rollback", "--yes"))
        self.one("key", "disable", self.key["id"])
        self.refused(1, "rejected", *self.arguments("--yes"))
        self.assertEqual(len(self.decrypted({})), 0)
        self.assertEqual({key: self.fernet.decrypt(value).decode() for key, value in self.cells().items()}, self.values)

    def test_on_a_terminal(self):
        command = [str(word) for word in self.command(*self.arguments())]
        child = pexpect.spawn(command[0], command[1:], env=self.environment, timeout=60, encoding="utf-8", dimensions=(30, 200))
        child.expect("users.encrypted_secret: 5 rows: 5 tokens")
        child.expect("14 Fernet tokens of .*app.db become ciphertexts")
        child.expect("Type MIGRATE to go on")
        child.sendline("yes")
        child.expect("nothing was changed")
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 1)
        child = pexpect.spawn(command[0], command[1:], env=self.environment, timeout=60, encoding="utf-8", dimensions=(30, 200))
        child.expect("Type MIGRATE to go on")
        child.sendline("MIGRATE")
        child.expect("14 cells migrated in")
        child.expect("still holds the old tokens")
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 0)
        self.check_migrated()

    def test_a_locked_database(self):
        other = sqlite3.connect(self.app, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        self.refused(5, "unavailable", *self.arguments("--yes"))
        other.execute("ROLLBACK")
        other.close()
        self.migrate()
        self.check_migrated()


class Kills(FernetAppTest):
    users, wagers = 300, 150

    def begin(self, *more):
        return subprocess.Popen(self.command("--json", *self.arguments("--yes", *more)), env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def killed_after(self, child, seconds):
        """Whether it had to be killed: else it has ended well by itself."""
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
        child.communicate()
        self.assertIn(child.returncode, (0, -signal.SIGKILL))
        return child.returncode != 0

    def check_journal(self):
        """At every moment it is known which cell is what."""
        journal = {}
        if self.query("SELECT count(*) FROM sqlite_schema WHERE name = 'keydeck_migration_cells'")[0][0]:
            rows = self.query("SELECT table_name, column_name, row, new_sha256 FROM keydeck_migration_cells WHERE state = 'migrated'")
            journal = {(table, column, int(row)): new for table, column, row, new in rows}
        for place, value in self.cells().items():
            content = value if isinstance(value, bytes) else value.encode()
            if place in journal:
                self.assertEqual(hashlib.sha256(content).digest(), journal[place], place)
            else:
                self.assertEqual(self.fernet.decrypt(content).decode(), self.values[place])
        return len(journal)

    def test_killed_at_random_and_run_again(self):
        seed = int(os.environ.get("KEYDECK_SEED", time.time_ns() % 1_000_000_007))
        print(f"KEYDECK_SEED={seed}", flush=True)
        rng = random.Random(seed)
        copy = self.home / "copy.db"
        make_database(copy, self.fernet_key, self.users, self.wagers)
        begun = time.monotonic()
        self.one(*self.arguments("--yes", database=copy))
        whole = time.monotonic() - begun
        killed, in_the_middle, completed = 0, 0, 0
        while killed < KILLS:
            if self.killed_after(self.begin(), rng.uniform(0, whole)):
                killed += 1
                in_the_middle += 0 < self.check_journal() < len(self.values)
                continue
            completed += 1
            self.check_migrated()
            killed += self.killed_after(self.begin("--rollback"), rng.uniform(0, whole))
            back = self.keydeck(*self.arguments("--rollback", "--yes"))
            self.assertIn(back.status, (0, 3), back)  # 3: it had come to its end
            self.assertEqual({key: self.fernet.decrypt(value).decode() for key, value in self.cells().items()}, self.values)
        print(f"whole: {whole:.2f} s; {in_the_middle} of {killed} kills left it half done; {completed} runs came to their end", flush=True)
        self.assertGreater(in_the_middle, KILLS // 20)
        self.migrate()
        self.check_migrated()
        self.assertTrue(self.one(*self.arguments("--verify"))["complete"])
        self.assertTrue(self.one("audit", "verify")["valid"])

    def test_interrupted_and_paused(self):
        child = self.begin()
        while child.poll() is None and not self.ok("job", "list"):
            pass
        child.send_signal(signal.SIGINT)
        child.communicate()
        self.assertIn(child.returncode, (0, 1))
        job = self.one("job", "list")
        self.assertIn(job["state"], ("paused", "done"))
        if job["state"] == "paused":
            self.assertIn("give the command", self.refused(1, "rejected", "job", "resume", job["id"])["hint"])
        self.check_journal()
        self.migrate()
        self.check_migrated()
        self.assertEqual(self.one("job", "list")["state"], "done")


class Writers(FernetAppTest):
    users, wagers = 300, 150

    def write_cells(self, stop, expected, mode):
        """The application, which still knows Fernet only: every committed value is remembered."""
        rng = random.Random(5)
        database = sqlite3.connect(self.app, timeout=60, isolation_level=None)
        places = list(expected)
        for number in range(1_000_000):
            table, column, row = place = rng.choice(places)
            value = f"{mode} {number}"
            token = self.fernet.encrypt(value.encode())
            cell = token if column == "acceptor_escrow_secret" else token.decode()
            database.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (cell, row))
            expected[place] = value
            if stop.wait(0.001):  # as often as an application would write that has something else to do too
                break
        database.close()

    def test_a_writer_loses_no_update(self):
        for mode in ("WAL", "DELETE"):
            self.query(f"PRAGMA journal_mode = {mode}")
            expected, stop = dict(self.values), threading.Event()
            writer = threading.Thread(target=self.write_cells, args=(stop, expected, mode))
            writer.start()
            try:
                ran = self.keydeck(*self.arguments("--yes"))
            finally:
                stop.set()
                writer.join()
            self.assertIn(ran.status, (0, 1), ran)
            report = self.migrate()
            self.assertTrue(report["complete"])
            changed = sum(expected[place] != value for place, value in self.values.items())
            print(f"{mode}: {ran.lines()[0]['migrated_again']} migrated again, {changed} cells written meanwhile", flush=True)
            self.assertGreater(changed, 0)
            self.check_migrated(expected)
            self.one(*self.arguments("--rollback", "--force", "--yes"))
            for place, value in self.cells().items():
                self.assertEqual(self.fernet.decrypt(value).decode(), expected[place])
            self.values = expected


class Disks(FernetAppTest):
    users, wagers = 300, 150

    def intact(self):
        journal = {}
        if self.query("SELECT count(*) FROM sqlite_schema WHERE name = 'keydeck_migration_cells'")[0][0]:
            journal = {(t, c, int(r)) for t, c, r in self.query("SELECT table_name, column_name, row FROM keydeck_migration_cells")}
        cells = self.cells()
        self.assertEqual(set(cells), set(self.values))
        for place, value in cells.items():
            if place not in journal:
                self.assertEqual(self.fernet.decrypt(value).decode(), self.values[place])
        return len(journal)

    def test_a_full_disk(self):
        """Files may grow to so many bytes and not beyond: first the backup does not fit, then the journal, then everything does."""
        def limit(size):
            def in_child():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return in_child
        size = self.app.stat().st_size
        self.assertGreater(size, 100_000)
        failed = []
        for allowed in (size // 2, size + 4096, size + 40_000, 2 * size, 16 * size):
            ran = self.keydeck(*self.arguments("--yes"), preexec_fn=limit(allowed))
            failed.append(ran.status)
            if ran.status != 0:
                self.assertEqual((ran.status, ran.error()["code"]), (5, "unavailable"), ran)
            self.intact()
        print(f"with so much room: {failed}", flush=True)
        self.assertEqual((failed[0], failed[-1]), (5, 0))
        self.assertGreater(failed.count(5), 1)
        self.migrate()
        self.check_migrated()

    @unittest.skipUnless(os.geteuid() == 0, "only root mounts a tmpfs")
    def test_a_full_and_a_read_only_file_system(self):
        folder = self.home / "small"
        folder.mkdir()
        size = self.app.stat().st_size
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + size // 2}", "tmpfs", folder], check=False, capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("this machine lets nobody mount")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        self.app = folder / "app.db"
        self.values = make_database(self.app, self.fernet_key, self.users, self.wagers)
        self.refused(5, "unavailable", *self.arguments("--yes"))
        self.intact()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        self.refused(4, "denied", *self.arguments("--yes"))
        self.assertTrue(self.one(*self.arguments("--dry-run"))["complete"])
        subprocess.run(["mount", "-o", f"remount,rw,size={40 * size}", folder], check=True)
        self.migrate()
        self.check_migrated()


if __name__ == "__main__":
    main()
