#include "ui/terminal/key.hpp"

#include <fmt/format.h>

#include "ui/terminal/safe_text.hpp"

namespace keydeck::ui {
namespace {

std::string character_name(char32_t character) {
    if (character == U' ') return "Space";
    std::string out;
    append_utf8(out, character);
    return safe_text(out, Charset::kUnicode);
}

}  // namespace

std::string name_of(const Key& key) {
    switch (key.code) {
        case KeyCode::kNone:
            return "";
        case KeyCode::kChar:
            return character_name(key.character);
        case KeyCode::kCtrl:
            if (key.character == U' ') return "Ctrl-Space";
            return fmt::format("Ctrl-{}", static_cast<char>(key.character - U'a' + U'A'));
        case KeyCode::kAlt:
            return "Alt-" + character_name(key.character);
        case KeyCode::kEnter:
            return "Enter";
        case KeyCode::kEscape:
            return "Esc";
        case KeyCode::kTab:
            return "Tab";
        case KeyCode::kBackTab:
            return "Shift-Tab";
        case KeyCode::kBackspace:
            return "Bksp";
        case KeyCode::kDelete:
            return "Del";
        case KeyCode::kInsert:
            return "Ins";
        case KeyCode::kUp:
            return "Up";
        case KeyCode::kDown:
            return "Down";
        case KeyCode::kLeft:
            return "Left";
        case KeyCode::kRight:
            return "Right";
        case KeyCode::kHome:
            return "Home";
        case KeyCode::kEnd:
            return "End";
        case KeyCode::kPageUp:
            return "PgUp";
        case KeyCode::kPageDown:
            return "PgDn";
        case KeyCode::kFunction:
            return fmt::format("F{}", static_cast<unsigned>(key.character));
    }
    return "";
}

}  // namespace keydeck::ui
