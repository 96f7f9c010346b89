// Typed data that gives others power over tokens.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>

#include "engine/custody/risk.hpp"

namespace keydeck::custody {
namespace {

using ethereum::TypedData;
using ethereum::TypedDataLine;

constexpr auto kLongDeadline = std::chrono::days(366);

/// ERC-2612, DAI's older form, and the messages of Permit2 (PermitSingle, PermitBatch, PermitTransferFrom, …).
bool is_permit(const TypedData& data) { return data.primary_type.starts_with("Permit"); }

bool is_spender(const TypedDataLine& line) { return line.name == "spender" && line.type == "address"; }

bool is_amount(const TypedDataLine& line) {
    return (line.name == "value" || line.name == "amount") && line.type.starts_with("uint");
}

bool is_deadline(const TypedDataLine& line) {
    static constexpr std::array<std::string_view, 4> kNames{"deadline", "expiry", "expiration", "sigDeadline"};
    return line.type.starts_with("uint") && std::ranges::find(kNames, line.name) != kNames.end();
}

/// The upper half of the type's range: nobody means an amount by it.
bool is_unlimited(const TypedDataLine& line) {
    unsigned bits = 256;
    const std::string_view digits = std::string_view(line.type).substr(4);
    if (!digits.empty()) std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const Result<Uint256> value = parse_uint256(line.value, line.name);
    return value && bits >= 8 && bits <= 256 && *value >= (Uint256(1) << (bits - 1));
}

bool is_far(const TypedDataLine& line, Timestamp now) {
    const Result<Uint256> seconds = parse_uint256(line.value, line.name);
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>((now + kLongDeadline).time_since_epoch()).count();
    return seconds && *seconds > Uint256(static_cast<std::uint64_t>(limit));
}

Status assess_permit(Acquaintances& known, const TypedData& data, Timestamp now, Assessment& out) {
    out.warn("This gives another address permission to move your tokens (" + data.primary_type + ").");
    out.ask_for_word("PERMIT");
    for (const TypedDataLine& line : data.message) {
        if (is_amount(line) && is_unlimited(line)) out.risky("Unlimited: " + line.name + " has no real limit.");
        if (line.name == "allowed" && line.type == "bool" && line.value == "true")
            out.risky("Unlimited: allowed is true for any amount.");
        if (is_deadline(line) && is_far(line, now)) out.risky("Long-lived: " + line.name + " is more than a year away.");
    }
    for (const AddressBytes& spender : beneficiaries_of(data)) {
        if (Status assessed = assess_beneficiary(known, spender, "spender's", out); !assessed) return assessed;
    }
    if (out.risk == Risk::kOrdinary) {
        out.challenge.clear();
        out.challenge_prompt.clear();
    }
    return {};
}

}  // namespace

std::vector<AddressBytes> beneficiaries_of(const TypedData& data) {
    std::vector<AddressBytes> addresses;
    if (!is_permit(data)) return addresses;
    for (const TypedDataLine& line : data.message) {
        if (!is_spender(line)) continue;
        if (const Result<AddressBytes> address = parse_address_text(line.value); address) addresses.push_back(*address);
    }
    return addresses;
}

Result<Assessment> assess_typed_data(Acquaintances& known, const TypedData& data, Timestamp now) {
    Assessment out;
    if (is_permit(data)) {
        if (Status assessed = assess_permit(known, data, now, out); !assessed) return fail(assessed);
    }
    if (!data.chain_id) out.warn("The domain names no chain: the signature holds on every chain.");
    if (data.chain_id) {
        const Result<bool> other = known.is_other_chain(*data.chain_id);
        if (!other) return fail(other);
        if (*other)
            out.warn("Another chain: this vault has signed transactions before, but none for chain " +
                     to_decimal(*data.chain_id) + ".");
    }
    return out;
}

}  // namespace keydeck::custody
