// Random messages, authorizations and transactions of all five types, signed by ethers: what our code must equal byte for
// byte. Then ethers' own published cases. One JSON object a line; ethers_test.cpp reads them.
//   node differential.mjs [--seed 1] [--count 1000]
import { ethers, line, option, published, Random } from "../node/lib.mjs";

const seed = option("seed", "1");
const count = Number(option("count", "1000"));
const random = new Random(`differential:${seed}`);

function message() {
    const wallet = random.wallet();
    const text = random.pick(["", "hello", "0x68656c6c6f", "grüße, мир 🌍", "\u0000\n\r\t\"\\"]);
    const bytes = random.chance(20) ? Buffer.from(text) : random.bytes(random.below(random.chance(5) ? 20000 : 300));
    const signature = ethers.Signature.from(wallet.signMessageSync(bytes));
    line({
        kind: "message",
        key: wallet.privateKey,
        address: wallet.address,
        message: ethers.hexlify(bytes),
        digest: ethers.hashMessage(bytes),
        signature: signature.serialized,
        compact: signature.compactSerialized,
    });
}

// The forms of a number in transaction JSON.
function number(value) {
    const hex = value.toString(16);
    return random.pick([`${value}`, `"${value}"`, `"00${value}"`, `"0x${hex}"`, `"0x000${hex}"`]);
}

function addressText(address) {
    const lower = address.toLowerCase();
    return JSON.stringify(random.pick([address, address, lower, "0x" + lower.slice(2).toUpperCase()]));
}

function chainId(lowest) {
    const id = random.pick([1n, 10n, 100n, 137n, 8453n, 17000n, 11155111n, random.uint(32), random.uint(64), random.uint(254)]);
    return id < lowest ? lowest : id;
}

function accessList() {
    return Array.from({ length: random.below(4) }, () => ({
        address: random.address(),
        storageKeys: Array.from({ length: random.below(4) }, () => random.hex(32)),
    }));
}

function accessListText(list) {
    const items = list.map((item) => `{"address":${addressText(item.address)},"storageKeys":${JSON.stringify(item.storageKeys)}}`);
    return `[${items.join(",")}]`;
}

function authorization() {
    const wallet = random.wallet();
    const request = { address: random.address(), chainId: chainId(0n), nonce: random.uint(53) };
    if (random.chance(20)) request.chainId = 0n;
    const signed = wallet.authorizeSync(request);
    const digest = ethers.hashAuthorization(request);
    return { wallet, signed, digest };
}

function authorizationText({ signed }) {
    const { r, s, yParity } = signed.signature;
    const members = [
        ["chainId", number(signed.chainId)],
        ["address", addressText(signed.address)],
        ["nonce", number(signed.nonce)],
        ["yParity", number(BigInt(yParity))],
        ["r", number(BigInt(r))],
        ["s", number(BigInt(s))],
    ];
    return `{${random.shuffled(members).map(([name, text]) => `"${name}":${text}`).join(",")}}`;
}

function data() {
    const length = random.pick([0, 0, 1, 4, 36, 55, 56, 68, 255, 256, random.below(600), random.chance(5) ? 70000 : 100]);
    const bytes = random.bytes(length);
    if (length === 1 && random.chance(50)) bytes[0] &= 0x7f;
    return ethers.hexlify(bytes);
}

