"""What watches over a vault: alerts, the audit log's archives, the doctor; and that each command it names mends what it found."""
import email.utils
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import time
import unittest

from aws_vault_test import AwsVaultTest
from harness import BINARY, VaultTest, main


class Oversight(VaultTest):
    def meddle(self, *statements):
        """Behind the program's back."""
        with sqlite3.connect(self.vault / "keydeck.db") as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def findings(self):
        return self.keydeck("doctor").lines()

    def mend(self, finding, *more):
        """Runs the command that the doctor named, as somebody would who copies it."""
        words = shlex.split(finding["command"])
        if words[0] == "keydeck":
            words = [BINARY, "--vault", str(self.vault), "--json", *words[1:]]
        ran = self.run_command([*words, *more])
        self.assertEqual(ran.status, 0, f"{finding}: {ran}")

    def found(self, check):
        findings = self.findings()
        self.assertEqual([finding["check"] for finding in findings], [check], findings)
        self.assertTrue(findings[0]["sentence"].endswith("."))
        return findings[0]


class Alerts(Oversight):
    def break_log(self):
        self.meddle("UPDATE audit SET actor = 'mallory' WHERE id = 2")

    def mend_log(self):
        self.meddle("UPDATE audit SET actor = 'operator' WHERE id = 2")

    def test_quiet(self):
        self.assertEqual(self.ok("alerts", "list"), [])
        self.assertEqual(self.ok("alerts", "check"), [])
        self.assertEqual(self.text("alerts", "list"), "Nothing fires.\n")

    def test_an_alert_from_its_raising_to_its_end(self):
        self.break_log()
        ran = self.keydeck("alerts", "check")
        self.assertEqual(ran.status, 1, ran)
        (alert,) = ran.lines()
        self.assertEqual(set(alert), {"id", "rule", "state", "subject", "sentence", "command", "raised_at", "cleared_at", "acknowledged_at",
                                      "acknowledged_by", "silenced_until"})
        self.assertEqual((alert["rule"], alert["state"]), ("audit-broken", "firing"))
        self.assertIn("Event 2", alert["sentence"])
        self.assertEqual(self.ok("alerts", "list"), [alert])
        self.assertIn("audit-broken", self.text("alerts", "list"))
        self.mend_log()
        self.assertEqual(self.ok("alerts", "check"), [])
        (over,) = self.ok("alerts", "list", "--all")
        self.assertEqual((over["id"], over["state"]), (alert["id"], "over"))
        self.refused(1, "rejected", "alerts", "acknowledge", alert["id"])

    def test_acknowledged_or_silenced_cron_is_content(self):
        self.one("wallet", "create", "alice")
        environment = {"KEYDECK_ALERT_DECRYPTS_PER_MINUTE": "1"}
        for _ in range(3):
            self.one("sign", "message", "alice", "m")
        ran = self.keydeck("alerts", "check", env=environment)
        self.assertEqual(ran.status, 1, ran)
        alert = ran.lines()[0]["id"]
        done = self.one("alerts", "acknowledge", alert)
        self.assertEqual((done["state"], done["acknowledged_by"]), ("acknowledged", "operator"))
        self.assertEqual(len(self.ok("alerts", "check", env=environment)), 1)
        silenced = self.one("alerts", "silence", alert, "--for", "2h")
        self.assertEqual(silenced["state"], "silenced")
        self.refused(2, "invalid_input", "alerts", "silence", alert, "--for", "long")
        self.refused(2, "invalid_input", "alerts", "silence", "x")
        self.refused(3, "not_found", "alerts", "acknowledge", "999")
        self.refused(4, "denied", "--as", "alice", "alerts", "list")
        self.refused(4, "denied", "--read-only", "alerts", "acknowledge", alert)

    def test_the_command_is_told(self):
        config = self.home / ".config/keydeck"
        config.mkdir(parents=True)
        out = self.home / "told"
        (config / "config.toml").write_text(f"alert_command = 'echo \"$KEYDECK_ALERT_RULE: $KEYDECK_ALERT_SENTENCE\" >> {out}'\n")
        self.break_log()
        self.keydeck("alerts", "check")
        self.keydeck("alerts", "check")
        (line,) = out.read_text().splitlines()
        self.assertTrue(line.startswith("audit-broken: The audit log"), line)

    def test_settings_are_shown_and_strict(self):
        shown = {setting["name"]: setting["value"] for setting in self.ok("config", "show")}
        for name, value in (("alert_decrypts_per_minute", "100"), ("alert_error_percent", "5"), ("alert_failed_decrypts", "3"),
                            ("alert_access_denied", "1"), ("alert_throttled", "10"), ("alert_rotation_days", "365"),
                            ("alert_deletion_days", "30"), ("alert_audit", "true"), ("monthly_budget", "0"), ("alert_command", "")):
            self.assertEqual(shown[name], value, name)
        self.refused(2, "invalid_input", "alerts", "list", env={"KEYDECK_ALERT_THROTTLED": "many"})
        self.refused(2, "invalid_input", "alerts", "list", env={"KEYDECK_MONTHLY_BUDGET": "much"})

    def test_read_only_and_locked_vaults_are_looked_at(self):
        self.meddle("UPDATE keys SET created_at = 0")
        self.one("pool", "init", "--size", "1")
        self.meddle("UPDATE keys SET created_at = 0")
        self.assertEqual([a["rule"] for a in self.ok("--read-only", "alerts", "list")], ["rotation-late"])
        self.assertEqual(self.ok("alerts", "list")[0]["rule"], "rotation-late")

    def test_bad_prices_stop_only_what_is_about_prices(self):
        config = self.home / ".config/keydeck"
        config.mkdir(parents=True)
        (config / "prices.toml").write_text("key_month = 'much'\n")
        self.one("user", "add", "frugal")
        self.assertEqual(self.ok("alerts", "check"), [])
        self.refused(2, "invalid_input", "cost")


