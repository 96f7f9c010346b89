// Typed data that gives others power over tokens, or has somebody call in the signer's name.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "engine/custody/preview_words.hpp"
#include "engine/custody/risk.hpp"
#include "engine/custody/typed_message.hpp"

namespace keydeck::custody {
namespace {

using ethereum::SafeRefund;
using ethereum::TypedData;
using ethereum::TypedDataLine;

constexpr auto kLongDeadline = std::chrono::days(366);

bool is_end(const TypedDataLine& line) {
    return line.type.starts_with("uint") && names_a_time(line.name) && line.name != "validAfter";
}

bool is_far(const TypedDataLine& line, Timestamp now) {
    const Result<Uint256> seconds = parse_uint256(line.value, line.name);
    if (seconds && *seconds == 0) return line.name == "expiry";  // DAI's: never
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>((now + kLongDeadline).time_since_epoch()).count();
    return seconds && *seconds > Uint256(static_cast<std::uint64_t>(limit));
}

void assess_amounts(const TypedData& data, Timestamp now, Assessment& out) {
    for (const TypedDataLine& line : data.message) {
        if (is_amount(line) && is_unlimited(line)) out.risky("Unlimited: " + line.name + " has no real limit.");
        if (is_end(line) && is_far(line, now)) out.risky("Long-lived: " + line.name + " is more than a year away.");
    }
}

void assess_permit(const TypedData& data, Timestamp now, Assessment& out) {
    out.warn("This gives another address permission to move your tokens (" + data.primary_type + ").");
    assess_amounts(data, now, out);
    for (const TypedDataLine& line : data.message) {
        if (line.depth != 0 || line.type != "bool" || line.value != "true") continue;
        if (line.name == "approved") {
            out.risky("Approval for all: the operator may take every token of this collection.");
        } else {
            out.risky("Unlimited: " + line.name + " is true for any amount.");
        }
    }
    if (out.risk == Risk::kRisky) out.ask_for_word("PERMIT");
}

void assess_credit(const TypedData& data, Timestamp now, Assessment& out) {
    out.warn("This lets another address borrow, and you owe what it borrows (" + data.primary_type + ").");
    assess_amounts(data, now, out);
    if (out.risk == Risk::kRisky) out.ask_for_word("CREDIT");
}

void assess_authority(const TypedFields& fields, Assessment& out) {
    const std::size_t caveats = fields.count("caveats");
    const std::optional<AddressBytes> delegate = fields.address("delegate");
    const std::string who = delegate && is_anybody(*delegate) ? "ANYBODY" : "the delegate";
    out.risky("Delegation: " + who + " may act as the account that delegates" +
              (caveats == 0 ? ", without any limit."
                            : ", limited only by the code of " + std::to_string(caveats) +
                                  (caveats == 1 ? " caveat." : " caveats.")));
    out.ask_for_word("DELEGATE");
}

SafeRefund refund_in(const TypedFields& fields) {
    return {.base_gas = fields.number("baseGas").value_or(0),
            .gas_price = fields.number("gasPrice").value_or(0),
            .token = {fields.address("gasToken").value_or(AddressBytes{})},
            .receiver = {fields.address("refundReceiver").value_or(AddressBytes{})}};
}

void assess_call_in(const TypedData& data, const TypedFields& fields, Assessment& out) {
    const std::optional<ethereum::DecodedCall> call = call_in(data, fields);
    if (call) assess_call(*call, out);
    if (std::string danger = ethereum::refund_danger(refund_in(fields)); !danger.empty()) out.risky(std::move(danger));
    if (fields.number("operation").value_or(0) == 0) return;
    out.risky("DELEGATECALL: the code that is called may do anything as this account, even replace its owners.");
    out.ask_for_word("DELEGATECALL");
}

enum class Payment : std::uint8_t { kNothing, kUnknownToken, kPaid };

/// What one item of an order gives its offerer, at the worst moment of its life: amounts go from start to end.
Result<Payment> payment_of(Acquaintances& known, const TypedFields& fields, const std::string& item) {
    constexpr std::uint64_t kLeastUnits = 1'000;                // of a token whose decimals are not known
    constexpr std::uint64_t kLeastWei = 1'000'000'000'000'000;  // a thousandth of a coin
    constexpr unsigned kNative = 0;                             // Seaport's ItemType; from 2 on they are collections'
    constexpr unsigned kErc20 = 1;
    const Uint256 least =
        std::min(fields.number(item + ".startAmount").value_or(0), fields.number(item + ".endAmount").value_or(0));
    const std::optional<Uint256> type = fields.number(item + ".itemType");
    const std::optional<AddressBytes> token = fields.address(item + ".token");
    if (!type || !token || least == 0) return Payment::kNothing;
    if (*type == kNative) return least >= kLeastWei ? Payment::kPaid : Payment::kNothing;
    if (*type == kErc20 && least < kLeastUnits) return Payment::kNothing;
    const Result<store::Standing> standing = known.standing(*token);
    if (!standing) return fail(standing);
    return standing->is_known() ? Payment::kPaid : Payment::kUnknownToken;
}

/// The best that an order asks for its offerer; `prefix` is where it stands: empty, or `tree[0].`.
Result<Payment> payment_for(Acquaintances& known, const TypedFields& fields, const std::string& prefix) {
    const std::optional<AddressBytes> offerer = fields.address(prefix + "offerer");
    Payment best = Payment::kNothing;
    const std::size_t items = fields.count(prefix + "consideration");
    for (std::size_t i = 0; i < items && best != Payment::kPaid; ++i) {
        const std::string item = prefix + "consideration[" + std::to_string(i) + "]";
        if (!offerer || fields.address(item + ".recipient") != offerer) continue;
        const Result<Payment> payment = payment_of(known, fields, item);
        if (!payment) return payment;
        best = std::max(best, *payment);
    }
    return best;
}

/// An order that asks for nothing gives everything away: what phishing sites have signed. Of several each can be filled.
Status assess_orders(Acquaintances& known, const TypedData& data, Assessment& out) {
    const TypedFields fields(data.message);
    const bool is_bulk = kind_of(data) == TypedKind::kBulkOrder;
    out.warn("A marketplace order: whoever pays what it asks takes what it offers, until it ends or is cancelled.");
    std::vector<std::string> prefixes{""};
    if (is_bulk) prefixes = fields.paths_of("OrderComponents");
    Payment worst = Payment::kPaid;
    for (const std::string& path : prefixes) {
        const Result<Payment> payment = payment_for(known, fields, path.empty() ? path : path + ".");
        if (!payment) return fail(payment);
        worst = std::min(worst, *payment);
    }
    if (worst == Payment::kPaid) return {};
    const std::string which = is_bulk ? "One of the orders" : "The order";
    out.risky(worst == Payment::kNothing
                  ? which + " asks next to NOTHING for the one who signs it."
                  : which + " is paid in a token that is not in the address book: it may be worth NOTHING.");
    out.ask_for_word("ORDER");
    return {};
}

/// `0x` and 40 digits anywhere in a text: some protocols send addresses as strings.
std::vector<std::string> addresses_in(std::string_view text) {
    constexpr std::size_t kDigits = 40;
    constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
    std::vector<std::string> found;
    for (std::size_t at = text.find("0x"); at != std::string_view::npos; at = text.find("0x", at + 1)) {
        const std::string_view digits = text.substr(at + 2, kDigits);
        if (digits.size() == kDigits && digits.find_first_not_of(kHexDigits) == std::string_view::npos)
            found.emplace_back(text.substr(at, 2 + kDigits));
    }
    return found;
}

/// Whether a field of a message that was confirmed before may be passed over: no bytes, which may be anything, and nobody
/// who is new.
Status assess_unknown_field(Acquaintances& known, const TypedDataLine& line, Assessment& out) {
    if (line.type.starts_with("bytes") && !line.value.empty() && line.value != "0x")
        out.risky("Unknown typed data: what the bytes of " + line.name + " mean cannot be told.");
    if (line.type != "address" && line.type != "string") return {};
    for (const std::string& text : addresses_in(line.value)) {
        const Result<AddressBytes> address = parse_address_text(text);
        if (address && *address == AddressBytes{}) continue;
        if (address) {
            const Result<store::Standing> standing = known.standing(*address);
            if (!standing) return fail(standing);
            if (standing->is_known()) continue;
        }
        out.risky("Unknown typed data: it names " + text + ", for whom this user has never signed anything.");
    }
    return {};
}

/// Like calldata that cannot be decoded. What a user has confirmed once is not asked about again where nothing in it can
/// hide.
Status assess_unknown(Acquaintances& known, const TypedData& data, Assessment& out) {
    const Result<bool> was_signed = known.has_signed(message_kind(data));
    if (!was_signed) return fail(was_signed);
    if (!*was_signed) {
        out.risky("Unknown typed data (" + data.primary_type + "): what others may do with this signature cannot be told.");
        return {};
    }
    for (const TypedDataLine& line : data.message) {
        if (Status assessed = assess_unknown_field(known, line, out); !assessed) return assessed;
    }
    return {};
}

std::string_view whose_address(TypedKind kind) {
    switch (kind) {
        case TypedKind::kPermit:
            return "spender's";
        case TypedKind::kDelegation:
        case TypedKind::kCredit:
            return "delegatee's";
        case TypedKind::kAuthority:
            return "delegate's";
        default:
            return "recipient's";
    }
}

std::size_t count_hidden(const TypedData& data) {
    // Most were written out when the data was read.
    const auto in = [](std::string_view text) {
        std::size_t count = count_hidden_characters(text);
        // A backslash of the text itself stands there twice.
        for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at + 2)) {
            if (text.substr(at).starts_with("\\u{")) ++count;
        }
        return count;
    };
    std::size_t count = 0;
    for (const auto* lines : {&data.domain, &data.message}) {
        for (const TypedDataLine& line : *lines) count += in(line.name) + (line.type == "string" ? in(line.value) : 0U);
    }
    return count;
}

