"""The screens on a pseudo-terminal, with libvterm as the screen: what a person sees, and every byte that was sent.

KEYDECK_TUI_TEST=1 makes the program set the window title to "keydeck idle N" when nothing is pending after a frame; everything here waits
for that and never sleeps.
"""
import fcntl
import os
import pathlib
import re
import resource
import select
import signal
import struct
import subprocess
import termios
import time

from harness import BINARY, KeydeckTest
from vterm import Screen

PATIENCE = 30  # seconds until a wait gives up; no test measures with it
ENTER, ESC, TAB, BACKSPACE, DOWN, PAGE_UP, PAGE_DOWN = "\r", "\033", "\t", "\177", "\033[B", "\033[5~", "\033[6~"
IDLE = re.compile(rb"\x1b\]2;keydeck idle \d+\x07\Z")
CTRL_C, CTRL_L, CTRL_U, CTRL_Z = "\003", "\014", "\025", "\032"


class Gone(AssertionError):
    """The program ended when it was not expected to."""


class Tui:
    """One run of the program on a terminal of its own. A small process leads the session, as a shell would, so that stopping works."""

    make_screen = Screen  # (rows, columns): with feed, resize, title, display

    def __init__(self, args, environment, directory, size=(24, 80)):
        self.rows, self.cols = size
        self.raw = bytearray()
        self.idle_count = 0
        self.status = None
        self.is_tmux = pathlib.Path(args[0]).name == "tmux"
        self.screen = self.make_screen(self.rows, self.cols)
        self.stderr_path = pathlib.Path(directory) / f"stderr-{time.monotonic_ns()}"
        self.master, self.terminal = os.openpty()
        self._set_size(size)
        self.modes_before = termios.tcgetattr(self.terminal)
        report, reporter = os.pipe()
        self.leader = os.fork()
        if self.leader == 0:
            self._lead(args, environment, directory, reporter)
        os.close(reporter)
        self.report = os.fdopen(report, "rb", buffering=0)
        os.set_blocking(self.master, False)
        self.pid = int(self.report.readline())

    def _set_size(self, size):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))

    def _lead(self, args, environment, directory, reporter):
        """In the child: a session with this terminal, and the program as its foreground job. Tells its pid, then its status."""
        try:
            os.close(self.master)
            os.setsid()
            fcntl.ioctl(self.terminal, termios.TIOCSCTTY, 0)
            for number in (signal.SIGHUP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP, signal.SIGINT, signal.SIGCONT):
                signal.signal(number, signal.SIG_IGN)
            os.set_inheritable(self.terminal, True)
            program = os.fork()
            if program == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(self.terminal, os.getpgrp())
                for number in range(1, 32):
                    if number not in (signal.SIGKILL, signal.SIGSTOP):
                        signal.signal(number, signal.SIG_DFL)
                hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
                resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # a core could be written; the program must see to it that none is
                errors = os.open(self.stderr_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                for source, target in ((self.terminal, 0), (self.terminal, 1), (errors, 2)):
                    os.dup2(source, target)
                os.chdir(directory)
                os.closerange(3, 64)
                os.execvpe(args[0], args, environment)
            os.write(reporter, f"{program}\n".encode())
            status = os.waitpid(program, 0)[1]
            os.write(reporter, f"{status}\n".encode())
        finally:
            os._exit(0)

    # What it sends.

    def pump(self, timeout=0.0):
        """Takes what it has sent, waiting for the first of it; the number of bytes."""
        watched = [self.master] + ([self.report] if self.status is None else [])
        ready = select.select(watched, [], [], timeout)[0]
        if self.report in ready:
            self.status = int(self.report.readline() or b"-1")
        got = 0
        while True:
            try:
                part = os.read(self.master, 65536)
            except (BlockingIOError, OSError):
                break
            if not part:
                break
            got += len(part)
            self.raw += part
            self.screen.feed(part)
        return got

    def idle_number(self):
        found = re.fullmatch(r"keydeck idle (\d+)", self.screen.title)
        return int(found.group(1)) if found else 0

    def idle(self):
        """Waits until it says once more that nothing is pending."""
        self.wait(lambda: self.idle_number() > self.idle_count, "no further frame")
        self.idle_count = self.idle_number()

    def wait(self, condition, why):
        """Waits until condition() holds; it is looked at after everything it sends."""
        until = time.monotonic() + PATIENCE
        while not condition():
            if self.status is not None and self.pump() == 0:
                raise Gone(f"{why}: it ended with {self.status}\n{self.errors()}\n{self}")
            left = until - time.monotonic()
            if left <= 0:
                raise AssertionError(f"waited {PATIENCE} s: {why}\n{self}")
            self.pump(left)

    def until(self, *texts):
        """Waits until all of these stand on the screen and nothing is pending: that it is idle is the last thing it said. (Not so where
        tmux speaks for it.)"""
        missing = lambda: [text for text in texts if text not in self.text()]
        settled = lambda: self.is_tmux or IDLE.search(self.raw[-64:])
        self.wait(lambda: settled() and not missing(), f"waiting for {texts}")
        return self

    def silence(self, seconds):
        """Waits until it has sent nothing for so long: what was under way, or fades by itself, is over."""
        until = time.monotonic() + PATIENCE + 3 * seconds
        while self.pump(seconds):
            if time.monotonic() > until:
                raise AssertionError(f"it goes on sending\n{self}")

    def end(self):
        """Waits for its end; its wait status."""
        self.wait(lambda: self.status is not None, "it does not end")
        while self.pump():
            pass
        return self.status

    # What it gets.

    def send(self, keys):
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            try:
                data = data[os.write(self.master, data):]
            except BlockingIOError:
                self.pump(0.05)

    def press(self, *keys):
        """Each key (or typed text) by itself, waiting after each one until nothing is pending."""
        for each in keys:
            self.pump()
            self.idle_count = self.idle_number()
            self.send(each)
            self.idle()
        return self

    def press_blindly(self, keys):
        """As press(), for keys at random: a dangerous dialog that opens throws away what was typed before, and where that was all there is
        no frame for it (the clock's minute may have passed for the frame of the keys before). Ctrl-L asks for one."""
        self.pump()
        self.idle_count = self.idle_number()
        self.send(keys)
        until = time.monotonic() + PATIENCE
        while self.idle_number() <= self.idle_count:
            if time.monotonic() > until or self.status is not None:
                return self.idle()  # which says what is wrong
            if self.pump(1) == 0:
                self.send("\014")
        self.idle_count = self.idle_number()
        return self

    def paste(self, text):
        return self.press(f"\033[200~{text}\033[201~")

    def resize(self, rows, cols):
        """Another size, and the frame for it."""
        self.pump()
        self.idle_count = self.idle_number()
        self.rows, self.cols = rows, cols
        self.screen.resize(rows, cols)
        self._set_size((rows, cols))
        self.idle()

    def kill(self, number):
        os.kill(self.pid, number)

    def process_state(self):
        return pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]

    def close(self):
        if self.status is None:
            self.kill(signal.SIGKILL)
            self.end()
        os.waitpid(self.leader, 0)
        for descriptor in (self.master, self.terminal):
            os.close(descriptor)
        self.report.close()

    # What a person sees.

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def row_of(self, text):
        """The line that shows it."""
        return next((line for line in self.lines() if text in line), "")

    def selected(self):
        """The list's line under the cursor."""
        return next((line for line in self.lines() if line.startswith(">")), "")

    def dialog(self):
        """The lines inside the dialog, which is 78 columns wide where there is room."""
        return [found.group(1).rstrip() for found in (re.search("│ (.{74}) │", line) for line in self.screen.display) if found]

    def field(self, name):
        """A value in the dialog, put together again where it was wrapped."""
        lines = iter(self.dialog())
        for line in lines:
            if line == name or line.startswith(name + " "):
                value = line[len(name):].strip()
                for more in lines:
                    if not more.startswith("  "):
                        break
                    value += more.strip()
                return value
        raise AssertionError(f"no {name} in the dialog\n{self}")

    def takes_pastes(self):
        """Whether the last that was said of bracketed paste is that it is on."""
        return self.raw.rfind(b"\033[?2004h") > self.raw.rfind(b"\033[?2004l")

    def modes(self):
        return termios.tcgetattr(self.terminal)

    def errors(self):
        return self.stderr_path.read_text() if self.stderr_path.exists() else ""

    def __str__(self):
        return "\n".join(f"{number:2} {line}" for number, line in enumerate(self.lines()))


