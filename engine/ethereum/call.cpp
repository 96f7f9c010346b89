#include "engine/ethereum/call.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <map>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/abi.hpp"
#include "engine/ethereum/call_table.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kSelectorSize = 4;
constexpr unsigned kMaxDepth = 4;  // of calls within calls

struct Entry {
    const KnownCall* call;
    abi::Function function;
};

const std::map<FixedBytes<kSelectorSize>, Entry>& entries() {
    static const auto kEntries = [] {
        std::map<FixedBytes<kSelectorSize>, Entry> made;
        for (const KnownCall& call : known_calls()) {
            abi::Function function = abi::parse_function(call.signature);
            const auto selector = function.selector;
            made.emplace(selector, Entry{&call, std::move(function)});
        }
        return made;
    }();
    return kEntries;
}

// The path of a leaf without its indexes: `calls[3].target` is `calls.target`.
std::string without_indexes(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        const std::size_t open = std::min(name.find('['), name.size());
        out += name.substr(0, open);
        name.remove_prefix(open);
        if (!name.empty()) name.remove_prefix(std::min(name.find(']'), name.size() - 1) + 1);
    }
    return out;
}

std::vector<const abi::Leaf*> leaves_named(const std::vector<abi::Leaf>& leaves, std::string_view name) {
    std::vector<const abi::Leaf*> found;
    for (const abi::Leaf& leaf : leaves) {
        if (leaf.kind != abi::Kind::kArray && without_indexes(leaf.name) == name) found.push_back(&leaf);
    }
    return found;
}

bool is_risky(const KnownCall& call, const std::vector<abi::Leaf>& leaves) {
    if (call.decider == Decider::kNothing) return false;
    if (call.decider == Decider::kAlways) return true;
    return std::ranges::any_of(leaves_named(leaves, call.argument), [&](const abi::Leaf* leaf) {
        return call.decider == Decider::kAmount ? is_unlimited_allowance(leaf->number) : leaf->number != 0;
    });
}

Address to_address(const Uint256& number) {
    Address address;
    const FixedBytes<32> word = to_be32(number);
    std::copy(word.begin() + 12, word.end(), address.bytes.begin());
    return address;
}

std::string in_words(const AddressWords& words, const Address& address) {
    return words ? words(address) : to_checksum(address);
}

std::string fill(std::string_view sentence, const Address& contract, const std::vector<abi::Leaf>& leaves,
                 const AddressWords& words) {
    std::string out;
    while (!sentence.empty()) {
        const std::size_t open = std::min(sentence.find('{'), sentence.size());
        out += sentence.substr(0, open);
        sentence.remove_prefix(open);
        if (sentence.empty()) break;
        const std::size_t close = sentence.find('}');
        const std::string_view name = sentence.substr(1, close - 1);
        const auto leaf = std::ranges::find(leaves, name, &abi::Leaf::name);
        if (name == "contract" || leaf == leaves.end()) {
            out += in_words(words, contract);
        } else {
            out += leaf->kind == abi::Kind::kAddress ? in_words(words, to_address(leaf->number)) : leaf->text;
        }
        sentence.remove_prefix(close + 1);
    }
    return out;
}

DecodedCall unknown_call(const Address& contract, ByteView data, const AddressWords& words) {
    const std::string selector = to_hex_0x(data.first(std::min(data.size(), kSelectorSize)));
    DecodedCall call;
    call.sentence = "Unknown call " + selector + " on " + in_words(words, contract) + ": what it does cannot be told";
    call.arguments = {{.name = "selector", .value = selector},
                      {.name = "length", .value = std::to_string(data.size())},
                      {.name = "keccak256", .value = to_hex_0x(crypto::keccak256(data))}};
    call.risk = CallRisk::kUnknown;
    return call;
}

// The worse of two, as far as a person must know: what is given away for good counts more than what cannot be read.
CallRisk worse(CallRisk a, CallRisk b) { return std::max(a, b); }

/// The last part of a path, without its index: `permitSingle.spender` is a spender, `recipients[2]` one of the recipients.
std::string_view role_of(std::string_view path) {
    path.remove_prefix(path.rfind('.') + 1);  // npos + 1 is 0
    return path.substr(0, path.find('['));
}

bool is_role_of_one_who_gains(std::string_view role) {
    constexpr auto kRoles = std::to_array<std::string_view>(
        {"to", "recipient", "recipients", "receiver", "spender", "operator", "account", "newOwner", "newImplementation"});
    return std::ranges::find(kRoles, role) != kRoles.end();
}

