#include "ui/open_terminal.hpp"

#include <langinfo.h>

#include <clocale>
#include <cstdlib>
#include <string_view>

#include "ui/linear/linear_terminal.hpp"
#include "ui/terminal/curses_terminal.hpp"
#include "ui/theme.hpp"

namespace keydeck::ui {
namespace {

// The locale is looked at and set before any thread is started.
bool locale_is_utf8() {
    std::setlocale(LC_CTYPE, "");                                // NOLINT(concurrency-mt-unsafe)
    return std::string_view(::nl_langinfo(CODESET)) == "UTF-8";  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

// The environment is read before any thread is started and nothing here changes it.
bool is_set(const char* variable) {
    const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr && *value != '\0';
}

bool is_test() { return is_set("KEYDECK_TUI_TEST"); }

Charset charset_for(const UiOptions& options) {
    return !locale_is_utf8() || options.ascii ? Charset::kAscii : Charset::kUnicode;
}

Result<std::unique_ptr<Terminal>> open_terminal(const UiOptions& options, const Theme& theme, Charset& charset) {
    if (!options.linear) return open_curses_terminal({charset, options.mono || is_set("NO_COLOR"), theme});
    auto terminal = open_linear_terminal(charset);
    // Words are found in what Unicode draws; the terminal writes what the locale can show.
    if (!locale_is_utf8()) std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): the same
    charset = Charset::kUnicode;
    return terminal;
}

}  // namespace keydeck::ui
