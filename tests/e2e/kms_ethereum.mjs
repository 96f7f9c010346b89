// Two Ethereum signers on AWS KMS that others wrote, against the served KMS and a chain. Answers one JSON object.
//   node kms_ethereum.mjs CHAIN_URL ENDPOINT REGION KEY_ID TO     (credentials in the environment)
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(path.resolve(process.env.KEYDECK_NODE_MODULES), "here.js"));
const [chain, endpoint, region, keyId, to] = process.argv.slice(2);
const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };

async function rumblefish() {
    const { KMS } = require("@aws-sdk/client-kms");
    const { KMSSigner } = require("@rumblefishdev/eth-signer-kms");
    const ethers = require("ethers"); // 6
    const provider = new ethers.JsonRpcProvider(chain, undefined, { staticNetwork: true });
    const signer = await KMSSigner.create(provider, keyId, new KMS({ endpoint, region, credentials }));
    const message = "Hello from ethers 6";
    const signature = await signer.signMessage(message);
    const sent = await signer.sendTransaction({ to, value: 1n });
    const receipt = await sent.wait();
    provider.destroy();
    return { address: await signer.getAddress(), recovered: ethers.verifyMessage(message, signature), from: receipt.from, status: receipt.status };
}

async function ethers5() {
    const home = createRequire(require.resolve("ethers-aws-kms-signer"));
    home("aws-sdk/lib/maintenance_mode_message").suppress = true;
    const { AwsKmsSigner } = require("ethers-aws-kms-signer");
    const { ethers } = home("ethers"); // 5
    const provider = new ethers.providers.StaticJsonRpcProvider(chain);
    const signer = new AwsKmsSigner({ ...credentials, region, endpoint, keyId }, provider);
    const message = "Hello from ethers 5";
    // It does not pad an r or s shorter than 32 bytes: one signature in 128 is beyond it, whatever KMS made it.
    for (let attempt = 0; ; ++attempt) {
        try {
            const signature = await signer.signMessage(message + attempt);
            const sent = await signer.sendTransaction({ to, value: 1 + attempt });
            const receipt = await sent.wait();
            return { address: ethers.utils.getAddress(await signer.getAddress()), recovered: ethers.utils.verifyMessage(message + attempt, signature), from: receipt.from, status: receipt.status };
        } catch (error) {
            if (attempt === 3 || error.code === "InvalidSignatureException") throw error;
        }
    }
}

const out = {};
for (const [name, run] of Object.entries({ rumblefish, ethers5 })) {
    try {
        out[name] = await run();
    } catch (error) {
        out[name] = { error: error.name === "Error" || !error.name ? error.code ?? String(error) : error.name, message: error.message };
    }
}
process.stdout.write(JSON.stringify(out) + "\n");