class Archives(Oversight):
    def test_the_log_goes_into_files_and_stays_one_chain(self):
        for i in range(5):
            self.one("user", "add", f"user-{i}")
        exported = self.keydeck("audit", "export").out.splitlines()
        first = self.home / "first.jsonl"
        time.sleep(0.01)
        archived = self.one("audit", "archive", "--before", "0", "--file", first)
        self.assertEqual((archived["file"], archived["first"]), (str(first), 1))
        self.assertEqual(first.read_text().splitlines(), exported[:archived["last"]])
        self.assertEqual(first.stat().st_mode & 0o777, 0o600)
        left = self.ok("audit", "list")
        self.assertEqual(left[0]["id"], archived["last"] + 1)
        self.assertEqual(left[0]["previous"], archived["head"])
        check = self.one("audit", "verify")
        self.assertEqual((check["valid"], check["archived"]), (True, archived["last"]))
        self.assertEqual(check["events"], left[-1]["id"])
        self.assertIn("In archives", self.text("audit", "verify"))
        self.one("user", "add", "later")
        second = self.home / "second.jsonl"
        self.one("audit", "archive", "--before", "0d", "--file", second)
        self.assertTrue(self.one("audit", "verify", "--archive", first, "--archive", second)["valid"])
        self.assertEqual(len(self.keydeck("audit", "export").out.splitlines()), len(self.ok("audit", "list")))

        noted = archived["head"]  # the head as it was noted then is in an archive by now
        ran = self.keydeck("audit", "verify", "--head", noted)
        self.assertEqual(ran.status, 6)
        self.assertIn("name the archives as well", ran.lines()[0]["reason"])
        self.assertTrue(self.one("audit", "verify", "--head", noted, "--archive", first, "--archive", second)["valid"])
        ran = self.keydeck("audit", "verify", "--head", "0x" + 64 * "1", "--archive", first, "--archive", second)
        self.assertEqual(ran.status, 6)
        self.assertIn("neither in these archives nor in the log", ran.lines()[0]["reason"])

        ran = self.keydeck("audit", "verify", "--archive", second)
        self.assertEqual((ran.status, ran.lines()[0]["first_bad"]), (6, 1), "one is missing")
        lines = first.read_text().splitlines()
        lines[2] = lines[2].replace('"operator"', '"mallory"')
        first.write_text("\n".join(lines) + "\n")
        ran = self.keydeck("audit", "verify", "--archive", first, "--archive", second)
        self.assertEqual((ran.status, ran.lines()[0]["first_bad"]), (6, 3))
        self.assertIn(str(first), ran.lines()[0]["reason"])
        self.refused(1, "already_exists", "audit", "archive", "--before", "0", "--file", second)
        self.refused(1, "rejected", "audit", "archive", "--before", "1", "--file", self.home / "third")
        self.refused(3, "not_found", "audit", "verify", "--archive", self.home / "nowhere")
        self.refused(2, "invalid_input", "audit", "archive", "--before", "soon", "--file", self.home / "x")

    def test_times(self):
        events = self.ok("audit", "list")
        self.assertEqual(self.ok("audit", "list", "--since", "1h"), events)
        self.assertEqual(self.ok("audit", "list", "--until", "1h"), [])
        middle = events[1]["time"]
        self.assertEqual(self.ok("audit", "list", "--since", middle), events[1:])
        self.assertEqual(self.ok("audit", "list", "--until", middle), events[:1])
        self.assertEqual(len(self.keydeck("audit", "export", "--since", middle).out.splitlines()), len(events) - 1)
        self.refused(2, "invalid_input", "audit", "list", "--since", "yesterday")
        self.refused(2, "invalid_input", "audit", "list", "--since", "1h", "--until", "2h")

    def test_export_to_a_file(self):
        out = self.home / "export.jsonl"
        done = self.one("audit", "export", "--file", out)
        self.assertEqual(done["events"], len(out.read_text().splitlines()))
        self.assertEqual(out.stat().st_mode & 0o777, 0o600)
        for line in out.read_text().splitlines():
            self.assertEqual(json.loads(line)["eventSource"], "keydeck")
        self.refused(1, "already_exists", "audit", "export", "--file", out)

    def test_killed_between_the_file_and_the_commit(self):
        """As a crash leaves it: the file is whole and the log still has everything."""
        target = self.home / "archive"
        copy = self.home / "copy"
        time.sleep(0.01)
        subprocess.run(["cp", "-a", self.vault, copy], check=True)
        self.one("audit", "archive", "--before", "0", "--file", target)
        subprocess.run(["rm", "-rf", self.vault], check=True)
        copy.rename(self.vault)
        self.assertTrue(self.one("audit", "verify")["valid"])
        again = self.one("audit", "archive", "--before", "0", "--file", target)
        self.assertEqual(again["first"], 1)
        self.assertTrue(self.one("audit", "verify", "--archive", target)["valid"])


