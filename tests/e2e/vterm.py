"""libvterm (the terminal inside Vim and Neovim) as the screen of a test: bytes go in, cells, colours, cursor and title come out.

Through ctypes, because Debian has no Python binding. Written against /usr/include/vterm.h of libvterm 0.1.4.
"""
import ctypes
import re
import typing

LIBRARY = ctypes.CDLL("libvterm.so.0")

MOST_CHARACTERS = 6  # VTERM_MAX_CHARS_PER_CELL
SECOND_HALF = 0xFFFFFFFF  # in the cell right of a wide character
UNFINISHED_OSC = re.compile(rb"\x1b(\][^\x07\x1b]*\x1b?)?\Z")  # one ends with BEL or with ESC and a backslash
NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
INDEXED, DEFAULT_FOREGROUND, DEFAULT_BACKGROUND = 1, 2, 4  # VTermColorType
CURSOR_VISIBLE, ALTERNATE_SCREEN, TITLE = 1, 3, 4  # VTermProp
BOLD, REVERSE, FOREGROUND, BACKGROUND = 1, 5, 8, 9  # VTermAttr


class Position(ctypes.Structure):
    _fields_ = [("row", ctypes.c_int), ("col", ctypes.c_int)]


class Rectangle(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("start_row", "end_row", "start_col", "end_col")]


class Colour(ctypes.Structure):
    """A union in C: `first` is red or the index."""
    _fields_ = [(name, ctypes.c_uint8) for name in ("type", "first", "green", "blue")]

    def name(self):
        """"default", one of the eight names ("bright" before it for the eight others), or six hex digits."""
        if self.type & (DEFAULT_FOREGROUND | DEFAULT_BACKGROUND):
            return "default"
        if not self.type & INDEXED:
            return f"{self.first:02x}{self.green:02x}{self.blue:02x}"
        if self.first < 16:
            return ("bright" if self.first >= 8 else "") + NAMES[self.first % 8]
        return f"colour {self.first}"


class RawCell(ctypes.Structure):
    _fields_ = [("chars", ctypes.c_uint32 * MOST_CHARACTERS), ("width", ctypes.c_char)] + [
        (name, ctypes.c_uint, bits) for name, bits in (("bold", 1), ("underline", 2), ("italic", 1), ("blink", 1), ("reverse", 1),
                                                       ("strike", 1), ("font", 4), ("dwl", 1), ("dhl", 2))] + [("fg", Colour), ("bg", Colour)]


class Value(ctypes.Union):
    _fields_ = [("boolean", ctypes.c_int), ("number", ctypes.c_int), ("string", ctypes.c_char_p), ("colour", Colour)]


class Cell(typing.NamedTuple):
    data: str  # empty right of a wide character
    fg: str
    bg: str
    bold: bool
    underline: bool
    reverse: bool


PROPERTY_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(Value), ctypes.c_void_p)


class Callbacks(ctypes.Structure):
    """VTermScreenCallbacks; only settermprop is used."""
    _fields_ = [("damage", ctypes.c_void_p), ("moverect", ctypes.c_void_p), ("movecursor", ctypes.c_void_p),
                ("settermprop", PROPERTY_CALLBACK)] + [(name, ctypes.c_void_p) for name in ("bell", "resize", "sb_pushline", "sb_popline")]


def declare(name, result, *arguments):
    function = getattr(LIBRARY, name)
    function.restype, function.argtypes = result, arguments
    return function


