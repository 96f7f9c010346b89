#!/usr/bin/env python3
"""1,000 random requests signed by ours (SIGV4_PEER) and by botocore.auth.SigV4Auth: the same Authorization, byte for byte."""
import datetime
import json
import os
import random
import string
import subprocess
import sys
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 1000
PRINTABLE = string.ascii_letters + string.digits + "!#$%&'()*+,-./:;<=>?@[]^_`{|}~\""
# What may stand in a path or a query: escaped text among plain.
PATH_PIECES = ["a", "Z9", "-", "_", ".", "..", "~", "%20", "%2F", "%C3%A9", "%25", "", "key", "alias:x", "a+b", "a,b", "(x)", "é"]
QUERY_PIECES = ["a", "A", "b", "%20", "%2B", "~", "-", "1", "10", "2", "X-Amz", "%C3%A9", ""]


def text(rng, alphabet, low, high):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def random_path(rng):
    if rng.random() < 0.3:
        return rng.choice(["/", ""])
    path = "/" + "/".join("".join(rng.choice(PATH_PIECES) for _ in range(rng.randint(0, 2))) for _ in range(rng.randint(1, 5)))
    return "/" if path.startswith("//") else path  # urlsplit would take what follows for a host


def random_query(rng):
    pairs = []
    for _ in range(rng.choice([0, 0, 0, 1, 2, 5])):
        name = "".join(rng.choice(QUERY_PIECES) for _ in range(rng.randint(0, 3)))
        value = "".join(rng.choice(QUERY_PIECES + ["="]) for _ in range(rng.randint(0, 3)))
        pairs.append(name if rng.random() < 0.1 else f"{name}={value}")
    return "&".join(pairs)


def random_headers(rng):
    headers = {}
    for _ in range(rng.randint(0, 6)):
        name = rng.choice(["X-Amz-Target", "Content-Type", "x-custom", "X-CUSTOM-Two", "a", "Zz", "My-Header", "x-amz-meta-" + text(rng, string.ascii_letters, 1, 8)])
        if name.lower() in (n.lower() for n in headers):
            continue
        value = text(rng, PRINTABLE + "   \t", 0, 60)
        headers[name] = [value] + ([text(rng, PRINTABLE + "  ", 0, 20)] if rng.random() < 0.2 else [])
    if rng.random() < 0.1:
        headers["X-Amz-Content-SHA256"] = [rng.choice(["UNSIGNED-PAYLOAD", text(rng, string.hexdigits.lower(), 64, 64)])]
    return headers


def random_case(rng):
    when = datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=rng.randrange(60 * 365 * 86400))
    return {
        "method": rng.choice(["POST", "GET", "PUT", "DELETE"]),
        "host": rng.choice(["kms.us-east-1.amazonaws.com", "127.0.0.1:4599", "example.amazonaws.com", "localhost"]),
        "path": random_path(rng), "query": random_query(rng), "headers": random_headers(rng), "when": when,
        "body": rng.randbytes(rng.choice([0, 1, 20, 200, 5000])),
        "id": text(rng, string.ascii_uppercase + string.digits, 16, 20),
        "secret": text(rng, string.ascii_letters + string.digits + "/+=", 1, 90),
        "token": text(rng, string.ascii_letters + string.digits + "/+=", 1, 400) if rng.random() < 0.3 else None,
        "region": rng.choice(["us-east-1", "eu-south-2", "ap-northeast-1"]), "service": rng.choice(["kms", "sts", "iam"]),
    }


def signed_by_botocore(case):
    url = f"http://{case['host']}{case['path']}" + (f"?{case['query']}" if case["query"] else "")
    request = AWSRequest(method=case["method"], url=url, data=case["body"])
    for name, values in case["headers"].items():
        for value in values:
            request.headers.add_header(name, value)
    with mock.patch("botocore.auth.datetime.datetime") as clock:
        clock.utcnow.return_value = case["when"]
        botocore.auth.SigV4Auth(Credentials(case["id"], case["secret"], case["token"]), case["service"], case["region"]).add_auth(request)
    return request.headers["Authorization"]


def line_of(case):
    date = case["when"].strftime("%Y%m%dT%H%M%SZ")
    headers = [["Host", case["host"]], ["X-Amz-Date", date]]
    headers += [[name, value] for name, values in case["headers"].items() for value in values]
    if case["token"]:
        headers.append(["X-Amz-Security-Token", case["token"]])
    return json.dumps({"method": case["method"], "path": case["path"], "query": case["query"], "headers": headers, "date": date,
                       "body": case["body"].hex(), "id": case["id"], "secret": case["secret"], "region": case["region"],
                       "service": case["service"]}, ensure_ascii=False)


def main():
    seed = os.environ.get("KEYDECK_TEST_SEED", "1")
    rng = random.Random(seed)
    cases = [random_case(rng) for _ in range(COUNT)]
    ours = subprocess.run([os.environ["SIGV4_PEER"]], input="\n".join(map(line_of, cases)) + "\n", capture_output=True, text=True,
                          check=True).stdout.splitlines()
    assert len(ours) == COUNT, f"{len(ours)} signatures for {COUNT} requests"
    wrong = 0
    for case, mine in zip(cases, ours):
        theirs = signed_by_botocore(case)
        if mine != theirs:
            wrong += 1
            if wrong <= 3:
                print(f"seed {seed}: {line_of(case)}\n  ours:     {mine}\n  botocore: {theirs}")
    print(f"{COUNT - wrong} of {COUNT} requests signed as botocore signs them")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
