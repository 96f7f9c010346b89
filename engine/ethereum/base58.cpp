#include "engine/ethereum/base58.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/crypto/hash.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kChecksumSize = 4;

SecretBytes with_checksum(ByteView payload) {
    auto once = crypto::sha256(payload);
    const WipeOnExit guard_once(once);
    auto twice = crypto::sha256(once);
    const WipeOnExit guard_twice(twice);
    auto out = SecretBytes::copy_of(payload);
    out.append(ByteView(twice).first(kChecksumSize));
    return out;
}

}  // namespace

SecretBytes to_base58_check(ByteView payload) {
    const auto input = with_checksum(payload);
    // Digits of base 58, least significant first. 138 / 100 is above log 256 / log 58.
    SecretBytes digits(input.size() * 138 / 100 + 1);
    std::size_t used = 0;
    for (const unsigned byte : input.view()) {
        unsigned carry = byte;
        for (auto& digit : digits.span().first(used)) {
            carry += static_cast<unsigned>(digit) << 8U;
            digit = static_cast<std::uint8_t>(carry % 58);
            carry /= 58;
        }
        for (; carry > 0; carry /= 58) digits.span()[used++] = static_cast<std::uint8_t>(carry % 58);
    }
    const auto zeros = static_cast<std::size_t>(
        std::ranges::find_if(input.view(), [](std::uint8_t byte) { return byte != 0; }) - input.view().begin());
    SecretBytes text(zeros + used);
    std::ranges::fill(text.span().first(zeros), static_cast<std::uint8_t>(kAlphabet[0]));
    for (std::size_t i = 0; i < used; ++i)
        text.span()[zeros + i] = static_cast<std::uint8_t>(kAlphabet[digits.view()[used - 1 - i]]);
    return text;
}

}  // namespace keydeck::ethereum
