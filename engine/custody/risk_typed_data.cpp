// Typed data that gives others power over tokens, or has somebody call in the signer's name.
#include <algorithm>
#include <chrono>
#include <string>

#include "engine/custody/preview_words.hpp"
#include "engine/custody/risk.hpp"
#include "engine/custody/typed_message.hpp"

namespace keydeck::custody {
namespace {

using ethereum::TypedData;
using ethereum::TypedDataLine;

constexpr auto kLongDeadline = std::chrono::days(366);

bool is_spender(const TypedDataLine& line) { return line.name == "spender" && line.type == "address"; }

bool is_end(const TypedDataLine& line) {
    return line.type.starts_with("uint") && names_a_time(line.name) && line.name != "validAfter";
}

bool is_far(const TypedDataLine& line, Timestamp now) {
    const Result<Uint256> seconds = parse_uint256(line.value, line.name);
    if (seconds && *seconds == 0) return line.name == "expiry";  // DAI's: never
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>((now + kLongDeadline).time_since_epoch()).count();
    return seconds && *seconds > Uint256(static_cast<std::uint64_t>(limit));
}

void assess_permit(const TypedData& data, Timestamp now, Assessment& out) {
    out.warn("This gives another address permission to move your tokens (" + data.primary_type + ").");
    for (const TypedDataLine& line : data.message) {
        if (is_amount(line) && is_unlimited(line)) out.risky("Unlimited: " + line.name + " has no real limit.");
        if (line.name == "allowed" && line.type == "bool" && line.value == "true")
            out.risky("Unlimited: allowed is true for any amount.");
        if (is_end(line) && is_far(line, now)) out.risky("Long-lived: " + line.name + " is more than a year away.");
    }
    if (out.risk == Risk::kRisky) out.ask_for_word("PERMIT");
}

void assess_call_in(const TypedData& data, const TypedFields& fields, Assessment& out) {
    const std::optional<ethereum::DecodedCall> call = call_in(data, fields);
    if (call) assess_call(*call, out);
    if (fields.text("operation") != "1") return;
    out.risky("DELEGATECALL: the code that is called may do anything as this account, even replace its owners.");
    out.ask_for_word("DELEGATECALL");
}

/// An order that asks for nothing gives everything away: what phishing sites have signed.
void assess_order(const TypedFields& fields, Assessment& out) {
    out.warn("A marketplace order: whoever pays what it asks takes what it offers, until it ends or is cancelled.");
    const std::optional<AddressBytes> offerer = fields.address("offerer");
    bool is_paid = false;
    for (std::size_t i = 0; i < fields.count("consideration") && !is_paid; ++i) {
        const std::string item = "consideration[" + std::to_string(i) + "]";
        const std::optional<Uint256> amount = fields.number(item + ".startAmount");
        is_paid = amount && *amount > 1 && fields.address(item + ".recipient") == offerer;
    }
    if (is_paid) return;
    out.risky("The order asks next to NOTHING for the one who signs it.");
    out.ask_for_word("ORDER");
}

std::string_view whose_address(TypedKind kind) {
    switch (kind) {
        case TypedKind::kPermit:
            return "spender's";
        case TypedKind::kDelegation:
            return "delegatee's";
        default:
            return "recipient's";
    }
}

std::size_t count_hidden(const TypedData& data) {
    // Most were written out when the data was read.
    const auto in = [](std::string_view text) {
        std::size_t count = count_hidden_characters(text);
        for (std::size_t at = text.find("\\u{"); at != std::string_view::npos; at = text.find("\\u{", at + 1)) ++count;
        return count;
    };
    std::size_t count = 0;
    for (const auto* lines : {&data.domain, &data.message}) {
        for (const TypedDataLine& line : *lines) count += in(line.name) + (line.type == "string" ? in(line.value) : 0U);
    }
    return count;
}

void assess_kind(const TypedData& data, Timestamp now, Assessment& out) {
    switch (kind_of(data)) {
        case TypedKind::kPermit:
            return assess_permit(data, now, out);
        case TypedKind::kTransfer:
            return out.warn("This sends tokens: whoever has the signature can hand it in.");
        case TypedKind::kCall:
            return assess_call_in(data, TypedFields(data.message), out);
        case TypedKind::kOrder:
            return assess_order(TypedFields(data.message), out);
        case TypedKind::kDelegation:
        case TypedKind::kOther:
            return;
    }
}

}  // namespace

std::vector<AddressBytes> beneficiaries_of(const TypedData& data) {
    std::vector<AddressBytes> addresses;
    const TypedKind kind = kind_of(data);
    if (kind == TypedKind::kOther || kind == TypedKind::kOrder) return addresses;
    if (kind == TypedKind::kPermit) {
        for (const TypedDataLine& line : data.message) {
            if (!is_spender(line)) continue;
            if (const Result<AddressBytes> address = parse_address_text(line.value); address) addresses.push_back(*address);
        }
        return addresses;
    }
    const TypedFields fields(data.message);
    const std::optional<AddressBytes> to = fields.address(kind == TypedKind::kDelegation ? "delegatee" : "to");
    if (!to) return addresses;
    if (kind != TypedKind::kCall) return {*to};
    return beneficiaries_of_call(*to, fields.number("value").value_or(0), call_in(data, fields));
}

Result<Assessment> assess_typed_data(Acquaintances& known, const TypedData& data, Timestamp now) {
    Assessment out;
    assess_kind(data, now, out);
    for (const AddressBytes& address : beneficiaries_of(data)) {
        if (Status assessed = assess_beneficiary(known, address, whose_address(kind_of(data)), out); !assessed)
            return fail(assessed);
    }
    if (out.risk == Risk::kRisky) out.ask_for_word("SIGN");
    if (!data.chain_id) out.warn("The domain names no chain: the signature holds on every chain.");
    if (data.chain_id) {
        const Result<bool> other = known.is_other_chain(*data.chain_id);
        if (!other) return fail(other);
        if (*other)
            out.warn("Another chain: this vault has signed transactions before, but none for chain " +
                     to_decimal(*data.chain_id) + ".");
    }
    if (const std::size_t hidden = count_hidden(data); hidden > 0)
        out.warn("The data has " + std::to_string(hidden) + " hidden characters: it may not say what it seems to.");
    return out;
}

}  // namespace keydeck::custody