class Doctor(Oversight):
    """Each finding's command, run as it stands, mends it."""

    def setUp(self):
        super().setUp()
        self.wallet = self.one("wallet", "create", "alice", "--label", "mine")
        self.key = self.wallet["key_id"]
        self.assertEqual(self.ok("doctor"), [])

    def test_late_rotation_and_old_versions(self):
        self.meddle(f"UPDATE keys SET created_at = 0 WHERE key_id = '{self.key}'")
        self.mend(self.found("rotation"))
        self.mend(self.found("old-versions"))
        self.assertEqual(self.ok("doctor"), [])
        self.one("sign", "message", "mine", "hello")

    def test_a_retiring_key(self):
        self.meddle(f"UPDATE keys SET retiring = 1 WHERE key_id = '{self.key}'")
        self.mend(self.found("retiring-key"))
        self.assertEqual(self.ok("doctor"), [])
        self.assertNotEqual(self.one("wallet", "show", "mine")["key_id"], self.key)

    def test_an_interrupted_job(self):
        self.one("key", "rotate", self.key)
        self.ok("pool", "rewrap")
        job = self.ok("job", "list")[0]["id"]
        self.meddle(f"UPDATE jobs SET state = 'running', owner = 'gone 1 1', done = 0, position = 0 WHERE id = {job}",
                    "UPDATE wallets SET key_version = 1")
        findings = {finding["check"]: finding for finding in self.findings()}
        self.assertEqual(findings["interrupted-job"]["command"], f"keydeck job resume {job}")
        self.mend(findings["interrupted-job"])
        self.assertEqual(self.ok("doctor"), [])

    def test_open_files(self):
        for path in (self.vault, self.vault / "keydeck.db", self.vault / "kms.db"):
            path.chmod(0o755)
            finding = self.found("file-mode")
            self.assertIn(str(path), finding["command"])
            self.mend(finding)
            self.assertEqual(self.ok("doctor"), [])

    def test_a_damaged_index(self):
        """As a disk would: an index that says another thing than its table."""
        with sqlite3.connect(self.vault / "keydeck.db") as database:
            database.execute("PRAGMA writable_schema = 1")
            database.execute("UPDATE sqlite_schema SET sql = 'CREATE INDEX users_order ON users (created_at, id) WHERE removed_at IS NULL' WHERE name = 'users_order'")
        database.close()
        finding = self.found("damaged-database")
        words = shlex.split(finding["command"])
        self.assertEqual(words, ["sqlite3", str(self.vault / "keydeck.db"), "REINDEX"])
        if shutil.which("sqlite3"):
            self.mend(finding)
        else:
            self.meddle("REINDEX")
        self.assertEqual(self.ok("doctor"), [])

    def test_memory_that_is_not_locked(self):
        """With no right to lock memory, as an ordinary user has it; the command is one of the shell's."""
        def doctor(before):
            line = f"ulimit -S -l 0 && {before} && " + shlex.join(map(str, self.command("--json", "doctor")))
            without = ["setpriv", "--bounding-set=-ipc_lock"] if os.geteuid() == 0 else []
            ran = subprocess.run([*without, "bash", "-c", line], env=self.environment, capture_output=True, text=True)
            self.assertEqual(ran.stderr, "")
            return [json.loads(found) for found in ran.stdout.splitlines()]
        (finding,) = doctor("true")
        self.assertEqual((finding["check"], finding["severity"], finding["command"]), ("locked-memory", "notice", "ulimit -l unlimited"))
        may_raise = subprocess.run(["bash", "-c", finding["command"]], capture_output=True, check=False).returncode == 0
        self.assertEqual(doctor(finding["command"] if may_raise else "ulimit -S -l $(ulimit -H -l)"), [])

    def test_a_broken_log(self):
        self.meddle("DELETE FROM audit WHERE id = 2")
        ran = self.keydeck("doctor")
        self.assertEqual(ran.status, 1)
        (finding,) = ran.lines()
        self.assertEqual((finding["check"], finding["command"]), ("audit", "keydeck audit verify"))
        self.assertIn("Event 2 is missing", finding["sentence"])
        self.assertEqual([alert["rule"] for alert in self.keydeck("alerts", "list").lines()], ["audit-broken"])


