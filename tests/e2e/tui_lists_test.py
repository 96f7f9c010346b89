"""What all lists can do, in the real program: rows for other programs as the command line writes them, and coming back."""
import base64
import csv
import json
import re
import signal
import stat

from harness import main
from tui_pty import CTRL_U, DOWN, ENTER, ESC, DemoTest

RIGHT = "\033[C"
OSC_52 = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


class Rows(DemoTest):
    def copied(self, tui):
        return base64.b64decode(OSC_52.findall(tui.raw)[-1]).decode()

    def test_y_copies_what_the_command_line_prints(self):
        tui = self.demo(size=(36, 120))
        for screen, command in (("2", ("user", "list")), ("3", ("wallet", "list")), ("4", ("key", "list")), ("5", ("audit", "list"))):
            with self.subTest(command):
                tui.press(screen, "g", "Y")
                copied = json.loads(self.copied(tui))
                rows = {row["id"]: row for row in self.ok(*command)}
                same = rows[copied["id"]]
                for moving in ("last_day", "last_used_at", "month_so_far"):  # a call was made meanwhile
                    copied.pop(moving, None), same.pop(moving, None)
                self.assertEqual(copied, same)
                self.assertEqual(list(copied), list(same))
        self.quit(tui)

    def export(self, tui, name, *keys):
        path = self.home / name
        tui.press("x", *keys, CTRL_U, str(path), ENTER, ENTER).until("written to")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        return path

    def test_x_writes_what_the_command_line_prints(self):
        tui = self.demo(size=(36, 120))
        tui.press("3")
        path = self.export(tui, "wallets.jsonl", RIGHT, ENTER)
        self.assertEqual(path.read_text(), self.keydeck("wallet", "list").out)
        path = self.export(tui, "wallets.csv", ENTER)
        with open(path, newline="") as file:
            table = list(csv.DictReader(file))
        plain = lambda value: "" if value is None else value if isinstance(value, str) else json.dumps(value)
        self.assertEqual(table, [{name: plain(value) for name, value in row.items()} for row in self.ok("wallet", "list")])
        before = path.read_bytes()
        tui.press("x", ENTER, CTRL_U, str(path), ENTER)
        self.assertShown(tui, "nothing is overwritten")
        tui.press(ESC)
        self.assertEqual(path.read_bytes(), before)
        self.quit(tui)


class Marked(DemoTest):
    def test_what_failed_is_tried_again_from_the_command_line(self):
        keys = [key["id"] for key in self.ok("key", "list") if key["state"] == "Enabled" and not key["wallets"]][:2]
        for key in keys:
            self.ok("key", "disable", key, "--yes")
        tui = self.demo(size=(36, 120))
        tui.press("4", "/", "state:disabled", ENTER, "g", " ", "G", "v", "e")
        self.assertShown(tui, "Enable 2 keys?", "[ Cancel ]")
        self.ok("key", "schedule-deletion", keys[1], "--yes")  # while one reads the question
        tui.press("y").until("1 key could not be enabled")
        self.quit(tui)
        [job] = [job for job in self.ok("job", "list") if job["kind"] == "bulk"]
        self.assertEqual((job["done"], job["failed"], job["total"]), (1, 1, 2))
        failed = self.one("job", "show", job["id"])["failures"]
        self.assertEqual([failure["item"] for failure in failed], [keys[1]])
        again = self.keydeck("job", "retry", job["id"])  # nothing has changed
        self.assertEqual((again.status, again.lines()[0]["failed"], again.lines()[0]["total"]), (1, 1, 1), again)
        self.ok("key", "cancel-deletion", keys[1], "--yes")
        last = self.one("job", "retry", job["id"])
        self.assertEqual((last["state"], last["done"], last["failed"]), ("done", 1, 0))
        self.assertEqual({self.one("key", "show", key)["state"] for key in keys}, {"Enabled"})
        self.refused(1, "rejected", "job", "retry", last["id"])
        self.refused(3, "not_found", "job", "retry", "99")


class ComingBack(DemoTest):
    def setUp(self):
        super().setUp()
        self.environment["XDG_STATE_HOME"] = str(self.home / "state")
        self.person = {"KEYDECK_TUI_STATE": "1"}

    def files(self):
        return list((self.home / "state" / "keydeck").glob("*"))

    def test_screen_filter_and_order(self):
        tui = self.demo(env=self.person, screen="1")
        self.assertNotShown(tui, "As you left it")
        tui.press("3", "o", "/", "ali", ENTER)
        self.quit(tui)
        (path,) = self.files()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        tui = self.demo(env=self.person, screen="1")
        self.assertShown(tui, "As you left it: Wallets by last sign", "filter: ali", "LAST SIGN▼")
        tui.press("2", "O")
        tui.kill(signal.SIGTERM)
        tui.end()
        tui = self.demo(env=self.person, screen="1")
        self.assertShown(tui, "As you left it: Users by name", "USER ▼")
        self.quit(tui)

    def test_whose_wallets_they_were(self):
        tui = self.demo(env=self.person, screen="1")
        tui.press("2", "g", ENTER)
        self.assertShown(tui, "Users › alice › Wallets")
        self.quit(tui)
        tui = self.demo(env=self.person, screen="1")
        self.assertShown(tui, "As you left it: Wallets of alice (3 shows all)", "Users › alice › Wallets")
        tui.press("3")
        self.assertNotShown(tui, "Users › alice")
        self.quit(tui)
        (path,) = self.files()
        path.write_text("keydeck-tui 1\nscreen wallets\nof user nobody\n")
        tui = self.demo(env=self.person, screen="1")
        self.assertShown(tui, "nobody is not there any more", "[3 Wallets]", "all wallets")
        self.quit(tui)

    def test_a_damaged_file_is_ignored_and_told(self):
        tui = self.demo(env=self.person, screen="1")
        tui.press("4")
        self.quit(tui)
        (path,) = self.files()
        path.write_text("keydeck-tui 1\nscreen \x1b[2J\n")
        tui = self.demo(env=self.person, screen="1")
        self.assertShown(tui, "Where you were last is forgotten")
        self.assertNotShown(tui, "As you left it")
        tui.press("5")
        self.quit(tui)
        tui = self.demo(env=self.person, screen="1")
        self.assertShown(tui, "As you left it: Audit")
        self.quit(tui)

    def test_what_cannot_be_written_keeps_nobody(self):
        self.environment["XDG_STATE_HOME"] = "/proc/nowhere"
        tui = self.demo(env=self.person, screen="1")
        tui.press("3")
        self.quit(tui)

    def test_a_test_begins_like_the_first_time(self):
        tui = self.demo()
        tui.press("3", DOWN)
        self.quit(tui)
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    main()
