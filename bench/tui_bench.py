"""How fast the screens answer, measured outside the program, on a pseudo-terminal: what a person waits for. TUI.md's budgets.

  KEYDECK_BINARY=build/release/app/keydeck python3 bench/tui_bench.py [WALLETS]

Over a vault of a million wallets, or as many as asked for; it is kept beside the programs of the benchmarks for the next time. Three
situations: an embedded KMS; a KMS over HTTP that never answers; one with eight calls of 500 ms in flight. A frame is what stands between
ESC[?2026h and l; "all there" is when the program says that nothing is pending any more, so rows are read by then. Beside it, in the same
run, the least a curses program can do. Ends with 1 when a budget is exceeded. KEYDECK_BENCH_SMALL=1 runs everything once over few wallets,
judges no time, and keeps nothing.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from faulty_proxy import FaultyProxy  # noqa: E402
from tui_pty import BINARY, DOWN, ENTER, ESC, PAGE_DOWN, PAGE_UP, PATIENCE, Tui  # noqa: E402

SMALL = os.environ.get("KEYDECK_BENCH_SMALL") == "1"
WALLETS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000 if SMALL else 1_000_000
FEW = 1_000
RUNS, ROUNDS = (2, 2) if SMALL else (40, 200)
FIRST_FRAME, KEY, END, PREFIX, SUBSTRING, CLOSING = 50, 8, 50, 50, 150, 60  # milliseconds, at p95
MEMORY, MEMORY_DIFFERENCE = 64, 10  # MB
PROGRAMS = pathlib.Path(os.environ.get("KEYDECK_BENCH_DIR") or
                        next(parent / "bench" for parent in pathlib.Path(BINARY).resolve().parents if (parent / "bench" / "fill_vault").exists()))
FRAME_ENDS = b"\x1b[?2026l"
exceeded = []


def percentile(times, part):
    ordered = sorted(times)
    return ordered[round((len(ordered) - 1) * part)]


def judge(what, kept):
    if not kept and not SMALL:
        exceeded.append(what)
    return "kept" if kept else "EXCEEDED"


def report(what, times, budget=None):
    """One line; where there is a budget, whether 95 in 100 keep it."""
    line = f"{what:<46} p50 {percentile(times, 0.5):8.2f} ms   p95 {percentile(times, 0.95):8.2f} ms   max {max(times):8.2f} ms   n {len(times)}"
    if budget is not None:
        line += f"   budget {budget:g} ms: {judge(what, percentile(times, 0.95) <= budget)}"
    print(line, flush=True)


class Nobody:
    """In the place of a screen: it would be measured too."""

    title = ""

    def __init__(self, rows, columns):
        pass

    def feed(self, data):
        pass


class Wire(Tui):
    """Only what is sent, and when."""

    make_screen = Nobody

    def idle_number(self):
        found = re.findall(rb"\x1b]2;keydeck idle (\d+)\x07", self.raw[-200:])
        return int(found[-1]) if found else 0

    def gather(self, condition, why):
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until or (self.status is not None and not condition()):
                raise AssertionError(f"{why}: {bytes(self.raw[-2000:])} {self.errors()}")
            self.pump(1)

    def whole_frame(self):
        """Waits for its first frame: the hint line, last row of all, and the end of the update."""
        self.gather(lambda: self.raw.rfind(FRAME_ENDS) > self.raw.rfind(b"? help") > -1, "no first frame")

    def rest(self):
        """Waits until nothing is pending, where that is not so already."""
        self.gather(lambda: self.idle_number() > 0, "never idle")

    def press(self, *keys):
        for key in keys:
            self.time(key)
        return self

    def time(self, key, all_there=True):
        """One key: milliseconds until its first frame, and until all is there."""
        self.pump()
        self.raw.clear()
        began = time.perf_counter()
        self.send(key)
        self.gather(lambda: FRAME_ENDS in self.raw or self.idle_number() > 0, f"no frame after {key!r}")
        frame = time.perf_counter()
        if all_there:
            self.rest()
        return (frame - began) * 1e3, (time.perf_counter() - began) * 1e3

    def memory(self):
        """What it occupies now, MB."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def wake_ups(self):
        statuses = pathlib.Path(f"/proc/{self.pid}/task").glob("*/status")
        return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M).group(1)) for status in statuses)

    def leave(self):
        self.raw.clear()
        self.send("q")
        self.gather(lambda: self.status is not None or b"Leave" in self.raw, "it does not end")
        while self.status is None:  # something is still being done, and it asks; its guard takes no y at first
            self.send("y")
            self.pump(0.05)
        self.close()


