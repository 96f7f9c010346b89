#!/usr/bin/env python3
"""Reads one secret of an application after `keydeck migrate fernet`: what stood there as a Fernet token is base64 of a KMS ciphertext now.

    read_secret.py app.db users encrypted_secret 42

Before:  Fernet(ENCRYPTION_KEY).decrypt(cell)
After:   kms.decrypt(CiphertextBlob=base64.b64decode(cell))["Plaintext"]

Credentials and region are found as boto3 finds them. --endpoint-url names another KMS than AWS's, for example `keydeck kms serve`.
--bound is for a migration with --bind: the cell then opens only with its own table, column and row.
"""
import argparse
import base64
import sqlite3
import sys

import boto3


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def read_cell(database, table, column, row, key):
    """The cell as it stands; `key` is the column that tells rows apart."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        found = connection.execute(f"SELECT {quoted(column)} FROM {quoted(table)} WHERE {quoted(key)} = ?", (row,)).fetchone()
    finally:
        connection.close()
    if found is None:
        raise SystemExit(f"There is no row {row} in {table}.")
    return found[0]


def decrypt_secret(kms, cell, context=None):
    """The secret as bytes; None where the cell is empty."""
    if cell is None or not cell.strip():
        return None
    blob = base64.b64decode(cell, validate=True)  # of a text or of a blob
    return kms.decrypt(CiphertextBlob=blob, **({"EncryptionContext": context} if context else {}))["Plaintext"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("database", "table", "column", "row"):
        parser.add_argument(name)
    parser.add_argument("--key", default="id", help="the table's primary key (default: id)")
    parser.add_argument("--endpoint-url", help="instead of AWS's KMS")
    parser.add_argument("--bound", action="store_true", help="it was migrated with --bind")
    args = parser.parse_args()
    kms = boto3.client("kms", endpoint_url=args.endpoint_url)
    cell = read_cell(args.database, args.table, args.column, args.row, args.key)
    context = {"table": args.table, "column": args.column, "row": args.row} if args.bound else None
    secret = decrypt_secret(kms, cell, context)
    if secret is not None:
        sys.stdout.buffer.write(secret + b"\n")


if __name__ == "__main__":
    main()
