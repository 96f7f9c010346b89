#include "engine/base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/base/hex.hpp"

namespace keydeck {

std::uint64_t Random::below(std::uint64_t bound) {
    // Draws above the largest multiple of the bound are thrown away: they are what would favour the small answers.
    const std::uint64_t surplus = (0 - bound) % bound;  // 2^64 mod bound
    for (;;) {
        std::uint64_t draw = 0;
        const auto raw = bytes<sizeof draw>();
        std::memcpy(&draw, raw.data(), sizeof draw);
        if (draw >= surplus) return draw % bound;
    }
}

std::string Random::uuid() {
    auto raw = bytes<16>();
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0f) | 0x40);  // version 4
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3f) | 0x80);  // the variant of RFC 9562
    std::string text = to_hex(raw);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
    return text;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            // Going on without randomness would make keys that others can guess.
            std::fputs("keydeck: the system gives no random bytes (getrandom failed)\n", stderr);
            std::abort();
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace keydeck
