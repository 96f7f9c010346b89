// Reads lines of JSON, each something that Keydeck signed, and answers for each with what ethers makes of it.
import { createInterface } from "node:readline";

import { ethers, line } from "../node/lib.mjs";

function read(item) {
    if (item.kind === "message") return { address: ethers.verifyMessage(ethers.getBytes(item.message), item.signature) };
    if (item.kind === "typed_data") {
        const { types, domain, message } = item.typed_data;
        delete types.EIP712Domain;
        return { address: ethers.verifyTypedData(domain, types, message, item.signature) };
    }
    if (item.kind === "authorization") {
        const { address, chainId, nonce, yParity, r, s } = item.authorization;
        const signature = { r: ethers.toBeHex(r, 32), s: ethers.toBeHex(s, 32), yParity: Number(yParity) };
        return { address: ethers.verifyAuthorization({ address, chainId, nonce: BigInt(nonce) }, signature) };
    }
    if (item.kind === "transaction_digests") {
        const { gas, ...rest } = item.transaction;
        const made = ethers.Transaction.from({ ...rest, gasLimit: gas });
        const digests = { "Signing hash": made.unsignedHash };
        if (made.data !== "0x")
            digests["Calldata digest (ERC-8213)"] = ethers.keccak256(ethers.concat([ethers.toBeHex(ethers.dataLength(made.data), 32), made.data]));
        return digests;
    }
    const transaction = ethers.Transaction.from(item.raw);
    return { address: transaction.from, hash: transaction.hash, type: transaction.type, to: transaction.to, value: transaction.value };
}

for await (const text of createInterface({ input: process.stdin })) line(read(JSON.parse(text)));
