"""An application's database with secrets in Fernet tokens, made by Python's own `cryptography.fernet`, beside a vault in (served) AWS KMS."""
import base64
import concurrent.futures
import hashlib
import pathlib
import sqlite3

from cryptography.fernet import Fernet


from kms_server import ServedKmsTest

COLUMNS = ("users.encrypted_secret", "users.referral_payout_escrow_secret", "wagers.creator_escrow_secret", "wagers.acceptor_escrow_secret")
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, encrypted_secret TEXT, referral_payout_escrow_secret TEXT);
CREATE TABLE wagers (id INTEGER PRIMARY KEY, amount INTEGER, creator_escrow_secret TEXT, acceptor_escrow_secret BLOB);
"""


def make_database(path, key, users, wagers, journal_mode="WAL"):
    """Answers every cell's value: {(table, column, id): text}."""
    fernet = Fernet(key)
    values = {}

    def cell(table, column, row):
        values[table, column, row] = f"0x{hashlib.sha256(f'{table} {column} {row}'.encode()).hexdigest()}"
        return fernet.encrypt(values[table, column, row].encode())

    database = sqlite3.connect(path)
    database.execute(f"PRAGMA journal_mode = {journal_mode}")
    database.executescript(SCHEMA)
    with database:
        database.executemany("INSERT INTO users VALUES (?, ?, ?, ?)",
                             ((i, f"user {i}", cell("users", "encrypted_secret", i).decode(),
                               cell("users", "referral_payout_escrow_secret", i).decode()) for i in range(1, users + 1)))
        database.executemany("INSERT INTO wagers VALUES (?, ?, ?, ?)",
                             ((i, i, cell("wagers", "creator_escrow_secret", i).decode(), cell("wagers", "acceptor_escrow_secret", i))
                              for i in range(1, wagers + 1)))
    database.close()
    return values


class FernetAppTest(ServedKmsTest):
    """`self.vault` has its keys in AWS KMS, here `keydeck kms serve` on another vault; the application's database is `self.app`."""

    users, wagers = 100, 50

    def setUp(self):
        super().setUp()
        self.served, self.vault = self.vault, self.home / "aws"
        self.environment = self.aws_environment()
        self.one("init", "--kms", "aws")
        self.key = self.one("key", "create", "--alias", "coinflip-master-key")
        self.app = self.home / "app.db"
        self.fernet_key = Fernet.generate_key()
        self.fernet = Fernet(self.fernet_key)
        self.fernet_file = self.write("fernet.key", self.fernet_key + b"\n")
        self.values = make_database(self.app, self.fernet_key, self.users, self.wagers)

    def arguments(self, *more, columns=COLUMNS, database=None):
        names = [word for column in columns for word in ("--column", column)]
        return ["migrate", "fernet", "--database", database or self.app, *names, "--key-file", self.fernet_file, "--to", "alias/coinflip-master-key",
                *more]

    def migrate(self, *more, **options):
        return self.one(*self.arguments("--yes", *more), **options)

    def query(self, sql, *values):
        database = sqlite3.connect(self.app, timeout=30)
        rows = database.execute(sql, values).fetchall()
        database.close()
        return rows

    def change(self, sql, *values):
        database = sqlite3.connect(self.app, timeout=30)
        with database:
            database.execute(sql, values)
        database.close()

    def cells(self):
        """{(table, column, id): what stands there}"""
        found = {}
        for name in COLUMNS:
            table, column = name.split(".")
            found.update({(table, column, row): value for row, value in self.query(f"SELECT id, {column} FROM {table}")})
        return found

    def decrypted(self, cells):
        """What the application's reader makes of them, with boto3, each exactly once decrypted."""
        kms = self.boto3()

        def value(item):
            return item[0], kms.decrypt(CiphertextBlob=base64.b64decode(item[1], validate=True))["Plaintext"].decode()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return dict(pool.map(value, cells.items()))

    def check_migrated(self, expected=None):
        cells = self.cells()
        self.assertEqual(self.decrypted(cells), self.values if expected is None else expected)
        for (table, column, row), value in cells.items():
            self.assertIsInstance(value, bytes if column == "acceptor_escrow_secret" else str, (table, column, row))

    def remains(self, tokens):
        """The files beside the backup in which any of these tokens stands."""
        found = []
        for suffix in ("", "-wal", "-journal"):
            file = pathlib.Path(f"{self.app}{suffix}")
            content = file.read_bytes() if file.exists() else b""
            found += [file.name for token in tokens if (token if isinstance(token, bytes) else token.encode())[:60] in content]
        return found


