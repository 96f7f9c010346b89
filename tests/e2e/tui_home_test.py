"""The first screen, and a wallet in full: what a camera sees of its QR code is read by zbar, which nobody here wrote."""
import subprocess

from harness import main
from tui_pty import DOWN, ENTER, ESC, PATIENCE, DemoTest

PIXELS = 8  # a module's side


class Home(DemoTest):
    def test_it_is_first_and_leads_to_causes(self):
        tui = self.demo(screen="1")
        self.assertShown(tui, "[1 Home]", "Attention", "State", "Recent", "? help")
        self.assertEqual(self.selected_text(tui), "")  # of the demo's keys none that ends has a wallet
        key = self.ok("wallet", "list")[0]["key_id"]
        self.one("key", "schedule-deletion", key, "--acknowledge", "1", "--yes")
        tui.until("1 wallet still depends on it")
        tui.press("g", ENTER)
        self.assertShown(tui, "Wallets", "1 of 3 wallets")
        tui.press("h")
        self.assertShown(tui, "[1 Home]")
        self.quit(tui)

    @staticmethod
    def selected_text(tui):
        return next((line for line in tui.lines() if line.startswith(">") and "depend" in line), "")


class QrCode(DemoTest):
    def decoded(self, tui, ascii_only=False):
        """What zbar reads in the cells that are black on white, each drawn as it looks."""
        cells = [[tui.screen.cell(row, col) for col in range(tui.cols)] for row in range(tui.rows)]
        drawn = [[cell.bg == "white" and cell.fg == "black" for cell in row] for row in cells]
        rows = [i for i, row in enumerate(drawn) if any(row)]
        if not rows:
            return None
        first, last = drawn[rows[0]].index(True), len(drawn[0]) - drawn[rows[0]][::-1].index(True)
        modules = []
        for row in rows:
            line = [cell.data for cell in cells[row][first:last]]
            if ascii_only:
                modules.append([sign == "#" for sign in line[::2]])
            else:
                modules.append([sign in "█▀" for sign in line])
                modules.append([sign in "█▄" for sign in line])
        picture = [f"P1 {len(modules[0]) * PIXELS} {len(modules) * PIXELS}"]
        for line in modules:
            picture += [" ".join(str(int(dark)) for dark in line for _ in range(PIXELS))] * PIXELS
        path = self.home / "code.pbm"
        path.write_text("\n".join(picture) + "\n")
        read = subprocess.run(["zbarimg", "--raw", "--quiet", str(path)], capture_output=True, text=True, timeout=PATIENCE)
        return read.stdout.strip()

    def test_a_camera_reads_the_address(self):
        wallets = self.ok("wallet", "list")
        for size, env, options in (((24, 80), {}, {}), ((36, 120), {}, {}), ((50, 140), {"LC_ALL": "C"}, {"ascii_only": True})):
            with self.subTest(size=size, **env):
                tui = self.demo(size=size, env=env)
                tui.press("3", ENTER)
                self.assertEqual(self.decoded(tui, **options), wallets[0]["address"], str(tui))
                tui.press(ESC, DOWN, ENTER)
                self.assertEqual(self.decoded(tui, **options), wallets[1]["address"], str(tui))
                self.quit(tui.press(ESC))

    def test_without_room_it_says_how_much_it_needs(self):
        tui = self.demo(size=(16, 60))
        tui.press("3", ENTER, "G")
        self.assertIsNone(self.decoded(tui))
        tui.press("g")
        for _ in range(10):
            if "not drawn" in tui.text():
                break
            tui.press(DOWN)
        self.assertShown(tui, "not drawn: it needs", "75x24")
        tui.resize(24, 75)
        tui.press("g")
        self.assertEqual(self.decoded(tui), self.ok("wallet", "list")[0]["address"])
        self.quit(tui.press(ESC))


if __name__ == "__main__":
    main()
