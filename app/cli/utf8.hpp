// Text from outside, one character at a time.
#pragma once

#include <cstddef>
#include <string_view>

namespace keydeck::cli {

struct Utf8Character {
    char32_t code = 0;       ///< U+FFFD where the bytes are not UTF-8
    std::size_t length = 1;  ///< bytes it takes; 1 for a byte that belongs to no character
    bool valid = false;
};

/// The character at the beginning of `text`, which must not be empty. Overlong forms, surrogates and codes above U+10FFFF
/// are not valid (RFC 3629).
[[nodiscard]] Utf8Character first_character(std::string_view text);

}  // namespace keydeck::cli