class TuiTest(KeydeckTest):
    """Opens the screens on this vault; what is on them is told when a test fails."""

    def open(self, *args, size=(24, 80), env=None, wait=True, program=BINARY, screen="2"):
        """On the screen of that number, once it is idle there."""
        environment = {**self.environment, "KEYDECK_TUI_TEST": "1", **(env or {})}
        tui = Tui([program, *map(str, args)], {name: value for name, value in environment.items() if value is not None}, self.home, size)
        self.addCleanup(tui.close)
        if wait:
            tui.idle()
            if screen != "1":
                tui.press(screen)
        return tui

    def assertShown(self, tui, *texts):
        for text in texts:
            self.assertIn(text, tui.text(), f"\n{tui}")

    def assertNotShown(self, tui, *texts):
        for text in texts:
            self.assertNotIn(text, tui.text(), f"\n{tui}")

    def quit(self, tui):
        """Ends it with q; it must go willingly and have written nothing to standard error."""
        tui.send("q")
        status = tui.end()
        self.assertEqual((os.WIFEXITED(status) and os.WEXITSTATUS(status), tui.errors()), (0, ""), str(tui))


class DemoTest(TuiTest):
    """With the demo's vault: alice (envelope), bob and charlie, and a key that waits for its deletion."""

    def setUp(self):
        super().setUp()
        self.environment["XDG_DATA_HOME"] = str(self.home / "data")
        made = subprocess.run([BINARY, "demo", "--headless", "--json"], env=self.environment, capture_output=True, check=True, timeout=PATIENCE)
        self.assertEqual(made.stderr, b"")
        self.vault = self.home / "data" / "keydeck-demo"

    def demo(self, *args, **options):
        return self.open("demo", *args, **options)

    def events(self, action=None):
        return [event for event in self.ok("audit", "list") if action in (None, event["action"])]