/// Those whom the call lets act, beyond what it gives them. `account` is also whose tokens are burnt.
bool is_empowering(std::string_view role, const KnownCall& call) {
    return role == "spender" || role == "operator" || role == "newOwner" || role == "newImplementation" ||
           (role == "account" && call.risk == CallRisk::kControl);
}

void add_once(std::vector<Address>& addresses, const Address& address) {
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
}

void add_beneficiary(DecodedCall& call, const Address& address) { add_once(call.beneficiaries, address); }

/// An allowance of nothing and a flag that is off take something back.
bool takes_back(const KnownCall& call, const std::vector<abi::Leaf>& leaves) {
    if (call.takes_back) return true;
    if ((call.decider != Decider::kAmount && call.decider != Decider::kFlag) || call.may_name_item) return false;
    const auto deciding = leaves_named(leaves, call.argument);
    return std::ranges::all_of(deciding, [](const abi::Leaf* leaf) { return leaf->number == 0; });
}

void add_beneficiaries(const KnownCall& known, const std::vector<abi::Leaf>& leaves, DecodedCall& call) {
    for (const abi::Leaf& leaf : leaves) {
        if (leaf.kind != abi::Kind::kAddress) continue;
        const bool is_inner_target = !known.inner_target.empty() && without_indexes(leaf.name) == known.inner_target;
        // Whoever is called within the call gains what that call says; code that is run as the account gains all of it.
        const bool runs_as_account = is_inner_target && call.risk == CallRisk::kDelegateCall;
        const std::string_view role = role_of(leaf.name);
        if (!runs_as_account && (is_inner_target || !is_role_of_one_who_gains(role))) continue;
        add_beneficiary(call, to_address(leaf.number));
        if (runs_as_account || is_empowering(role, known)) add_once(call.empowered, to_address(leaf.number));
    }
}

/// A Safe's transaction may pay whoever hands it in, as much as its fields say.
void add_refund(const KnownCall& known, const std::vector<abi::Leaf>& leaves, const AddressWords& words, DecodedCall& call) {
    if (!known.may_refund_gas) return;
    const auto number = [&](std::string_view name) { return std::ranges::find(leaves, name, &abi::Leaf::name)->number; };
    const SafeRefund refund{.base_gas = number("baseGas"),
                            .gas_price = number("gasPrice"),
                            .token = to_address(number("gasToken")),
                            .receiver = to_address(number("refundReceiver"))};
    std::string danger = refund_danger(refund, words);
    if (danger.empty()) return;
    call.sentence += ", and pay for its gas";
    call.dangers.push_back(std::move(danger));
    if (refund.receiver != Address{}) add_beneficiary(call, refund.receiver);
}

void add_movements(const KnownCall& known, const Address& contract, const std::vector<abi::Leaf>& leaves,
                   DecodedCall& call) {
    if (known.moved_amount.empty()) return;
    const auto amounts = leaves_named(leaves, known.moved_amount);
    const auto recipients = leaves_named(leaves, known.moved_to);
    const auto tokens = leaves_named(leaves, known.moved_token);
    for (std::size_t i = 0; i < std::min(amounts.size(), recipients.size()); ++i) {
        Movement movement{.token = contract, .to = to_address(recipients[i]->number), .amount = amounts[i]->number};
        if (known.moves_coin) movement.token.reset();
        if (!tokens.empty()) movement.token = to_address(tokens[std::min(i, tokens.size() - 1)]->number);
        call.movements.push_back(std::move(movement));
    }
}

class Decoder {
public:
    explicit Decoder(const AddressWords& words) : words_(words) {}
    DecodedCall decode(const Address& contract, ByteView data, unsigned depth) const;

private:
    void add_inner_calls(const KnownCall& known, const Address& contract, const std::vector<abi::Leaf>& leaves,
                         unsigned depth, DecodedCall& call) const;
    void add_inner_call(const Address& target, ByteView data, std::size_t number, unsigned depth, DecodedCall& call) const;

    const AddressWords& words_;
};

