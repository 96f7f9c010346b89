"""How fast the screens answer, measured outside the program, on a pseudo-terminal: what a person waits for.

  KEYDECK_BINARY=build/release/app/app/keydeck python3 bench/tui_bench.py [WALLETS]

Prints the first frame (from starting the program to its first whole frame) and key to frame, median and 95th percentile, over a vault of
1,000 wallets or as many as asked for. A key's frame is whole when the program has said that nothing is pending any more, so these figures
include reading the rows. KEYDECK_BENCH_SMALL=1 runs it once over a few wallets, so that it does not rot.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from tui_pty import BINARY, DOWN, PAGE_DOWN, PAGE_UP, Tui  # noqa: E402

SMALL = os.environ.get("KEYDECK_BENCH_SMALL") == "1"
FIRST_FRAME_BUDGET, KEY_BUDGET = 150.0, 16.0  # milliseconds


def percentile(times, part):
    ordered = sorted(times)
    return ordered[round((len(ordered) - 1) * part)]


def report(what, times, budget=None):
    """One line; where there is a budget, whether 95 in 100 keep it."""
    line = f"{what:<34} p50 {percentile(times, 0.5):8.2f} ms   p95 {percentile(times, 0.95):8.2f} ms   max {max(times):8.2f} ms   n {len(times)}"
    if budget is not None:
        line += f"   budget {budget:g} ms: {'kept' if percentile(times, 0.95) <= budget else 'EXCEEDED'}"
    print(line, flush=True)


class Bench:
    def __init__(self, home, wallets):
        self.home, self.wallets = home, wallets
        self.vault = home / "vault"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
                            "KEYDECK_TUI_TEST": "1"}

    def keydeck(self, *args):
        subprocess.run([BINARY, "--vault", str(self.vault), *args], env=self.environment, check=True, stdout=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL)

    def make_vault(self):
        self.keydeck("init", "--key-file", str(self.home / "key"))
        for user in ("alice", "bob"):
            self.keydeck("user", "add", user)
        began = time.monotonic()
        self.keydeck("wallet", "create", "alice", "--count", str(self.wallets), "--label", "wallet")
        print(f"vault: {self.wallets:,} wallets, made in {time.monotonic() - began:.2f} s")

    def open(self):
        return Tui([BINARY, "--vault", str(self.vault)], self.environment, self.home, (36, 120))

    @staticmethod
    def first_bytes(tui):
        """Waits until the whole frame is there: its hint line, last row of all, and the end of the update."""
        tui.wait(lambda: b"? help" in tui.raw and tui.raw.rfind(b"\x1b[?2026l") > tui.raw.rfind(b"? help"), "no first frame")

    def first_frame(self, runs):
        frames, rows = [], []
        for _ in range(runs):
            began = time.monotonic()
            tui = self.open()
            self.first_bytes(tui)
            frames.append((time.monotonic() - began) * 1e3)
            tui.idle()
            rows.append((time.monotonic() - began) * 1e3)
            tui.send("q")
            tui.end()
            tui.close()
        report("first frame", frames, FIRST_FRAME_BUDGET)
        report("first frame with its rows", rows)

    @staticmethod
    def time_key(tui, key):
        """One key, until everything it set going is on the screen; milliseconds."""
        tui.pump()
        tui.idle_count = tui.idle_number()
        began = time.monotonic()
        tui.send(key)
        tui.idle()
        return (time.monotonic() - began) * 1e3

    def keys(self, rounds):
        tui = self.open()
        tui.idle()
        tui.press("3")
        every = []
        for what, keys in (("key to frame: j", ["j"]), ("key to frame: cursor down", [DOWN]),
                           ("key to frame: PgDn, PgUp", [PAGE_DOWN] * 20 + [PAGE_UP] * 20),
                           ("key to frame: G, g", ["G", "g"]), ("key to frame: 1, 4, 5, 2, 3", ["1", "4", "5", "2", "3"]),
                           ("key to frame: ? and Esc*", ["?", "\033"])):
            times = [self.time_key(tui, keys[i % len(keys)]) for i in range(rounds if len(keys) > 4 else rounds * len(keys))]
            if "Esc" in what:
                report(what, times)
            else:
                report(what, times, KEY_BUDGET)
                every += times
        tui.press("/")
        times = [self.time_key(tui, key) for _ in range(max(rounds // 8, 1)) for key in "wallet-1\177\177\177\177\177\177\177\177"]
        report("key to frame: typing a filter", times, KEY_BUDGET)
        report("key to frame: all of them", every + times, KEY_BUDGET)
        print("* a terminal sends Esc and cursor keys with the same first byte: 25 ms of it are waiting for a second one")
        tui.close()


def main():
    wallets = int(sys.argv[1]) if len(sys.argv) > 1 else 8 if SMALL else 1000
    home = pathlib.Path(tempfile.mkdtemp(prefix="keydeck-bench-"))
    try:
        bench = Bench(home, wallets)
        bench.make_vault()
        bench.first_frame(2 if SMALL else 40)
        bench.keys(2 if SMALL else 200)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
