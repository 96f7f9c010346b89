// Random typed data, mnemonics and keystores as ethers sees them: what our code must equal byte for byte. Then ethers' own
// published cases. One JSON object a line; ethers_typed_data_test.cpp and ethers_wallet_test.cpp read them.
//   node differential_typed_data.mjs [--seed 1] [--count 1000]
import { createCipheriv, pbkdf2Sync } from "node:crypto";
import { ethers, line, option, published, Random } from "../node/lib.mjs";

const seed = option("seed", "1");
const count = Number(option("count", "1000"));
const random = new Random(`typed data:${seed}`);
const { TypedDataEncoder } = ethers;

// ---- values: the JSON text that we read, and what ethers gets ----

const quote = JSON.stringify;

function mixedCase(hex) {
    return random.pick([hex, hex, "0x" + hex.slice(2).toUpperCase()]);
}

function integerText(value) {
    const sign = value < 0n ? "-" : "";
    const magnitude = value < 0n ? -value : value;
    const hex = magnitude.toString(16);
    return random.pick([
        `${value}`,
        `${value}`,
        `"${value}"`,
        `"${sign}0x${hex}"`,
        `"${sign}0x000${random.chance(50) ? hex : hex.toUpperCase()}"`,
    ]);
}

function integer(signed, bits) {
    const top = 1n << BigInt(signed ? bits - 1 : bits);
    const lowest = signed ? -top : 0n;
    const edges = [0n, 1n, top - 1n, top - 2n, lowest, lowest + 1n];
    let value = random.chance(25) ? random.pick(edges) : random.uint(signed ? bits - 1 : bits);
    if (signed && value > 0n && random.chance(50)) value = -value;
    return { text: integerText(value), value };
}

const pieces = [
    "Hello, Bob!", "", " ", "\"", "\\", "/", "\n", "\r\n", "\t", "\u0000", "\u001b[2J", "\u007f", "ß", "é", "é", "Привет", "日本語",
    "🦄", "👩‍👩‍👧", "\u202e", "\ufeff", "\u2028", "\ud83d\ude00", "\uffff", "{\"a\":1}", "0x", "null", "%s%n", "a".repeat(200),
];

function escaped(text) {
    if (!random.chance(20)) return quote(text);
    const units = Array.from({ length: text.length }, (_, i) => "\\u" + text.charCodeAt(i).toString(16).padStart(4, "0"));
    return `"${units.join("")}"`;
}

function string() {
    const value = Array.from({ length: random.below(5) }, () => random.pick(pieces)).join("");
    return { text: escaped(value), value };
}

function address() {
    const value = random.address();
    return { text: quote(random.pick([value, value.toLowerCase(), mixedCase(value.toLowerCase())])), value };
}

function bytes(length) {
    const value = random.hex(length);
    return { text: quote(mixedCase(value)), value };
}

function atomic(type) {
    const match = type.match(/^(u?)int(\d*)$/);
    if (match) return integer(match[1] === "", Number(match[2] || 256));
    if (type === "bool") {
        const value = random.chance(50);
        return { text: String(value), value };
    }
    if (type === "string") return string();
    if (type === "address") return address();
    if (type === "bytes") return bytes(random.below(random.chance(5) ? 3000 : 100));
    return bytes(Number(type.slice(5)));
}

function array(type, types) {
    const [, base, length] = type.match(/^(.*)\[(\d*)\]$/);
    const most = base.endsWith("]") ? 2 : 4; // arrays of arrays multiply
    const items = Array.from({ length: length === "" ? random.below(most) : Number(length) }, () => valueOf(base, types));
    return { text: `[${items.map((item) => item.text).join(",")}]`, value: items.map((item) => item.value) };
}

function struct(fields, types) {
    const value = {};
    let members = [];
    for (const { name, type } of fields) {
        const member = valueOf(type, types);
        value[name] = member.value;
        members.push(`${quote(name)}:${random.chance(5) ? " " : ""}${member.text}`);
    }
    if (random.chance(30)) members = random.shuffled(members);
    return { text: `{${members.join(random.chance(5) ? " ,\n" : ",")}}`, value };
}

function valueOf(type, types) {
    if (type.endsWith("]")) return array(type, types);
    return types[type] ? struct(types[type], types) : atomic(type);
}

// ---- types ----

function atomicType() {
    const bits = 8 * (1 + random.below(32));
    return random.pick([
        "bool", "address", "string", "bytes", "uint", "int", "uint256", `uint${bits}`, `int${bits}`, `bytes${bits / 8}`, `uint${bits}`,
        `int${bits}`, `bytes${bits / 8}`,
    ]);
}

