#include "engine/ethereum/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kTextLength = 42;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

Address address_of(const crypto::PublicKey& key) {
    const Hash32 hash = crypto::keccak256(key.xy);
    Address address;
    std::copy(hash.begin() + 12, hash.end(), address.bytes.begin());
    return address;
}

std::string to_checksum(const Address& address) {
    std::string text = to_hex_0x(address.bytes);
    const Hash32 hash = crypto::keccak256(as_bytes(std::string_view(text).substr(2)));
    for (std::size_t i = 0; i < kTextLength - 2; ++i) {
        const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 0x0FU;
        char& c = text[i + 2];
        if (nibble >= 8 && is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

bool has_checksum(std::string_view text) {
    const std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
    return std::ranges::any_of(digits, is_lower) && std::ranges::any_of(digits, is_upper);
}

Result<Address> parse_address(std::string_view text, std::string_view what) {
    const auto refuse = [what](std::string_view why, std::string hint = {}) {
        return fail(ErrorCode::kInvalidInput, fmt::format("The {} {}", what, why), std::move(hint));
    };
    if (!text.starts_with("0x")) return refuse("is not an address: it must begin with 0x.");
    if (text.size() != kTextLength)
        return refuse(fmt::format("is not an address: it has {} digits after 0x instead of 40.", text.size() - 2));
    Address address;
    if (const auto read = from_hex_into(text, address.bytes, what); !read) return fail(read);
    if (has_checksum(text) && to_checksum(address) != text)
        return refuse("is mistyped: its mixed case is not the EIP-55 checksum of its digits.",
                      "Copy the address again, or write it all in lower case if you are sure of every digit.");
    return address;
}

}  // namespace keydeck::ethereum
