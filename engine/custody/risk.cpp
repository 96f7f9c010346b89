#include "engine/custody/risk.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
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
}

Status assess_chain(Acquaintances& known, const ethereum::Transaction& transaction, Assessment& out) {
    if (!transaction.chain_id) return {};
    const Result<bool> other = known.is_other_chain(*transaction.chain_id);
    if (!other) return fail(other);
    if (*other) {
        out.risky("Another chain: this vault has signed transactions before, but none for chain " +
                  to_decimal(*transaction.chain_id) + ".");
    }
    return {};
}

void assess_authorizations(const ethereum::Transaction& transaction, Assessment& out) {
    const bool everywhere =
        std::ranges::any_of(transaction.authorization_list, [](const auto& item) { return item.chain_id == 0; });
    if (everywhere) out.risky("An authorization in it is for chain 0: it holds on every chain.");
}

bool all_hex_digits(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

/// Address poisoning: somebody sends a trifle from an address like one that is used, and waits for it to be copied from the
/// history.
std::string look_alike_warning(const AddressBytes& address, const store::LookAlike& other) {
    const std::string name = other.known_as == store::LookAlike::KnownAs::kContact  ? " (" + other.name + ", address book)"
                             : other.known_as == store::LookAlike::KnownAs::kWallet ? " (a wallet of this vault)"
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
    if (settled != settled_.end()) return settled->second;
    return store::standing_of(*database_, address);
}

bool Acquaintances::is_settled(const AddressBytes& address) const { return settled_.contains(key_of(address)); }

void Acquaintances::settle(const AddressBytes& address, store::Standing standing) {
    settled_.emplace(key_of(address), std::move(standing));
}

Result<std::vector<store::LookAlike>> Acquaintances::look_alikes(const AddressBytes& address) {
    return store::look_alikes(*database_, address);
}

Result<bool> Acquaintances::is_other_chain(const Uint256& chain_id) {
    const std::string chain = to_decimal(chain_id);
    if (used_chains_.contains(chain)) return false;
    Result<bool> used = store::chain_was_used(*database_, chain);
    if (!used) return used;
    if (*used) {
        used_chains_.insert(chain);
        return false;
    }
    return store::any_chain_was_used(*database_);
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

Status assess_beneficiary(Acquaintances& known, const AddressBytes& address, std::string_view whose, Assessment& out) {
    if (known.is_settled(address)) return {};
    Result<store::Standing> standing = known.standing(address);
    if (!standing) return fail(standing);
    // Who has a name here was given it by a person, whatever resembles them.
    const bool has_name = !standing->contact.empty() || standing->is_wallet;
    Result<std::vector<store::LookAlike>> alike = std::vector<store::LookAlike>();
    if (!has_name) alike = known.look_alikes(address);
    if (!alike) return fail(alike);
    if (standing->is_known() && alike->empty()) {
        known.settle(address, std::move(*standing));
        return {};
    }
    for (const store::LookAlike& other : *alike) out.loud(look_alike_warning(address, other));
    // Its middle is where a look-alike differs: no word says as much.
    if (!alike->empty()) out.challenge.clear();
    if (!standing->is_known())
        out.risky("First time: this vault has never signed anything for " + checksum_address(address) + ".");
    out.ask_for_address_middle(address, whose);
    return {};
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
}

std::vector<AddressBytes> beneficiaries_of_call(const AddressBytes& to, const Uint256& value,
                                                const std::optional<ethereum::DecodedCall>& call) {
    std::vector<AddressBytes> out;
    if (call) {
        for (const ethereum::Address& address : call->beneficiaries) out.push_back(address.bytes);
    }
    // Who is called gains where nobody else does, and wherever value goes along.
    const bool nobody_gains = call && call->takes_back;
    const bool called_gains = (out.empty() && !nobody_gains) || value != 0;
    if (called_gains && std::ranges::find(out, to) == out.end()) out.push_back(to);
    return out;
}

std::vector<AddressBytes> beneficiaries_of(const ethereum::Transaction& transaction,
                                           const std::optional<ethereum::DecodedCall>& call) {
    if (!transaction.to) return {};
    return beneficiaries_of_call(transaction.to->bytes, transaction.value, call);
}

std::optional<ethereum::DecodedCall> call_of(const ethereum::Transaction& transaction, const ethereum::AddressWords& words) {
    if (!transaction.to || transaction.data.empty()) return std::nullopt;
    return ethereum::decode_call(*transaction.to, transaction.data, words);
}

Result<Assessment> assess_transaction(Acquaintances& known, const ethereum::Transaction& transaction,
                                      const std::optional<ethereum::DecodedCall>& call) {
    Assessment out;
    if (call) assess_call(*call, out);
    const std::vector<AddressBytes> beneficiaries = beneficiaries_of(transaction, call);
    const auto whose = [&](const AddressBytes& address) {
        return transaction.to && address == transaction.to->bytes ? std::string_view("To") : std::string_view("recipient's");
    };
    for (const AddressBytes& address : beneficiaries) {
        if (Status assessed = assess_beneficiary(known, address, whose(address), out); !assessed) return fail(assessed);
    }
    if (!transaction.to) out.risky("It creates a contract: what its code will do cannot be told.");
    assess_authorizations(transaction, out);
    if (Status assessed = assess_chain(known, transaction, out); !assessed) return fail(assessed);
    assess_gas(transaction, out);
    if (out.risk != Risk::kRisky) return out;
    if (!transaction.to) {
        out.ask_for_word("CREATE");
    } else {
        const AddressBytes& asked = beneficiaries.empty() ? transaction.to->bytes : beneficiaries.front();
        out.ask_for_address_middle(asked, whose(asked));
    }
    return out;
}

Assessment assess_message(ByteView message) {
    Assessment out;
    const std::string_view text = as_text(message);
    if (message.empty()) {
        out.warn("The message is empty.");
    } else if (!is_utf8(text)) {
        if (message.size() == 32) {
            out.warn("The message is 32 bytes that are no text: it could be the hash of something you do not see.");
        } else {
            out.warn("The message is not text: its bytes are signed as they are.");
        }
    } else {
        const std::size_t hidden = count_hidden_characters(text);
        if (hidden > 0)
            out.warn("The message has " + std::to_string(hidden) + " hidden characters: it may not say what it seems to.");
        if (message.size() == 32 && hidden > 0)
            out.warn("The message is 32 bytes: it could be the hash of something you do not see.");
        if (looks_like_hex(text))
            out.warn("The message looks like hex; its characters are signed as text, not the bytes they could mean.");
    }
    return out;
}

Result<Assessment> assess_authorization(Acquaintances& known, const Uint256& chain_id, const AddressBytes& delegate) {
    Assessment out;
    const bool revokes = std::ranges::all_of(delegate, [](std::uint8_t byte) { return byte == 0; });
    if (!revokes) {
        if (Status assessed = assess_beneficiary(known, delegate, "delegate's", out); !assessed) return fail(assessed);
        out.warn("The code at " + checksum_address(delegate) + " will act as this wallet: it can move everything it holds.");
    }
    if (chain_id == 0) {
        out.risky("Chain id 0: the authorization holds on every chain, for ever or until the nonce is used there.");
        out.challenge.clear();  // the word matters more than the address
        out.ask_for_word("EVERY CHAIN");
    }
    return out;
}

std::size_t count_hidden_characters(std::string_view text) {
    struct Range {
        std::uint32_t first;
        std::uint32_t last;
    };
    // Controls, soft hyphen, fillers, zero-width and bidirectional marks, invisible operators, byte order mark, annotations,
    // tags.
    static constexpr std::array<Range, 22> kHidden{
        {{0x00, 0x08},     {0x0B, 0x0C},       {0x0E, 0x1F},       {0x7F, 0x9F},      {0xAD, 0xAD},     {0x34F, 0x34F},
         {0x61C, 0x61C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},  {0x200B, 0x200F}, {0x2028, 0x202E},
         {0x2060, 0x206F}, {0x2800, 0x2800},   {0x3164, 0x3164},   {0xFE00, 0xFE0E},  {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
         {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}}};
    std::size_t hidden = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            code = (code << 6U) | (static_cast<std::uint8_t>(text[i + k]) & 0x3FU);
        }
        i += length;
        hidden += std::ranges::any_of(kHidden, [&](const Range& range) { return code >= range.first && code <= range.last; })
                      ? 1U
                      : 0U;
    }
    return hidden;
}

}  // namespace keydeck::custody
