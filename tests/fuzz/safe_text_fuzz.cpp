// Any bytes: what is shown is printable, as wide as it was measured, and nothing of it is lost when it is broken into lines.
#include <clocale>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ui/terminal/frame.hpp"

namespace {

void check(std::string_view text, keydeck::ui::Charset charset) {
    using namespace keydeck::ui;
    const std::string safe = safe_text(text, charset);
    if (count_hidden(safe, true) != 0) std::abort();
    if (charset == Charset::kAscii) {
        for (const char c : safe) {
            if (c < 0x20 || c > 0x7e) std::abort();
        }
    }
    for (const int cols : {1, 7, 40}) {
        if (display_width(fitted(text, cols, charset), charset) > cols) std::abort();
        std::string together;
        for (const std::string& line : wrap_exact(safe, cols, charset)) together += line;
        if (together != safe) std::abort();
    }
    Frame frame({3, 20}, charset);
    frame.put(1, 3, text);
    frame.put_fitted(2, 0, 20, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool locale_set = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    if (!locale_set) std::abort();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text, keydeck::ui::Charset::kUnicode);
    check(text, keydeck::ui::Charset::kAscii);
    return 0;
}
