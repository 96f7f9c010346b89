"""Metrics and cost by the real program; the cost of the demo and of a what-if against a calculation by hand."""
import calendar
import datetime
import math
import sqlite3
from fractions import Fraction

from harness import BINARY, KeydeckTest, VaultTest, main

ECC = {"Sign", "Verify", "GetPublicKey"}
KEY_MONTH, SYMMETRIC, ECC_PRICE, FREE = Fraction(1), Fraction(3, 100), Fraction(15, 100), 20_000


def rounded(dollars):
    """To micro-dollars, half up, as text with two decimals at least."""
    micros = math.floor(dollars * 1_000_000 + Fraction(1, 2))
    text = f"{micros // 1_000_000}.{micros % 1_000_000:06}"
    while text.endswith("0") and text[-3] != ".":
        text = text[:-1]
    return text


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Demo(KeydeckTest):
    def setUp(self):
        super().setUp()
        ran = self.run_command([BINARY, "demo", "--headless"])
        self.assertEqual(ran.status, 0, ran)
        self.vault = self.home / ".local/share/keydeck-demo"

    def test_its_cost_is_what_a_hand_reckons(self):
        report = self.one("cost")
        now = datetime.datetime.now(datetime.timezone.utc)
        with sqlite3.connect(self.vault / "keydeck.db") as database:
            keys = database.execute("SELECT key_id, created_at, pending_since FROM keys").fetchall()
        database.close()
        # Made within this hour: one begun hour each, of the month's; the one that was scheduled for deletion too.
        month_hours = calendar.monthrange(now.year, now.month)[1] * 24
        hours = 0
        for _, created, pending in keys:
            end = pending if pending is not None else now.timestamp() * 1e6
            hours += math.ceil((end - created) / 3.6e9)
        rows = self.ok("metrics", "--since", "1h")
        ecc = sum(row["calls"] for row in rows if row["operation"] in ECC)
        symmetric = sum(row["calls"] for row in rows if row["operation"] not in ECC)
        self.assertEqual(sum(row["failures"] for row in rows), 0)
        self.assertLess(symmetric, FREE)
        self.assertEqual(report["month"], now.strftime("%Y-%m"))
        self.assertIs(report["billed"], False)
        kinds = {line["name"]: line for line in report["by_kind"]}
        self.assertEqual(kinds["keys"]["count"], len(keys))
        self.assertEqual(kinds["keys"]["month_so_far"], rounded(KEY_MONTH * hours / month_hours))
        self.assertEqual(kinds["ECC requests"]["count"], ecc)
        self.assertEqual(kinds["ECC requests"]["month_so_far"], rounded(ECC_PRICE * ecc / 10_000))
        self.assertEqual(kinds["symmetric requests"]["count"], symmetric)
        self.assertEqual(kinds["symmetric requests"]["month_so_far"], "0.00")
        self.assertEqual(report["month_so_far"], rounded(KEY_MONTH * hours / month_hours + ECC_PRICE * ecc / 10_000))
        users = {line["name"]: line for line in report["by_user"]}
        self.assertLessEqual({"alice", "bob", "charlie"}, set(users))
        self.assertAlmostEqual(sum(float(line["month_so_far"]) for line in users.values()), float(report["month_so_far"]), places=5)

    def test_people_are_told_that_nothing_is_billed(self):
        told = self.text("cost")
        self.assertIn("Nothing is billed: the keys are in the embedded KMS. In AWS it would be:", told)
        for word in ("keys", "ECC requests", "alice", "envelope"):
            self.assertIn(word, told)

    def test_prometheus_and_rows_tell_the_same(self):
        rows = self.ok("metrics")
        text = self.text("metrics")
        samples = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        if datetime.datetime.now(datetime.timezone.utc).hour > 0:  # counters begin anew at midnight
            for row in rows:
                name = f'keydeck_kms_calls_total{{key="{row["key_id"] or ""}",operation="{row["operation"]}"}}'
                self.assertEqual(samples[name], row["calls"])
        self.assertEqual(samples["keydeck_users"], 3)
        self.assertTrue(any(name.startswith("keydeck_key_deletion_seconds{") for name in samples))

    def test_rows_by_minute_and_filters(self):
        everything = self.ok("metrics")
        by_minute = self.ok("metrics", "--by-minute")
        self.assertTrue(all(moment(row["minute"]).second == 0 for row in by_minute))
        self.assertEqual(sum(row["calls"] for row in by_minute), sum(row["calls"] for row in everything))
        signs = self.ok("metrics", "--operation", "Sign")
        self.assertEqual({row["operation"] for row in signs}, {"Sign"})
        key = signs[0]["key_id"]
        self.assertEqual({row["key_id"] for row in self.ok("metrics", "--key", key)}, {key})
        self.assertEqual(self.ok("metrics", "--since", "2020-01-01T00:00:00Z", "--until", "2020-01-02T00:00:00Z"), [])
        self.refused(2, "invalid_input", "metrics", "--since", "yesterday")
        self.refused(3, "not_found", "metrics", "--key", "nobody")


