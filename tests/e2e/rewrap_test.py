"""Moving wallets to other pool keys with the real program: killed, paused, refused on the way, and every wallet opens at the end."""
import base64
import collections
import concurrent.futures
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

import boto3
import pexpect
from botocore.config import Config

from harness import BINARY, VaultTest, main

COUNT = int(os.environ.get("KEYDECK_TEST_WALLETS", "2000"))
KILLS = 10


class Rewrap(VaultTest):
    def make_wallets(self, count):
        self.one("pool", "init", "--size", "3")
        made = self.ok("wallet", "create", "alice", "--count", count, "--label", "w")
        self.addresses = {wallet["id"]: wallet["address"] for wallet in made}
        self.assertEqual(len(self.addresses), count)

    def wallets_by_key(self):
        return collections.Counter(wallet["key_id"] for wallet in self.ok("wallet", "list"))

    def fullest_key(self):
        return self.wallets_by_key().most_common(1)[0][0]

    def start(self, *args):
        return subprocess.Popen(self.command("--json", *args), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def end(self, child):
        """The status and what it said, of a program that was started."""
        out, err = child.communicate(timeout=300)
        return child.returncode, [json.loads(line) for line in out.splitlines()], json.loads(err)["error"] if err else None

    def query(self, sql):
        database = sqlite3.connect(f"file:{self.vault / 'keydeck.db'}?mode=ro", uri=True, timeout=30)
        rows = database.execute(sql).fetchall()
        database.close()
        return rows

    def change(self, sql, *values):
        database = sqlite3.connect(self.vault / "keydeck.db", timeout=30)
        with database:
            database.execute(sql, values)
        database.close()

    def newest_job(self):
        jobs = self.ok("job", "list", "--limit", "1")
        return jobs[0] if jobs and jobs[0]["kind"] == "rewrap" else None

    def sign(self, address):
        return address, self.one("sign", "message", address, "still there")["address"]

    def check_all(self, but=()):
        """Every wallet has its address, signs with it, and is counted under its key; the log is sound."""
        wallets = self.ok("wallet", "list")
        self.assertEqual({wallet["id"]: wallet["address"] for wallet in wallets}, self.addresses)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for address, signed in pool.map(self.sign, [wallet["address"] for wallet in wallets if wallet["address"] not in but]):
                self.assertEqual(address, signed)
        counted = collections.Counter(wallet["key_id"] for wallet in wallets)
        for key in self.one("pool", "status")["keys"]:
            self.assertEqual(key["wallets"], counted[key["id"]])
        self.assertTrue(self.one("audit", "verify")["valid"])

    def whole_time(self, key):
        """How long it takes, on a copy."""
        kept, self.vault = self.vault, self.home / "copy"
        shutil.copytree(kept, self.vault)
        begun = time.monotonic()
        self.one("pool", "rewrap", "--from", key)
        whole = time.monotonic() - begun
        shutil.rmtree(self.vault)
        self.vault = kept
        return whole

    def plaintext_keys(self):
        """Private keys of some wallets, and their data keys as the KMS decrypts them for somebody else's client."""
        secrets = []
        access = self.one("kms", "access-key", "create")
        server = self.start("kms", "serve", "--listen", "127.0.0.1:0")
        try:
            serving = json.loads(server.stdout.readline())
            client = boto3.client("kms", endpoint_url=serving["url"], region_name=serving["region"], aws_access_key_id=access["access_key_id"],
                                  aws_secret_access_key=access["secret_access_key"], config=Config(retries={"max_attempts": 1}))
            vault = self.query("SELECT uuid FROM vault")[0][0]
            rows = self.query("SELECT w.id, w.user_id, k.key_id, w.sealed_data_key FROM wallets w JOIN keys k ON k.id = w.key_ref")
            for wallet, user, key, blob in random.Random(1).sample(rows, min(100, len(rows))):
                context = {"keydeck:vault": vault, "keydeck:wallet": str(wallet), "keydeck:user": str(user), "keydeck:purpose": "wallet-secret"}
                secrets.append(client.decrypt(CiphertextBlob=blob, EncryptionContext=context, KeyId=key)["Plaintext"])
                address = self.addresses[wallet]
                exported = self.run_command(self.command("wallet", "export", address, "--private-key", "--yes"))
                secrets.append(bytes.fromhex(exported.out.strip().rsplit("0x", 1)[-1]))
            client.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=60)
        self.assertTrue(all(len(secret) == 32 for secret in secrets))
        return secrets

    def check_no_plaintext(self, secrets):
        forms = [form for secret in secrets for form in (secret, secret.hex().encode(), base64.b64encode(secret)[:40], secret[:16], secret[16:])]
        searched = 0
        for file in self.vault.rglob("*"):
            if not file.is_file():
                continue
            content = file.read_bytes()
            searched += len(content)
            for form in forms:
                self.assertNotIn(form, content, f"a plaintext key stands in {file}")
        self.assertGreater(searched, 100_000)


