"""The recording and the pictures in the README: what they show comes from the program, and is whole."""
import json
import pathlib
import re
import subprocess
import xml.etree.ElementTree as xml

from harness import BINARY, KeydeckTest, main
from vterm import Screen

RECORD = pathlib.Path(__file__).resolve().parents[2] / "assets/record"
SVG = "{http://www.w3.org/2000/svg}"


def shown(path):
    """The lines of a picture, its shapes left out."""
    lines = {}
    for text in xml.parse(path).getroot().iter(SVG + "text"):
        lines.setdefault(float(text.get("y")), []).append((float(text.get("x")), text.text))
    return "\n".join(" ".join(part for _, part in sorted(parts)) for _, parts in sorted(lines.items()))


class Record(KeydeckTest):
    def record(self):
        output = self.home / "assets"
        done = subprocess.run([RECORD, "--binary", BINARY, "--output", output], capture_output=True, text=True, timeout=600, check=False,
                              env=self.environment)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return output

    def test_shows_the_program_and_nothing_else(self):
        output = self.record()
        self.check_pictures(output / "screens")
        self.check_cast(output / "demo.cast")

    def check_pictures(self, folder):
        pictures = {path.stem: path for path in folder.iterdir()}
        names = {name.rsplit("-", 1)[0] for name in pictures}
        self.assertLessEqual({"users", "wallets", "keys", "audit", "jobs", "health", "sign", "signature", "error"}, names)
        self.assertEqual(set(pictures), {f"{name}-{theme}" for name in names for theme in ("dark", "light")})
        for name, path in pictures.items():
            raw = path.read_text()
            self.assertNotRegex(raw, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", name)
            text = shown(path)
            self.assertIn("DEMO/local", text, name)
            self.assertRegex(text, r"\d\d:\d\d UTC", name)
            self.assertEqual(shown(pictures[name.rsplit("-", 1)[0] + "-light"]), shown(pictures[name.rsplit("-", 1)[0] + "-dark"]))
        for name in names - {"sign", "signature", "error"}:
            self.assertRegex(shown(pictures[name + "-dark"]), rf"\[\d {name.capitalize()}\]", name)
        self.assertIn("Sign in to demo.example", shown(pictures["sign-dark"]))
        self.assertIn("Cancel", shown(pictures["sign-dark"]))
        self.assertIn("Signed by alice", shown(pictures["signature-light"]))
        self.assertIn("ThrottlingException", shown(pictures["error-dark"]))
        background = {theme: next(xml.parse(folder / f"users-{theme}.svg").getroot().iter(SVG + "rect")).get("fill") for theme in ("dark", "light")}
        self.assertNotEqual(background["dark"], background["light"])

    def check_cast(self, path):
        header, *events = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual(header["version"], 2)
        self.assertGreater(len(events), 20)
        times = [time for time, _, _ in events]
        self.assertEqual(times, sorted(times))
        self.assertEqual({kind for _, kind, _ in events}, {"o"})
        self.assertNotIn("keydeck idle", path.read_text())
        # Played back, each screen and the signature are seen.
        screen = Screen(header["height"], header["width"])
        seen = set()
        for _, _, data in events:
            screen.feed(data.encode())
            text = "\n".join(screen.display)
            seen |= set(re.findall(r"\[\d ([A-Z][a-z]+)\]", text))
            seen |= {words for words in ("Signed by alice", "Sign in to demo.example", "┌─ Help") if words in text}
        self.assertLessEqual({"Users", "Wallets", "Keys", "Audit", "Jobs", "Health", "Signed by alice", "Sign in to demo.example", "┌─ Help"}, seen)


if __name__ == "__main__":
    main()
