"""AWS's JavaScript SDK (npm) against the served KMS."""
import subprocess

from harness import main
from kms_server import HERE, ServedKmsTest, node_modules


class JavaScriptSdk(ServedKmsTest):
    def run_checks(self, access_key):
        done = subprocess.run(["node", HERE / "kms_sdk.mjs", self.url, self.start["region"]], capture_output=True, text=True, timeout=300, check=False,
                              env={**self.aws_environment(access_key), "KEYDECK_NODE_MODULES": str(node_modules())})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("ok "), 9, done.stdout)

    def test_everything(self):
        self.run_checks(self.access_key)

    def test_with_a_session_token(self):
        self.run_checks(self.one("kms", "access-key", "create", "--session-token"))


if __name__ == "__main__":
    main()