class Kills(Rewrap):
    def test_killed_ten_times_at_random(self):
        self.environment["KEYDECK_BACKUP_KEEP"] = "0"  # so that the kills hit the job, not the copy before it
        seed = int(os.environ.get("KEYDECK_SEED", time.time_ns() % 1_000_000_007))
        print(f"KEYDECK_SEED={seed}", flush=True)
        rng = random.Random(seed)
        self.make_wallets(COUNT)
        key = self.fullest_key()
        moving = self.wallets_by_key()[key]
        whole = self.whole_time(key)
        print(f"{moving} of {COUNT} wallets are moved in {whole:.2f} s when nobody disturbs", flush=True)
        killed, interrupted = 0, 0
        while killed < KILLS:
            child = self.start("pool", "rewrap", "--from", key)
            try:
                child.wait(rng.uniform(0, 2.5 * whole / KILLS))
            except subprocess.TimeoutExpired:
                child.kill()
                killed += 1
            child.communicate()
            self.assertIn(child.returncode, (0, -signal.SIGKILL))
            if child.returncode == 0:  # too quick: on with the key that has them now
                key = self.fullest_key()
                continue
            job = self.newest_job()
            if job and job["state"] == "interrupted":
                interrupted += 1
                self.assertEqual(job["total"] - job["done"], self.wallets_by_key()[key], "what is counted is what was moved")
            self.assertTrue(self.one("audit", "verify")["valid"])
        print(f"{interrupted} of {killed} kills hit a job that had begun", flush=True)
        self.assertGreater(interrupted, KILLS // 3)
        job = self.one("pool", "rewrap", "--from", key)
        self.assertEqual((job["state"], job["failed"]), ("done", 0))
        self.assertEqual(job["total"], job["done"])
        self.assertEqual(self.wallets_by_key()[key], 0)
        self.assertEqual(self.ok("wallet", "list", "--key", key), [])
        self.assertIsNone(self.one("pool", "rewrap", "--from", key)["id"], "nothing is left to do")
        self.check_all()
        self.check_no_plaintext(self.plaintext_keys())


class Stops(Rewrap):
    def stopped_between_commits(self, child):
        """Whether the program stands still now, and in nobody's way: it does not hold the database's write lock."""
        child.send_signal(signal.SIGSTOP)
        database = sqlite3.connect(self.vault / "keydeck.db", timeout=0, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
            return True
        except sqlite3.OperationalError:
            child.send_signal(signal.SIGCONT)
            return False
        finally:
            database.close()

    def caught(self, act):
        """Runs a rewrap, acts once it has counted something, and answers what it ended with and the key it was to empty. One that ended
        before it could be caught is followed by another."""
        for _ in range(20):
            key = self.fullest_key()
            last = self.query("SELECT ifnull(max(id), 0) FROM jobs")[0][0]
            child = self.start("pool", "rewrap", "--from", key, "--fresh-data-keys")
            while child.poll() is None:
                counted = self.query(f"SELECT id FROM jobs WHERE id > {last} AND done > 0 AND state = 'running'")
                if counted and self.stopped_between_commits(child):
                    act(str(counted[0][0]), key)
                    child.send_signal(signal.SIGCONT)
                    break
            ended = self.end(child)
            if ended[0] != 0:
                return (*ended, key)
            self.one("key", "enable", key)  # where it was disabled too late
        raise AssertionError("the rewrap always ended before it was caught")

    def setUp(self):
        super().setUp()
        self.make_wallets(COUNT)

    def test_paused_and_resumed(self):
        status, out, error, key = self.caught(lambda job, key: self.keydeck("job", "pause", job))
        self.assertEqual((status, out, error["code"]), (1, [], "cancelled"))
        self.assertIn("was paused", error["message"])
        job = self.newest_job()
        self.assertEqual(job["state"], "paused")
        self.assertEqual(job["total"] - job["done"], self.wallets_by_key()[key])
        self.assertIn(f"keydeck job resume {job['id']}", error["hint"])
        resumed = self.one("job", "resume", job["id"])
        self.assertEqual((resumed["id"], resumed["state"], resumed["done"]), (job["id"], "done", job["total"]))
        self.assertEqual(self.wallets_by_key()[key], 0)
        self.refused(1, "rejected", "job", "pause", job["id"])
        self.refused(3, "not_found", "job", "show", "999")
        self.check_all()

    def test_cancelled(self):
        status, _, error, key = self.caught(lambda job, key: self.keydeck("job", "cancel", job))
        self.assertEqual((status, error["code"]), (1, "cancelled"))
        job = self.newest_job()
        self.assertEqual(job["state"], "cancelled")
        self.assertEqual(job["total"] - job["done"], self.wallets_by_key()[key], "what was done stays")
        self.refused(1, "rejected", "job", "resume", job["id"])
        anew = self.one("pool", "rewrap", "--from", key, "--fresh-data-keys")
        if job["done"] < job["total"]:  # else it was cancelled at its last commit
            self.assertGreater(anew["id"], job["id"])
        self.assertEqual(self.wallets_by_key()[key], 0)

    def test_one_process_at_a_time(self):
        seen = []

        def again(_, key):
            seen.append(self.keydeck("pool", "rewrap", "--from", key, "--fresh-data-keys"))
            if seen[-1].status == 1:
                self.keydeck("job", "pause", self.newest_job()["id"])
        status, _, _, _ = self.caught(again)
        self.assertEqual(status, 1)
        self.assertEqual(seen[-1].error()["code"], "already_exists")
        self.assertIn("Another process", seen[-1].error()["message"])

    def test_its_key_disabled_in_the_middle(self):
        status, _, error, key = self.caught(lambda job, key: self.keydeck("key", "disable", key))
        self.assertEqual((status, error["code"]), (1, "rejected"), error)
        job = self.newest_job()
        self.assertEqual((job["state"], job["failed"]), ("paused", 0))
        self.refused(1, "rejected", "job", "resume", job["id"])
        self.one("key", "enable", key)
        resumed = self.one("job", "resume", job["id"])
        self.assertEqual((resumed["state"], resumed["done"], resumed["failed"]), ("done", job["total"], 0))
        self.check_all()

    def test_two_different_rewraps_at_once(self):
        key = self.fullest_key()
        other = next(k["id"] for k in self.one("pool", "status")["keys"] if k["id"] != key)
        children = [self.start("pool", "rewrap", "--from", key), self.start("pool", "rewrap", "--from", key, "--to", other),
                    self.start("pool", "rewrap", "--fresh-data-keys")]
        for child in children:
            status, out, error = self.end(child)
            self.assertEqual((status, error), (0, None))
            self.assertEqual(out[0]["failed"], 0)
        self.assertEqual(self.wallets_by_key()[key], 0)
        self.check_all()


class Commands(Rewrap):
    def setUp(self):
        super().setUp()
        self.make_wallets(40)

    def test_a_corrupt_row_is_told_and_the_others_move(self):
        key = self.fullest_key()
        damaged = self.ok("wallet", "list", "--key", key)[2]
        self.change("UPDATE wallets SET sealed_data_key = zeroblob(length(sealed_data_key)) WHERE id = ?", damaged["id"])
        there = self.wallets_by_key()[key]
        ran = self.keydeck("pool", "rewrap", "--from", key)
        self.assertEqual((ran.status, ran.err), (1, ""), ran)
        job = ran.lines()[0]
        self.assertEqual((job["state"], job["done"], job["failed"]), ("done", there - 1, 1))
        told = self.one("job", "show", job["id"])
        self.assertEqual([failure["item"] for failure in told["failures"]], [damaged["address"]])
        self.assertIn("does not open", told["failures"][0]["error"])
        self.assertEqual([w["id"] for w in self.ok("wallet", "list", "--key", key)], [damaged["id"]])
        self.check_all(but=(damaged["address"],))

    def test_a_rotated_key(self):
        key = self.fullest_key()
        self.one("key", "rotate", key)
        job = self.one("pool", "rewrap")
        self.assertEqual(job["done"], self.wallets_by_key()[key])
        self.assertIsNone(self.one("pool", "rewrap")["id"])
        self.check_all()

    def test_fresh_data_keys_older_than_a_leak(self):
        blobs = lambda: self.query("SELECT sealed_data_key FROM wallets ORDER BY id")
        before = blobs()
        job = self.one("pool", "rewrap", "--fresh-data-keys", "--older-than", "0s")
        self.assertEqual((job["done"], job["failed"]), (40, 0))
        after = blobs()
        self.assertFalse(set(before) & set(after))
        self.assertIsNone(self.one("pool", "rewrap", "--fresh-data-keys", "--older-than", job["created_at"])["id"], "they are younger")
        self.assertEqual(blobs(), after)
        self.assertEqual(self.one("pool", "rewrap", "--fresh-data-keys")["done"], 40, "before now")
        self.assertFalse(set(after) & set(blobs()))
        self.refused(2, "invalid_input", "pool", "rewrap", "--older-than", "1h")
        self.refused(2, "invalid_input", "pool", "rewrap", "--fresh-data-keys", "--older-than", "2999-01-01")
        self.refused(2, "invalid_input", "pool", "rewrap", "--fresh-data-keys", "--older-than", "soon")
        self.check_all()

    def test_a_stopped_one_is_taken_up_whole_by_the_same_command(self):
        """As a process that was killed after half of its rows leaves it, and then a leak."""
        job = self.one("pool", "rewrap", "--fresh-data-keys")
        request = json.loads(self.query(f"SELECT request FROM jobs WHERE id = {job['id']}")[0][0])
        self.assertGreater(request["older_than"], 0)
        self.change("UPDATE jobs SET state = 'running', owner = 'gone 1 2', done = 20, position = 20 WHERE id = ?", job["id"])
        leaked = self.query("SELECT sealed_data_key FROM wallets")
        again = self.one("pool", "rewrap", "--fresh-data-keys")
        self.assertEqual((again["id"], again["state"], again["done"], again["total"]), (job["id"], "done", 40, 40))
        self.assertFalse(set(leaked) & set(self.query("SELECT sealed_data_key FROM wallets")))
        self.check_all()

    def test_named_wallets(self):
        wallets = self.ok("wallet", "list")[:3]
        job = self.one("pool", "rewrap", "--wallet", wallets[0]["address"], "--wallet", wallets[1]["label"], "--wallet", wallets[2]["address"])
        self.assertEqual((job["done"], job["title"]), (3, "rewrap 3 wallets"))
        for wallet in wallets:
            self.assertNotEqual(self.one("wallet", "show", wallet["address"])["key_id"], wallet["key_id"])
        self.check_all()

    def test_retired(self):
        keys = [key["id"] for key in self.one("pool", "status")["keys"]]
        for key in keys[:2]:
            retired = self.one("pool", "retire", key)
            self.assertEqual((retired["id"], retired["state"], retired["wallets"]), (key, "Disabled", 0))
            self.assertEqual(self.one("pool", "retire", key)["state"], "Disabled", "again: nothing to do")
        self.assertIn("last enabled", self.refused(1, "rejected", "pool", "retire", keys[2])["message"])
        self.assertEqual(self.wallets_by_key(), {keys[2]: 40})
        self.check_all()
        self.assertEqual(self.one("key", "schedule-deletion", keys[0], "--yes")["state"], "PendingDeletion")

    def test_who_may_and_what_is_refused(self):
        key = self.fullest_key()
        self.refused(4, "denied", "--as", "alice", "pool", "rewrap", "--from", key)
        self.refused(4, "denied", "--as", "alice", "job", "list")
        self.refused(4, "denied", "--read-only", "pool", "rewrap", "--from", key)
        self.refused(3, "not_found", "pool", "rewrap", "--from", "alias/none")
        self.refused(2, "invalid_input", "job", "show", "x")
        own = self.one("wallet", "create", "bob", "--custody", "kms-key")
        self.refused(1, "rejected", "pool", "rewrap", "--wallet", own["address"])
        self.refused(1, "rejected", "pool", "rewrap", "--from", own["key_id"])

    def test_on_a_terminal(self):
        key = self.fullest_key()
        there = self.wallets_by_key()[key]
        child = pexpect.spawn(BINARY, ["--vault", str(self.vault), "pool", "rewrap", "--from", key], env=self.environment, timeout=60,
                              encoding="utf-8", dimensions=(30, 200))
        child.expect(r"Rewrap\?")
        child.sendline("n")
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 1)
        self.assertEqual(self.wallets_by_key()[key], there)
        self.change("INSERT INTO jobs (kind, request, actor, total, done, state, owner, error, created_at, updated_at) VALUES"
                    " ('rewrap', ?, 'operator', ?, 5, 'running', 'gone 1 2', '', 0, 0)",
                    json.dumps({"from": key, "to": "", "wallets": [], "fresh_data_keys": False}, separators=(",", ":")), there + 5)
        child = pexpect.spawn(BINARY, ["--vault", str(self.vault), "pool", "rewrap", "--from", key], env=self.environment, timeout=60,
                              encoding="utf-8", dimensions=(30, 200))
        child.expect(r"Rewrap\?")
        child.sendline("y")
        job = self.query("SELECT max(id) FROM jobs")[0][0]
        child.expect(rf"resumes job {job}: 5 of {there + 5} done")
        child.expect(rf"{there + 5} of {there + 5}")
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 0)
        self.assertEqual(self.wallets_by_key()[key], 0)
        self.assertIn("rewrap alias/", self.text("job", "list"))
        self.assertIn("Done", self.text("job", "show", job))


if __name__ == "__main__":
    main()
