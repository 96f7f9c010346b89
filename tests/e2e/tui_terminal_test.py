"""What the screens do to a terminal: nothing hidden reaches it, every kind of it works, and it is always given back."""
import os
import re
import select
import signal
import time
import unittest

from harness import main
from tui_pty import CTRL_C, CTRL_L, CTRL_Z, DOWN, ENTER, ESC, TAB, DemoTest
from vterm import Screen

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
COLOUR_CODES = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}


def colours(raw):
    """The SGR codes that set a colour; 39 and 49, back to the terminal's own, count too."""
    codes = {int(code) for found in SGR.findall(raw) for code in found.decode().replace(":", ";").split(";") if code}
    return codes & (COLOUR_CODES | {39, 49})


class Watched(unittest.TestCase):
    """What every test of the screens rests on: the title says when the program is idle, wherever a read cuts it."""

    def test_a_title_in_pieces(self):
        data = b"abc\x1b]2;keydeck idle 12\x07def\x1b[1mg\x1b]2;keydeck idle 13\x1b\\h"
        for size in range(1, len(data) + 1):
            with self.subTest(size=size):
                screen, titles = Screen(2, 20), []
                for start in range(0, len(data), size):
                    screen.feed(data[start:start + size])
                    titles.append(screen.title)
                self.assertEqual((screen.title, screen.display[0]), ("keydeck idle 13", "abcdefgh"))
                self.assertLessEqual(set(titles), {"", "keydeck idle 12", "keydeck idle 13"})


class GivenBack(DemoTest):
    def assertTaken(self, tui):
        self.assertEqual((tui.screen.alternate, tui.takes_pastes()), (True, True))
        self.assertNotEqual(tui.modes(), tui.modes_before)

    def assertGivenBack(self, tui):
        self.assertEqual(tui.modes(), tui.modes_before)
        self.assertEqual((tui.screen.alternate, tui.takes_pastes(), tui.screen.cursor_visible), (False, False, True))
        pen = tui.screen.pen
        self.assertEqual((pen.fg, pen.bg, pen.bold, pen.reverse), ("default", "default", False, False))
        self.assertGreater(tui.raw.rfind(b"\x1b[?2026l"), tui.raw.rfind(b"\x1b[?2026h"))
        self.assertEqual([str(path) for path in self.home.glob("core*")], [])

    def test_after_q(self):
        for keys in ("q", CTRL_C):
            tui = self.demo()
            self.assertTaken(tui)
            tui.send(keys)
            status = tui.end()
            self.assertEqual((os.WIFEXITED(status), os.WEXITSTATUS(status), tui.errors()), (True, 0, ""))
            self.assertGivenBack(tui)

    def test_after_signals(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            for keys in ((), ("u", "dave")):  # in a list, and in a field with a cursor
                with self.subTest(number=number, keys=keys):
                    tui = self.demo()
                    tui.press(*keys)
                    tui.kill(number)
                    status = tui.end()
                    ended = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
                    self.assertEqual((ended, os.WCOREDUMP(status)), (128 + number, False))
                    self.assertGivenBack(tui)
                    self.assertEqual(tui.errors(), "")

    def test_after_crashes(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL):
            with self.subTest(number):
                tui = self.demo()
                tui.press("3")
                tui.kill(number)
                status = tui.end()
                self.assertTrue(os.WIFSIGNALED(status), status)
                self.assertEqual((os.WTERMSIG(status), os.WCOREDUMP(status)), (number, False))
                self.assertGivenBack(tui)

    def stopped(self, tui):
        return tui.process_state() == "T"

    def test_stopping_and_going_on(self):
        for stop in (lambda tui: tui.send(CTRL_Z), lambda tui: tui.kill(signal.SIGTSTP)):
            tui = self.demo()
            tui.press("3")
            tui.idle_count = tui.idle_number()
            for _ in range(2):
                stop(tui)
                self.wait_until(tui, lambda: self.stopped(tui))
                self.assertGivenBack(tui)
                tui.screen.reset()  # as if a shell had written over it
                tui.idle_count = tui.idle_number()  # it may have been idle once more before it stopped
                tui.kill(signal.SIGCONT)
                tui.idle()
                self.assertTaken(tui)
                self.assertShown(tui, "[3 Wallets]", "bob-main", "? help")
            self.quit(tui.press("2"))

    def wait_until(self, tui, condition):
        """For what the terminal does not tell: looks again and again, reading what comes meanwhile."""
        until = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), until, f"\n{tui}")
            tui.pump(0.01)
        tui.pump()

    def test_a_terminal_that_goes_away(self):
        tui = self.demo()
        report = tui.report
        os.close(tui.master)
        try:
            self.assertTrue(select.select([report], [], [], 30)[0], "it lives on without a terminal")
            tui.status = int(report.readline())
        finally:
            tui.master = os.open(os.devnull, os.O_RDWR | os.O_NONBLOCK)


