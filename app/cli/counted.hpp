// Numbers with what they count.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace keydeck::cli {

/// "1 wallet", "12 wallets": of a noun that takes an s.
[[nodiscard]] inline std::string counted(std::int64_t number, std::string_view one) {
    return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

}  // namespace keydeck::cli
