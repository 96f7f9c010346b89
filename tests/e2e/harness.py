"""The real program, run as a person or a script would, on a vault of its own. KEYDECK_BINARY names the program."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["KEYDECK_BINARY"]

# BIP-39's first test phrase and what every wallet makes of it at m/44'/60'/0'/0/0 (also Hardhat's and ethers' documentation).
MNEMONIC = "test test test test test test test test test test test junk"
MNEMONIC_ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
MNEMONIC_PRIVATE_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

ZERO = "0x" + "00" * 20
TRANSACTION = {"type": 2, "chainId": 1, "nonce": 0, "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "value": "1000000000000000000",
               "gas": 21000, "maxFeePerGas": "30000000000", "maxPriorityFeePerGas": "1000000000"}
TYPED_DATA = {
    "types": {"EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
              "Mail": [{"name": "to", "type": "address"}, {"name": "contents", "type": "string"}]},
    "primaryType": "Mail",
    "domain": {"name": "Ether Mail", "chainId": 1},
    "message": {"to": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB", "contents": "Hello, Bob!"},
}


class Ran:
    """What a run of the program left behind."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def lines(self):
        return [json.loads(line) for line in self.out.split("\n") if line]  # splitlines() would cut at U+2028 too

    def error(self):
        return json.loads(self.err)["error"]

    def __repr__(self):
        return f"status {self.status}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


class KeydeckTest(unittest.TestCase):
    """A home directory of its own; no vault yet."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="keydeck-e2e-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.vault = self.home / "vault"
        self.key_file = self.home / "key"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}

    def command(self, *args):
        return [BINARY, "--vault", str(self.vault), *map(str, args)]

    def run_command(self, command, stdin=None, env=None, **options):
        if isinstance(stdin, str):
            stdin = stdin.encode()
        source = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run(command, capture_output=True, env={**self.environment, **(env or {})}, timeout=300, check=False,
                              **source, **options)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def keydeck(self, *args, **options):
        """Runs it with --json on this vault."""
        return self.run_command(self.command("--json", *args), **options)

    def ok(self, *args, **options):
        """Its JSON lines; anything but exit status 0 with an empty standard error fails the test."""
        ran = self.keydeck(*args, **options)
        self.assertEqual((ran.status, ran.err), (0, ""), f"{args}: {ran}")
        return ran.lines()

    def one(self, *args, **options):
        lines = self.ok(*args, **options)
        self.assertEqual(len(lines), 1, f"{args}: {lines}")
        return lines[0]

    def refused(self, status, code, *args, **options):
        """Its error; it must end with this status and code and leave standard output empty."""
        ran = self.keydeck(*args, **options)
        self.assertEqual(ran.status, status, f"{args}: {ran}")
        self.assertEqual(ran.out, "", f"{args}: {ran}")
        error = ran.error()
        self.assertEqual(set(error), {"code", "message", "hint", "kms_error"})
        self.assertEqual(error["code"], code, f"{args}: {error}")
        self.assertTrue(error["message"].endswith("."), f"{args}: {error}")
        return error

    def text(self, *args, **options):
        """Its output for people."""
        ran = self.run_command(self.command(*args), **options)
        self.assertEqual((ran.status, ran.err), (0, ""), f"{args}: {ran}")
        return ran.out

    def write(self, name, content):
        path = self.home / name
        if not isinstance(content, (str, bytes)):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


class VaultTest(KeydeckTest):
    """With a vault (key file) and the users alice and bob."""

    def setUp(self):
        super().setUp()
        self.one("init", "--key-file", self.key_file)
        self.one("user", "add", "alice")
        self.one("user", "add", "bob")

    def import_known(self, user="alice", **options):
        return self.one("wallet", "import", user, "--mnemonic-stdin", stdin=MNEMONIC + "\n", **options)

    def sign_transaction(self, wallet, txn=None, *more):
        return self.one("sign", "transaction", wallet, "--file", "-", "--yes", *more, stdin=json.dumps(txn or TRANSACTION))


def main():
    unittest.main(verbosity=2)
