// Money without rounding. Internal to the room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "engine/base/uint256.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

/// Requests are priced by that many.
inline constexpr std::int64_t kTenThousand = 10'000;

[[nodiscard]] inline Uint256 to_uint(std::int64_t value) {
    return {static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0))};
}

/// An exact sum of micro-dollars, kept as a fraction: nothing is rounded before the end. Figures are kept so far below 2^256
/// that nothing wraps: prices under 2^50, counts under 2^63, shares under 2^63.
struct Amount {
    Uint256 numerator = 0;
    Uint256 denominator = 1;

    [[nodiscard]] Amount times(std::int64_t factor, std::int64_t divisor) const {
        return divisor <= 0 ? Amount() : Amount{numerator * to_uint(factor), denominator * to_uint(divisor)}.reduced();
    }
    [[nodiscard]] Amount plus(const Amount& other) const {
        if (denominator == other.denominator) return {numerator + other.numerator, denominator};
        return Amount{numerator * other.denominator + other.numerator * denominator, denominator * other.denominator}
            .reduced();
    }
    /// Half up.
    [[nodiscard]] MicroDollars rounded() const {
        const Uint256 whole = (numerator * 2 + denominator) / (denominator * 2);
        constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
        return whole > to_uint(kMost) ? kMost : whole.convert_to<std::int64_t>();
    }

private:
    /// Euclid's; neither is 0.
    [[nodiscard]] static Uint256 greatest_common_divisor(Uint256 a, Uint256 b) {
        while (b != 0) {
            a %= b;
            std::swap(a, b);
        }
        return a;
    }
    [[nodiscard]] Amount reduced() const {
        const Uint256 common = numerator == 0 ? denominator : greatest_common_divisor(numerator, denominator);
        return {numerator / common, denominator / common};
    }
};

/// `count` things, each at `price` divided by `per`.
[[nodiscard]] inline Amount priced(std::int64_t count, MicroDollars price, std::int64_t per) {
    return Amount{to_uint(count)}.times(price, per);
}

}  // namespace keydeck::oversight
