#include "app/cli/message_source.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>

#include "app/cli/input.hpp"

namespace keydeck::cli {
namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void declare_message(CLI::App& command, MessageSource& source) {
    source.text_given = command.add_option("TEXT", source.text, "The message, signed as it stands (0x… is text too)");
    source.hex_given = command.add_option("--hex", source.hex, "The message's bytes as hex")->type_name("0x…");
    command.add_option("--file", source.file, "The message is all of this file; - is standard input")->type_name("FILE");
}

Status check_message(const MessageSource& source) {
    const int given = (source.text_given->count() > 0) + (source.hex_given->count() > 0) + !source.file.empty();
    if (given == 1) return {};
    return fail(ErrorCode::kInvalidInput,
                given == 0 ? "The message is missing: a TEXT, --hex or --file."
                           : "The message stands there more than once: one of TEXT, --hex and --file is enough.");
}

Result<std::string> parse_hex(std::string_view text, std::string_view what) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.size() % 2 != 0) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} has an odd number of hex digits ({}).", what, text.size()));
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("{}: character {} is not a hex digit.", what, high < 0 ? i + 1 : i + 2));
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

Result<std::string> read_message(const MessageSource& source) {
    Status one = check_message(source);
    if (!one) return fail(one);
    if (source.hex_given->count() > 0) return parse_hex(source.hex, "--hex");
    if (!source.file.empty()) return read_text(source.file);
    return source.text;
}

}  // namespace keydeck::cli
