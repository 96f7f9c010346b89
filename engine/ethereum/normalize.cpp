#include "engine/ethereum/normalize.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

namespace keydeck::ethereum {
namespace {

// utf8proc_map() would put the text into memory of its own, which is neither locked nor wiped: these two calls work in ours.
SecretBytes normalized(std::string_view text, utf8proc_option_t form) {
    // ASCII is in every form already; most passphrases are ASCII.
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return SecretBytes::copy_of(text);
    const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    const auto options = static_cast<utf8proc_option_t>(form | UTF8PROC_STABLE | UTF8PROC_COMPAT);
    const utf8proc_ssize_t characters = utf8proc_decompose(bytes, size, nullptr, 0, options);
    if (characters < 0) return SecretBytes::copy_of(text);
    // Written over by the UTF-8 of the characters and a zero after it.
    SecretBytes out((static_cast<std::size_t>(characters) + 1) * sizeof(utf8proc_int32_t));
    auto* const buffer = reinterpret_cast<utf8proc_int32_t*>(out.data());
    if (utf8proc_decompose(bytes, size, buffer, characters, options) != characters) return SecretBytes::copy_of(text);
    const utf8proc_ssize_t length = utf8proc_reencode(buffer, characters, options);
    if (length < 0) return SecretBytes::copy_of(text);
    out.truncate(static_cast<std::size_t>(length));
    return out;
}

}  // namespace

SecretBytes nfkd(std::string_view text) { return normalized(text, UTF8PROC_DECOMPOSE); }
SecretBytes nfkc(std::string_view text) { return normalized(text, UTF8PROC_COMPOSE); }

}  // namespace keydeck::ethereum
