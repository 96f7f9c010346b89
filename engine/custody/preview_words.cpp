#include "engine/custody/preview_words.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace keydeck::custody {
namespace {

// 9999-12-31 23:59:59, the last moment with a date of four digits for its year.
constexpr std::uint64_t kEndOfCalendar = 253'402'300'799;

std::string counted(std::int64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// In the largest unit that leaves at least two of it, rounded down.
std::string distance(std::int64_t seconds) {
    struct Unit {
        std::int64_t seconds;
        std::string_view name;
    };
    constexpr std::array<Unit, 4> kUnits{{{31'556'952, "year"}, {86'400, "day"}, {3'600, "hour"}, {60, "minute"}}};
    for (const Unit& unit : kUnits) {
        if (seconds >= 2 * unit.seconds) return counted(seconds / unit.seconds, unit.name);
    }
    return counted(seconds, "second");
}

}  // namespace

std::string who(const Wallet& wallet) { return wallet.label.empty() ? wallet.user : wallet.user + " / " + wallet.label; }

const store::Standing& Names::standing(const AddressBytes& address) {
    const auto found = read_.find(address);
    if (found != read_.end()) return found->second;
    Result<store::Standing> read = known_->standing(address);
    if (!read && status_) status_ = fail(read);
    return read_.emplace(address, read ? std::move(*read) : store::Standing{}).first->second;
}

bool Names::is_own_wallet(const AddressBytes& address) {
    const store::Standing& known = standing(address);
    return known.is_wallet && (is_operator_ || known.wallet_user == signer_->user_id);
}

std::string Names::name_of(const AddressBytes& address) {
    const store::Standing& known = standing(address);
    if (is_own_wallet(address)) {
        const std::string name = known.label.empty() ? known.user : known.user + " / " + known.label;
        return known.is_removed ? name + ", removed" : name;
    }
    return known.contact.empty() ? std::string() : known.contact + " (address book)";
}

std::string Names::instead_of(const AddressBytes& address) {
    std::string name = name_of(address);
    return name.empty() ? checksum_address(address) : name;
}

std::string Names::beside(const AddressBytes& address, bool gains) {
    std::string digits = checksum_address(address);
    if (address == signer_->address) return digits + " (this wallet)";
    // A wallet's label may be anything, "(address book)" too: it stays within brackets.
    const std::string name = name_of(address);
    if (!name.empty()) return digits + (is_own_wallet(address) ? " (" + name + ")" : " " + name);
    if (!gains) return digits;
    return digits + (standing(address).is_known() ? " (known)" : " (new)");
}

std::string Names::whose(const AddressBytes& account) {
    const store::Standing& known = standing(account);
    return checksum_address(account) + account_words(known);
}

bool Names::is_new(const AddressBytes& address) { return !standing(address).is_known(); }

std::string unlimited_words(const Uint256& amount) {
    for (const unsigned bits : {256U, 160U, 128U, 96U}) {
        Uint256 most = 0;
        for (unsigned bit = 0; bit < bits; ++bit) most = 2 * most + 1;
        if (amount == most) return "UNLIMITED (2^" + std::to_string(bits) + "-1)";
    }
    return "UNLIMITED (" + to_decimal(amount) + ")";
}

bool names_a_time(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kNames{"deadline",    "expiry",     "expiration",
                                                            "sigDeadline", "validAfter", "validBefore"};
    name.remove_prefix(name.rfind('.') + 1);  // npos + 1 is 0
    return std::ranges::find(kNames, name) != kNames.end();
}

std::string time_value(std::string_view name, const Uint256& seconds, const std::optional<Timestamp>& now) {
    name.remove_prefix(name.rfind('.') + 1);  // npos + 1 is 0
    // DAI's permits never end where their expiry is 0; others are over then.
    const std::string words = name == "expiry" && seconds == 0 ? "never" : time_words(seconds, now);
    return to_decimal(seconds) + " = " + words;
}

std::string time_words(const Uint256& seconds, const std::optional<Timestamp>& now) {
    if (seconds > kEndOfCalendar) return "never";
    const Timestamp time{std::chrono::seconds(static_cast<std::int64_t>(seconds))};
    std::string words = to_rfc3339(time).substr(0, 16) + " UTC";
    words[10] = ' ';
    if (!now) return words;
    const std::int64_t left = std::chrono::floor<std::chrono::seconds>(time - *now).count();
    return words + (left <= 0 ? " (over)" : " (in " + distance(left) + ")");
}

}  // namespace keydeck::custody
