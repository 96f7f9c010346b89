"""`keydeck kms serve` on a vault of the test's own, and what its clients need to know of it."""
import json
import os
import pathlib
import signal
import subprocess
import warnings

from harness import KeydeckTest

HERE = pathlib.Path(__file__).parent


def node_modules():
    """The folder of the npm packages. Missing ones fail: a test that quietly does not run proves nothing."""
    modules = os.environ.get("KEYDECK_NODE_MODULES") or str(HERE.parents[1] / "build/node/node_modules")
    if not pathlib.Path(modules, "@aws-sdk/client-kms").is_dir():
        raise RuntimeError(f"There is no @aws-sdk/client-kms in {modules} (./dev deps installs what it needs)")
    return pathlib.Path(modules).resolve()


class ServedKmsTest(KeydeckTest):
    """A vault with one access key, served on a free port of this machine."""

    serve_options = ()

    def setUp(self):
        super().setUp()
        warnings.simplefilter("ignore", ResourceWarning)  # boto3 leaves its connections to the garbage collector
        self.one("init", "--key-file", self.key_file)
        self.access_key = self.one("kms", "access-key", "create")
        self.server = None
        self.start_server()

    def start_server(self, listen="127.0.0.1:0"):
        self.server = subprocess.Popen(self.command("--json", "kms", "serve", "--listen", listen, *self.serve_options), env=self.environment,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(self.end_server, signal.SIGKILL)
        line = self.server.stdout.readline()
        if not line:
            self.fail(f"kms serve did not start: {self.server.stderr.read()}")
        self.start = json.loads(line)
        self.url = self.start["url"]

    def end_server(self, how=signal.SIGTERM):
        """Its exit status and what it said on standard error."""
        if self.server is None:
            return None
        server, self.server = self.server, None
        server.send_signal(how)
        _, said = server.communicate(timeout=60)
        return server.returncode, said

    def aws_environment(self, access_key=None, **more):
        """For programs that find their configuration in the environment: nothing of this machine's own."""
        key = access_key or self.access_key
        env = {**self.environment, "AWS_ACCESS_KEY_ID": key["access_key_id"], "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
               "AWS_REGION": self.start["region"], "AWS_DEFAULT_REGION": self.start["region"], "AWS_ENDPOINT_URL": self.url,
               "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        if key.get("session_token"):
            env["AWS_SESSION_TOKEN"] = key["session_token"]
        return {**env, **more}

    def boto3(self, access_key=None, **more):
        import boto3
        from botocore.config import Config

        key = access_key or self.access_key
        options = {"endpoint_url": self.url, "region_name": self.start["region"], "aws_access_key_id": key["access_key_id"],
                   "aws_secret_access_key": key["secret_access_key"], "aws_session_token": key.get("session_token"),
                   "config": Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60)}
        return boto3.session.Session().client("kms", **{**options, **more})
