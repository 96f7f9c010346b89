#include "engine/base/hex.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "engine/base/text.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
        values[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
        values[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
    }
    return values;
}

constexpr auto kValues = make_values();

void append_digits(std::string& out, ByteView bytes) {
    const std::size_t start = out.size();
    out.resize(start + 2 * bytes.size());
    char* next = out.data() + start;
    for (const std::uint8_t byte : bytes) {
        *next++ = kDigits[byte >> 4];
        *next++ = kDigits[byte & 0xf];
    }
}

std::size_t prefix_length(std::string_view text) {
    return text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;
}

/// Decodes `digits` (an even number) into `out`; returns the index of the first character that is no digit, or npos.
std::size_t decode(std::string_view digits, std::uint8_t* out) {
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const std::uint8_t high = kValues[static_cast<std::uint8_t>(digits[i])];
        const std::uint8_t low = kValues[static_cast<std::uint8_t>(digits[i + 1])];
        if ((high | low) > 0xf) return high > 0xf ? i : i + 1;
        *out++ = static_cast<std::uint8_t>(high << 4 | low);
    }
    return std::string_view::npos;
}

Error bad_digit(std::string_view what, std::size_t position) {
    return {ErrorCode::kInvalidInput,
            fmt::format("{} is not hexadecimal: character {} is no digit from 0 to 9 or a to f.", as_subject(what),
                        position + 1),
            {},
            {}};
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string out;
    append_digits(out, bytes);
    return out;
}

std::string to_hex_0x(ByteView bytes) {
    std::string out = "0x";
    append_digits(out, bytes);
    return out;
}

Result<Bytes> from_hex(std::string_view text, std::string_view what) {
    const std::size_t prefix = prefix_length(text);
    const std::string_view digits = text.substr(prefix);
    Bytes out(digits.size() / 2);
    const std::size_t bad = decode(digits, out.data());
    if (bad != std::string_view::npos) return std::unexpected(bad_digit(what, prefix + bad));
    if (digits.size() % 2 != 0) {
        if (kValues[static_cast<std::uint8_t>(digits.back())] == kNoDigit) {
            return std::unexpected(bad_digit(what, text.size() - 1));
        }
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} has an odd number of hexadecimal digits ({}).", as_subject(what), digits.size()));
    }
    return out;
}

Status from_hex_into(std::string_view text, std::span<std::uint8_t> out, std::string_view what) {
    const std::size_t prefix = prefix_length(text);
    const std::string_view digits = text.substr(prefix);
    if (digits.size() != 2 * out.size()) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} must be {} bytes in hexadecimal ({} digits), not {} digits.",
                                                          as_subject(what), out.size(), 2 * out.size(), digits.size()));
    }
    const std::size_t bad = decode(digits, out.data());
    if (bad != std::string_view::npos) return std::unexpected(bad_digit(what, prefix + bad));
    return {};
}

}  // namespace keydeck
