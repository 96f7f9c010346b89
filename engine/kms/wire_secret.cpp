#include "engine/kms/wire_secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "engine/base/base64.hpp"

namespace keydeck::kms {
namespace {

using Characters = std::span<std::uint8_t>;

std::unexpected<Error> not_json() {
    return fail(ErrorCode::kInvalidInput, "The body is not JSON: it is not one whole object.");
}

bool is_blank(std::uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Walks over an object's strings and brackets. It tells its top-level members apart and judges nothing else: the general
/// parser has the last word.
class Scanner {
public:
    explicit Scanner(Characters body) : body_(body) {}

    /// The characters between the quotes of the member's string, or nothing where it is absent or no string.
    Result<std::optional<Characters>> find(std::string_view field) {
        std::optional<Characters> found;
        bool seen = false;
        skip_blanks();
        if (!take('{')) return not_json();
        skip_blanks();
        if (take('}')) return at_end(found);
        for (;;) {
            skip_blanks();
            const std::optional<Characters> name = string();
            skip_blanks();
            if (!name || !take(':')) return not_json();
            if (std::ranges::find(*name, '\\') != name->end())
                return fail(ErrorCode::kInvalidInput, "The body writes a name with escapes.");
            const bool wanted = as_text(*name) == field;
            if (wanted && seen)
                return fail(ErrorCode::kInvalidInput, fmt::format("The body has the name \"{}\" twice.", field));
            skip_blanks();
            if (wanted && !done() && body_[at_] == '"') {
                found = string();
                if (!found) return not_json();
            } else if (!skip_value()) {
                return not_json();
            }
            seen = seen || wanted;
            skip_blanks();
            if (take('}')) return at_end(found);
            if (!take(',')) return not_json();
        }
    }

private:
    /// Nothing may follow the object.
    Result<std::optional<Characters>> at_end(const std::optional<Characters>& found) {
        skip_blanks();
        if (!done()) return not_json();
        return found;
    }
    [[nodiscard]] bool done() const { return at_ == body_.size(); }
    void skip_blanks() {
        while (!done() && is_blank(body_[at_])) ++at_;
    }
    bool take(char c) {
        if (done() || body_[at_] != static_cast<std::uint8_t>(c)) return false;
        ++at_;
        return true;
    }
    std::optional<Characters> string() {
        if (!take('"')) return std::nullopt;
        const std::size_t start = at_;
        for (; !done(); ++at_) {
            if (body_[at_] == '"') return body_.subspan(start, at_++ - start);
            if (body_[at_] != '\\') continue;
            ++at_;
            if (done()) return std::nullopt;
        }
        return std::nullopt;
    }
    /// To the comma or bracket that ends the value.
    bool skip_value() {
        std::size_t depth = 0;
        while (!done()) {
            const std::uint8_t c = body_[at_];
            if (c == '"') {
                if (!string()) return false;
                continue;
            }
            if (depth == 0 && (c == ',' || c == '}')) return true;
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') {
                if (depth == 0) return false;
                --depth;
            }
            ++at_;
        }
        return false;
    }

    Characters body_;
    std::size_t at_ = 0;
};

/// The code unit of `\uXXXX`'s four digits.
std::optional<std::uint32_t> code_unit(Characters digits) {
    if (digits.size() < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (const std::uint8_t c : digits.first(4)) {
        std::uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - std::uint32_t{'0'};
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (c | std::uint32_t{0x20}) - 'a' + 10;
        } else {
            return std::nullopt;
        }
        value = value << 4 | digit;
    }
    return value;
}

/// Resolves escapes into `out`, which is as long as the text; answers how much of it was used. Credentials and base64 are
/// ASCII, so an escape of anything else is refused.
std::optional<std::size_t> unescape(Characters text, Characters out) {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    constexpr std::string_view kMeans = "\"\\/\b\f\n\r\t";
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] < 0x20) return std::nullopt;
        if (text[i] != '\\') {
            out[used++] = text[i];
            continue;
        }
        const auto c = static_cast<char>(text[++i]);  // the scanner saw that something follows
        if (c == 'u') {
            const std::optional<std::uint32_t> unit = code_unit(text.subspan(i + 1));
            if (!unit || *unit > 0x7f) return std::nullopt;
            out[used++] = static_cast<std::uint8_t>(*unit);
            i += 4;
        } else if (const std::size_t which = kShort.find(c); which != std::string_view::npos) {
            out[used++] = static_cast<std::uint8_t>(kMeans[which]);
        } else {
            return std::nullopt;
        }
    }
    return used;
}

}  // namespace

Result<SecretBytes> take_text_field(SecretBytes& body, std::string_view field) {
    const Result<std::optional<Characters>> found = Scanner(body.span()).find(field);
    if (!found) return fail(found);
    if (!*found) return SecretBytes();
    SecretBytes text((*found)->size());
    const std::optional<std::size_t> used = unescape(**found, text.span());
    std::ranges::fill(**found, std::uint8_t{' '});
    if (!used) return fail(ErrorCode::kInvalidInput, fmt::format("The text of \"{}\" has a malformed escape.", field));
    text.truncate(*used);
    return text;
}

Result<SecretBytes> take_base64_field(SecretBytes& body, std::string_view field) {
    const Result<SecretBytes> text = take_text_field(body, field);
    if (!text) return fail(text);
    return secret_from_base64(text->text(), field);
}

}  // namespace keydeck::kms