Status assess_kind(Acquaintances& known, const TypedData& data, Timestamp now, Assessment& out) {
    switch (kind_of(data)) {
        case TypedKind::kPermit:
            assess_permit(data, now, out);
            return {};
        case TypedKind::kTransfer:
            out.warn("This sends tokens: whoever has the signature can hand it in.");
            return {};
        case TypedKind::kCall:
            assess_call_in(data, TypedFields(data.message), out);
            return {};
        case TypedKind::kOrder:
        case TypedKind::kBulkOrder:
            return assess_orders(known, data, out);
        case TypedKind::kAuthority:
            assess_authority(TypedFields(data.message), out);
            return {};
        case TypedKind::kCredit:
            assess_credit(data, now, out);
            return {};
        case TypedKind::kDelegation:
            return {};
        case TypedKind::kOther:
            return assess_unknown(known, data, out);
    }
    return {};
}

Status assess_domain_chain(Acquaintances& known, const TypedData& data, Assessment& out) {
    if (data.chain_id) return assess_chain(known, *data.chain_id, out);
    const std::string sentence = "The domain names no chain: the signature holds on every chain.";
    if (kind_of(data) == TypedKind::kOther) {
        out.warn(sentence);
    } else {
        out.risky(sentence);
    }
    return {};
}

