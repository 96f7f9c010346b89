// Names of keys and looks from a person's files: whatever they say, what is taken for a key has that very name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ui/keymap_check.hpp"
#include "ui/theme.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto key = ui::key_named(text)) {
        if (ui::name_of(*key) != text) std::abort();
    }
    if (const auto look = ui::look_named(text)) {
        if (look->colour < -1 || look->colour > 255 || look->background < -1 || look->background > 255) std::abort();
    }
    return 0;
}
