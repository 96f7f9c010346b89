// Random bytes from the system, behind a seam.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/base/bytes.hpp"

namespace keydeck {

/// A source of random bytes fit for keys. Thread-safe. Does not fail: a system without randomness ends the process.
class Random {
public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <std::size_t N>
    [[nodiscard]] FixedBytes<N> bytes() {
        FixedBytes<N> out;
        fill(out);
        return out;
    }
    /// Uniform in [0, bound), without modulo bias. `bound` must be at least 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// A version 4 UUID in its 36-character form (RFC 9562).
    [[nodiscard]] std::string uuid();
};

/// getrandom(2).
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

}  // namespace keydeck
