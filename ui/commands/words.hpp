// Words as a POSIX shell splits and quotes them, so that what is typed here and what is shown fits the command line too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keydeck::ui {

struct Words {
    std::vector<std::string> words;
    std::size_t last_begin = 0;  ///< where the word being typed begins in the text; its end where none is begun
    bool in_word = false;        ///< the text ends within a word, which is the last of `words`
    bool unfinished = false;     ///< a quote is open, or a backslash stands at the end
};

/// Splits at blanks; '…', "…" and \x quote. Nothing is expanded.
[[nodiscard]] Words split_words(std::string_view text);

/// The word as one word of a shell: as it is where that is safe, else in single quotes.
[[nodiscard]] std::string shell_quoted(std::string_view word);

/// All of them, a blank between.
[[nodiscard]] std::string shell_line(const std::vector<std::string>& words);

}  // namespace keydeck::ui
