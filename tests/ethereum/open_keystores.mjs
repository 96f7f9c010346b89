// Opens the keystore files we made: reads lines of {json, passphrase} from the file named, writes {kind: "opened", key, address} lines.
//   node open_keystores.mjs FILE
import { readFileSync } from "node:fs";
import { ethers, line } from "../node/lib.mjs";

for (const text of readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
    const { json, passphrase } = JSON.parse(text);
    const { address, privateKey } = ethers.decryptKeystoreJsonSync(json, passphrase);
    line({ kind: "opened", key: privateKey, address });
}
