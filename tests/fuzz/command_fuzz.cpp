// A line typed behind `:`: it never means a command and a problem without words for it, and quoting is read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ui/commands/command.hpp"
#include "ui/commands/words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ui::Words words = ui::split_words(text);
    if (words.last_begin > text.size()) std::abort();
    if (!words.unfinished && ui::split_words(ui::shell_line(words.words)).words != words.words) std::abort();
    const ui::Understood read = ui::understand(text);
    if (read.command == nullptr && read.problem.empty() && !words.words.empty() && words.words.front() != "keydeck")
        std::abort();
    if (ui::split_words(ui::shell_quoted(text)).words != std::vector<std::string>{std::string(text)}) std::abort();
    return 0;
}
