// Typed data as a person is shown it: what it lets others do, in one sentence, and all of it line by line.
#include <algorithm>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/preview.hpp"
#include "engine/custody/typed_message.hpp"

namespace keydeck::custody {
namespace {

using ethereum::TypedData;
using ethereum::TypedDataLine;

std::string domain_name(const TypedData& data) {
    const auto name = std::ranges::find(data.domain, "name", &TypedDataLine::name);
    return name == data.domain.end() ? std::string() : name->value;
}

/// Says what a typed message does.
class TypedWords {
public:
    TypedWords(const TypedData& data, Names& names, Timestamp now)
        : data_(data), fields_(data.message), names_(names), now_(now) {}

    [[nodiscard]] const TypedFields& fields() const { return fields_; }
    [[nodiscard]] std::optional<ethereum::DecodedCall> call() const {
        return call_in(data_, fields_, [&](const ethereum::Address& address) { return names_.instead_of(address.bytes); });
    }
    [[nodiscard]] std::string sentence(const std::optional<ethereum::DecodedCall>& call) const {
        switch (kind_of(data_)) {
            case TypedKind::kPermit:
                return permit();
            case TypedKind::kTransfer:
                return "Send " + amount("value") + " of token " + contract() + " from " + party("from") + " to " +
                       party("to") + until("validBefore");
            case TypedKind::kCall:
                return call_sentence(call);
            case TypedKind::kDelegation:
                return "Let " + party("delegatee") + " vote with all of this wallet's votes in " + contract();
            case TypedKind::kAuthority:
                return authority();
            case TypedKind::kCredit:
                return "Let " + party("delegatee") + " borrow " + amount("value") + " of debt token " + contract() +
                       ", which this wallet owes" + until("deadline");
            case TypedKind::kBulkOrder:
                return "Sign " + std::to_string(fields_.paths_of("OrderComponents").size()) +
                       " marketplace orders at once (" + named_type() + ")";
            case TypedKind::kOrder:
                return "Offer " + std::to_string(fields_.count("offer")) + " item(s) for what the order asks (" +
                       named_type() + ")";
            case TypedKind::kOther:
                break;
        }
        return "Sign typed data " + named_type();
    }

private:
    [[nodiscard]] std::string named_type() const {
        const std::string domain = domain_name(data_);
        return data_.primary_type + (domain.empty() ? "" : " for " + domain);
    }
    [[nodiscard]] std::string party(std::string_view path) const {
        const std::optional<AddressBytes> address = fields_.address(path);
        return address ? names_.instead_of(*address) : "an address that is not named";
    }
    [[nodiscard]] std::string contract() const {
        return data_.verifying_contract ? names_.instead_of(data_.verifying_contract->bytes)
                                        : "a contract that is not named";
    }
    [[nodiscard]] std::string amount(std::string_view path) const {
        const TypedDataLine* line = fields_.find(path);
        if (line == nullptr) return "an amount";
        return is_amount(*line) && is_unlimited(*line) ? "an UNLIMITED amount" : line->value + " units";
    }
    [[nodiscard]] std::string until(std::string_view path) const {
        const std::optional<Uint256> seconds = fields_.number(path);
        if (!seconds) return "";
        const bool never = *seconds == 0 && path == "expiry";  // DAI's
        const std::string words = never ? "never" : time_words(*seconds, now_);
        return words == "never" ? ", without end" : ", until " + words;
    }

    [[nodiscard]] std::string authority() const {
        const std::optional<AddressBytes> delegate = fields_.address("delegate");
        const std::size_t caveats = fields_.count("caveats");
        return "Let " + (delegate && is_anybody(*delegate) ? std::string("ANYBODY") : party("delegate")) + " act as " +
               party("delegator") + (caveats == 0 ? ", without any limit" : ", within what its caveats allow");
    }
    [[nodiscard]] std::string permit() const {
        if (fields_.find("operator") != nullptr && fields_.text("approved") == "true")
            return "Let " + party("operator") + " move EVERY item of collection " + contract() + " of " + party("owner") +
                   until("deadline");
        const std::string spender = "Let " + party("spender");
        if (fields_.find("details.token") != nullptr) {
            return spender + " spend " + amount("details.amount") + " of token " + party("details.token") +
                   " through Permit2" + until("details.expiration");
        }
        if (const std::size_t tokens = fields_.count("details"); tokens > 0) {
            return spender + " spend amounts of " + std::to_string(tokens) + " token(s) through Permit2";
        }
        if (fields_.find("permitted.token") != nullptr) {
            return spender + " take " + amount("permitted.amount") + " of token " + party("permitted.token") +
                   " once, through Permit2" + until("deadline");
        }
        if (const std::size_t tokens = fields_.count("permitted"); tokens > 0) {
            return spender + " take amounts of " + std::to_string(tokens) + " token(s) once, through Permit2" +
                   until("deadline");
        }
        if (fields_.find("allowed") != nullptr) {  // DAI's
            const std::string of = " of token " + contract() + " of " + party("holder");
            if (fields_.text("allowed") != "true") return "Take back what " + party("spender") + " may spend" + of;
            return spender + " spend an UNLIMITED amount" + of + until("expiry");
        }
        if (fields_.find("spender") != nullptr && fields_.find("value") != nullptr) {
            return spender + " spend " + amount("value") + " of token " + contract() + " of " + party("owner") +
                   until("deadline");
        }
        return "Give another address permission to move tokens (" + named_type() + ")";
    }