class Vault:
    """A vault in the folder, with so many rows; `program` runs the command line on it."""

    def __init__(self, folder, rows, environment, init):
        self.folder, self.rows, self.environment = folder, rows, environment
        self.path, marker = folder / "vault", folder / "complete.json"
        if marker.exists() and json.loads(marker.read_text()) == self.recipe():
            return
        shutil.rmtree(self.path, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        self.program("init", *init)
        self.program("user", "add", "alice")
        self.program("wallet", "create", "alice", "--count", str(100 if SMALL else 2_000), "--label", "real")
        key = self.program("key", "create")[0]["id"]
        subprocess.run([PROGRAMS / "fill_vault", self.path, str(rows), key], check=True)
        marker.write_text(json.dumps(self.recipe()))
        print(f"made a vault of {rows:,} wallets in {time.monotonic() - began:.1f} s: {folder}")

    def recipe(self):
        return {"rows": self.rows, "made by": int((PROGRAMS / "fill_vault").stat().st_mtime)}

    def program(self, *args):
        ran = subprocess.run([BINARY, "--vault", str(self.path), "--json", *args], env=self.environment, check=True, stdout=subprocess.PIPE,
                             stdin=subprocess.DEVNULL)
        return [json.loads(line) for line in ran.stdout.splitlines() if line]

    def open(self):
        return Wire([BINARY, "--vault", str(self.path)], {**self.environment, "KEYDECK_TUI_TEST": "1"}, self.folder, (36, 120))


def environment_in(folder, **more):
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **more}


