"""Keymap and themes by the real program: what `config check` says of the files, what the screens do with them."""
import re

from harness import main
from tui_pty import CTRL_L, ENTER, ESC, DemoTest

XTERM_COLOUR = re.compile(rb"\x1b\[[0-9;]*[34]8;5;(\d+)")
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-79]|4[0-79]|[34]8;[0-9;]*)m")


class Preferences(DemoTest):
    def put(self, name, text):
        path = self.home / ".config/keydeck" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_check_tells_file_line_and_reason(self):
        keymap = self.put("keymap.toml", 'user.create = "F5"\ncopy = "Ctrl-B"\nkey.rotate = "e"\nkey.disabel = "x"\n')
        theme = self.put("themes/mine.toml", 'base = "dark"\ndanger = "rot"\n')
        self.put("config.toml", 'theme = "mine"\n')
        ran = self.run_command(self.command("config", "check"))
        self.assertEqual(ran.status, 2, ran)
        said = ran.out.splitlines()
        self.assertIn(f"{keymap}, line 2: copy: Ctrl-B is reserved for terminals and window managers.", said)
        self.assertIn(f"{keymap}, line 3: e is bound to key.enable and to key.rotate on the same screen.", said)
        self.assertIn(f'{keymap}, line 4: there is no action "key.disabel"; did you mean key.disable?', said)
        self.assertTrue(any(line.startswith(f'{theme}, line 2: danger is "rot"') for line in said), said)
        self.assertTrue(any(line.startswith('There is no theme "mine"') for line in said), said)
        # The screens open all the same, with what is built in, and say so.
        tui = self.demo(size=(44, 160))
        self.assertShown(tui, "! There is no theme")
        tui.press("u")
        self.assertShown(tui, "New user")
        tui.press(ESC, "!")
        self.assertShown(tui, "copy: Ctrl-B is reserved")
        tui.press(ESC)
        self.quit(tui)

    def test_the_printed_keymap_is_one(self):
        printed = self.run_command(self.command("config", "keymap"))
        self.assertEqual(printed.status, 0, printed)
        self.put("keymap.toml", printed.out.replace('"user.create" = ["u"]', '"user.create" = ["F5"]'))
        self.assertEqual(self.run_command(self.command("config", "check")).status, 0)
        tui = self.demo()
        tui.press("u")
        self.assertNotShown(tui, "New user")
        tui.press("\x1b[15~")
        self.assertShown(tui, "New user")
        tui.press(ESC)
        self.quit(tui)

    def test_themes(self):
        self.put("themes/mine.toml", 'danger = "201 bold"\nmuted = "33"\n')
        tui = self.demo("--theme", "mine")
        self.assertIn(b"33", XTERM_COLOUR.findall(bytes(tui.raw)))
        self.quit(tui)
        tui = self.demo()
        self.assertEqual(XTERM_COLOUR.findall(bytes(tui.raw)), [], "auto is the person's own eight colours")
        before = len(tui.raw)
        tui.press("T")
        self.assertShown(tui, "Theme: dark")
        self.assertIn(b"234", XTERM_COLOUR.findall(bytes(tui.raw[before:])), "its background")
        tui.press(":", *"theme light", ENTER)
        self.assertIn(b"255", XTERM_COLOUR.findall(bytes(tui.raw)))
        before = len(tui.raw)
        tui.press(":", *"theme mono", ENTER)
        tui.press(CTRL_L)
        shown = bytes(tui.raw[before:])
        self.assertEqual(XTERM_COLOUR.findall(shown[shown.rfind(b"\x1b[?2026h"):]), [])
        self.quit(tui)

    def test_no_color_wins(self):
        self.put("config.toml", 'theme = "dark"\n')
        tui = self.demo("--theme", "light", env={"NO_COLOR": "1"})
        tui.press("T")
        self.assertShown(tui, "colours are off")
        tui.press(":", *"theme dark", ENTER)
        self.assertEqual(COLOUR.findall(bytes(tui.raw)), [])
        self.quit(tui)


if __name__ == "__main__":
    main()
