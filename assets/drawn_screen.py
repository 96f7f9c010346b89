"""The screen whose cells become a picture. pyte, because libvterm, which the tests use, drops faint."""
import pyte


class DrawnScreen(pyte.Screen):
    """pyte's screen with what ncurses uses and pyte lacks: REP, CBT, SU, SD, and faint, kept as `strikethrough`, which nothing here is."""

    last = " "

    def __init__(self, rows, columns):
        super().__init__(columns, rows)
        self.stream = CellStream(self)

    def feed(self, data):
        self.stream.feed(bytes(data))

    def draw(self, data):
        self.last = data[-1:] or self.last
        super().draw(data)

    def select_graphic_rendition(self, *codes, **options):
        super().select_graphic_rendition(*codes, **options)
        faint = self.cursor.attrs.strikethrough
        rest = iter(codes or (0,))
        for code in rest:
            if code in (38, 48):  # a colour by number, or by red, green and blue
                for _ in range({5: 1, 2: 3}.get(next(rest, 0), 0)):
                    next(rest, 0)
            elif code in (0, 2, 22):
                faint = code == 2
        self.cursor.attrs = self.cursor.attrs._replace(strikethrough=faint)

    def repeat_character(self, count=1):
        super().draw(self.last * (count or 1))

    def back_tab(self, count=1):
        for _ in range(count or 1):
            self.cursor.x = max([stop for stop in self.tabstops if stop < self.cursor.x], default=0)

    def scroll_up(self, count=1):
        self._scroll(self.delete_lines, count)

    def scroll_down(self, count=1):
        self._scroll(self.insert_lines, count)

    def _scroll(self, lines, count):
        column, row = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        lines(count or 1)
        self.cursor.x, self.cursor.y = column, row


class CellStream(pyte.ByteStream):
    more = {"b": "repeat_character", "Z": "back_tab", "S": "scroll_up", "T": "scroll_down"}
    csi = {**pyte.ByteStream.csi, **more}
    events = pyte.ByteStream.events | set(more.values())
