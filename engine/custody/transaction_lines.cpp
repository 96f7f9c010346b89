// A transaction in lines for a person.
#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/custody/preview.hpp"

namespace keydeck::custody {
namespace {

using ethereum::Transaction;
using ethereum::TransactionType;

constexpr std::uint64_t kGasPerBlob = 131'072;  // EIP-4844

/// The coin of chains whose coin is not ether. A chain that is not known gets the unit's plain name.
std::string_view coin_of(const std::optional<Uint256>& chain_id) {
    static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 8> kOtherCoins{{{56, "BNB"},
                                                                                            {97, "BNB"},
                                                                                            {100, "xDAI"},
                                                                                            {137, "POL"},
                                                                                            {80002, "POL"},
                                                                                            {250, "FTM"},
                                                                                            {43114, "AVAX"},
                                                                                            {42220, "CELO"}}};
    if (!chain_id || ethereum::chain_name(*chain_id).empty()) return "ether";
    const auto other = std::ranges::find_if(kOtherCoins, [&](const auto& coin) { return *chain_id == coin.first; });
    return other == kOtherCoins.end() ? "ETH" : other->second;
}

std::string gwei(const Uint256& wei) { return ethereum::format_units(wei, 9) + " gwei"; }

bool has_fee_cap(TransactionType type) {
    return type == TransactionType::kDynamicFee || type == TransactionType::kBlob || type == TransactionType::kSetCode;
}

std::string_view type_words(TransactionType type) {
    switch (type) {
        case TransactionType::kLegacy:
            return "0 (legacy, EIP-155)";
        case TransactionType::kAccessList:
            return "1 (access list, EIP-2930)";
        case TransactionType::kDynamicFee:
            return "2 (dynamic fee, EIP-1559)";
        case TransactionType::kBlob:
            return "3 (blobs, EIP-4844)";
        case TransactionType::kSetCode:
            return "4 (set code, EIP-7702)";
    }
    return "";
}

void add_fees(const Transaction& transaction, std::vector<PreviewLine>& lines) {
    const Uint256& price = has_fee_cap(transaction.type) ? transaction.max_fee_per_gas : transaction.gas_price;
    std::string gas = std::to_string(transaction.gas_limit) + " at most, at " + gwei(price);
    if (has_fee_cap(transaction.type)) gas += " at most, tip " + gwei(transaction.max_priority_fee_per_gas);
    lines.push_back({"Gas", std::move(gas)});
    const Uint256 cost = ethereum::highest_cost(transaction);
    const Uint256 fee = cost >= transaction.value ? Uint256(cost - transaction.value) : Uint256(0);
    lines.push_back({"Fee", "at most " + value_words(fee, transaction.chain_id)});
    lines.push_back({"Highest total cost", value_words(cost, transaction.chain_id)});
}

std::string beside(const LineNotes& notes, const AddressBytes& address, bool gains) {
    return notes.names == nullptr ? checksum_address(address) : notes.names->beside(address, gains);
}

bool gains_by(const ethereum::DecodedCall& call, const AddressBytes& address) {
    return std::ranges::find(call.beneficiaries, address, &ethereum::Address::bytes) != call.beneficiaries.end();
}

PreviewLine argument_line(const ethereum::DecodedCall& call, const ethereum::CallArgument& argument,
                          const LineNotes& notes) {
    const bool warning = argument.is_unlimited || argument.risk != ethereum::CallRisk::kNone;
    PreviewLine line{"  " + argument.name, argument.value, warning};
    if (argument.is_address) {
        if (const Result<AddressBytes> address = parse_address_text(argument.value); address)
            line.value = beside(notes, *address, gains_by(call, *address));
        return line;
    }
    if (!argument.is_unlimited && !names_a_time(argument.name)) return line;
    const Result<Uint256> number = parse_uint256(argument.value, argument.name);
    if (!number) return line;
    line.value = argument.is_unlimited ? unlimited_words(*number) : time_value(argument.name, *number, notes.now);
    return line;
}

/// What several transfers come to, token by token.
void add_totals(const std::vector<ethereum::Movement>& movements, const std::optional<Uint256>& chain_id,
                const LineNotes& notes, std::vector<PreviewLine>& lines) {
    struct Total {
        Uint256 amount = 0;
        std::size_t transfers = 0;
        std::set<ethereum::Address> recipients{};
        bool is_beyond = false;
    };
    if (movements.size() < 2) return;
    std::map<std::optional<ethereum::Address>, Total> totals;
    for (const ethereum::Movement& movement : movements) {
        Total& total = totals[movement.token];
        total.is_beyond = total.is_beyond || movement.amount > std::numeric_limits<Uint256>::max() - total.amount;
        total.amount += movement.amount;
        ++total.transfers;
        total.recipients.insert(movement.to);
    }
    for (const auto& [token, total] : totals) {
        std::string amount = total.is_beyond ? "more than there can be"
                             : token         ? to_decimal(total.amount)
                                             : value_words(total.amount, chain_id);
        if (token) amount += " units of token " + beside(notes, token->bytes, false);
        lines.push_back({"Sends in all", amount + ", in " + std::to_string(total.transfers) + " transfers to " +
                                             std::to_string(total.recipients.size()) +
                                             (total.recipients.size() == 1 ? " address" : " addresses")});
    }
}

void add_lists(const Transaction& transaction, const LineNotes& notes, std::vector<PreviewLine>& lines) {
    for (const ethereum::AccessListItem& item : transaction.access_list) {
        lines.push_back({"Access list", beside(notes, item.address.bytes, false) + ", " +
                                            std::to_string(item.storage_keys.size()) + " storage keys"});
    }
    if (transaction.type == TransactionType::kBlob) {
        const std::size_t blobs = transaction.blob_versioned_hashes.size();
        lines.push_back({"Blobs", std::to_string(blobs) + " (" + std::to_string(blobs * kGasPerBlob) + " blob gas, at " +
                                      gwei(transaction.max_fee_per_blob_gas) + " at most)"});
        for (const Hash32& hash : transaction.blob_versioned_hashes) lines.push_back({"", to_hex_0x(hash)});
    }
    for (const ethereum::Authorization& item : transaction.authorization_list) {
        const std::string chain = item.chain_id == 0 ? "EVERY chain" : "chain " + chain_words(item.chain_id);
        std::string value =
            "code of " + beside(notes, item.address.bytes, true) + " on " + chain + ", nonce " + std::to_string(item.nonce);
        // Without a vault they are named elsewhere, and nobody is anybody's.
        if (notes.names != nullptr) {
            const std::optional<ethereum::Address> authority = ethereum::authority_of(item);
            value += authority ? ", for " + notes.names->whose(authority->bytes) : ", signed by nobody";
        }
        lines.push_back({"Authorization", std::move(value), true});
    }
}

}  // namespace

std::string chain_words(const Uint256& chain_id) {
    const std::string_view name = ethereum::chain_name(chain_id);
    return to_decimal(chain_id) + (name.empty() ? " (no name known)" : " (" + std::string(name) + ")");
}

std::string value_words(const Uint256& wei, const std::optional<Uint256>& chain_id) {
    return ethereum::format_units(wei, 18) + " " + std::string(coin_of(chain_id));
}

void add_call_lines(const std::optional<ethereum::DecodedCall>& call, ByteView data, const std::optional<Uint256>& chain_id,
                    const LineNotes& notes, std::vector<PreviewLine>& lines) {
    if (data.empty()) return;
    if (call && call->known) {
        const bool warning = call->risk != ethereum::CallRisk::kNone;
        lines.push_back({"Call", call->signature + " (" + call->standard + ")", warning});
    } else if (call) {
        lines.push_back({"Call", "unknown: cannot decode", true});
    }
    if (call) {
        for (const ethereum::CallArgument& argument : call->arguments)
            lines.push_back(argument_line(*call, argument, notes));
        add_totals(call->movements, chain_id, notes, lines);
    }
    if (!call || !call->known) lines.push_back({"Data", to_hex_0x(data)});
}

std::vector<PreviewLine> transaction_lines(const Transaction& transaction, const std::optional<ethereum::DecodedCall>& call,
                                           const LineNotes& notes) {
    std::vector<PreviewLine> lines;
    if (transaction.to) {
        // A contract that is called gains nothing by itself: whether it is known matters where nobody else gains.
        const auto gaining = beneficiaries_of(transaction, call);
        lines.push_back({"To", beside(notes, transaction.to->bytes, gains(gaining, transaction.to->bytes))});
    } else {
        lines.push_back({"To", "none: it creates a contract", true});
    }
    lines.push_back({"Value", value_words(transaction.value, transaction.chain_id)});
    lines.push_back({"Chain", transaction.chain_id ? chain_words(*transaction.chain_id)
                                                   : "none (before EIP-155): valid on every chain"});
    lines.push_back({"Type", std::string(type_words(transaction.type))});
    lines.push_back({"Nonce", std::to_string(transaction.nonce)});
    add_fees(transaction, lines);
    add_call_lines(call, transaction.data, transaction.chain_id, notes, lines);
    add_lists(transaction, notes, lines);
    return lines;
}

}  // namespace keydeck::custody
