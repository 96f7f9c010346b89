// Keys as values, and their names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/types.hpp"

namespace keydeck::ui {

enum class KeyCode : std::uint8_t {
    kNone,
    kChar,  ///< `character` is what was typed
    kCtrl,  ///< `character` is the lower-case letter
    kAlt,   ///< `character` is the letter; never bound
    kEnter,
    kEscape,
    kTab,
    kBackTab,
    kBackspace,
    kDelete,
    kInsert,
    kUp,
    kDown,
    kLeft,
    kRight,
    kHome,
    kEnd,
    kPageUp,
    kPageDown,
    kFunction,  ///< `character` is the number
};

struct Key {
    KeyCode code = KeyCode::kNone;
    char32_t character = 0;
    bool operator==(const Key&) const = default;
};

[[nodiscard]] constexpr Key key(char32_t character) { return {KeyCode::kChar, character}; }
[[nodiscard]] constexpr Key key(KeyCode code) { return {code, 0}; }
[[nodiscard]] constexpr Key ctrl(char32_t letter) { return {KeyCode::kCtrl, letter}; }
[[nodiscard]] constexpr Key function_key(char32_t number) { return {KeyCode::kFunction, number}; }

/// The name people read: `j`, `Ctrl-R`, `Enter`, `PgDn`, `Space`, `F1`.
[[nodiscard]] std::string name_of(const Key& key);

/// Text that came in one piece (bracketed paste). It may be a passphrase, hence locked memory.
struct Paste {
    SecretBytes text;       ///< line ends are `\n`
    bool too_long = false;  ///< there was more than the limit; `text` is empty
};

using Input = std::variant<Key, Paste>;

}  // namespace keydeck::ui