class Quiet(DemoTest):
    def test_writes_nothing_when_nothing_happens(self):
        tui = self.demo()
        tui.press("4", "2").silence(1)
        began, came = time.monotonic(), bytearray()
        while (left := began + 10 - time.monotonic()) > 0:  # this one waits by nature
            before = len(tui.raw)
            tui.pump(left)
            came += tui.raw[before:]
        clock_only = len(came) < 200 and time.strftime("%H:%M", time.gmtime())[-1:].encode() in came
        self.assertTrue(not came or clock_only, bytes(came))
        self.quit(tui)

    def test_esc_alone_closes(self):
        tui = self.demo()
        tui.press("u")
        self.assertShown(tui, "New user")
        tui.press(ESC)
        self.assertNotShown(tui, "New user")
        self.quit(tui)


class Sizes(DemoTest):
    def test_a_storm_of_sizes(self):
        tui = self.demo(size=(60, 200))
        for rows, cols in ((16, 60), (8, 40), (24, 80), (1, 1), (16, 60), (150, 300), (36, 120), (60, 200)) * 2:
            tui.resize(rows, cols)
            if rows >= 16 and cols >= 60:
                self.assertShown(tui, "keydeck", "[2 Users]", "alice", "? help")
                self.assertEqual(len(tui.lines()), rows)
            elif cols >= 40:
                self.assertShown(tui, "Keydeck needs at least 60x16", "q quit")
        self.quit(tui)

    def test_typed_text_is_kept(self):
        tui = self.demo(size=(60, 200))
        tui.press("u", "dave with a long name")
        for rows, cols in ((16, 60), (8, 40), (24, 80), (60, 200), (16, 60), (24, 80)):
            tui.resize(rows, cols)
            if rows >= 16:
                self.assertShown(tui, "New user", "dave with a long name", "Create")
        tui.press(TAB, ENTER).until("User dave with a long name was created")
        self.assertEqual(self.ok("user", "list")[-1]["name"], "dave with a long name")

    def test_many_sizes_without_waiting(self):
        tui = self.demo()
        tui.press("u", "dave")
        for step in range(60):
            tui._set_size((10 + step % 50, 40 + step * 3))
        tui.resize(24, 80)
        tui.send(CTRL_L)  # drawn anew, whatever size the frames on the way had
        # Not the next idle: it may still be that of a size on the way.
        tui.until("New user", "dave", "[2 Users]")
        tui.wait(lambda: tui.screen.display[0].rstrip()[-3:] == "UTC", "the first line is not whole")

    def test_too_small_still_leaves(self):
        tui = self.demo(size=(8, 40))
        before = self.events()
        tui.press("u", "x", ENTER)
        self.assertShown(tui, "Keydeck needs at least")
        self.assertEqual(self.events(), before)
        self.quit(tui)

    def test_every_screen_fits(self):
        for size in ((16, 60), (24, 80), (36, 120)):
            tui = self.demo(size=size)
            for number in "1234567":
                tui.press(number)
                self.assertShown(tui, f"[{number} ", "UTC", "? help")
            self.quit(tui)


class Kinds(DemoTest):
    def test_every_kind_shows_the_same(self):
        shown = {}
        for term in ("xterm-256color", "xterm", "tmux-256color", "screen-256color", "linux", "vt100"):
            with self.subTest(term):
                tui = self.demo(env={"TERM": term})
                tui.press("3", "4", DOWN, "u", ESC, "2")
                shown[term] = [re.sub(r"\d\d:\d\d UTC", "", line) for line in tui.lines()]
                self.assertShown(tui, "alice", "bob", "? help")
                if term in ("linux", "vt100"):
                    self.assertNotIn(b"\x1b[?2004h", bytes(tui.raw))
                self.quit(tui)
                self.assertEqual(tui.modes(), tui.modes_before)
                self.assertEqual(shown[term], shown["xterm-256color"], f"\n{tui}")

    def test_an_unknown_kind_falls_back(self):
        for term in ("xterm-kitty", "foot-of-nobody", ""):
            tui = self.demo(env={"TERM": term})
            self.assertShown(tui, "alice", f"TERM={term} is not known here")
            self.quit(tui)

    def test_a_dumb_one_is_refused(self):
        tui = self.demo(env={"TERM": "dumb"}, wait=False)
        status = tui.end()
        self.assertTrue(os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0, status)
        self.assertIn("TERM=dumb", tui.errors())
        self.assertNotIn(b"\x1b", bytes(tui.raw))
        self.assertEqual(tui.modes(), tui.modes_before)


