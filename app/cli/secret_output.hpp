// Secret values on their way to standard output: out of locked memory, without a copy in a buffer.
#pragma once

#include <string_view>

#include "app/cli/output.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

/// Writes the bytes as they are. Error: unavailable.
Status write_secret_bytes(Output& out, ByteView bytes);

/// Whether a text can be shown on a terminal as it is: UTF-8 in which nothing is hidden, moves the cursor or turns the
/// direction; line ends and tabs are allowed.
[[nodiscard]] bool is_plain_text(std::string_view text);

/// A JSON string of the value where it is UTF-8, quotes included; else `0x` and hex digits, quotes included.
struct QuotedSecret {
    SecretBytes json;
    bool is_text = false;
};
[[nodiscard]] QuotedSecret quote_secret(const SecretBytes& value);

}  // namespace keydeck::cli