class WhatIf(KeydeckTest):
    def test_the_table_is_a_hands(self):
        """Without a vault. To make: 10 pool keys with names (20), then GenerateDataKey and Decrypt; CreateKey, GetPublicKey
        and Sign; a pair and Decrypt. 10,000 Decrypt a month are free, 10,000 Sign are not."""
        envelope, kms_key, pair = self.ok("cost", "--users", "1000", "--signs", "10000")
        self.assertEqual([line["custody"] for line in (envelope, kms_key, pair)], ["envelope", "kms-key", "key-pair"])
        self.assertEqual([line["keys"] for line in (envelope, kms_key, pair)], [10, 1000, 10])
        self.assertEqual([line["making_requests"] for line in (envelope, kms_key, pair)], [2020, 3000, 2020])
        self.assertEqual(envelope["making"], rounded(2020 * SYMMETRIC / 10_000))
        self.assertEqual(kms_key["making"], rounded((1000 * SYMMETRIC + 2000 * ECC_PRICE) / 10_000))
        self.assertEqual(pair["making"], rounded((1020 * SYMMETRIC + 1000 * Fraction(1, 10)) / 10_000))
        self.assertEqual([line["month"] for line in (envelope, kms_key, pair)], ["10.00", "1000.15", "10.00"])
        self.refused(2, "invalid_input", "cost", "--users", "-1")
        self.refused(2, "invalid_input", "cost", "--users", "1000000000", "--wallets", "1000000000")
        self.refused(2, "invalid_input", "cost", "--users", "1", "--signs", "1000000000000000000")
        for line in self.ok("cost", "--users", "1000000", "--wallets", "1000000", "--signs", "1000000000000000"):
            self.assertGreater(float(line["month"]), 0)

    def test_prices_come_from_the_users_file(self):
        file = self.home / ".config/keydeck/prices.toml"
        file.parent.mkdir(parents=True)
        file.write_text("key_month = 2.5\n")
        self.assertEqual(self.ok("cost", "--users", "4")[1]["keys_month"], "10.00")
        shown = {line["name"]: line for line in self.ok("config", "show")}
        self.assertEqual((shown["prices"]["value"], shown["prices"]["source"]), (str(file), "file"))
        file.write_text("key_month = 2.5\nfree = 3\necc_requests_10k = -0.1\n")
        checked = self.keydeck("config", "check")
        self.assertEqual((checked.status, [problem["line"] for problem in checked.lines()]), (2, [2, 3]))
        self.assertIn("must not be negative", checked.lines()[1]["problem"])
        self.assertIn("line 2", self.refused(2, "invalid_input", "cost", "--users", "4")["message"])


class Writes(VaultTest):
    def content(self):
        with sqlite3.connect(self.vault / "keydeck.db") as database:
            return [database.execute(f"SELECT * FROM {table}").fetchall()
                    for table in ("users", "wallets", "keys", "audit", "metrics", "usage_months", "counters")]

    def test_a_command_that_only_reads_makes_no_write(self):
        self.ok("wallet", "create", "alice", "--custody", "kms-key")
        before = self.content()
        for command in (["wallet", "list"], ["user", "list"], ["audit", "list"], ["metrics"], ["cost"]):
            self.ok(*command)
        self.assertEqual(self.content(), before)
        # One that asks the KMS has calls to write down, unless it may not.
        self.ok("--read-only", "key", "list")
        self.assertEqual(self.content(), before)
        self.ok("key", "list")
        self.assertNotEqual(self.content(), before)
        self.assertIn("ListKeys", {row["operation"] for row in self.ok("metrics")})


if __name__ == "__main__":
    main()