// What is worst among the calls within a call is what the whole is.
void Decoder::add_inner_calls(const KnownCall& known, const Address& contract, const std::vector<abi::Leaf>& leaves,
                              unsigned depth, DecodedCall& call) const {
    const auto inner = leaves_named(leaves, known.inner_data);
    const auto targets = leaves_named(leaves, known.inner_target);
    const auto values = leaves_named(leaves, known.inner_value);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        const Address target = i < targets.size() ? to_address(targets[i]->number) : contract;
        if (i < values.size() && values[i]->number != 0) {
            call.movements.push_back({.token = std::nullopt, .to = target, .amount = values[i]->number});
            add_beneficiary(call, target);
        }
        if (!inner[i]->bytes.empty()) add_inner_call(target, inner[i]->bytes, i + 1, depth, call);
    }
}

void Decoder::add_inner_call(const Address& target, ByteView data, std::size_t number, unsigned depth,
                             DecodedCall& call) const {
    DecodedCall inner = decode(target, data, depth + 1);
    call.arguments.push_back({.name = "call " + std::to_string(number), .value = std::move(inner.sentence)});
    call.risk = worse(call.risk, inner.risk);
    // As with a transaction: who is called gains where nobody else does.
    if (inner.beneficiaries.empty() && !inner.takes_back) inner.beneficiaries.push_back(target);
    for (const Address& address : inner.beneficiaries) add_beneficiary(call, address);
    for (const Address& address : inner.empowered) add_once(call.empowered, address);
    std::ranges::move(inner.dangers, std::back_inserter(call.dangers));
    std::ranges::move(inner.movements, std::back_inserter(call.movements));
}

DecodedCall Decoder::decode(const Address& contract, ByteView data, unsigned depth) const {
    if (data.size() < kSelectorSize || depth >= kMaxDepth) return unknown_call(contract, data, words_);
    FixedBytes<kSelectorSize> selector;
    std::ranges::copy(data.first(kSelectorSize), selector.begin());
    const auto entry = entries().find(selector);
    if (entry == entries().end()) return unknown_call(contract, data, words_);
    const KnownCall& known = *entry->second.call;
    const auto leaves = abi::decode(entry->second.function.parameters, data.subspan(kSelectorSize));
    if (!leaves) return unknown_call(contract, data, words_);

    const bool risky = is_risky(known, *leaves);
    const bool says_more = risky && !known.risky_sentence.empty();
    DecodedCall call;
    call.known = true;
    call.signature = known.signature;
    call.standard = known.standard;
    call.sentence = fill(says_more ? known.risky_sentence : known.sentence, contract, *leaves, words_);
    for (const abi::Leaf& leaf : *leaves) {
        const bool decides = known.decider == Decider::kAmount && without_indexes(leaf.name) == known.argument;
        call.arguments.push_back({.name = leaf.name,
                                  .value = leaf.text,
                                  .is_address = leaf.kind == abi::Kind::kAddress,
                                  .is_unlimited = decides && is_unlimited_allowance(leaf.number)});
    }
    if (risky) call.risk = known.risk;
    call.takes_back = takes_back(known, *leaves);
    if (!call.takes_back) add_beneficiaries(known, *leaves, call);
    add_refund(known, *leaves, words_, call);
    add_movements(known, contract, *leaves, call);
    if (!known.inner_data.empty()) add_inner_calls(known, contract, *leaves, depth, call);
    return call;
}

}  // namespace

DecodedCall decode_call(const Address& contract, ByteView data, const AddressWords& words) {
    return Decoder(words).decode(contract, data, 0);
}

bool is_unlimited_allowance(const Uint256& amount) {
    static const Uint256 k96 = (Uint256(1) << 96U) - 1;
    return amount >= k96;
}

std::string refund_danger(const SafeRefund& refund, const AddressWords& words) {
    if (refund.gas_price == 0) return {};
    const bool is_coin = refund.token == Address{};
    const Uint256 most = std::numeric_limits<Uint256>::max();
    const bool is_beyond = refund.base_gas != 0 && refund.gas_price > most / refund.base_gas;
    std::string least = is_beyond ? "more than there can be" : to_decimal(refund.base_gas * refund.gas_price);
    least += is_coin ? " wei" : " units of token " + in_words(words, refund.token);
    return "Gas refund: the Safe also pays " + least + ", and " + to_decimal(refund.gas_price) +
           " for each unit of gas that it uses, to " +
           (refund.receiver == Address{} ? "WHOEVER hands it in" : in_words(words, refund.receiver)) + ".";
}

Hash32 calldata_digest(ByteView data) {
    crypto::Keccak256 hash;
    hash.update(to_be32(data.size()));
    hash.update(data);
    return hash.finish();
}

}  // namespace keydeck::ethereum
