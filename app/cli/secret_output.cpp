#include "app/cli/secret_output.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "app/cli/utf8.hpp"
#include "engine/hidden_characters.hpp"

namespace keydeck::cli {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        if (!character.valid) return false;
        text.remove_prefix(character.length);
    }
    return true;
}

/// Grows in steps of its own: SecretBytes moves with each append that does not fit.
class SecretWriter {
public:
    explicit SecretWriter(std::size_t size) : bytes_(size) {}
    void put(char c) { bytes_.data()[used_++] = static_cast<std::uint8_t>(c); }
    void put(std::string_view text) {
        for (const char c : text) put(c);
    }
    SecretBytes done() {
        bytes_.truncate(used_);
        return std::move(bytes_);
    }

private:
    SecretBytes bytes_;
    std::size_t used_ = 0;
};

void put_escaped(SecretWriter& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out.put('\\');
        out.put(c);
    } else if (c == '\n') {
        out.put("\\n");
    } else if (byte < 0x20 || byte == 0x7F) {
        out.put("\\u00");
        out.put(kDigits[byte >> 4U]);
        out.put(kDigits[byte & 0x0FU]);
    } else {
        out.put(c);
    }
}

}  // namespace

Status write_secret_bytes(Output& out, ByteView bytes) {
    if (Status flushed = out.flush(); !flushed) return flushed;
    while (!bytes.empty()) {
        const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(ErrorCode::kUnavailable, "Standard output cannot be written.");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        const bool is_blank = character.code == '\n' || character.code == '\t';
        if (!character.valid || (!is_blank && is_hidden_character(character.code))) return false;
        text.remove_prefix(character.length);
    }
    return true;
}

QuotedSecret quote_secret(const SecretBytes& value) {
    constexpr std::size_t kLongestEscape = 6;
    QuotedSecret quoted;
    quoted.is_text = is_utf8(value.text());
    SecretWriter out(value.size() * (quoted.is_text ? kLongestEscape : 2) + 4);
    out.put('"');
    if (quoted.is_text) {
        for (const char c : value.text()) put_escaped(out, c);
    } else {
        out.put("0x");
        for (const std::uint8_t byte : value.view()) {
            out.put(kDigits[byte >> 4U]);
            out.put(kDigits[byte & 0x0FU]);
        }
    }
    out.put('"');
    quoted.json = out.done();
    return quoted;
}

}  // namespace keydeck::cli
