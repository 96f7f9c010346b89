#include "engine/custody/arn.hpp"

#include <algorithm>

namespace keydeck::custody {

std::string account_of(std::string_view arn) {
    constexpr int kFieldsBefore = 4;
    if (!arn.starts_with("arn:")) return {};
    for (int field = 0; field < kFieldsBefore; ++field) {
        const std::size_t colon = arn.find(':');
        if (colon == std::string_view::npos) return {};
        arn.remove_prefix(colon + 1);
    }
    const std::string_view account = arn.substr(0, arn.find(':'));
    const bool digits = std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; });
    return digits && account.size() == 12 ? std::string(account) : std::string();
}

}  // namespace keydeck::custody