function dimensions() {
    let text = "";
    const depth = random.chance(60) ? 0 : random.chance(85) ? 1 + random.below(3) : 4 + random.below(4);
    for (let i = 0; i < depth; ++i) text += random.chance(50) ? "[]" : `[${random.chance(3) ? 0 : 1 + random.below(depth > 2 ? 2 : 3)}]`;
    return text;
}

function identifier(taken) {
    for (;;) {
        const first = random.pick([..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$"]);
        const rest = Array.from({ length: random.below(12) }, () => random.pick([..."abcXYZ_$0189"]));
        const name = first + rest.join("");
        if (taken.has(name) || /^(u?int\d*|bytes\d*|bool|address|string|__proto__)$/.test(name)) continue;
        taken.add(name);
        return name;
    }
}

// Structs refer to later ones only; each but the first is referred to, as ethers wants one root.
function structTypes() {
    const taken = new Set(["EIP712Domain"]);
    const names = Array.from({ length: random.chance(20) ? 1 : 1 + random.below(6) }, () => identifier(taken));
    const types = {};
    names.forEach((name, i) => {
        const fieldNames = new Set();
        types[name] = Array.from({ length: random.chance(3) ? 0 : 1 + random.below(6) }, () => {
            const later = names.slice(i + 1);
            const base = later.length > 0 && random.chance(30) ? random.pick(later) : atomicType();
            return { name: identifier(fieldNames), type: base + dimensions() };
        });
    });
    for (let j = 1; j < names.length; ++j) {
        const parent = types[names[random.below(j)]];
        parent.push({ name: identifier(new Set(parent.map((field) => field.name))), type: names[j] + (random.chance(40) ? "[]" : "") });
    }
    return { types, primaryType: names[0] };
}

const domainTypes = { name: "string", version: "string", chainId: "uint256", verifyingContract: "address", salt: "bytes32" };

function domainOf() {
    const fields = Object.entries(domainTypes).filter(() => random.chance(60)).map(([name, type]) => ({ name, type }));
    const { text, value } = struct(fields, {});
    if (random.chance(50)) return { text, value, declared: fields };
    const absent = Object.keys(domainTypes).filter((name) => !(name in value));
    if (absent.length === 0 || random.chance(70)) return { text, value };
    const nulls = `{${quote(random.pick(absent))}:null${text === "{}" ? "" : ","}`;
    return { text: nulls + text.slice(1), value };
}

function fileText(types, primaryType, domain, message) {
    const all = domain.declared ? { EIP712Domain: domain.declared, ...types } : types;
    const members = [
        `"types":${JSON.stringify(all)}`,
        `"primaryType":${quote(primaryType)}`,
        `"domain":${domain.text}`,
        `"message":${message.text}`,
    ];
    return `{${random.shuffled(members).join(",")}}`;
}

function typedData() {
    const { types, primaryType } = structTypes();
    const domain = domainOf();
    const message = valueOf(primaryType, types);
    const wallet = random.wallet();
    const encoder = TypedDataEncoder.from(types);
    const digest = TypedDataEncoder.hash(domain.value, types, message.value);
    line({
        kind: "typed_data",
        json: fileText(types, primaryType, domain, message),
        digest,
        domain_hash: TypedDataEncoder.hashDomain(domain.value),
        message_hash: encoder.hash(message.value),
        encoded_type: encoder.encodeType(primaryType),
        key: wallet.privateKey,
        signature: wallet.signingKey.sign(digest).serialized,
    });
}

// ---- what ethers refuses, we refuse ----

function badValue(type) {
    const match = type.match(/^(u?)int(\d*)$/);
    if (match) {
        const bits = BigInt(match[2] || 256);
        const high = match[1] ? 1n << bits : 1n << (bits - 1n);
        const low = match[1] ? -1n : -high - 1n;
        return random.pick([`${high}`, `"${high}"`, `${low}`, `"${low}"`, "1.5", '"1.5"', '"x"', '"0xzz"', "null", "true", "[]", "{}"]);
    }
    if (type === "string") return random.pick(["1", "true", "null", "[]", "{}"]);
    if (type === "address") {
        // A checksum with one letter turned to the other case, where there is a letter to turn.
        const good = ethers.getAddress("0x" + "ab".repeat(3) + random.bytes(17).toString("hex"));
        const at = [...good].findIndex((c, i) => i > 1 && /[a-f]/i.test(c));
        const turned = good[at] === good[at].toLowerCase() ? good[at].toUpperCase() : good[at].toLowerCase();
        const wrong = good.slice(0, at) + turned + good.slice(at + 1);
        return random.pick([quote(wrong), quote(good.slice(0, 41)), quote(good + "0"), '"0x"', '""', '"vitalik.eth"', "1", "null", "[]"]);
    }
    if (type === "bytes") return random.pick(['"0x0"', '"00"', '"0xzz"', '"text"', '""', "1", "null", "{}"]);
    const size = Number(type.slice(5));
    return random.pick([random.hex(size + 1), random.hex(size - 1), "0x0", "0xzz", "", "text"].map((text) => quote(text)).concat("null", "1"));
}

function refusedValue() {
    let type = atomicType();
    while (type === "bool") type = atomicType(); // ethers takes anything for a truth value
    let text = badValue(type);
    const depth = random.below(3);
    let fieldType = type;
    for (let i = 0; i < depth; ++i) {
        fieldType += "[]";
        text = `[${text}]`;
    }
    if (random.chance(20)) {
        // An array of the wrong length.
        fieldType = `${type}[${2 + random.below(3)}]`;
        text = random.pick(["[]", `[${atomic(type).text}]`, "{}", "null", "1"]);
    }
    return { types: { A: [{ name: "b", type: "B" }], B: [{ name: "c", type: fieldType }] }, message: `{"b":{"c":${text}}}` };
}

function refusedTypes() {
    const bad = random.pick([
        "uint0", "uint7", "uint257", "uint264", "uint08", "int1", "int", "bytes0", "bytes33", "bytes032", "string[", "string]", "string[-1]",
        "string[x]", "Missing", "Missing[]", "A", "A[]", "", "[]", "bool ", " bool", "boool", "fixed", "function", "mapping(uint=>uint)",
        "tuple", "uint256[][", "uint256[]]", "uint256[[]]",
    ]);
    const type = bad === "int" ? "int264" : bad;
    return random.pick([
        { types: { A: [{ name: "x", type }] }, message: '{"x":[]}' },
        { types: { A: [{ name: "x", type: "bool" }, { name: "x", type: "bool" }] }, message: '{"x":true}' },
        { types: { A: [{ name: "b", type: "B" }], B: [{ name: "a", type: "A[]" }] }, message: '{"b":{"a":[]}}' },
        {
            types: { A: [{ name: "b", type: "B" }], B: [{ name: "c", type: "C[]" }], C: [{ name: "b", type: "B" }] },
            message: '{"b":{"c":[]}}',
        },
    ]);
}

function refused() {
    for (;;) {
        const { types, message } = random.chance(70) ? refusedValue() : refusedTypes();
        let accepted = true;
        try {
            TypedDataEncoder.hash({}, types, JSON.parse(message));
        } catch {
            accepted = false;
        }
        // JSON.parse has rounded the number: what ethers saw is not what is written.
        if (accepted) continue;
        line({ kind: "typed_data_refused", json: `{"types":${JSON.stringify(types)},"primaryType":"A","domain":{},"message":${message}}` });
        return;
    }
}

// ---- mnemonics ----

const passphrases = ["", "", "", "TREZOR", "correct horse", "ünïcödé", "パスワード", "cafe\u0301 \u212b", "🔑", " spaces  kept "];

function pathOf() {
    if (random.chance(50)) return "m/44'/60'/0'/0/0";
    const steps = Array.from({ length: random.below(7) }, () => {
        const index = random.pick([0n, 1n, 2147483647n, random.uint(31)]);
        return index + random.pick(["", "'"]);
    });
    return ["m", ...steps].join("/");
}

function sloppy(phrase) {
    const words = phrase.split(" ").map((word) => (random.chance(20) ? word.toUpperCase() : word));
    return random.pick(["", " ", "\n"]) + words.join(random.pick([" ", "  ", "\t", "\n"])) + random.pick(["", " ", "\r\n"]);
}

function mnemonic() {
    const entropy = random.hex(random.pick([16, 20, 24, 28, 32]));
    const passphrase = random.pick(passphrases);
    const parsed = ethers.Mnemonic.fromEntropy(entropy, passphrase);
    const path = pathOf();
    const node = ethers.HDNodeWallet.fromMnemonic(parsed, path);
    line({
        kind: "mnemonic",
        entropy,
        mnemonic: parsed.phrase,
        typed: random.chance(30) ? sloppy(parsed.phrase) : parsed.phrase,
        passphrase,
        seed: parsed.computeSeed(),
        path,
        key: node.privateKey,
        address: node.address,
        xprv: node.extendedKey,
        xpub: node.neuter().extendedKey,
    });
}

// A wrong word, a wrong order, a wrong number: whatever ethers refuses.
function refusedMnemonic() {
    for (;;) {
        const words = ethers.Mnemonic.fromEntropy(random.hex(random.pick([16, 20, 24, 28, 32]))).phrase.split(" ");
        const at = random.below(words.length);
        const change = random.below(4);
        if (change === 0) words[at] = random.pick(["", "x", "zooo", "aband", words[at] + "s"]);
        if (change === 1) words[at] = ethers.wordlists.en.getWord(random.below(2048));
        if (change === 2) words.splice(at, 1);
        if (change === 3) words.push(ethers.wordlists.en.getWord(random.below(2048)));
        const phrase = words.join(" ").replace(/\s+/g, " ").trim();
        if (ethers.Mnemonic.isValidMnemonic(phrase)) continue;
        line({ kind: "mnemonic_refused", mnemonic: phrase });
        return;
    }
}

// ---- keystores ----

function scryptKeystore(cost) {
    const passphrase = random.pick(passphrases);
    const account = { address: "", privateKey: random.hex(32) };
    account.address = ethers.computeAddress(account.privateKey);
    if (random.chance(30)) {
        const node = ethers.HDNodeWallet.fromMnemonic(ethers.Mnemonic.fromEntropy(random.hex(16)));
        Object.assign(account, { address: node.address, privateKey: node.privateKey });
        account.mnemonic = { entropy: node.mnemonic.entropy, path: "m/44'/60'/0'/0/0", locale: "en" };
    }
    const json = ethers.encryptKeystoreJsonSync(account, passphrase, { scrypt: cost });
    line({ kind: "keystore", json, passphrase, key: account.privateKey });
}

function pbkdf2Keystore() {
    const passphrase = random.pick(passphrases).normalize("NFKC");
    const key = random.hex(32);
    const salt = random.bytes(random.pick([0, 1, 8, 16, 32, 64]));
    const iv = random.bytes(16);
    const c = random.pick([1, 2, 10240, 1 + random.below(5000)]);
    const derived = pbkdf2Sync(passphrase, salt, c, 32, "sha256");
    const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
    const ciphertext = Buffer.concat([cipher.update(Buffer.from(key.slice(2), "hex")), cipher.final()]);
    const mac = ethers.keccak256(Buffer.concat([derived.subarray(16), ciphertext])).slice(2);
    const kdfparams = { c, dklen: 32, prf: "hmac-sha256", salt: salt.toString("hex") };
    const crypto = { cipher: "aes-128-ctr", cipherparams: { iv: iv.toString("hex") }, ciphertext: ciphertext.toString("hex"), kdf: "pbkdf2", kdfparams, mac };
    const file = { version: 3, id: ethers.uuidV4(random.bytes(16)), address: ethers.computeAddress(key).slice(2).toLowerCase(), crypto };
    line({ kind: "keystore", json: JSON.stringify(file), passphrase, key });
}

// ---- ethers' published cases ----

function publishedCases() {
    for (const test of published("eip712")) {
        const { types, primaryType, domain, data: message } = test;
        line({
            kind: "published_typed_data",
            name: test.name,
            json: JSON.stringify({ types, primaryType, domain, message }),
            digest: test.digest,
            message_hash: ethers.keccak256(test.encoded),
            key: test.privateKey ?? "",
            signature: test.signature ?? "",
        });
    }
    for (const test of published("hdnode").filter((entry) => entry.locale === "en")) {
        line({
            kind: "published_mnemonic",
            name: test.name,
            entropy: test.entropy,
            mnemonic: test.mnemonic,
            passphrase: (test.password ?? "").normalize("NFKD"),
            seed: test.seed,
            nodes: test.hdnodes.map(({ path, address, privateKey }) => ({ path, address: ethers.getAddress(address), key: privateKey })),
        });
    }
    for (const test of published("wallets").filter((entry) => entry.type === "secret-storage"))
        line({ kind: "published_keystore", name: test.name, json: test.json, passphrase: test.password.normalize("NFKC"), key: test.privateKey });
}

for (let i = 0; i < count; ++i) typedData();
for (let i = 0; i < count; ++i) refused();
for (let i = 0; i < count; ++i) mnemonic();
for (let i = 0; i < count; ++i) refusedMnemonic();
for (let i = 0; i < 60; ++i) scryptKeystore({ N: 1 << (1 + random.below(12)), r: 1 + random.below(8), p: 1 + random.below(4) });
scryptKeystore({ N: 131072 });
for (let i = 0; i < 40; ++i) pbkdf2Keystore();
publishedCases();
