"""A vault in AWS behind HTTP/2, which the embedded KMS does not speak: Node's server stands before it."""
import json
import subprocess
import unittest
from urllib.parse import urlparse

from harness import main
from kms_server import HERE, ServedKmsTest

COUNT = 300


class Http2(ServedKmsTest):
    def start_front(self, requests_a_connection, refuse_each):
        certificate, key = self.home / "certificate.pem", self.home / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=keydeck",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        front = subprocess.Popen(["node", HERE / "http2_front.mjs", certificate, key, str(urlparse(self.url).port), str(requests_a_connection), str(refuse_each)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(front.stdout.close)
        self.addCleanup(front.wait)
        self.addCleanup(front.kill)
        port = front.stdout.readline().strip()
        self.served, self.vault = self.vault, self.home / "aws"
        self.environment = self.aws_environment(AWS_ENDPOINT_URL=f"https://127.0.0.1:{port}", AWS_CA_BUNDLE=str(certificate))
        return front

    def seen_by(self, front):
        out, _ = front.communicate(timeout=60)
        return json.loads(out)

    def make_and_sign(self):
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.assertEqual(len(self.ok("wallet", "create", "alice", "--count", str(COUNT), "--label", "w")), COUNT)
        self.one("wallet", "create", "alice", "--custody", "kms-key", "--label", "own")
        for label in ("w-1", f"w-{COUNT}", "own"):
            signed = self.one("sign", "message", label, "hello")
            self.assertTrue(self.one("verify", "message", "--signature", signed["signature"], "--address", signed["address"], "hello")["valid"])

    def test_it_is_spoken_where_it_is_offered(self):
        front = self.start_front(requests_a_connection=1_000_000, refuse_each=1_000_000)
        self.make_and_sign()
        seen = self.seen_by(front)
        self.assertGreater(seen["requests"], COUNT)
        self.assertGreater(seen["most_at_once"], 8, seen)

    def test_connections_that_end_and_requests_turned_away_lose_nothing(self):
        front = self.start_front(requests_a_connection=20, refuse_each=25)
        self.make_and_sign()
        looked = self.keydeck("doctor")
        self.assertEqual(looked.status, 0, looked)
        seen = self.seen_by(front)
        self.assertGreater(seen["connections"], 10, seen)
        self.assertGreater(seen["refused"], 5, seen)


if __name__ == "__main__":
    main()