class DoctorInAws(AwsVaultTest):
    def setUp(self):
        super().setUp()
        self.one("init", "--kms", "aws")
        self.one("user", "add", "alice")
        self.one("wallet", "create", "alice", "--label", "mine")
        self.one("wallet", "create", "alice", "--custody", "kms-key", "--label", "signer")

    def test_permissions_are_asked_for_without_effect(self):
        self.assertEqual(self.ok("doctor"), [])
        for operation in ("GenerateDataKey", "Decrypt", "ReEncrypt", "Sign"):
            self.proxy.denied = {operation}
            ran = self.keydeck("doctor")
            self.assertEqual(ran.status, 1, ran)
            (finding,) = ran.lines()
            self.assertEqual((finding["check"], finding["command"]), ("permission", "keydeck config iam-policy"))
            self.assertIn(f"call {operation} ", finding["sentence"])
            self.assertIn(f"kms:{operation}", self.text("config", "iam-policy"), "and that is what mends it")
        self.one("wallet", "create", "alice", "--custody", "key-pair", "--label", "pair")
        self.proxy.denied = {"GenerateDataKeyPairWithoutPlaintext"}
        (finding,) = self.keydeck("doctor").lines()
        self.assertEqual(finding["check"], "permission")
        self.proxy.denied = set()
        self.assertEqual(self.ok("doctor"), [])

    def test_a_clock_that_is_wrong_is_told(self):
        self.proxy.date = email.utils.formatdate(time.time() + 600, usegmt=True)
        (finding,) = self.keydeck("doctor").lines()
        self.assertEqual((finding["check"], finding["severity"], finding["command"]), ("clock-skew", "problem", "timedatectl set-ntp true"))
        self.assertIn("10 minutes behind", finding["sentence"])
        self.proxy.date = None
        self.assertEqual(self.ok("doctor"), [])


if __name__ == "__main__":
    main()
