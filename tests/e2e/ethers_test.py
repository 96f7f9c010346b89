"""ethers (npm) signs the same things, and reads what the program signed. KEYDECK_NODE_MODULES names the packages."""
import json
import os
import pathlib
import random
import subprocess

from harness import TRANSACTION, TYPED_DATA, VaultTest, main

HERE = pathlib.Path(__file__).parent
COUNT = int(os.environ.get("KEYDECK_ETHERS_COUNT", "100"))
SEED = os.environ.get("KEYDECK_TEST_SEED", "7")


def node(script, *args, lines=None):
    """A script's lines of JSON. Missing packages fail: a test that quietly does not run proves nothing."""
    modules = os.environ.get("KEYDECK_NODE_MODULES") or str(HERE.parents[1] / "build/node/node_modules")
    stdin = None if lines is None else "\n".join(map(json.dumps, lines)) + "\n"
    done = subprocess.run(["node", str(script), *map(str, args)], input=stdin, capture_output=True, text=True, check=False,
                          env={**os.environ, "KEYDECK_NODE_MODULES": modules})
    if done.returncode != 0:
        raise RuntimeError(f"{script} failed (./dev deps installs what it needs): {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]


class SameBytes(VaultTest):
    def importing(self, items):
        """Each item with the address of a wallet that holds its key."""
        known = {}
        for item in items:
            if item["key"] not in known:
                known[item["key"]] = self.one("wallet", "import", "alice", "--private-key-stdin", stdin=item["key"])["address"]
            yield known[item["key"]], item

    def test_messages_and_transactions(self):
        made = node(HERE.parent / "ethereum/differential.mjs", "--seed", f"e2e {SEED}", "--count", COUNT)
        messages = [item for item in made if item["kind"] == "message"]
        transactions = [item for item in made if item["kind"] == "transaction"]
        authorizations = [item for item in made if item["kind"] == "authorization"]
        self.assertEqual((len(messages), len(transactions)), (COUNT, COUNT))
        for wallet, item in self.importing(messages):
            signed = self.one("sign", "message", wallet, "--file", "-", stdin=bytes.fromhex(item["message"][2:]))
            self.assertEqual((signed["address"], signed["digest"], signed["signature"]), (item["address"], item["digest"], item["signature"]))
        for wallet, item in self.importing(transactions):
            signed = self.one("sign", "transaction", wallet, "--yes", "--file", "-", stdin=item["json"])
            self.assertEqual((signed["type"], signed["raw"], signed["hash"]), (item["type"], item["raw"], item["hash"]))
        for wallet, item in self.importing(authorizations):
            signed = self.one("sign", "authorization", wallet, "--yes", "--any-chain", "--chain-id", item["chain_id"], "--address",
                              item["delegate"], "--nonce", item["nonce"])
            whole = signed["r"] + signed["s"][2:] + f"{27 + signed['y_parity']:02x}"
            self.assertEqual((signed["digest"], whole), (item["digest"], item["signature"]))

    def test_typed_data(self):
        made = node(HERE.parent / "ethereum/differential_typed_data.mjs", "--seed", f"e2e {SEED}", "--count", COUNT)
        items = [item for item in made if item["kind"] == "typed_data"]
        self.assertEqual(len(items), COUNT)
        for wallet, item in self.importing(items):
            signed = self.one("sign", "typed-data", wallet, "--yes", "--file", "-", stdin=item["json"])
            self.assertEqual((signed["digest"], signed["signature"]), (item["digest"], item["signature"]))

    def test_digests_of_a_preview(self):
        """What the audit log keeps of a preview, against ethers: signing hash, calldata digest, domain and message hashes."""
        wallet = self.import_known()["address"]
        lines, shown = [], []
        for size in (0, 1, 4, 36, 68, 500):
            txn = {**TRANSACTION, "data": "0x" + random.Random(size).randbytes(size).hex(), "gas": 200000}
            self.sign_transaction(wallet, txn)
            lines.append({"kind": "transaction_digests", "transaction": txn})
            shown.append(self.ok("audit", "list", "--action", "SignTransaction")[-1])
        expected = node(HERE / "ethers_check.mjs", lines=lines)
        made = node(HERE.parent / "ethereum/differential_typed_data.mjs", "--seed", f"digests {SEED}", "--count", 20)
        for item in [item for item in made if item["kind"] == "typed_data"]:
            self.one("sign", "typed-data", wallet, "--yes", "--file", "-", stdin=item["json"])
            shown.append(self.ok("audit", "list", "--action", "SignTypedData")[-1])
            expected.append({"EIP-712 digest": item["digest"], "Domain hash": item["domain_hash"], "Message hash": item["message_hash"]})
        compared = 0
        for event, digests in zip(shown, expected, strict=True):
            kept = event["detail"]["shown"]
            if isinstance(kept, dict):
                kept = kept["kept"]  # too long: cut, but its digests are there
            for name, digest in digests.items():
                self.assertIn(f"{name}: {digest}", kept)
                compared += 1
            self.assertEqual(event["digest"], digests.get("Signing hash") or digests["EIP-712 digest"])
        self.assertGreater(compared, 40)

    def test_batches_are_the_single_signatures(self):
        made = node(HERE.parent / "ethereum/differential.mjs", "--seed", f"batch {SEED}", "--count", COUNT)
        texts = [item["json"] for item in made if item["kind"] == "transaction" and '"from"' not in item["json"]]
        wallet = self.import_known()["address"]
        batch = self.ok("sign", "transaction", wallet, "--yes", "--file", "-", stdin="\n".join(texts))
        self.assertEqual(len(batch), len(texts))
        for i in random.Random(SEED).sample(range(len(texts)), 20):
            self.assertEqual(batch[i], self.one("sign", "transaction", wallet, "--yes", "--file", "-", stdin=texts[i]))
        read = node(HERE / "ethers_check.mjs", lines=[{"kind": "transaction", "raw": item["raw"]} for item in batch])
        for ours, theirs in zip(batch, read):
            self.assertEqual((ours["address"], ours["hash"], ours["type"]), (theirs["address"], theirs["hash"], theirs["type"]))


class ReadByEthers(VaultTest):
    def test_both_custodies(self):
        lines, expected = [], []
        for custody in ("envelope", "kms-key"):
            wallet = self.one("wallet", "create", "alice", "--custody", custody)["address"]
            for i in range(15):
                message = random.Random(i).randbytes(i * 7)
                lines.append({"kind": "message", "message": "0x" + message.hex(),
                              "signature": self.one("sign", "message", wallet, "--file", "-", stdin=message)["signature"]})
                data = {**TYPED_DATA, "message": {**TYPED_DATA["message"], "contents": f"letter {i}"}}
                lines.append({"kind": "typed_data", "typed_data": data,
                              "signature": self.one("sign", "typed-data", wallet, "--yes", "--file", "-", stdin=json.dumps(data))["signature"]})
                lines.append({"kind": "transaction", "raw": self.sign_transaction(wallet, {**TRANSACTION, "nonce": i})["raw"]})
                signed = self.one("sign", "authorization", wallet, "--yes", "--chain-id", "5", "--address", TRANSACTION["to"], "--nonce", i)
                lines.append({"kind": "authorization", "authorization": signed["authorization"]})
                expected += [wallet] * 4
        self.assertEqual([answer["address"] for answer in node(HERE / "ethers_check.mjs", lines=lines)], expected)


if __name__ == "__main__":
    main()
