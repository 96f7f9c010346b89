// Finding where one JSON value of a stream ends and the next begins, also after a broken one.
#include <algorithm>
#include <array>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"

namespace keydeck::json {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kMaxDepth = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool opens(char c) { return c == '{' || c == '['; }

/// Scans one value that starts with a bracket.
///
/// A value that is certainly broken (a bracket closed by the other kind, a line end inside a string, a bracket where
/// none may open, too many levels, the end of the text) must not swallow the values after it. It is cut off before the
/// first later line that opens a bracket no deeper indented than the value's own line: in JSON Lines that is the next
/// line, among pretty-printed values the next value.
class Scanner {
public:
    Scanner(std::string_view text, std::size_t start, std::size_t indent) : text_(text), at_(start), indent_(indent) {}

    /// The position after the value.
    std::size_t end() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            bool sound = true;
            if (c == '"') {
                sound = skip_string();
            } else if (opens(c)) {
                sound = open(c);
            } else if (c == '}' || c == ']') {
                sound = close(c);
            } else if (c == '\n') {
                note_line(at_ + 1);
            } else if (!is_blank(c)) {
                before_ = c;
            }
            if (!sound) return recover();
            ++at_;
            if (depth_ == 0) return at_;
        }
        return resume_ == kNone ? text_.size() : resume_;
    }

private:
    /// Moves to the closing quote. A line end comes first when the string is broken.
    bool skip_string() {
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') break;
            if (c == '\\') ++at_;
            if (at_ < text_.size() && text_[at_] == '\n') return false;
        }
        before_ = '"';
        return true;
    }

    bool open(char c) {
        if (depth_ > 0) {
            const bool in_object = stack_[depth_ - 1] == '{';
            const bool allowed = in_object ? before_ == ':' : before_ == '[' || before_ == ',';
            if (!allowed || depth_ == kMaxDepth) return false;
        }
        stack_[depth_++] = c;
        before_ = c;
        return true;
    }

    bool close(char c) {
        if (stack_[depth_ - 1] != (c == '}' ? '{' : '[')) return false;
        --depth_;
        before_ = c;
        return true;
    }

    /// Remembers the first line where a new value could start.
    void note_line(std::size_t line) {
        if (resume_ != kNone) return;
        std::size_t first = line;
        while (first < text_.size() && (text_[first] == ' ' || text_[first] == '\t')) ++first;
        if (first < text_.size() && opens(text_[first]) && first - line <= indent_) resume_ = line;
    }

    std::size_t recover() {
        while (resume_ == kNone) {
            const std::size_t line_end = text_.find('\n', at_);
            if (line_end == kNone) return text_.size();
            at_ = line_end + 1;
            note_line(at_);
        }
        return resume_;
    }

    std::string_view text_;
    std::size_t at_;
    std::size_t indent_;
    std::size_t resume_ = kNone;
    std::size_t depth_ = 0;
    char before_ = 0;
    std::array<char, kMaxDepth> stack_{};
};

std::size_t end_of_line(std::string_view text, std::size_t from) { return std::min(text.find('\n', from), text.size()); }

/// What follows a value on its own line and is not another value belongs to it: `{"a":1}}` is one bad piece, not a good
/// one and a bad one.
std::size_t with_trailing_rubbish(std::string_view text, std::size_t end) {
    std::size_t next = end;
    while (next < text.size() && is_blank(text[next]) && text[next] != '\n') ++next;
    const bool clean = next == text.size() || text[next] == '\n' || opens(text[next]);
    return clean ? end : end_of_line(text, next);
}

}  // namespace

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> pieces;
    std::size_t indent = 0;
    bool at_line_start = true;
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (is_blank(c)) {
            if (c == '\n') {
                at_line_start = true;
                indent = 0;
            } else if (at_line_start) {
                ++indent;
            }
            ++at;
            continue;
        }
        at_line_start = false;
        std::size_t end = opens(c) ? Scanner(text, at, indent).end() : end_of_line(text, at);
        if (end > at && (text[end - 1] == '}' || text[end - 1] == ']')) end = with_trailing_rubbish(text, end);
        pieces.push_back(trimmed(text.substr(at, end - at)));
        // A recovered value ends where a line starts.
        if (text[end - 1] == '\n') {
            at_line_start = true;
            indent = 0;
        }
        at = end;
    }
    return pieces;
}

}  // namespace keydeck::json