// The fields as ethers takes them, and as [name, JSON text].
function fields(type) {
    const tx = { type, chainId: chainId(1n), nonce: Number(random.uint(53)), gasLimit: random.uint(64), value: random.uint(256) };
    tx.data = data();
    tx.to = random.address();
    if (type < 3 && tx.data !== "0x" && random.chance(20)) tx.to = null;
    const text = [["chainId", number(tx.chainId)], ["nonce", number(BigInt(tx.nonce))]];
    if (tx.value !== 0n || random.chance(50)) text.push(["value", number(tx.value)]);
    if (tx.to) text.push(["to", addressText(tx.to)]);
    else if (random.chance(50)) text.push(["to", "null"]);
    for (const name of random.pick([["gas"], ["gasLimit"], ["gas", "gasLimit"]])) text.push([name, number(tx.gasLimit)]);
    const names = random.pick([["data"], ["input"], ["data", "input"]]);
    if (tx.data !== "0x" || random.chance(50)) for (const name of names) text.push([name, JSON.stringify(tx.data)]);
    if (type < 2) {
        tx.gasPrice = random.uint(256);
        text.push(["gasPrice", number(tx.gasPrice)]);
    } else {
        tx.maxFeePerGas = random.uint(256);
        tx.maxPriorityFeePerGas = random.uint(256);
        if (tx.maxPriorityFeePerGas > tx.maxFeePerGas)
            [tx.maxFeePerGas, tx.maxPriorityFeePerGas] = [tx.maxPriorityFeePerGas, tx.maxFeePerGas];
        text.push(["maxFeePerGas", number(tx.maxFeePerGas)], ["maxPriorityFeePerGas", number(tx.maxPriorityFeePerGas)]);
    }
    let inferred = true;
    if (type > 0) {
        tx.accessList = accessList();
        if (tx.accessList.length > 0 || random.chance(50)) text.push(["accessList", accessListText(tx.accessList)]);
        else inferred = type !== 1;
    }
    let authorizations = [];
    if (type === 3) {
        tx.maxFeePerBlobGas = random.uint(256);
        tx.blobVersionedHashes = Array.from({ length: 1 + random.below(6) }, () => "0x01" + random.hex(31).slice(2));
        text.push(["maxFeePerBlobGas", number(tx.maxFeePerBlobGas)]);
        text.push(["blobVersionedHashes", JSON.stringify(tx.blobVersionedHashes)]);
    } else if (type === 4) {
        authorizations = Array.from({ length: 1 + random.below(3) }, authorization);
        tx.authorizationList = authorizations.map((a) => a.signed);
        text.push(["authorizationList", `[${authorizations.map(authorizationText).join(",")}]`]);
    }
    if (!inferred || random.chance(50)) text.push(["type", random.pick([`${type}`, `"${type}"`, `"0x${type}"`, `"0x0${type}"`])]);
    return { tx, text, authorizations };
}

// Type 3 as it travels: with its sidecar. The blobs are short here; only the wrapping matters.
function networkForm(raw) {
    const inner = ethers.decodeRlp("0x" + raw.slice(4));
    const blobs = [random.hex(100)];
    const wrapped = random.chance(50)
        ? [inner, blobs, [random.hex(48)], [random.hex(48)]]
        : [inner, "0x01", blobs, [random.hex(48)], [random.hex(48), random.hex(48)]];
    return "0x03" + ethers.encodeRlp(wrapped).slice(2);
}

function transaction(type) {
    const wallet = random.wallet();
    const { tx, text, authorizations } = fields(type);
    if (random.chance(20)) text.push(["from", addressText(wallet.address)]);
    const out = ethers.Transaction.from(tx);
    out.signature = wallet.signingKey.sign(out.unsignedHash);
    const gap = random.pick(["", " ", "\n  "]);
    line({
        kind: "transaction",
        key: wallet.privateKey,
        address: wallet.address,
        json: `{${gap}${random.shuffled(text).map(([name, value]) => `"${name}":${gap}${value}`).join("," + gap)}${gap}}`,
        type,
        digest: out.unsignedHash,
        raw: out.serialized,
        hash: out.hash,
        network: type === 3 ? networkForm(out.serialized) : undefined,
        authorities: authorizations.map((a) => a.wallet.address),
        contract: tx.to ? undefined : ethers.getCreateAddress({ from: wallet.address, nonce: tx.nonce }),
    });
}

function authorizationLine() {
    const { wallet, signed, digest } = authorization();
    line({
        kind: "authorization",
        key: wallet.privateKey,
        address: wallet.address,
        chain_id: signed.chainId,
        delegate: signed.address,
        nonce: signed.nonce,
        digest,
        signature: signed.signature.serialized,
    });
}

// ethers' published cases, from here on.

const uint = (hex) => (hex === undefined || hex === "0x" ? "0x0" : hex);

