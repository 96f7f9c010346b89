// @aws-sdk/client-kms against the served KMS: what Debian's boto3 is too old for, and what only types show. Each check that
// fails ends the program with its name.     node kms_sdk.mjs ENDPOINT REGION
import assert from "node:assert/strict";
import { constants, createCipheriv, createHash, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes, verify } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(path.resolve(process.env.KEYDECK_NODE_MODULES), "here.js"));
const sdk = require("@aws-sdk/client-kms");
const [endpoint, region] = process.argv.slice(2);
const kms = new sdk.KMS({ endpoint, region, maxAttempts: 1 });

const make = async (more = {}) => (await kms.createKey(more)).KeyMetadata;
const ecc = () => make({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY" });
const text = (s) => new TextEncoder().encode(s);

/** The exception, which must be the class of that name, HTTP 400, with that message (where one is given). */
async function fails(name, message, call) {
    const error = await call().then(() => assert.fail(`${name} was due`), (e) => e);
    assert.equal(error.name, name, `${error.name}: ${error.message}`);
    if (sdk[name]) assert.ok(error instanceof sdk[name], name);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    if (message !== undefined) assert.equal(error.message, message);
}

const inState = {
    Enabled: async () => {},
    Disabled: (KeyId) => kms.disableKey({ KeyId }),
    PendingDeletion: (KeyId) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
};

const checks = {
    async "rotation on demand in every state"() {
        for (const [state, bring] of Object.entries(inState)) {
            for (const kind of [make, ecc]) {
                const { KeyId, Arn } = await kind();
                await bring(KeyId);
                const call = () => kms.rotateKeyOnDemand({ KeyId });
                const list = () => kms.listKeyRotations({ KeyId });
                if (state === "Disabled") await fails("DisabledException", `${Arn} is disabled.`, call);
                else if (state === "PendingDeletion") await fails("KMSInvalidStateException", `${Arn} is pending deletion.`, call);
                else if (kind === ecc) await fails("UnsupportedOperationException", undefined, call);
                else assert.equal((await call()).KeyId, KeyId);
                if (kind === ecc) await fails("UnsupportedOperationException", undefined, list);
                else assert.equal((await list()).Rotations.length, state === "Enabled" ? 1 : 0);
            }
        }
    },
    async "old ciphertexts open after rotations, of which there are 25"() {
        const { KeyId } = await make();
        const blobs = [];
        for (let i = 0; i < 25; ++i) {
            blobs.push((await kms.encrypt({ KeyId, Plaintext: text(`version ${i}`) })).CiphertextBlob);
            await kms.rotateKeyOnDemand({ KeyId });
        }
        await fails("LimitExceededException", undefined, () => kms.rotateKeyOnDemand({ KeyId }));
        for (const [i, CiphertextBlob] of blobs.entries()) {
            assert.equal(Buffer.from((await kms.decrypt({ CiphertextBlob })).Plaintext).toString(), `version ${i}`);
        }
        const pages = [];
        for await (const page of sdk.paginateListKeyRotations({ client: kms, pageSize: 10 }, { KeyId })) pages.push(page.Rotations);
        assert.deepEqual(pages.map((p) => p.length), [10, 10, 5]);
        assert.ok(pages.flat().every((r) => r.RotationType === "ON_DEMAND" && r.RotationDate instanceof Date));
        await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
        const status = await kms.getKeyRotationStatus({ KeyId });
        assert.deepEqual([status.KeyRotationEnabled, status.RotationPeriodInDays], [true, 90]);
        assert.ok(Math.abs(status.NextRotationDate - Date.now() - 90 * 86400e3) < 300e3);
    },
    async "DryRun"() {
        const { KeyId } = await make();
        const signer = await ecc();
        const mac = (await make({ KeySpec: "HMAC_512", KeyUsage: "GENERATE_VERIFY_MAC" })).KeyId;
        const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: text("x") });
        const Message = text("x");
        const sign = { KeyId: signer.KeyId, Message, SigningAlgorithm: "ECDSA_SHA_256" };
        const { Signature } = await kms.sign(sign);
        const authenticate = { KeyId: mac, Message, MacAlgorithm: "HMAC_SHA_512" };
        const { Mac } = await kms.generateMac(authenticate);
        const calls = {
            encrypt: { KeyId, Plaintext: Message },
            decrypt: { CiphertextBlob },
            reEncrypt: { CiphertextBlob, DestinationKeyId: KeyId },
            generateDataKey: { KeyId, KeySpec: "AES_256" },
            generateDataKeyWithoutPlaintext: { KeyId, KeySpec: "AES_128" },
            generateDataKeyPair: { KeyId, KeyPairSpec: "ECC_SECG_P256K1" },
            generateDataKeyPairWithoutPlaintext: { KeyId, KeyPairSpec: "ECC_SECG_P256K1" },
            sign,
            verify: { ...sign, Signature },
            generateMac: authenticate,
            verifyMac: { ...authenticate, Mac },
        };
        for (const [name, request] of Object.entries(calls)) {
            await fails("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.", () => kms[name]({ ...request, DryRun: true }));
            await kms[name]({ ...request, DryRun: false });
        }
        await fails("KMSInvalidSignatureException", undefined, () => kms.verify({ ...sign, Message: text("y"), Signature, DryRun: true }));
        await kms.disableKey({ KeyId: signer.KeyId });
        await fails("DisabledException", `${signer.Arn} is disabled.`, () => kms.sign({ ...sign, DryRun: true }));
    },
    async "a digest is not hashed again, and OpenSSL verifies"() {
        const { KeyId } = await ecc();
        const publicKey = createPublicKey({ key: Buffer.from((await kms.getPublicKey({ KeyId })).PublicKey), format: "der", type: "spki" });
        for (let i = 0; i < 20; ++i) {
            const message = randomBytes(1 + i * 200);
            const raw = await kms.sign({ KeyId, Message: message, SigningAlgorithm: "ECDSA_SHA_256" });
            assert.ok(verify("sha256", message, publicKey, raw.Signature));
            const digest = createHash("sha256").update(message).digest();
            const direct = await kms.sign({ KeyId, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" });
            assert.ok(verify("sha256", message, publicKey, direct.Signature));
            assert.ok((await kms.verify({ KeyId, Message: message, Signature: direct.Signature, SigningAlgorithm: "ECDSA_SHA_256" })).SignatureValid);
        }
    },
    async "a data key pair is a pair"() {
        const { KeyId } = await make();
        const pair = await kms.generateDataKeyPair({ KeyId, KeyPairSpec: "ECC_SECG_P256K1", EncryptionContext: { a: "b" } });
        const opened = await kms.decrypt({ CiphertextBlob: pair.PrivateKeyCiphertextBlob, EncryptionContext: { a: "b" } });
        assert.deepEqual(opened.Plaintext, pair.PrivateKeyPlaintext);
        const derived = createPublicKey({ key: Buffer.from(pair.PrivateKeyPlaintext), format: "der", type: "pkcs8" });
        assert.deepEqual(new Uint8Array(derived.export({ format: "der", type: "spki" })), new Uint8Array(pair.PublicKey));
        const without = await kms.generateDataKeyPairWithoutPlaintext({ KeyId, KeyPairSpec: "ECC_SECG_P256K1" });
        assert.equal(without.PrivateKeyPlaintext, undefined);
    },
    async "material under AES key wrap"() {
        const pkcs8 = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey.export({ format: "der", type: "pkcs8" });
        for (const [WrappingKeySpec, WrappingAlgorithm] of [["RSA_4096", "RSA_AES_KEY_WRAP_SHA_256"], ["RSA_2048", "RSA_AES_KEY_WRAP_SHA_1"]]) {
            const { KeyId, KeyState } = await make({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY", Origin: "EXTERNAL" });
            assert.equal(KeyState, "PendingImport");
            const parameters = await kms.getParametersForImport({ KeyId, WrappingKeySpec, WrappingAlgorithm });
            assert.ok(Math.abs(parameters.ParametersValidTo - Date.now() - 86400e3) < 300e3);
            const aes = randomBytes(32);
            const oaepHash = WrappingAlgorithm.endsWith("SHA_1") ? "sha1" : "sha256";
            const key = createPublicKey({ key: Buffer.from(parameters.PublicKey), format: "der", type: "spki" });
            const head = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, aes);
            const wrap = createCipheriv("id-aes256-wrap-pad", aes, Buffer.from("a65959a6", "hex"));
            const EncryptedKeyMaterial = Buffer.concat([head, wrap.update(pkcs8), wrap.final()]);
            await kms.importKeyMaterial({ KeyId, ImportToken: parameters.ImportToken, EncryptedKeyMaterial, ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" });
            const ours = createPublicKey({ key: pkcs8, format: "der", type: "pkcs8" }).export({ format: "der", type: "spki" });
            assert.deepEqual(new Uint8Array((await kms.getPublicKey({ KeyId })).PublicKey), new Uint8Array(ours));
        }
    },
    async "wrong words and wrong types"() {
        const { KeyId } = await make();
        await fails("ValidationException", undefined, () => kms.encrypt({ KeyId }));
        await fails("ValidationException", undefined, () => kms.sign({ KeyId, Message: text("x"), SigningAlgorithm: "ROT13" }));
        await fails("ValidationException", "Please specify either number of bytes or key spec.", () => kms.generateDataKey({ KeyId }));
        await fails("UnsupportedOperationException", undefined, () => kms.listGrants({ KeyId }));
        await fails("UnsupportedOperationException", undefined, () => kms.replicateKey({ KeyId, ReplicaRegion: "us-west-2" }));
    },
    async "a hundred at once"() {
        const { KeyId } = await make();
        const answers = await Promise.all(Array.from({ length: 100 }, async (_, i) => {
            const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: text(`text ${i}`) });
            return Buffer.from((await kms.decrypt({ CiphertextBlob })).Plaintext).toString();
        }));
        assert.deepEqual(answers, answers.map((_, i) => `text ${i}`));
    },
    async "a wrong secret"() {
        const wrong = new sdk.KMS({ endpoint, region, maxAttempts: 1, credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "wrong" } });
        await fails("InvalidSignatureException", undefined, () => wrong.listKeys({}));
    },
};

for (const [name, check] of Object.entries(checks)) {
    try {
        await check();
        process.stdout.write(`ok ${name}\n`);
    } catch (error) {
        process.stdout.write(`failed ${name}: ${error.stack}\n`);
        process.exitCode = 1;
    }
}
