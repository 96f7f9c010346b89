// The input as a mnemonic, and as entropy.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/ethereum/mnemonic.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check_mnemonic(std::string_view text) {
    const auto entropy = keydeck::ethereum::entropy_from_mnemonic(text);
    if (!entropy) {
        require(entropy.error().code == keydeck::ErrorCode::kInvalidInput);
        return;
    }
    const auto canonical = keydeck::ethereum::mnemonic_from_entropy(entropy->view());
    require(canonical.has_value());
    const auto again = keydeck::ethereum::entropy_from_mnemonic(canonical->text());
    require(again && std::ranges::equal(again->view(), entropy->view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const keydeck::ByteView bytes(data, size);
    check_mnemonic(keydeck::as_text(bytes));
    if (const auto mnemonic = keydeck::ethereum::mnemonic_from_entropy(bytes)) {
        const auto entropy = keydeck::ethereum::entropy_from_mnemonic(mnemonic->text());
        require(entropy && std::ranges::equal(entropy->view(), bytes));
    }
    return 0;
}