// The JSON of a published transaction, where our rules allow signing one: a chain id, and something to do.
function publishedJson(type, tx, chain) {
    const to = tx.to && tx.to !== "0x" ? tx.to : null;
    const input = tx.data ?? "0x";
    if (!chain || (!to && input === "0x")) return undefined;
    const out = { type, chainId: chain, nonce: uint(tx.nonce), to, value: uint(tx.value), gas: uint(tx.gasLimit), data: input };
    if (type < 2) out.gasPrice = uint(tx.gasPrice);
    else Object.assign(out, { maxFeePerGas: uint(tx.maxFeePerGas), maxPriorityFeePerGas: uint(tx.maxPriorityFeePerGas) });
    if (type > 0) out.accessList = (tx.accessList ?? []).map(({ address, storageKeys }) => ({ address, storageKeys }));
    return JSON.stringify(out);
}

// A gas limit over 64 bits fits no block: Ethereum's clients refuse it, and so do we.
function publishedTransaction(name, type, key, address, unsigned, raw, json, gasLimit) {
    const kind = BigInt(uint(gasLimit)) >> 64n ? "out_of_range" : "published";
    line({ kind, name, type, key, address, digest: ethers.keccak256(unsigned), raw, hash: ethers.keccak256(raw), json });
}

function publishedCases() {
    for (const test of published("accounts"))
        line({ kind: "account", address: test.address, checksum: test.checksumAddress, key: test.privateKey });
    for (const test of published("transactions")) {
        const { name, privateKey: key, accountAddress: address } = test;
        publishedTransaction(name, 0, key, address, test.unsignedTransaction, test.signedTransaction, undefined,
                             test.gasLimit);
        publishedTransaction(`${name}, chain 5`, 0, key, address, test.unsignedTransactionChainId5, test.signedTransactionChainId5,
                             publishedJson(0, test, 5), test.gasLimit);
    }
    for (const test of published("typed-transactions"))
        publishedTransaction(test.name, test.tx.type, test.key, test.address, test.unsigned, test.signed,
                             publishedJson(test.tx.type, test.tx, test.tx.chainId), test.tx.gasLimit);
    for (const test of published("rlp-coder")) line({ kind: "rlp", name: test.name, encoded: test.encoded, decoded: test.decoded });
    for (const test of published("units"))
        if (!test.wei.startsWith("-")) line({ kind: "units", wei: test.wei, ether: test.ether_format, gwei: test.gwei_format });
}

const token = new ethers.Interface(["function transfer(address to, uint256 value)"]);
const safe = new ethers.Interface([
    "function multiSend(bytes transactions)",
    "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, " +
        "uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
]);

// Safe's multiSend, bare or in an execTransaction by DELEGATECALL.
function multiSend() {
    const calls = Array.from({ length: random.below(8) }, () => {
        const to = ethers.getAddress(random.hex(20));
        const recipient = ethers.getAddress(random.hex(20));
        const amount = random.uint(90);
        const sends = random.chance(60);
        const data = sends ? token.encodeFunctionData("transfer", [recipient, amount]) : "0x";
        return { operation: random.chance(20) ? 1 : 0, to, value: random.uint(90), recipient, amount, sends, data };
    });
    const packed = calls.map(({ operation, to, value, data }) =>
        ethers.solidityPacked(["uint8", "address", "uint256", "uint256", "bytes"],
                              [operation, to, value, ethers.dataLength(data), data]));
    const list = safe.encodeFunctionData("multiSend", [ethers.concat(packed)]);
    const wrapped = random.chance(30);
    const exec = [random.address(), 0, list, 1, random.uint(64), 0, 0, random.address(), random.address(),
                  random.bytes(random.below(200))];
    line({
        kind: "multi_send",
        data: wrapped ? safe.encodeFunctionData("execTransaction", exec) : list,
        prefix: wrapped ? "call 1." : "call ",
        calls: calls.map((call) => ({ ...call, value: `${call.value}`, amount: `${call.amount}` })),
    });
}

for (let i = 0; i < count; ++i) {
    message();
    transaction(i % 5);
    if (i % 10 === 0) authorizationLine();
}
publishedCases();
for (let i = 0; i < count / 5; ++i) multiSend();
