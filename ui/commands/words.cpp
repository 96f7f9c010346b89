#include "ui/commands/words.hpp"

#include <algorithm>

namespace keydeck::ui {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool is_plain(char c) {
    constexpr std::string_view kMarks = "_-./:@%+,=";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.contains(c);
}

class Splitter {
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    Words run() {
        for (at_ = 0; at_ < text_.size(); ++at_) take(text_[at_]);
        out_.unfinished = quote_ != 0 || escaped_;
        out_.in_word = begun_;
        if (!begun_) out_.last_begin = text_.size();
        if (begun_) out_.words.push_back(std::move(word_));
        return std::move(out_);
    }

private:
    void begin() {
        if (!begun_) out_.last_begin = at_;
        begun_ = true;
    }
    void take(char c) {
        if (escaped_) {
            // Within double quotes a backslash quotes these alone, and is itself before any other.
            if (quote_ == '"' && !std::string_view("\"\\$`").contains(c)) word_ += '\\';
            word_ += c;
            escaped_ = false;
        } else if (quote_ != 0 && c == quote_) {
            quote_ = 0;
        } else if (c == '\\' && quote_ != '\'') {
            begin();
            escaped_ = true;
        } else if (quote_ != 0) {
            word_ += c;
        } else if (c == '\'' || c == '"') {
            begin();
            quote_ = c;
        } else if (!is_blank(c)) {
            begin();
            word_ += c;
        } else if (begun_) {
            out_.words.push_back(std::move(word_));
            word_.clear();
            begun_ = false;
        }
    }

    std::string_view text_;
    Words out_;
    std::string word_;
    std::size_t at_ = 0;
    char quote_ = 0;
    bool begun_ = false;
    bool escaped_ = false;
};

}  // namespace

Words split_words(std::string_view text) { return Splitter(text).run(); }

std::string shell_quoted(std::string_view word) {
    if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string(word);
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + shell_quoted(word);
    return out;
}

}  // namespace keydeck::ui
