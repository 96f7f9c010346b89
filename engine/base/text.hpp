// Text from outside.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keydeck {

/// The length (1 to 4) of the well-formed UTF-8 sequence that `bytes` begins with; 0 when none does.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view bytes);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Without spaces, tabs and line ends at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// ASCII lower case.
[[nodiscard]] std::string ascii_lower(std::string_view text);

/// What an error sentence about a field begins with: `nonce` and `the nonce` both become `The nonce`.
[[nodiscard]] std::string as_subject(std::string_view what);

}  // namespace keydeck