/// Who may move tokens by a permit, whatever the field is called: at its top everybody but the one who gives it and the
/// token.
bool gains_by_permit(const TypedDataLine& line) {
    static constexpr std::array<std::string_view, 5> kSpenders{"spender", "operator", "delegate", "delegatee", "grantee"};
    static constexpr std::array<std::string_view, 4> kOthers{"owner", "holder", "from", "token"};
    if (line.type != "address") return false;
    if (line.depth > 0) return std::ranges::find(kSpenders, line.name) != kSpenders.end();
    return std::ranges::find(kOthers, line.name) == kOthers.end();
}

std::vector<store::Recipient> beneficiaries_of_permit(const TypedData& data) {
    std::vector<store::Recipient> out;
    for (const TypedDataLine& line : data.message) {
        if (!gains_by_permit(line)) continue;
        const Result<AddressBytes> address = parse_address_text(line.value);
        if (address && !gains(out, *address)) out.push_back({*address, true});
    }
    return out;
}

std::vector<store::Recipient> beneficiaries_of_call_in(const TypedData& data, const TypedFields& fields) {
    const AddressBytes to = fields.address("to").value_or(AddressBytes{});
    std::vector<store::Recipient> out;
    // Code that runs as the account may do all that the account may, whatever the call seems to say.
    if (fields.number("operation").value_or(0) != 0) out.push_back({to, true});
    for (const store::Recipient& one :
         beneficiaries_of_call(to, fields.number("value").value_or(0), call_in(data, fields))) {
        if (!gains(out, one.address)) out.push_back(one);
    }
    const SafeRefund refund = refund_in(fields);
    const AddressBytes& receiver = refund.receiver.bytes;
    if (refund.gas_price != 0 && receiver != AddressBytes{} && !gains(out, receiver)) out.push_back({receiver, false});
    return out;
}

}  // namespace

std::vector<store::Recipient> beneficiaries_of(const TypedData& data) {
    const TypedFields fields(data.message);
    const auto one = [&](std::string_view name, bool is_trusted) {
        const std::optional<AddressBytes> address = fields.address(name);
        // Of anybody there is nothing to know; the assessment says so.
        if (!address || is_anybody(*address)) return std::vector<store::Recipient>();
        return std::vector<store::Recipient>{{*address, is_trusted}};
    };
    switch (kind_of(data)) {
        case TypedKind::kPermit:
            return beneficiaries_of_permit(data);
        case TypedKind::kTransfer:
            return one("to", false);
        case TypedKind::kCall:
            return beneficiaries_of_call_in(data, fields);
        case TypedKind::kDelegation:
        case TypedKind::kCredit:
            return one("delegatee", true);
        case TypedKind::kAuthority:
            return one("delegate", true);
        case TypedKind::kOrder:
        case TypedKind::kBulkOrder:
        case TypedKind::kOther:
            break;
    }
    return {};
}

Result<Assessment> assess_typed_data(Acquaintances& known, const TypedData& data, Timestamp now) {
    Assessment out;
    if (Status assessed = assess_kind(known, data, now, out); !assessed) return fail(assessed);
    for (const store::Recipient& recipient : beneficiaries_of(data)) {
        if (Status assessed = assess_beneficiary(known, recipient, whose_address(kind_of(data)), out); !assessed)
            return fail(assessed);
    }
    if (Status assessed = assess_domain_chain(known, data, out); !assessed) return fail(assessed);
    if (out.risk == Risk::kRisky) out.ask_for_word("SIGN");
    if (const std::size_t hidden = count_hidden(data); hidden > 0)
        out.warn("The data has " + std::to_string(hidden) + (hidden == 1 ? " hidden character" : " hidden characters") +
                 ": it may not say what it seems to.");
    return out;
}

}  // namespace keydeck::custody
