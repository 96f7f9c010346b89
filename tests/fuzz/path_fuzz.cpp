#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/ethereum/hd_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto path = keydeck::ethereum::parse_path(text);
    if (!path) return 0;
    std::string canonical(text);
    std::ranges::replace_if(canonical, [](char c) { return c == 'h' || c == 'H'; }, '\'');
    if (path->size() > 16 || keydeck::ethereum::to_path(*path) != canonical) std::abort();
    return 0;
}
