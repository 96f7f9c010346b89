#include "engine/ethereum/call.hpp"

namespace keydeck::ethereum {

std::string format_units(const Uint256& amount, unsigned decimals) {
    std::string digits = to_decimal(amount);
    if (decimals == 0) return digits;
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    const std::size_t point = digits.size() - decimals;
    std::string fraction = digits.substr(point);
    digits.resize(point);
    fraction.erase(fraction.find_last_not_of('0') + 1);  // npos + 1 is 0: nothing but zeros
    if (fraction.empty()) return digits;
    return digits + "." + fraction;
}

}  // namespace keydeck::ethereum
