// What the scripts that make test material share: the packages, a random source with a seed, lines of JSON.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gunzipSync } from "node:zlib";

const modules = process.env.KEYDECK_NODE_MODULES;
if (!modules) {
    console.error("KEYDECK_NODE_MODULES must name the node_modules with ethers in it.");
    process.exit(1);
}
const require = createRequire(path.join(path.resolve(modules), "here.js"));

export const ethers = require("ethers");

/** One of ethers' published test cases: `accounts`, `transactions`, `typed-transactions`, `eip712`, … */
export function published(name) {
    const file = path.join(modules, "@ethersproject", "testcases", "testcases", `${name}.json.gz`);
    return JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));
}

/** The value after `--name` on the command line. */
export function option(name, fallback) {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : process.argv[at + 1];
}

/** A stream of random bytes that a seed determines: SHA-256 of seed and counter. */
export class Random {
    #seed;
    #counter = 0;
    #left = Buffer.alloc(0);

    constructor(seed) {
        this.#seed = String(seed);
    }
    bytes(count) {
        while (this.#left.length < count) {
            const block = createHash("sha256").update(`${this.#seed}:${this.#counter++}`).digest();
            this.#left = Buffer.concat([this.#left, block]);
        }
        const taken = this.#left.subarray(0, count);
        this.#left = this.#left.subarray(count);
        return Buffer.from(taken);
    }
    hex(count) {
        return "0x" + this.bytes(count).toString("hex");
    }
    /** 0 to bound - 1; the bias of a modulus does not matter here. */
    below(bound) {
        return Number(this.bytes(6).readUIntBE(0, 6) % bound);
    }
    chance(percent) {
        return this.below(100) < percent;
    }
    pick(list) {
        return list[this.below(list.length)];
    }
    shuffled(list) {
        const out = [...list];
        for (let i = out.length - 1; i > 0; --i) {
            const j = this.below(i + 1);
            [out[i], out[j]] = [out[j], out[i]];
        }
        return out;
    }
    /** A BigInt of up to `bits` bits, all lengths about equally likely, so that every encoding is met. */
    uint(bits) {
        const length = this.below(bits + 1);
        if (length === 0) return 0n;
        const bytes = this.bytes(Math.ceil(length / 8));
        return BigInt("0x" + bytes.toString("hex")) & ((1n << BigInt(length)) - 1n);
    }
    address() {
        return this.chance(2) ? "0x" + "00".repeat(20) : ethers.getAddress(this.hex(20));
    }
    wallet() {
        return new ethers.Wallet(this.hex(32));
    }
}

/** Writes one line of JSON to standard output; BigInts become decimal strings. */
export function line(value) {
    process.stdout.write(JSON.stringify(value, (_, v) => (typeof v === "bigint" ? v.toString() : v)) + "\n");
}
