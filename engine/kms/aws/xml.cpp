#include "engine/kms/aws/xml.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keydeck::kms::aws {
namespace {

constexpr std::size_t kMaxDepth = 16;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':'; }

/// What `&…;` stands for.
std::optional<char> entity(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [known, c] : kNamed) {
        if (name == known) return c;
    }
    if (!name.starts_with('#')) return std::nullopt;
    const bool hex = name.starts_with("#x");
    unsigned value = 0;
    const std::string_view digits = name.substr(hex ? 2 : 1);
    if (digits.empty() || digits.size() > 4) return std::nullopt;
    for (const char c : digits) {
        unsigned digit = 16;
        if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
        if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f') digit = static_cast<unsigned>((c | 0x20) - 'a' + 10);
        if (digit >= (hex ? 16U : 10U)) return std::nullopt;
        value = value * (hex ? 16 : 10) + digit;
    }
    if (value == 0 || value > 0x7e) return std::nullopt;
    return static_cast<char>(value);
}

class Reader {
public:
    Reader(std::string_view text, const XmlLeaf& leaf) : rest_(text), leaf_(leaf) {}

    bool document() {
        if (!misc() || !element(0) || !misc()) return false;
        return rest_.empty();
    }

private:
    bool take(std::string_view token) {
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    void blanks() {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    }
    bool skip_past(std::string_view token) {
        const std::size_t at = rest_.find(token);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + token.size());
        return true;
    }
    /// Blanks, comments and processing instructions.
    bool misc() {
        for (;;) {
            blanks();
            if (take("<!--")) {
                if (!skip_past("-->")) return false;
            } else if (take("<?")) {
                if (!skip_past("?>")) return false;
            } else {
                return true;
            }
        }
    }
    std::string_view name() {
        if (rest_.empty() || !is_name_start(rest_.front())) return {};
        const auto end = std::ranges::find_if_not(rest_, is_name);
        const std::string_view found(rest_.begin(), end);
        rest_.remove_prefix(found.size());
        return found;
    }
    bool attributes() {
        for (;;) {
            const std::size_t before = rest_.size();
            blanks();
            if (rest_.starts_with('>') || rest_.starts_with("/>")) return true;
            if (before == rest_.size() || name().empty()) return false;
            blanks();
            if (!take("=")) return false;
            blanks();
            const std::string_view quote = rest_.substr(0, 1);
            if (quote != "\"" && quote != "'") return false;
            rest_.remove_prefix(1);
            const std::size_t end = rest_.find(quote);
            if (end == std::string_view::npos || rest_.substr(0, end).find('<') != std::string_view::npos) return false;
            rest_.remove_prefix(end + 1);
        }
    }
    bool element(std::size_t depth) {
        if (depth == kMaxDepth || !take("<")) return false;
        const std::string_view own = name();
        if (own.empty() || !attributes()) return false;
        const std::size_t outer = path_.size();
        if (!path_.empty()) path_ += '/';
        path_ += own;
        const bool whole = take("/>") ? empty_leaf() : take(">") && content(depth, own);
        path_.resize(outer);
        return whole;
    }
    bool empty_leaf() {
        leaf_(path_, {});
        return true;
    }
    bool content(std::size_t depth, std::string_view own) {
        SecretBytes text;
        bool has_elements = false;
        for (;;) {
            if (!characters(text)) return false;
            if (take("</")) break;
            if (take("<!--")) {
                if (!skip_past("-->")) return false;
                continue;
            }
            if (!element(depth + 1)) return false;
            has_elements = true;
        }
        if (name() != own) return false;
        blanks();
        if (!take(">")) return false;
        if (!has_elements) leaf_(path_, std::move(text));
        return true;
    }
    /// Up to the next `<`.
    bool characters(SecretBytes& into) {
        while (!rest_.empty() && rest_.front() != '<') {
            const std::size_t run = std::min(rest_.find_first_of("<&"), rest_.size());
            into.append({reinterpret_cast<const std::uint8_t*>(rest_.data()), run});
            rest_.remove_prefix(run);
            if (!take("&")) continue;
            const std::size_t end = rest_.find(';');
            const std::optional<char> meant = end == std::string_view::npos ? std::nullopt : entity(rest_.substr(0, end));
            if (!meant) return false;
            const auto byte = static_cast<std::uint8_t>(*meant);
            into.append({&byte, 1});
            rest_.remove_prefix(end + 1);
        }
        return !rest_.empty();
    }

    std::string_view rest_;
    const XmlLeaf& leaf_;
    std::string path_;
};

}  // namespace

Status read_xml(std::string_view text, const XmlLeaf& leaf) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (!Reader(text, leaf).document()) return fail(ErrorCode::kInvalidInput, "The text is not the XML that is expected.");
    return {};
}

}  // namespace keydeck::kms::aws
