#!/usr/bin/env python3
"""Our AWS client beside boto3 and @aws-sdk/client-kms, all against one server that always gives the same answer.

Usage: kms_client_peers.py [BUILD_DIR]   (default build/release)

Prints calls per second, medians of interleaved rounds, one call at a time and with 32 in flight, and the ratios. boto3 is
Debian's python3-boto3; the JavaScript SDK is measured where build/node (or KEYDECK_NODE_MODULES) has it. KEYDECK_BENCH_SMALL=1
makes it short.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SMALL = os.environ.get("KEYDECK_BENCH_SMALL") == "1"
ROUNDS, SECONDS = (1, 0.2) if SMALL else (3, 2.0)

JAVASCRIPT = """
import { createRequire } from "node:module";
import http from "node:http";
const require = createRequire(process.env.KEYDECK_NODE_MODULES + "/here.js");
const { KMSClient, SignCommand } = require("@aws-sdk/client-kms");
const [endpoint, flight, seconds] = process.argv.slice(2);
const client = new KMSClient({ endpoint, region: "us-east-1", maxAttempts: 1, credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    requestHandler: { httpAgent: new http.Agent({ keepAlive: true, maxSockets: 64 }) } });
const input = { KeyId: process.env.KEY_ARN, Message: new Uint8Array(32), MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" };
for (let i = 0; i < 50; ++i) await client.send(new SignCommand(input));
let calls = 0;
const start = performance.now(), end = start + 1000 * Number(seconds);
await Promise.all(Array.from({ length: Number(flight) }, async () => {
    while (performance.now() < end) { await client.send(new SignCommand(input)); ++calls; }
}));
console.log(1000 * calls / (performance.now() - start));
"""


def boto3_rate(port, flight):
    """Run in a process of its own (see main): a call's rate with so many threads."""
    import boto3
    from botocore.config import Config
    client = boto3.client("kms", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE",
                          aws_secret_access_key="secret", config=Config(max_pool_connections=64, retries={"max_attempts": 0}))
    call = lambda: client.sign(KeyId=ARN, Message=bytes(32), MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")
    for _ in range(20):
        call()
    counts = [0] * flight
    start = time.perf_counter()

    def work(number):
        while time.perf_counter() - start < SECONDS:
            call()
            counts[number] += 1
    threads = [threading.Thread(target=work, args=(number,)) for number in range(flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def run_boto3(port, flight):
    return float(subprocess.run([sys.executable, __file__, "--boto3", str(port), str(flight)], capture_output=True, text=True, check=True).stdout)


def run_javascript(port, flight, modules):
    script = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"keydeck-kms-peer-{os.getpid()}.mjs"
    script.write_text(JAVASCRIPT)
    try:
        return float(subprocess.run(["node", str(script), f"http://127.0.0.1:{port}", str(flight), str(SECONDS)], capture_output=True, text=True,
                                    check=True, env={**os.environ, "KEYDECK_NODE_MODULES": str(modules), "KEY_ARN": ARN}).stdout)
    finally:
        script.unlink()


def run_ours(port, flight, bench):
    name = "one_at_a_time" if flight == 1 else "32_in_flight"
    out = subprocess.run([bench, f"--benchmark_filter={name}", "--benchmark_format=json", f"--benchmark_min_time={SECONDS}"], capture_output=True,
                         text=True, check=True, env={**os.environ, "KEYDECK_BENCH_PORT": str(port)}).stdout
    return json.loads(out)["benchmarks"][0]["items_per_second"]


def main():
    if sys.argv[1:2] == ["--boto3"]:
        print(boto3_rate(int(sys.argv[2]), int(sys.argv[3])))
        return 0
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release")
    bench = next(build.rglob("bench_kms_client"))
    server = subprocess.Popen([next(build.rglob("fixed_kms_server"))], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        peers = {"keydeck": lambda flight: run_ours(port, flight, bench), "boto3": lambda flight: run_boto3(port, flight)}
        modules = pathlib.Path(os.environ.get("KEYDECK_NODE_MODULES") or ROOT / "build/node/node_modules")
        if (modules / "@aws-sdk/client-kms").is_dir() and shutil.which("node"):
            peers["@aws-sdk/client-kms"] = lambda flight: run_javascript(port, flight, modules)
        for flight, least, aim in ((1, 4, 5), (32, 8, 12)):
            rates = {name: [] for name in peers}
            for _ in range(ROUNDS):
                for name, run in peers.items():
                    rates[name].append(run(flight))
            ours = statistics.median(rates["keydeck"])
            print(f"{flight} in flight (at least {least} times, aim {aim}):")
            for name, measured in rates.items():
                rate = statistics.median(measured)
                print(f"  {name:22} {rate:10,.0f} calls/s" + ("" if name == "keydeck" else f"   keydeck is {ours / rate:.1f} times as fast"))
    finally:
        server.kill()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
