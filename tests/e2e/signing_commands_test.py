"""keydeck sign, verify, decode: exit status, JSON fields, and what people see."""
import json

from harness import MNEMONIC_ADDRESS, TRANSACTION, TYPED_DATA, ZERO, VaultTest, main


class Signing(VaultTest):
    def setUp(self):
        super().setUp()
        self.import_known()
        self.one("wallet", "create", "bob", "--custody", "kms-key")

    def test_message(self):
        # ethers: new Wallet(key).signMessage("hello")
        signed = self.one("sign", "message", "alice", "hello")
        self.assertLessEqual({"address", "digest", "signature", "r", "s", "v"}, set(signed))
        self.assertEqual(signed["address"], MNEMONIC_ADDRESS)
        self.assertEqual(signed["digest"], "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750")
        self.assertEqual(signed["signature"], signed["r"] + signed["s"][2:] + f"{signed['v']:02x}")
        self.assertIn(signed["v"], (27, 28))
        for wallet in ("alice", "bob"):
            signed = self.one("sign", "message", wallet, "hello")
            check = self.one("verify", "message", "--signature", signed["signature"], "--address", signed["address"], "hello")
            self.assertEqual(check, {"valid": True, "address": signed["address"]})

    def test_message_sources(self):
        text = self.one("sign", "message", "alice", "0x6869")
        data = self.one("sign", "message", "alice", "--hex", "0x6869")
        plain = self.one("sign", "message", "alice", "hi")
        self.assertNotEqual(text["digest"], data["digest"])
        self.assertEqual(plain["digest"], data["digest"])
        self.assertEqual(self.one("sign", "message", "alice", "--file", self.write("m", "hi"))["digest"], plain["digest"])
        self.assertEqual(self.one("sign", "message", "alice", "--file", "-", stdin="hi")["digest"], plain["digest"])
        self.assertNotEqual(self.one("sign", "message", "alice", "--file", "-", stdin="hi\n")["digest"], plain["digest"])
        for text in ("", "{}", "[a,b]", "%%", "wallet", "日本"):
            self.assertEqual(self.one("sign", "message", "alice", text)["digest"],
                             self.one("sign", "message", "alice", "--file", "-", stdin=text)["digest"])
        self.one("sign", "message", "alice", "--", "--json")
        for sources in ((), ("a", "--hex", "00"), ("--hex", "0"), ("--hex", "0xzz"), ("--lines", "x"), ("a", "b")):
            self.refused(2, "invalid_input", "sign", "message", "alice", *sources)
        self.refused(3, "not_found", "sign", "message", "alice", "--file", self.home / "nowhere")

    def test_typed_data(self):
        file = self.write("typed.json", TYPED_DATA)
        for wallet in ("alice", "bob"):
            error = self.refused(1, "rejected", "sign", "typed-data", wallet, "--file", file)  # of a kind that nobody can read
            self.assertIn("Unknown typed data (Mail)", error["message"])
            signed = self.one("sign", "typed-data", wallet, "--file", file, "--yes")
            self.assertLessEqual({"address", "digest", "signature", "r", "s", "v"}, set(signed))
            self.assertTrue(self.one("verify", "typed-data", "--signature", signed["signature"], "--address", signed["address"], "--file", file)["valid"])
        self.refused(2, "invalid_input", "sign", "typed-data", "alice", "--file", self.write("bad", {**TYPED_DATA, "primaryType": "Male"}))
        self.refused(2, "invalid_input", "sign", "typed-data", "alice", "--file", self.write("bad", "nonsense"))
        self.refused(2, "invalid_input", "sign", "typed-data", "alice", "--file", self.write("bad", " \n"))

    def test_transaction(self):
        for wallet in ("alice", "bob"):
            signed = self.sign_transaction(wallet)
            self.assertEqual(set(signed), {"address", "type", "raw", "hash"})
            self.assertEqual(signed["type"], 2)
            self.assertTrue(signed["raw"].startswith("0x02"))
            decoded = self.one("decode", "transaction", signed["raw"])
            self.assertEqual((decoded["from"], decoded["hash"]), (signed["address"], signed["hash"]))

    def test_transaction_refuses(self):
        cases = [({**TRANSACTION, "gasprice": 1}, "gasprice"), ({k: v for k, v in TRANSACTION.items() if k != "chainId"}, "chainId"),
                 ({k: v for k, v in TRANSACTION.items() if k != "nonce"}, "nonce"), ({**TRANSACTION, "value": "-1"}, "value"),
                 ({**TRANSACTION, "to": "0x12"}, "to"), ({**TRANSACTION, "data": "0x12", "input": "0x13"}, "input"),
                 ({**TRANSACTION, "from": ZERO}, "from"), ({**TRANSACTION, "nonce": 1.5}, "nonce"),
                 ({**TRANSACTION, "to": TRANSACTION["to"].replace("C", "c", 1)}, "to")]
        for txn, field in cases:
            error = self.refused(2, "invalid_input", "sign", "transaction", "alice", "--yes", "--file", "-", stdin=json.dumps(txn))
            self.assertIn(field, error["message"])

    def test_risky_transactions_need_yes_elsewhere(self):
        approve = {**TRANSACTION, "value": 0, "gas": 60000, "data": "0x095ea7b3" + "00" * 12 + "11" * 20 + "ff" * 32}
        error = self.refused(1, "rejected", "sign", "transaction", "alice", "--file", "-", stdin=json.dumps(approve))
        self.assertIn("--yes", error["hint"])
        self.sign_transaction("alice", approve)

    def test_authorization(self):
        delegate = "0x63c0c19a282a1B52b07dD5a65b58948A07DAE32B"
        ask = ("sign", "authorization", "alice", "--address", delegate, "--nonce", "7", "--yes")
        signed = self.one(*ask, "--chain-id", "11155111")
        self.assertEqual((signed["address"], signed["chain_id"], signed["delegate"], signed["nonce"]), (MNEMONIC_ADDRESS, "11155111", delegate, 7))
        self.assertIn(signed["y_parity"], (0, 1))
        self.refused(2, "invalid_input", *ask, "--chain-id", "0")
        same = ("sign", "authorization", "alice", "--address", delegate, "--yes", "--chain-id", "11155111", "--nonce")
        for nonce in ("0x7", "0x07", "007"):
            self.assertEqual(self.one(*same, nonce), signed)
        for nonce in ("", "0x", "-1", "7f", "0xg", "1.0"):
            self.refused(2, "invalid_input", *same, nonce)
        self.one(*ask, "--chain-id", "0", "--any-chain")
        txn = {**TRANSACTION, "type": 4, "gas": 100000, "authorizationList": [signed["authorization"]]}
        raw = self.sign_transaction("bob", txn)["raw"]
        self.assertIn(MNEMONIC_ADDRESS, json.dumps(self.one("decode", "transaction", raw)) + self.text("decode", "transaction", raw))

    def test_an_authorization_needs_yes_always(self):
        delegate = "0x63c0c19a282a1B52b07dD5a65b58948A07DAE32B"
        ask = ("sign", "authorization", "alice", "--chain-id", "1", "--nonce", "7", "--address")
        self.assertIn("--yes", self.refused(1, "rejected", *ask, delegate)["hint"])
        self.one(*ask, delegate, "--yes")
        self.refused(1, "rejected", *ask, delegate)  # known by now, and as dangerous
        self.refused(1, "rejected", *ask, ZERO)
        own = self.one("wallet", "show", "bob")["address"]
        self.refused(1, "rejected", *ask, own)

    def test_batches_keep_order_and_go_on(self):
        good = [{**TRANSACTION, "nonce": n} for n in range(4)]
        lines = [json.dumps(good[0]), json.dumps(good[1], indent=2), '{"broken": ', json.dumps(good[2])]
        ran = self.keydeck("sign", "transaction", "alice", "--yes", "--file", "-", stdin="\n".join([lines[0], lines[1], '{"nonce":1}', lines[3]]))
        self.assertEqual(ran.status, 1)
        results = ran.lines()
        self.assertEqual(["error" in r for r in results], [False, False, True, False])
        self.assertEqual(results[2]["error"]["code"], "invalid_input")
        self.assertEqual(results[3]["raw"], self.sign_transaction("alice", good[2])["raw"])
        many = self.ok("sign", "transaction", "bob", "--yes", "--file", "-", stdin="".join(json.dumps(t) for t in good))
        self.assertEqual([self.one("decode", "transaction", r["raw"])["nonce"] for r in many], [0, 1, 2, 3])

    def test_batch_of_typed_data(self):
        two = [{**TYPED_DATA, "message": {**TYPED_DATA["message"], "contents": text}} for text in ("one", "two")]
        results = self.ok("sign", "typed-data", "alice", "--yes", "--file", self.write("two", "\n".join(map(json.dumps, two))))
        single = [self.one("sign", "typed-data", "alice", "--yes", "--file", self.write("t", t))["signature"] for t in two]
        self.assertEqual([r["signature"] for r in results], single)

    def test_lines(self):
        for text, expected in (("one\ntwo\n", ["one", "two"]), ("one\n\ntwo", ["one", "", "two"]), ("one\rtwo\n", ["one\rtwo"])):
            results = self.ok("sign", "message", "alice", "--lines", "--file", "-", stdin=text)
            self.assertEqual([r["digest"] for r in results], [self.one("sign", "message", "alice", m)["digest"] for m in expected])
        self.refused(2, "invalid_input", "sign", "message", "alice", "--lines", "--file", "-", stdin="")
        error = self.refused(2, "invalid_input", "sign", "message", "alice", "--lines", "--file", "-", stdin="one\ntwo\r\n")
        self.assertIn("Line 2 ends with a carriage return", error["message"])
        digest = b"one\n" + bytes(range(128, 160)) + b"\n"  # 32 bytes that nobody can read
        error = self.refused(1, "rejected", "sign", "message", "alice", "--lines", "--file", "-", stdin=digest)
        self.assertIn("Line 2 is risky", error["message"])
        self.assertEqual(len(self.ok("sign", "message", "alice", "--lines", "--file", "-", "--yes", stdin=digest)), 2)

    def test_verify_says_who_signed(self):
        signature = self.one("sign", "message", "alice", "hello")["signature"]
        self.assertEqual(self.one("verify", "message", "--signature", signature, "hello"), {"valid": True, "address": MNEMONIC_ADDRESS})
        ran = self.keydeck("verify", "message", "--signature", signature, "--address", ZERO, "hello")
        self.assertEqual((ran.status, ran.lines()), (1, [{"valid": False, "address": MNEMONIC_ADDRESS}]))
        ran = self.keydeck("verify", "message", "--signature", signature, "--address", MNEMONIC_ADDRESS, "other")
        self.assertEqual((ran.status, ran.lines()[0]["valid"]), (1, False))
        nobodys = "0x" + f"{5:064x}" + signature[66:]  # no point of secp256k1 has x = 5: no key can have made it
        for more in ((), ("--address", ZERO), ("--address", MNEMONIC_ADDRESS)):
            ran = self.keydeck("verify", "message", "--signature", nobodys, *more, "hello")
            self.assertEqual((ran.status, ran.lines()), (1, [{"valid": False, "address": None}]))
        ran = self.run_command(self.command("verify", "message", "--signature", nobodys, "hello"))
        self.assertEqual(ran.status, 1)
        self.assertIn("nobody", ran.out)
        self.assertNotIn(ZERO, ran.out)
        self.refused(2, "invalid_input", "verify", "message", "--signature", "0x12", "hello")
        self.refused(2, "invalid_input", "verify", "message", "--signature", signature, "--address", "0x12", "hello")
        self.refused(2, "invalid_input", "decode", "transaction", "0x02")
        self.refused(2, "invalid_input", "decode", "transaction")

    def test_verify_and_decode_need_no_vault(self):
        signature = self.one("sign", "message", "alice", "hello")["signature"]
        raw = self.sign_transaction("alice")["raw"]
        self.vault = self.home / "nowhere"
        self.one("verify", "message", "--signature", signature, "hello")
        self.one("decode", "transaction", raw)
        self.one("decode", "transaction", "--file", "-", stdin=raw + "\n")
        self.assertFalse(self.vault.exists())


if __name__ == "__main__":
    main()