POINTER, INT, SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
vterm_new = declare("vterm_new", POINTER, INT, INT)
vterm_free = declare("vterm_free", None, POINTER)
vterm_set_utf8 = declare("vterm_set_utf8", None, POINTER, INT)
vterm_set_size = declare("vterm_set_size", None, POINTER, INT, INT)
vterm_input_write = declare("vterm_input_write", SIZE, POINTER, ctypes.c_char_p, SIZE)
vterm_obtain_screen = declare("vterm_obtain_screen", POINTER, POINTER)
vterm_obtain_state = declare("vterm_obtain_state", POINTER, POINTER)
vterm_screen_enable_altscreen = declare("vterm_screen_enable_altscreen", None, POINTER, INT)
vterm_screen_set_callbacks = declare("vterm_screen_set_callbacks", None, POINTER, ctypes.POINTER(Callbacks), POINTER)
vterm_screen_reset = declare("vterm_screen_reset", None, POINTER, INT)
vterm_screen_get_cell = declare("vterm_screen_get_cell", INT, POINTER, Position, ctypes.POINTER(RawCell))
vterm_screen_get_text = declare("vterm_screen_get_text", SIZE, POINTER, ctypes.c_char_p, SIZE, Rectangle)
vterm_state_get_cursorpos = declare("vterm_state_get_cursorpos", None, POINTER, ctypes.POINTER(Position))
vterm_state_get_penattr = declare("vterm_state_get_penattr", INT, POINTER, INT, ctypes.POINTER(Value))


class Screen:
    """A terminal of this size that only listens."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.title, self.alternate, self.cursor_visible = "", False, True
        self.unfinished = b""
        self.terminal = vterm_new(rows, columns)
        vterm_set_utf8(self.terminal, 1)
        self.screen, self.state = vterm_obtain_screen(self.terminal), vterm_obtain_state(self.terminal)
        vterm_screen_enable_altscreen(self.screen, 1)
        self.callbacks = Callbacks(settermprop=PROPERTY_CALLBACK(self._property))  # kept alive here
        vterm_screen_set_callbacks(self.screen, ctypes.byref(self.callbacks), None)
        self.reset()

    def reset(self):
        """As if it were new: blank, and as it is by default."""
        vterm_screen_reset(self.screen, 1)

    def __del__(self):
        vterm_free(self.terminal)

    def _property(self, which, value, _):
        if which == TITLE:
            self.title = (value.contents.string or b"").decode(errors="replace")
        elif which == ALTERNATE_SCREEN:
            self.alternate = bool(value.contents.boolean)
        elif which == CURSOR_VISIBLE:
            self.cursor_visible = bool(value.contents.boolean)
        return 1

    def feed(self, data):
        """libvterm 0.1.4 forgets an OSC (a title) that comes in two writes: one that has not ended waits here for the rest of it."""
        data = self.unfinished + bytes(data)
        begun = UNFINISHED_OSC.search(data)
        whole = begun.start() if begun else len(data)
        self.unfinished = data[whole:]
        vterm_input_write(self.terminal, data[:whole], whole)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        vterm_set_size(self.terminal, rows, columns)

    @property
    def display(self):
        """The rows as text, without the blanks at their ends."""
        return [self._text(row).rstrip() for row in range(self.rows)]

    def _text(self, row):
        buffer = ctypes.create_string_buffer(self.columns * MOST_CHARACTERS * 4)
        length = vterm_screen_get_text(self.screen, buffer, len(buffer), Rectangle(row, row + 1, 0, self.columns))
        return buffer.raw[:length].decode(errors="replace")

    def cell(self, row, column):
        raw = RawCell()
        vterm_screen_get_cell(self.screen, Position(row, column), ctypes.byref(raw))
        chars = [] if raw.chars[0] == SECOND_HALF else [chr(char) for char in raw.chars if char] or [" "]
        return Cell("".join(chars), raw.fg.name(), raw.bg.name(), bool(raw.bold), bool(raw.underline), bool(raw.reverse))

    @property
    def cursor(self):
        """Row and column, from 0."""
        at = Position()
        vterm_state_get_cursorpos(self.state, ctypes.byref(at))
        return at.row, at.col

    def _pen(self, attribute):
        value = Value()
        vterm_state_get_penattr(self.state, attribute, ctypes.byref(value))
        return value

    @property
    def pen(self):
        """How the next character would look: a Cell without one."""
        return Cell("", self._pen(FOREGROUND).colour.name(), self._pen(BACKGROUND).colour.name(), bool(self._pen(BOLD).boolean), False,
                    bool(self._pen(REVERSE).boolean))