class Plain(DemoTest):
    def walk(self, tui):
        """Past every screen, through dialogs, messages and a refusal."""
        for keys in ("1", "2", "?", ESC, "u", "x" * 70, ESC, "3", ENTER, ESC, "s", "m", "hello", TAB, TAB, ENTER, ESC, "4", "X", ESC, "d", ESC,
                     "5", ENTER, ESC, "!", ESC, "/", "z", ESC):
            tui.press(keys)
        return tui

    def test_colours_by_default(self):
        self.assertTrue(colours(bytes(self.walk(self.demo()).raw)))

    def test_no_color(self):
        tui = self.walk(self.demo(env={"NO_COLOR": "1"}))
        self.assertEqual(colours(bytes(tui.raw)), set())
        self.quit(tui)
        self.assertEqual(colours(bytes(tui.raw)), set())

    def test_ascii_alone_in_a_locale_without_more(self):
        for locale in ({"LC_ALL": "C"}, {"LC_ALL": None, "LANG": "C"}, {"LC_ALL": "POSIX"}):
            tui = self.walk(self.demo(env=locale))
            beyond = {byte for byte in tui.raw if byte > 0x7E}
            self.assertEqual(beyond, set(), locale)
            for line in tui.lines():
                self.assertTrue(line.isascii(), line)
            self.quit(tui)

    def test_a_name_of_wide_characters_keeps_the_columns(self):
        for name in ("中文名字", "plain", "mixed 中 up"):
            self.one("user", "add", name)
        tui = self.demo()
        rows = ["".join(tui.screen.cell(row, col).data or "\0" for col in range(tui.cols)) for row in range(tui.rows)]
        starts = [row.index("no wallet yet") for row in rows if "no wallet yet" in row]
        self.assertEqual(starts, [rows[3].index("DEFAULT ADDRESS")] * 3, f"\n{tui}")
        tui.press("/", "中")
        self.assertShown(tui, "中文名字")
        self.assertNotShown(tui, "plain", "mixed")


class Hidden(DemoTest):
    def test_hidden_characters_never_reach_the_terminal(self):
        hidden = ["\u202e", "\u202d", "\u2066", "\u2069", "\u200b", "\u200e", "\u00ad", "\ufeff", "\u0085", "\u009b", "\U000e0041", "\u2028"]
        message = "pay " + "".join(hidden) + "\x1b]2;owned\x07\x1b[31m"
        tui = self.demo(size=(44, 100))
        tui.press("3", "s", "m").paste(message)
        self.assertShown(tui, "⟨U+202E⟩")
        tui.press(TAB, TAB, ENTER)
        self.assertShown(tui, "hidden character", "⟨U+009B⟩")
        tui.press("S").until("Signature")
        tui.press(ESC, "5", ENTER)
        sent = bytes(tui.raw).decode()
        self.assertEqual([f"U+{ord(c):04X}" for c in hidden if c in sent], [])
        self.assertNotIn("owned", tui.screen.title)
        self.quit(tui.press(ESC))

    def test_nor_out_of_the_vaults_file(self):
        import sqlite3
        with sqlite3.connect(self.vault / "keydeck.db") as database:
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            self.assertIn("wallets", tables)
            database.execute("UPDATE wallets SET label = ? WHERE id = 1", ("in\u202evoice\u009b31m\x1b]2;owned\x07",))
        database.close()
        tui = self.demo(size=(36, 120))
        tui.press("3")
        tui.press(ENTER, ESC, "s", ESC, "r", ESC, "2", "4", "5")
        sent = bytes(tui.raw).decode()
        for c in "\u202e\u009b":
            self.assertNotIn(c, sent)
        self.assertNotIn("owned", tui.screen.title)
        self.quit(tui)


if __name__ == "__main__":
    main()
