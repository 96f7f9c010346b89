// 1,000 random requests signed by @smithy/signature-v4, the JavaScript SDK's signer, and by ours (SIGV4_PEER): the same
// Authorization, byte for byte.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { Random, option } from "../../node/lib.mjs";

const require = createRequire(path.join(path.resolve(process.env.KEYDECK_NODE_MODULES), "here.js"));
const { SignatureV4 } = require("@smithy/signature-v4");
const { Sha256 } = require("@aws-crypto/sha256-js");

const COUNT = 1000;
const random = new Random(option("seed", "1"));
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const text = (alphabet, low, high) => Array.from({ length: low + random.below(high - low + 1) }, () => random.pick([...alphabet])).join("");
const escaped = (value) => encodeURIComponent(value).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

function makeCase() {
    const query = {};
    for (let i = random.below(4); i > 0; --i) {
        const name = text(LETTERS + "-_.~ é/", 1, 5);
        query[name] = random.chance(30) ? [text(LETTERS + " +&=", 0, 5), text(LETTERS, 0, 5)] : text(LETTERS + " +&=/é", 0, 8);
    }
    const headers = { Host: random.pick(["kms.us-east-1.amazonaws.com", "127.0.0.1:4599"]), "Content-Type": "application/x-amz-json-1.1" };
    for (let i = random.below(5); i > 0; --i) headers["X-Custom-" + text(LETTERS, 1, 6)] = text(LETTERS + "   \t,;=\"'", 0, 40);
    const segments = Array.from({ length: random.below(5) }, () => random.pick(["", ".", "..", "a", "b%20c", "key", "alias:x", "~", "é", "%2F", text(LETTERS, 1, 8)]));
    return {
        method: random.pick(["POST", "GET", "PUT"]), path: "/" + segments.join("/"), query, headers, body: random.bytes(random.pick([0, 1, 50, 3000])),
        id: text(LETTERS, 16, 20), secret: text(LETTERS + "/+=", 1, 80), token: random.chance(30) ? text(LETTERS + "/+=", 1, 300) : undefined,
        region: random.pick(["us-east-1", "eu-south-2"]), service: random.pick(["kms", "sts"]), date: new Date(946684800000 + random.below(60 * 365 * 86400) * 1000),
    };
}

async function signedBySmithy(one) {
    const signer = new SignatureV4({
        service: one.service, region: one.region, sha256: Sha256, applyChecksum: false,
        credentials: { accessKeyId: one.id, secretAccessKey: one.secret, sessionToken: one.token },
    });
    const request = { method: one.method, protocol: "https:", hostname: "x", path: one.path, query: one.query, headers: { ...one.headers }, body: one.body };
    return (await signer.sign(request, { signingDate: one.date })).headers.authorization;
}

function lineOf(one) {
    const date = one.date.toISOString().replace(/[-:]|\.\d+/g, "");
    const headers = [...Object.entries(one.headers), ["X-Amz-Date", date]];
    if (one.token) headers.push(["X-Amz-Security-Token", one.token]);
    const query = Object.entries(one.query).flatMap(([name, value]) => [value].flat().map((v) => `${escaped(name)}=${escaped(v)}`)).join("&");
    return JSON.stringify({ method: one.method, path: one.path, query, headers, date, body: one.body.toString("hex"), id: one.id, secret: one.secret,
                            region: one.region, service: one.service });
}

const cases = Array.from({ length: COUNT }, makeCase);
const peer = spawnSync(process.env.SIGV4_PEER, { input: cases.map(lineOf).join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 26 });
const ours = peer.stdout.trimEnd().split("\n");
let wrong = 0;
for (let i = 0; i < COUNT; ++i) {
    const theirs = await signedBySmithy(cases[i]);
    if (ours[i] !== theirs && ++wrong <= 3) console.error(`${lineOf(cases[i])}\n  ours:   ${ours[i]}\n  smithy: ${theirs}`);
}
console.log(`${COUNT - wrong} of ${COUNT} requests signed as @smithy/signature-v4 signs them`);
process.exit(wrong === 0 ? 0 : 1);
