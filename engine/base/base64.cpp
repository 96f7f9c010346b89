#include "engine/base/base64.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/text.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr auto kValues = make_values();

std::unexpected<Error> refuse(std::string_view what, std::string_view why) {
    return fail(ErrorCode::kInvalidInput, fmt::format("{} is not base64: {}.", as_subject(what), why));
}

/// The four characters of up to three bytes.
std::array<char, 4> encode_group(ByteView bytes) {
    const std::size_t count = bytes.size();
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[0]) << 16 |
                                (count > 1 ? static_cast<std::uint32_t>(bytes[1]) << 8 : 0) |
                                (count > 2 ? static_cast<std::uint32_t>(bytes[2]) : 0);
    return {kAlphabet[group >> 18], kAlphabet[group >> 12 & 63], count > 1 ? kAlphabet[group >> 6 & 63] : '=',
            count > 2 ? kAlphabet[group & 63] : '='};
}

std::size_t padding_of(std::string_view text) {
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    return padding;
}

/// The length of what a text of valid length stands for.
std::size_t decoded_size(std::string_view text) { return text.size() / 4 * 3 - padding_of(text); }

Status check_length(std::string_view text, std::string_view what) {
    if (text.size() % 4 == 0) return {};
    return refuse(what, fmt::format("its length ({}) is no multiple of 4", text.size()));
}

/// `out` has decoded_size(text) bytes.
Status decode(std::string_view text, std::span<std::uint8_t> out, std::string_view what) {
    const std::string_view digits = text.substr(0, text.size() - padding_of(text));
    std::size_t done = 0;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::uint8_t value = kValues[static_cast<std::uint8_t>(digits[i])];
        if (value == kNoDigit) return refuse(what, fmt::format("character {} is not of its alphabet", i + 1));
        group = group << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[done++] = static_cast<std::uint8_t>(group >> bits);
            group &= (1U << bits) - 1;
        }
    }
    // A second text for the same bytes would let one blob have two names.
    if (group != 0) return refuse(what, "its last character has bits set that stand for nothing");
    return {};
}

}  // namespace

std::string to_base64(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::array<char, 4> group = encode_group(bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i)));
        out.append(group.data(), group.size());
    }
    return out;
}

void append_base64(SecretBytes& out, ByteView bytes) {
    SecretBytes text((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0, at = 0; i < bytes.size(); i += 3, at += 4) {
        const std::array<char, 4> group = encode_group(bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i)));
        std::ranges::copy(group, text.data() + at);
    }
    out.append(text.view());
}

Result<Bytes> from_base64(std::string_view text, std::string_view what) {
    if (Status length = check_length(text, what); !length) return fail(length);
    Bytes out(decoded_size(text));
    if (Status decoded = decode(text, out, what); !decoded) return fail(decoded);
    return out;
}

Result<SecretBytes> secret_from_base64(std::string_view text, std::string_view what) {
    if (Status length = check_length(text, what); !length) return fail(length);
    SecretBytes out(decoded_size(text));
    if (Status decoded = decode(text, out.span(), what); !decoded) return fail(decoded);
    return out;
}

}  // namespace keydeck