    [[nodiscard]] std::string call_sentence(const std::optional<ethereum::DecodedCall>& call) const {
        const bool is_safe = data_.primary_type == "SafeTx";
        const std::string by =
            is_safe ? "As Safe " + contract() + ": " : "Through " + contract() + ", as " + party("from") + ": ";
        const Uint256 value = fields_.number("value").value_or(0);
        const std::string refund = fields_.number("gasPrice").value_or(0) == 0 ? "" : ", and pay for its gas";
        if (!call) return by + "send " + value_words(value, data_.chain_id) + " to " + party("to") + refund;
        return by + call->sentence + (value == 0 ? "" : ", and send it " + value_words(value, data_.chain_id)) + refund;
    }

    const TypedData& data_;
    TypedFields fields_;
    Names& names_;
    Timestamp now_;
};

/// A value in full, and what it means: who has the address, that an amount has no limit, when a time is.
PreviewLine typed_line(const TypedDataLine& line, bool has_amounts, const std::vector<store::Recipient>& beneficiaries,
                       Names& names, Timestamp now) {
    const bool is_compound = line.value.empty() && line.type != "string" && line.type != "bytes";
    PreviewLine out{std::string(2 + std::size_t{2} * line.depth, ' ') + line.name, is_compound ? line.type : line.value};
    if (line.type == "address") {
        if (const Result<AddressBytes> address = parse_address_text(line.value); address)
            out.value = names.beside(*address, gains(beneficiaries, *address));
        return out;
    }
    if (!line.type.starts_with("uint") || is_compound) return out;
    const Result<Uint256> number = parse_uint256(line.value, line.name);
    if (!number) return out;
    if (has_amounts && is_amount(line) && is_unlimited(line)) {
        out.value = unlimited_words(*number);
        out.warning = true;
    } else if (names_a_time(line.name)) {
        out.value = time_value(line.name, *number, now);
    }
    return out;
}

void add_typed_lines(const TypedData& data, Names& names, Timestamp now, SigningPreview& preview) {
    const bool has_amounts = kind_of(data) == TypedKind::kPermit || kind_of(data) == TypedKind::kCredit;
    const std::vector<store::Recipient> beneficiaries = beneficiaries_of(data);
    const auto add = [&](const std::vector<TypedDataLine>& lines, std::string_view heading, std::string value) {
        preview.lines.push_back({std::string(heading), std::move(value)});
        for (const TypedDataLine& line : lines)
            preview.lines.push_back(typed_line(line, has_amounts, beneficiaries, names, now));
    };
    add(data.domain, "Domain", domain_name(data));
    add(data.message, "Message", data.primary_type);
}

}  // namespace

Result<SigningPreview> preview_typed_data(OpenVault& vault, const Session& session, std::string_view reference,
                                          std::string_view json) {
    return ask_store(vault, [&](sqlite::Database& database) -> Result<SigningPreview> {
        const Result<Wallet> wallet = find_wallet(database, session, reference);
        if (!wallet) return fail(wallet);
        const Result<TypedData> data = ethereum::parse_typed_data(json);
        if (!data) return fail(data);
        Acquaintances known(database, wallet->user_id);
        Result<Assessment> assessment = assess_typed_data(known, *data, vault.now());
        if (!assessment) return fail(assessment);
        Names names(known, session, *wallet);
        const TypedWords words(*data, names, vault.now());
        const std::optional<ethereum::DecodedCall> call = words.call();
        SigningPreview preview;
        preview.kind = SigningKind::kTypedData;
        preview.sentence = words.sentence(call);
        add_signer(*wallet, preview);
        if (data->chain_id) preview.lines.push_back({"Chain", chain_words(*data->chain_id)});
        add_typed_lines(*data, names, vault.now(), preview);
        const Bytes calldata = from_hex(call ? words.fields().text("data") : "", "data").value_or(Bytes());
        add_call_lines(call, calldata, data->chain_id, {.names = &names, .now = vault.now()}, preview.lines);
        add_custody(*wallet, "EIP-712 digest", data->digest, preview);
        add_digest("Domain hash", data->domain_hash, preview);
        add_digest("Message hash", data->message_hash, preview);
        if (call) add_digest("Calldata digest (ERC-8213)", ethereum::calldata_digest(calldata), preview);
        add_assessment(std::move(*assessment), preview);
        if (!names.status()) return fail(names.status());
        return preview;
    });
}

}  // namespace keydeck::custody
