"""Ethereum tools that sign with AWS KMS, against the served KMS: each one's transaction is mined by anvil."""
import json
import os
import re
import subprocess
import urllib.request

from harness import main
from kms_server import HERE, ServedKmsTest, node_modules

TO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def foundry(name):
    program = node_modules() / f"@foundry-rs/{name}-linux-amd64/bin/{name}"
    if not program.exists():
        raise RuntimeError(f"There is no {program} (./dev deps installs what it needs)")
    return str(program)


class Chain:
    """anvil on a free port."""

    def __init__(self, test):
        self.process = subprocess.Popen([foundry("anvil"), "--port", "0", "--host", "127.0.0.1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, text=True, env={**os.environ, "HOME": str(test.home)})
        test.addCleanup(self.end)
        for line in self.process.stdout:
            found = re.search(r"Listening on (\S+)", line)
            if found:
                self.url = f"http://{found.group(1)}"
                return
        test.fail("anvil did not start")

    def end(self):
        self.process.kill()
        self.process.communicate()

    def ask(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["result"]

    def fund(self, address):
        self.ask("anvil_setBalance", address, hex(10**18))

    def nonce(self, address):
        return int(self.ask("eth_getTransactionCount", address, "latest"), 16)


class EthereumTools(ServedKmsTest):
    def setUp(self):
        super().setUp()
        self.chain = Chain(self)

    def make_key(self):
        """A signing key and the address that Keydeck itself says it has."""
        self.one("user", "add", "alice")
        wallet = self.one("wallet", "create", "alice", "--custody", "kms-key")
        self.chain.fund(wallet["address"])
        return wallet["key_id"], wallet["address"]

    def cast(self, *args, key, **env):
        done = subprocess.run([foundry("cast"), *args], capture_output=True, text=True, timeout=120, check=False,
                              env={**self.aws_environment(), "AWS_KMS_KEY_ID": key, **env})
        return done.returncode, done.stdout.strip(), done.stderr

    def test_cast(self):
        key, address = self.make_key()
        self.assertEqual(self.cast("wallet", "address", "--aws", key=key)[:2], (0, address))
        status, signature, said = self.cast("wallet", "sign", "--aws", "Hello, Bob!", key=key)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.one("verify", "message", "--signature", signature, "--address", address, "Hello, Bob!")["valid"], True)
        for i in range(3):
            status, out, said = self.cast("send", "--aws", TO, "--value", str(i + 1), "--rpc-url", self.chain.url, "--json", key=key)
            self.assertEqual(status, 0, said)
            receipt = json.loads(out)
            self.assertEqual((receipt["status"], receipt["from"].lower()), ("0x1", address.lower()))
        self.assertEqual(self.chain.nonce(address), 3)

    def test_cast_with_a_wrong_secret_is_refused(self):
        key, address = self.make_key()
        status, out, said = self.cast("wallet", "sign", "--aws", "Hello", key=key, AWS_SECRET_ACCESS_KEY="wrong")
        self.assertNotEqual(status, 0, out)
        status, out, said = self.cast("send", "--aws", TO, "--value", "1", "--rpc-url", self.chain.url, key=key, AWS_SECRET_ACCESS_KEY="wrong")
        self.assertNotEqual(status, 0, out)
        self.assertEqual(self.chain.nonce(address), 0)

    def signers(self, key, **env):
        done = subprocess.run(["node", HERE / "kms_ethereum.mjs", self.chain.url, self.url, self.start["region"], key, TO], capture_output=True, text=True,
                              timeout=180, check=False, env={**self.aws_environment(), "KEYDECK_NODE_MODULES": str(node_modules()), **env})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def test_signers_of_ethers(self):
        key, address = self.make_key()
        for name, answer in self.signers(key).items():
            self.assertEqual(answer, {"address": address, "recovered": address, "from": address, "status": 1}, name)
        self.assertGreaterEqual(self.chain.nonce(address), 2)

    def test_signers_of_ethers_with_a_wrong_secret_are_refused(self):
        key, address = self.make_key()
        for name, answer in self.signers(key, AWS_SECRET_ACCESS_KEY="wrong").items():
            self.assertEqual(answer.get("error"), "InvalidSignatureException", f"{name}: {answer}")
        self.assertEqual(self.chain.nonce(address), 0)

    def test_a_disabled_key_signs_for_nobody(self):
        key, address = self.make_key()
        self.one("key", "disable", key)
        self.assertNotEqual(self.cast("send", "--aws", TO, "--value", "1", "--rpc-url", self.chain.url, key=key)[0], 0)
        for answer in self.signers(key).values():
            self.assertEqual(answer.get("error"), "DisabledException", answer)
        self.assertEqual(self.chain.nonce(address), 0)


if __name__ == "__main__":
    main()
