#include "engine/custody/risk.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/custody/preview.hpp"
#include "engine/hidden_characters.hpp"
#include "engine/store/recipients.hpp"

namespace keydeck::custody {
namespace {

// EIP-7825, in force on mainnet since Fusaka: a transaction over it is never mined there.
constexpr std::uint64_t kMainnetGasCap = 16'777'216;
constexpr std::size_t kChallengeStart = 16;  // characters 17 to 20, the 0x not counted
constexpr std::size_t kChallengeLength = 4;

std::string key_of(const AddressBytes& address) { return {address.begin(), address.end()}; }

void assess_gas(const ethereum::Transaction& transaction, Assessment& out) {
    if (transaction.gas_limit > kMainnetGasCap) {
        out.warn("The gas limit is over 16,777,216 (EIP-7825): mainnet refuses this transaction.");
    }
    if (const std::uint64_t least = ethereum::intrinsic_gas(transaction); transaction.gas_limit < least) {
        out.warn("The gas limit of " + std::to_string(transaction.gas_limit) + " is below the " + std::to_string(least) +
                 " that this transaction takes before any code runs: it can never be mined.");
    }
}

/// Nobody means to give a validator that much. The tip is part of the price and never above it.
void assess_fees(const ethereum::Transaction& transaction, Assessment& out) {
    static const Uint256 kCoin = Uint256(1'000'000'000) * 1'000'000'000;     // of 18 decimals
    static const Uint256 kHighestPrice = Uint256(100'000) * 1'000'000'000U;  // 100,000 gwei; mainnet has seen 10,000
    constexpr unsigned kSmallPart = 10;
    const Uint256 cost = ethereum::highest_cost(transaction);
    const Uint256 fee = cost > transaction.value ? Uint256(cost - transaction.value) : Uint256(0);
    const Uint256 price = std::max(transaction.gas_price, transaction.max_fee_per_gas);  // it has one of them
    const bool is_dear = fee > kCoin && fee > transaction.value / kSmallPart;
    if (!is_dear && price <= kHighestPrice) return;
    out.risky("Up to " + value_words(fee, transaction.chain_id) + " in fees, at up to " + ethereum::format_units(price, 9) +
              " gwei for each unit of gas: that is far beyond what a transaction costs.");
    out.ask_for_word("FEE");
}

/// One of a transaction's; `name` begins its sentences.
Status assess_carried(Acquaintances& known, const ethereum::Authorization& item, const std::string& name, Assessment& out) {
    const std::optional<ethereum::Address> authority = ethereum::authority_of(item);
    if (!authority) {
        out.warn(name + "its signature is none, so that the chain will skip it.");
        return {};
    }
    const Result<store::Standing> standing = known.standing(authority->bytes);
    if (!standing) return fail(standing);
    const std::string account = checksum_address(authority->bytes) + account_words(*standing);
    const std::string where = (item.chain_id == 0 ? " on EVERY chain" : " on chain " + to_decimal(item.chain_id)) +
                              ", nonce " + std::to_string(item.nonce);
    if (item.address == ethereum::Address{}) {
        out.risky(name + "no code acts as " + account + " any more" + where + ".");
        return {};
    }
    out.risky(name + "the code at " + ethereum::to_checksum(item.address) + " will act as " + account + where +
              ": it can move everything that the account holds.");
    return assess_beneficiary(known, {item.address.bytes, true}, "delegate's", out);
}

/// As risky as an authorization that is signed on its own: it takes effect with this transaction.
Status assess_authorizations(Acquaintances& known, const ethereum::Transaction& transaction, Assessment& out) {
    const auto& list = transaction.authorization_list;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string name = "Authorization " + std::to_string(i + 1) + ": ";
        if (Status assessed = assess_carried(known, list[i], name, out); !assessed) return assessed;
    }
    if (list.empty() || out.risk != Risk::kRisky) return {};
    const bool is_any_chain = std::ranges::any_of(list, [](const auto& item) { return item.chain_id == 0; });
    out.ask_for_word(is_any_chain ? "EVERY CHAIN" : "DELEGATE");
    return {};
}

bool all_hex_digits(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

/// Address poisoning: somebody sends a trifle from an address like one that is used, and waits for it to be copied from the
/// history.
std::string look_alike_warning(const AddressBytes& address, const store::LookAlike& other) {
    const std::string name = other.known_as == store::LookAlike::KnownAs::kContact  ? " (" + other.name + ", address book)"
                             : other.known_as == store::LookAlike::KnownAs::kWallet ? " (a wallet of this user)"
                                                                                    : " (signed for before)";
    return "LOOK-ALIKE: " + checksum_address(address) + " begins and ends like " + checksum_address(other.address) + name +
           ", but is ANOTHER address. Address poisoning works like that.";
}

/// Text that somebody may have meant as bytes.
bool looks_like_hex(std::string_view text) {
    const std::string_view digits = text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text;
    const bool prefixed = digits.size() != text.size();
    return digits.size() >= (prefixed ? 2U : 8U) && digits.size() % 2 == 0 && all_hex_digits(digits);
}

}  // namespace

Result<store::Standing> Acquaintances::standing(const AddressBytes& address) {
    const auto settled = settled_.find(key_of(address));
    if (settled != settled_.end() && settled->second.is_trusted()) return settled->second;
    return store::standing_of(*database_, user_id_, address);
}

bool Acquaintances::is_settled(const store::Recipient& recipient) const {
    const auto settled = settled_.find(key_of(recipient.address));
    return settled != settled_.end() && (!recipient.is_trusted || settled->second.is_trusted());
}

void Acquaintances::settle(const AddressBytes& address, store::Standing standing) {
    settled_.insert_or_assign(key_of(address), std::move(standing));
}

Result<std::vector<store::LookAlike>> Acquaintances::look_alikes(const AddressBytes& address) {
    return store::look_alikes(*database_, user_id_, address);
}

Result<bool> Acquaintances::is_other_chain(const Uint256& chain_id) {
    const std::string chain = to_decimal(chain_id);
    if (used_chains_.contains(chain)) return false;
    Result<bool> used = store::chain_was_used(*database_, user_id_, chain);
    if (!used) return used;
    if (*used) {
        used_chains_.insert(chain);
        return false;
    }
    return store::any_chain_was_used(*database_);
}

Result<bool> Acquaintances::has_signed(const Hash32& message_kind) {
    return store::message_was_signed(*database_, user_id_, message_kind);
}

void Assessment::ask_for_word(std::string_view word) {
    if (!challenge.empty()) return;
    challenge = word;
    challenge_prompt = "Type " + std::string(word) + " to sign";
}

void Assessment::ask_for_address_middle(const AddressBytes& address, std::string_view whose) {
    if (!challenge.empty()) return;
    challenge = checksum_address(address).substr(2 + kChallengeStart, kChallengeLength);
    challenge_prompt = "Type characters 17-20 of the " + std::string(whose) + " address to sign (0x not counted)";
}

Status assess_beneficiary(Acquaintances& known, const store::Recipient& recipient, std::string_view whose, Assessment& out) {
    if (known.is_settled(recipient)) return {};
    const AddressBytes& address = recipient.address;
    Result<store::Standing> standing = known.standing(address);
    if (!standing) return fail(standing);
    // A contact was given its name by the operator, and one's own wallet is one's own, whatever resembles them.
    const bool is_exempt = !standing->contact.empty() || standing->is_own;
    Result<std::vector<store::LookAlike>> alike = std::vector<store::LookAlike>();
    if (!is_exempt) alike = known.look_alikes(address);
    if (!alike) return fail(alike);
    // Whoever was paid once does not become somebody who may be let near everything.
    const bool is_usual = recipient.is_trusted ? standing->is_trusted() : standing->is_known();
    if (is_usual && alike->empty()) {
        known.settle(address, std::move(*standing));
        return {};
    }
    for (const store::LookAlike& other : *alike) out.loud(look_alike_warning(address, other));
    // Its middle is where a look-alike differs: no word says as much.
    if (!alike->empty()) out.challenge.clear();
    if (!standing->is_known()) {
        out.risky("First time: this user has never signed anything for " + checksum_address(address) + ".");
    } else if (!is_usual) {
        out.risky("First time with power: this user has signed for " + checksum_address(address) +
                  " before, but never let it act (as spender, operator, owner or code).");
    }
    out.ask_for_address_middle(address, whose);
    return {};
}

Status assess_chain(Acquaintances& known, const Uint256& chain_id, Assessment& out) {
    const Result<bool> other = known.is_other_chain(chain_id);
    if (!other) return fail(other);
    if (*other) out.risky("Another chain: this user has never signed anything for chain " + to_decimal(chain_id) + ".");
    return {};
}

std::string account_words(const store::Standing& standing) {
    if (standing.is_own) return " (yours)";
    return standing.contact.empty() ? " (a stranger's)" : " (" + standing.contact + ", address book)";
}

void assess_call(const ethereum::DecodedCall& call, Assessment& out) {
    for (const ethereum::CallRisk risk : call.risks) {
        switch (risk) {
            case ethereum::CallRisk::kNone:
                break;
            case ethereum::CallRisk::kUnlimitedApproval:
                out.risky("Unlimited approval: the spender may take all of this token, now and later.");
                break;
            case ethereum::CallRisk::kApprovalForAll:
                out.risky("Approval for all: the operator may take every token of this collection.");
                break;
            case ethereum::CallRisk::kControl:
                out.risky("Control: it changes who rules over the contract and all that is in it, perhaps for good.");
                break;
            case ethereum::CallRisk::kUnknown:
                out.risky("Unknown call: what the contract will do with this data cannot be told.");
                break;
            case ethereum::CallRisk::kDelegateCall:
                out.loud(
                    "DELEGATECALL: code that it calls runs as the account and may do anything, even replace its owners.");
                out.ask_for_word("DELEGATECALL");
                break;
        }
    }
    for (const std::string& danger : call.dangers) out.risky(danger);
}

std::vector<store::Recipient> beneficiaries_of_call(const AddressBytes& to, const Uint256& value,
                                                    const std::optional<ethereum::DecodedCall>& call) {
    std::vector<store::Recipient> out;
    if (call) {
        for (const ethereum::Address& address : call->beneficiaries) {
            const bool is_trusted = std::ranges::find(call->empowered, address) != call->empowered.end();
            out.push_back({address.bytes, is_trusted});
        }
    }
    // Who is called gains where nobody else does, and wherever value goes along.
    const bool nobody_gains = call && call->takes_back;
    const bool called_gains = (out.empty() && !nobody_gains) || value != 0;
    if (called_gains && !gains(out, to)) out.push_back({to, false});
    return out;
}

std::vector<store::Recipient> beneficiaries_of(const ethereum::Transaction& transaction,
                                               const std::optional<ethereum::DecodedCall>& call) {
    if (!transaction.to) return {};
    return beneficiaries_of_call(transaction.to->bytes, transaction.value, call);
}

bool gains(const std::vector<store::Recipient>& beneficiaries, const AddressBytes& address) {
    return std::ranges::find(beneficiaries, address, &store::Recipient::address) != beneficiaries.end();
}

std::optional<ethereum::DecodedCall> call_of(const ethereum::Transaction& transaction, const ethereum::AddressWords& words) {
    if (!transaction.to || transaction.data.empty()) return std::nullopt;
    return ethereum::decode_call(*transaction.to, transaction.data, words);
}

Result<Assessment> assess_transaction(Acquaintances& known, const ethereum::Transaction& transaction,
                                      const std::optional<ethereum::DecodedCall>& call) {
    Assessment out;
    if (call) assess_call(*call, out);
    const std::vector<store::Recipient> beneficiaries = beneficiaries_of(transaction, call);
    const auto whose = [&](const AddressBytes& address) {
        return transaction.to && address == transaction.to->bytes ? std::string_view("To") : std::string_view("recipient's");
    };
    for (const store::Recipient& recipient : beneficiaries) {
        if (Status assessed = assess_beneficiary(known, recipient, whose(recipient.address), out); !assessed)
            return fail(assessed);
    }
    if (!transaction.to) out.risky("It creates a contract: what its code will do cannot be told.");
    if (Status assessed = assess_authorizations(known, transaction, out); !assessed) return fail(assessed);
    if (transaction.chain_id) {
        if (Status assessed = assess_chain(known, *transaction.chain_id, out); !assessed) return fail(assessed);
    }
    assess_fees(transaction, out);
    assess_gas(transaction, out);
    if (out.risk != Risk::kRisky) return out;
    if (!transaction.to) {
        out.ask_for_word("CREATE");
    } else {
        const AddressBytes& asked = beneficiaries.empty() ? transaction.to->bytes : beneficiaries.front().address;
        out.ask_for_address_middle(asked, whose(asked));
    }
    return out;
}

Assessment assess_message(ByteView message) {
    constexpr std::size_t kHashSize = 32;
    // A Safe's owners sign its transactions this way too: https://docs.safe.global/advanced/smart-account-signatures
    // (eth_sign)
    constexpr const char* kMayBeHash =
        "Blind: the message is 32 bytes that nobody can read, as the hash of a Safe's transaction is: "
        "signing it may agree to something you do not see.";
    Assessment out;
    const std::string_view text = as_text(message);
    if (message.empty()) {
        out.warn("The message is empty.");
    } else if (!is_utf8(text)) {
        if (message.size() == kHashSize) {
            out.risky(kMayBeHash);
        } else {
            out.warn("The message is not text: its bytes are signed as they are.");
        }
    } else {
        const std::size_t hidden = count_hidden_characters(text);
        if (hidden > 0)
            out.warn("The message has " + std::to_string(hidden) +
                     (hidden == 1 ? " hidden character" : " hidden characters") + ": it may not say what it seems to.");
        if (message.size() == kHashSize && hidden > 0) out.risky(kMayBeHash);
        if (looks_like_hex(text))
            out.warn("The message looks like hex; its characters are signed as text, not the bytes they could mean.");
    }
    if (out.risk == Risk::kRisky) out.ask_for_word("BLIND");
    return out;
}

Result<Assessment> assess_authorization(Acquaintances& known, const Uint256& chain_id, const AddressBytes& delegate) {
    Assessment out;
    const bool revokes = std::ranges::all_of(delegate, [](std::uint8_t byte) { return byte == 0; });
    if (!revokes) {
        if (Status assessed = assess_beneficiary(known, {delegate, true}, "delegate's", out); !assessed)
            return fail(assessed);
        out.risky("The code at " + checksum_address(delegate) +
                  " will act as this wallet: it can move everything it holds.");
    }
    if (chain_id == 0) {
        out.risky("Chain id 0: the authorization holds on every chain, for ever or until the nonce is used there.");
        out.challenge.clear();  // the word matters more than the address
        out.ask_for_word("EVERY CHAIN");
    }
    if (out.risk == Risk::kRisky) out.ask_for_word("DELEGATE");
    return out;
}

std::size_t count_hidden_characters(std::string_view text) {
    std::size_t hidden = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            code = (code << 6U) | (static_cast<std::uint8_t>(text[i + k]) & 0x3FU);
        }
        i += length;
        hidden += code != U'\n' && is_hidden_character(code) ? 1U : 0U;
    }
    return hidden;
}

}  // namespace keydeck::custody