class Served:
    """A KMS over HTTP with a proxy before it, and what a client must know."""

    def __init__(self, folder):
        self.folder = folder
        vault = ["--vault", str(folder / "kms"), "--json"]
        environment = environment_in(folder)
        access = folder / "access.json"
        if not access.exists():
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([BINARY, *vault, "init", "--key-file", str(folder / "kms.key")], env=environment, check=True, stdout=subprocess.DEVNULL)
            access.write_bytes(subprocess.run([BINARY, *vault, "kms", "access-key", "create"], env=environment, check=True, stdout=subprocess.PIPE).stdout)
        key = json.loads(access.read_text())
        self.server = subprocess.Popen([BINARY, *vault, "kms", "serve", "--listen", "127.0.0.1:0"], env=environment, stdout=subprocess.PIPE,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        start = json.loads(self.server.stdout.readline())
        self.proxy = FaultyProxy(int(start["url"].rsplit(":", 1)[1]))
        self.environment = environment_in(folder, AWS_ACCESS_KEY_ID=key["access_key_id"], AWS_SECRET_ACCESS_KEY=key["secret_access_key"],
                                          AWS_REGION=start["region"], AWS_ENDPOINT_URL=self.proxy.url, AWS_EC2_METADATA_DISABLED="true",
                                          AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

    def close(self):
        self.proxy.close()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait()


def first_frames(what, open_it, wait=True, budget=FIRST_FRAME):
    frames, rows = [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        tui = open_it()
        tui.whole_frame()
        frames.append((time.perf_counter() - began) * 1e3)
        if wait:
            tui.rest()
            rows.append((time.perf_counter() - began) * 1e3)
        tui.leave()
    report(f"{what}first frame", frames, budget)
    if rows:
        report(f"{what}first frame, all there", rows)


def keys(what, tui, all_there=True):
    """From the list of wallets; everything that has a budget."""
    every = []
    moves = (("j", ["j"]), ("cursor down", [DOWN]), ("PgDn, PgUp", [PAGE_DOWN] * 20 + [PAGE_UP] * 20), ("2, 5, 3", ["2", "5", "3"]))
    for name, pressed in moves:
        times = [tui.time(pressed[i % len(pressed)], all_there) for i in range(ROUNDS if len(pressed) > 4 else ROUNDS // len(pressed) + 1)]
        tui.time("3", all_there)
        report(f"{what}key to frame: {name}", [frame for frame, _ in times], KEY)
        if all_there and len(pressed) > 1:
            report(f"{what}all there: {name}", [settled for _, settled in times], END)
        every += [frame for frame, _ in times]
    report(f"{what}key to frame: all of them", every, KEY)


def ends_and_filters(tui):
    times = [tui.time("Gg"[i % 2])[1] for i in range(ROUNDS)]
    report("all there: G, g", times, END)
    typed, first_hits = [], {}
    for text, kind in (("0x4a", "prefix"), ("0x7", "prefix"), ("label-00", "substring"), ("0012", "substring"), ("432", "substring"), ("nobody", "substring")) * (ROUNDS // 40 + 1):
        tui.press("/")
        for at, letter in enumerate(text):
            frame, settled = tui.time(letter)
            typed.append(frame)
            first_hits.setdefault(kind, []).append(settled)
        tui.press(ESC)
    report("key to frame: typing a filter", typed, KEY)
    report("first hits: prefix of an address", first_hits["prefix"], PREFIX)
    report("first hits: substring", first_hits["substring"], SUBSTRING)
    closing = []
    for _ in range(max(ROUNDS // 8, 2)):
        tui.press("?")
        closing.append(tui.time(ESC)[0])
    report("Esc closes (25 ms of it: is it only Esc?)", closing, CLOSING)


def idle(tui):
    """What doing nothing costs. The clock's minute is kept out of it, unless the time asked for is longer."""
    seconds = 1 if SMALL else 10
    tui.silence(5)  # what fades has faded
    while time.gmtime().tm_sec > 58 - seconds:
        tui.silence(1)
    woken, sent = tui.wake_ups(), len(tui.raw)
    tui.pump(seconds)
    woken, sent = tui.wake_ups() - woken, len(tui.raw) - sent
    print(f"{'idle for ' + str(seconds) + ' s':<46} {sent} bytes, {woken} wake-ups   budget none: {judge('idle', sent == woken == 0)}")


def walked(vault):
    """The memory of it after walking about."""
    tui = vault.open()
    tui.whole_frame()
    tui.rest()
    tui.press("3", *[PAGE_DOWN] * 30, "G", *[PAGE_UP] * 10, "g", "/", *"label-0", ESC, "2", "G", "g", "5", "4", "6", "7", "3")
    megabytes = tui.memory()
    tui.leave()
    return megabytes


def minimal():
    """The yardstick."""
    command = [str(PROGRAMS / "minimal_curses")]
    folder = tempfile.mkdtemp(prefix="keydeck-bench-")
    first_frames("minimal curses program: ", lambda: Wire(command, environment_in(folder), folder, (36, 120)), budget=None)
    tui = Wire(command, environment_in(folder), folder, (36, 120))
    tui.whole_frame()
    report("minimal curses program: key to frame", [tui.time("j")[0] for _ in range(ROUNDS)])
    tui.send("q")
    tui.end()
    tui.close()
    shutil.rmtree(folder)


def embedded(folder):
    vault = Vault(folder / "embedded", WALLETS, environment_in(folder / "embedded"), ("--key-file", str(folder / "embedded" / "key")))
    first_frames("", vault.open)
    tui = vault.open()
    tui.whole_frame()
    tui.rest()
    tui.press("3")
    keys("", tui)
    ends_and_filters(tui)
    tui.leave()
    tui = vault.open()
    tui.whole_frame()
    tui.rest()
    idle(tui)
    tui.leave()
    few = Vault(folder / "few", FEW, environment_in(folder / "few"), ("--key-file", str(folder / "few" / "key")))
    small, large = walked(few), walked(vault)
    kept = judge("memory", large <= MEMORY and abs(large - small) <= MEMORY_DIFFERENCE)
    print(f"{'memory':<46} {large:.1f} MB, {small:.1f} MB with {FEW:,} rows   budget {MEMORY} MB, {MEMORY_DIFFERENCE} MB apart: {kept}")


def remote(folder):
    served = Served(folder / "served")
    try:
        unanswered_and_busy(folder, served)
    finally:
        served.close()


def unanswered_and_busy(folder, served):
    vault = Vault(folder / "remote", WALLETS, served.environment, ("--kms", "aws"))
    served.proxy.silent = True
    first_frames("KMS never answers: ", vault.open, wait=False)
    tui = vault.open()
    tui.whole_frame()
    tui.time("4", all_there=False)  # asks the KMS about its keys
    tui.time("3", all_there=False)
    keys("KMS never answers: ", tui, all_there=False)
    tui.leave()
    served.proxy.silent = False
    busy(served, vault)


def busy(served, vault):
    most = max(vault.program("key", "list"), key=lambda key: key["wallets"] if key["purpose"] == "pool" else 0)
    tui = vault.open()
    tui.whole_frame()
    tui.rest()
    tui.press("4", "/", *most["alias"].removeprefix("alias/"), ENTER, "m", ENTER, ENTER, ENTER)
    served.proxy.delay = 0.5
    tui.time("M", all_there=False)
    tui.gather(lambda: tui.pump(0.01) is not None and served.proxy.at_once >= 8, "no eight calls")
    tui.time("3", all_there=False)
    keys("8 calls of 500 ms: ", tui, all_there=False)
    print(f"{'calls in flight meanwhile':<46} {served.proxy.at_once} now, {served.proxy.most_at_once} at most")
    tui.leave()
    served.proxy.delay = 0.0


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="keydeck-bench-")) if SMALL else PROGRAMS / f"vaults-{WALLETS}"
    try:
        minimal()
        embedded(folder)
        remote(folder)
    finally:
        if SMALL:
            shutil.rmtree(folder, ignore_errors=True)
    if exceeded:
        print("EXCEEDED:", ", ".join(exceeded))
    sys.exit(1 if exceeded else 0)


if __name__ == "__main__":
    main()
