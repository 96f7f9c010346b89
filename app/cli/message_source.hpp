// The bytes of a message to sign or verify: a text, hex, or a file.
#pragma once

#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace keydeck::cli {

/// `TEXT | --hex 0x… | --file F`. A text is signed as it stands, also one that looks like hex: people choose, nobody
/// guesses.
struct MessageSource {
    std::string text;
    std::string hex;
    std::string file;
    const CLI::Option* text_given = nullptr;
    const CLI::Option* hex_given = nullptr;
};

void declare_message(CLI::App& command, MessageSource& source);

/// Error: invalid_input where not exactly one of the three is given.
Status check_message(const MessageSource& source);

/// The message's bytes. Errors: check_message's; invalid_input for malformed hex; those of reading the file.
Result<std::string> read_message(const MessageSource& source);

/// Reads hex with or without `0x`. Error: invalid_input naming `what`.
Result<std::string> parse_hex(std::string_view text, std::string_view what);

}  // namespace keydeck::cli
