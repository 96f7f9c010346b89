#!/usr/bin/env python3
"""The migration from Fernet against the straightforward script, on one server in one run: users (rows) a second.

    KEYDECK_BINARY=build/release/app/keydeck /usr/bin/python3 bench/migration_bench.py [USERS [WAGERS [SAMPLE]]]

The database has USERS users with two secrets each and WAGERS wagers with two. The script does what such scripts do: decrypt the token, encrypt
with KMS, UPDATE, one after another, commit at the end; it is timed on SAMPLE rows of each table. Ours reads every cell back (two calls where
the script makes one), journals it, and is timed from its first to its last instruction, checks and backup included.
"""
import base64
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import boto3
from cryptography.fernet import Fernet

BINARY = os.environ["KEYDECK_BINARY"]
SMALL = bool(os.environ.get("KEYDECK_BENCH_SMALL"))
TABLES = {"users": ("encrypted_secret", "referral_payout_escrow_secret"), "wagers": ("creator_escrow_secret", "acceptor_escrow_secret")}


def make_database(path, fernet, rows):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    with database:
        for table, columns in TABLES.items():
            database.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT, {columns[0]} TEXT, {columns[1]} TEXT)")
            database.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)",
                                 ((i, f"row {i}", *(fernet.encrypt(os.urandom(32).hex().encode()).decode() for _ in columns))
                                  for i in range(1, rows[table] + 1)))
    database.close()


def straightforward(path, fernet, kms, key, sample):
    """Rows a second."""
    database = sqlite3.connect(path)
    begun, rows = time.monotonic(), 0
    for table, columns in TABLES.items():
        for row, *cells in database.execute(f"SELECT id, {', '.join(columns)} FROM {table} ORDER BY id LIMIT ?", (sample,)).fetchall():
            blobs = [kms.encrypt(KeyId=key, Plaintext=fernet.decrypt(cell.encode()))["CiphertextBlob"] for cell in cells]
            database.execute(f"UPDATE {table} SET {columns[0]} = ?, {columns[1]} = ? WHERE id = ?",
                             (*(base64.b64encode(blob).decode() for blob in blobs), row))
            rows += 1
    database.commit()
    seconds = time.monotonic() - begun
    database.close()
    return rows / seconds


class Bench:
    def __init__(self, home):
        self.home = home
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
        self.served, self.vault = home / "served", home / "aws"

    def command(self, vault, *args):
        return [BINARY, "--vault", str(vault), "--json", *map(str, args)]

    def run(self, vault, *args):
        done = subprocess.run(self.command(vault, *args), env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{args}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def serve(self):
        self.run(self.served, "init", "--key-file", self.home / "key")
        access = self.run(self.served, "kms", "access-key", "create")
        server = subprocess.Popen(self.command(self.served, "kms", "serve", "--listen", "127.0.0.1:0"), env=self.environment,
                                  stdout=subprocess.PIPE, text=True)
        start = json.loads(server.stdout.readline())
        self.environment |= {"AWS_ACCESS_KEY_ID": access["access_key_id"], "AWS_SECRET_ACCESS_KEY": access["secret_access_key"],
                             "AWS_REGION": start["region"], "AWS_ENDPOINT_URL": start["url"]}
        kms = boto3.client("kms", endpoint_url=start["url"], region_name=start["region"], aws_access_key_id=access["access_key_id"],
                           aws_secret_access_key=access["secret_access_key"])
        return server, kms

    def migrate(self, database, key_file):
        """Rows a second, and the report."""
        columns = [word for table, names in TABLES.items() for name in names for word in ("--column", f"{table}.{name}")]
        begun = time.monotonic()
        report = self.run(self.vault, "migrate", "fernet", "--database", database, *columns, "--key-file", key_file, "--to", "alias/bench", "--yes")
        seconds = time.monotonic() - begun
        return sum(column["rows"] for column in report["columns"]) / 2 / seconds, report


def main():
    numbers = [int(argument) for argument in sys.argv[1:]]
    users, wagers, sample = (numbers + ([150, 75, 75] if SMALL else [10_000, 5_000, 1_000])[len(numbers):])[:3]
    home = pathlib.Path(tempfile.mkdtemp(prefix="keydeck-bench-"))
    bench = Bench(home)
    server, kms = bench.serve()
    try:
        bench.run(bench.vault, "init", "--kms", "aws")
        key = bench.run(bench.vault, "key", "create", "--alias", "bench")["id"]
        secret = Fernet.generate_key()
        (home / "fernet.key").write_bytes(secret)
        fernet = Fernet(secret)
        make_database(home / "app.db", fernet, {"users": users, "wagers": wagers})
        shutil.copy(home / "app.db", home / "script.db")
        before = straightforward(home / "script.db", fernet, kms, key, sample // 2)
        ours, report = bench.migrate(home / "app.db", home / "fernet.key")
        # Again with what is left of the sample: the machine may have been busier at one moment than at another.
        make_database(home / "second.db", fernet, {"users": sample - sample // 2, "wagers": sample - sample // 2})
        after = straightforward(home / "second.db", fernet, kms, key, sample)
        script = 2 / (1 / before + 1 / after)
        cell = sqlite3.connect(home / "app.db").execute("SELECT encrypted_secret FROM users WHERE id = 1").fetchone()[0]
        assert len(kms.decrypt(CiphertextBlob=base64.b64decode(cell))["Plaintext"]) == 64
        assert report["complete"] and report["changed"] == 2 * (users + wagers)
        print(json.dumps({"users": users, "wagers": wagers, "script_rows_per_second": round(script, 1), "keydeck_rows_per_second": round(ours, 1),
                          "cells_per_second": report["cells_per_second"], "ratio": round(ours / script, 2)}))
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
