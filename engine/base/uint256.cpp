#include "engine/base/uint256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"

namespace keydeck {
namespace {

constexpr std::size_t kDigitsInWord = 19;  // as many decimal digits as always fit 64 bits
constexpr std::uint64_t kWordScale = 10'000'000'000'000'000'000U;

constexpr std::string_view kMaxDecimal = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

std::unexpected<Error> too_large(std::string_view what) {
    return fail(ErrorCode::kInvalidInput, fmt::format("{} is larger than 2^256 - 1.", as_subject(what)));
}

std::string_view without_leading_zeros(std::string_view digits) {
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

Result<Uint256> parse_hex(std::string_view digits, std::string_view what) {
    const bool only_digits = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (digits.empty() || !only_digits) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is not a hexadecimal number after 0x.", as_subject(what)));
    }
    digits = without_leading_zeros(digits);
    if (digits.size() > 64) return too_large(what);
    std::array<char, 64> padded;
    padded.fill('0');
    std::ranges::copy(digits, padded.end() - static_cast<std::ptrdiff_t>(digits.size()));
    FixedBytes<32> raw;
    if (const Status read = from_hex_into({padded.data(), padded.size()}, raw, what); !read) return fail(read);
    return from_be(raw);
}

Result<Uint256> parse_decimal(std::string_view digits, std::string_view what) {
    digits = without_leading_zeros(digits);
    const bool over = digits.size() > kMaxDecimal.size() || (digits.size() == kMaxDecimal.size() && digits > kMaxDecimal);
    if (over) return too_large(what);
    Uint256 value = 0;
    while (!digits.empty()) {
        std::uint64_t word = 0;
        std::uint64_t scale = 1;
        for (const char c : digits.substr(0, kDigitsInWord)) {
            word = word * 10 + static_cast<std::uint64_t>(c - '0');
            scale *= 10;
        }
        value = value * scale + word;
        digits.remove_prefix(std::min(kDigitsInWord, digits.size()));
    }
    return value;
}

}  // namespace

Result<Uint256> parse_uint256(std::string_view text, std::string_view what) {
    if (text.starts_with("0x") || text.starts_with("0X")) return parse_hex(text.substr(2), what);
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is not a whole number from 0 to 2^256 - 1.", as_subject(what)),
                    "Write decimal digits, or hexadecimal ones after 0x.");
    }
    return parse_decimal(text, what);
}

std::string to_decimal(const Uint256& value) {
    std::array<char, 80> digits;
    auto first = digits.end();
    Uint256 rest = value;
    Uint256 word;
    do {
        Uint256 above;
        divide_qr(rest, Uint256(kWordScale), above, word);
        rest = above;
        auto low = static_cast<std::uint64_t>(word);
        for (std::size_t i = 0; i < kDigitsInWord && (rest != 0 || low != 0); ++i, low /= 10) {
            *--first = static_cast<char>('0' + low % 10);
        }
    } while (rest != 0);
    if (first == digits.end()) *--first = '0';
    return {first, digits.end()};
}

FixedBytes<32> to_be32(const Uint256& value) {
    FixedBytes<32> out{};
    const Bytes digits = to_minimal_be(value);
    std::ranges::copy(digits, out.end() - static_cast<std::ptrdiff_t>(digits.size()));
    return out;
}

Uint256 from_be(ByteView bytes) {
    assert(bytes.size() <= 32);
    Uint256 value = 0;
    if (!bytes.empty()) import_bits(value, bytes.begin(), bytes.end(), 8, true);
    return value;
}

Bytes to_minimal_be(const Uint256& value) {
    Bytes out;
    if (value != 0) export_bits(value, std::back_inserter(out), 8, true);
    return out;
}

}  // namespace keydeck
