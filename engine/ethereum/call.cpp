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
#include "engine/ethereum/multi_send.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kSelectorSize = 4;
constexpr unsigned kMaxDepth = 4;         // of calls within calls
constexpr std::size_t kMaxCalls = 1'024;  // within one, all depths together: more than a block has room for

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
        return call.decider == Decider::kFlag ? leaf->number != 0 : is_unlimited_allowance(leaf->number);
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

// The worse of two, as far as a person must know: what is given away for good counts more than what cannot be read.
CallRisk worse(CallRisk a, CallRisk b) { return std::max(a, b); }

void add_risk(DecodedCall& call, CallRisk risk) {
    if (risk == CallRisk::kNone) return;
    call.risk = worse(call.risk, risk);
    if (std::ranges::find(call.risks, risk) == call.risks.end()) call.risks.push_back(risk);
}

DecodedCall unknown_call(const Address& contract, ByteView data, const AddressWords& words, std::string problem = {}) {
    const std::string selector = to_hex_0x(data.first(std::min(data.size(), kSelectorSize)));
    DecodedCall call;
    call.sentence = "Unknown call " + selector + " on " + in_words(words, contract) + ": what it does cannot be told";
    call.arguments = {{.name = "selector", .value = selector},
                      {.name = "length", .value = std::to_string(data.size())},
                      {.name = "keccak256", .value = to_hex_0x(crypto::keccak256(data))}};
    if (!problem.empty())
        call.arguments.push_back({.name = "problem", .value = std::move(problem), .risk = CallRisk::kUnknown});
    add_risk(call, CallRisk::kUnknown);
    return call;
}

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
        const std::string_view role = role_of(leaf.name);
        if (is_inner_target || !is_role_of_one_who_gains(role)) continue;
        add_beneficiary(call, to_address(leaf.number));
        if (is_empowering(role, known)) add_once(call.empowered, to_address(leaf.number));
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

/// A call within a call.
struct InnerCall {
    Address target;
    Uint256 value = 0;
    ByteView data;
    bool delegates = false;
    bool is_only_one = false;  ///< the call's own sentence says whom it calls, and with how much
};

Result<std::vector<InnerCall>> inner_calls(const KnownCall& known, const Address& contract,
                                           const std::vector<abi::Leaf>& leaves) {
    std::vector<InnerCall> calls;
    if (!known.inner_packed.empty()) {
        const auto packed = read_packed_calls(leaves_named(leaves, known.inner_packed).front()->bytes);
        if (!packed) return fail(packed);
        for (const PackedCall& call : *packed)
            calls.push_back({.target = call.to, .value = call.value, .data = call.data, .delegates = call.delegates});
        return calls;
    }
    const auto inner = leaves_named(leaves, known.inner_data);
    const auto targets = leaves_named(leaves, known.inner_target);
    const auto values = leaves_named(leaves, known.inner_value);
    const auto operations = leaves_named(leaves, known.inner_operation);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        InnerCall& call = calls.emplace_back();
        call.target = i < targets.size() ? to_address(targets[i]->number) : contract;
        if (i < values.size()) call.value = values[i]->number;
        call.data = inner[i]->bytes;
        call.is_only_one = inner[i]->name == known.inner_data && !known.inner_target.empty();
        if (operations.empty()) continue;
        if (operations[i]->number > 1)
            return fail(ErrorCode::kInvalidInput, "The operation is neither a call (0) nor a DELEGATECALL (1).");
        call.delegates = operations[i]->number == 1;
    }
    return calls;
}

class Decoder {
public:
    explicit Decoder(const AddressWords& words) : words_(words) {}
    DecodedCall decode(const Address& contract, ByteView data, unsigned depth);

private:
    DecodedCall decode_known(const KnownCall& known, const Address& contract, const std::vector<abi::Leaf>& leaves,
                             bool delegates) const;
    void add_inner_call(const InnerCall& inner, const std::string& number, unsigned depth, DecodedCall& call);
    std::string sentence_of(const InnerCall& inner, const DecodedCall& decoded) const;

    const AddressWords& words_;
    std::size_t calls_left_ = kMaxCalls;
};

std::string Decoder::sentence_of(const InnerCall& inner, const DecodedCall& decoded) const {
    const std::string target = in_words(words_, inner.target);
    if (inner.delegates) {
        const std::string as_call = inner.data.empty() ? std::string() : " As a call it would be: " + decoded.sentence;
        return "DELEGATECALL: the code of " + target + " runs as the account itself and may do anything with it." + as_call;
    }
    const std::string value = to_decimal(inner.value) + " wei";
    std::string sentence = decoded.sentence;
    if (inner.data.empty())
        sentence = inner.value == 0 ? "Call " + target + " without data" : "Send " + value + " to " + target;
    if (!inner.data.empty() && inner.value != 0 && !inner.is_only_one) sentence += ", and send it " + value;
    // MultiSend since 1.5.0 takes address 0 for the account that sends.
    if (inner.target == Address{}) sentence += " (address 0: some contracts take it for the account itself)";
    return sentence;
}

// What is worst among the calls within a call is what the whole is.
void Decoder::add_inner_call(const InnerCall& inner, const std::string& number, unsigned depth, DecodedCall& call) {
    if (inner.value != 0 && !inner.delegates) {
        call.movements.push_back({.token = std::nullopt, .to = inner.target, .amount = inner.value});
        add_beneficiary(call, inner.target);
    }
    if (inner.data.empty() && inner.is_only_one && !inner.delegates) return;
    DecodedCall decoded;
    if (!inner.data.empty()) decoded = decode(inner.target, inner.data, depth + 1);
    if (inner.delegates) {
        add_risk(decoded, CallRisk::kDelegateCall);
        // Whoever is called gains what the call says; code that is run as the account gains all of it.
        add_beneficiary(decoded, inner.target);
        add_once(decoded.empowered, inner.target);
    }
    call.arguments.push_back(
        {.name = "call " + number, .value = sentence_of(inner, decoded), .risk = decoded.risk, .is_call = true});
    for (CallArgument& within : decoded.arguments) {
        if (!within.is_call) continue;
        within.name = "call " + number + "." + within.name.substr(within.name.find(' ') + 1);
        call.arguments.push_back(std::move(within));
    }
    for (const CallRisk risk : decoded.risks) add_risk(call, risk);
    // As with a transaction: who is called gains where nobody else does.
    if (decoded.beneficiaries.empty() && !decoded.takes_back) decoded.beneficiaries.push_back(inner.target);
    for (const Address& address : decoded.beneficiaries) add_beneficiary(call, address);
    for (const Address& address : decoded.empowered) add_once(call.empowered, address);
    std::ranges::move(decoded.dangers, std::back_inserter(call.dangers));
    std::ranges::move(decoded.movements, std::back_inserter(call.movements));
}

DecodedCall Decoder::decode_known(const KnownCall& known, const Address& contract, const std::vector<abi::Leaf>& leaves,
                                  bool delegates) const {
    const bool risky = is_risky(known, leaves);
    const bool says_more = risky && !known.risky_sentence.empty();
    DecodedCall call;
    call.known = true;
    call.signature = known.signature;
    call.standard = known.standard;
    const std::string_view sentence = says_more ? known.risky_sentence : known.sentence;
    call.sentence = fill(delegates ? known.delegating_sentence : sentence, contract, leaves, words_);
    for (const abi::Leaf& leaf : leaves) {
        const bool decides = known.decider == Decider::kAmount && without_indexes(leaf.name) == known.argument;
        call.arguments.push_back({.name = leaf.name,
                                  .value = leaf.text,
                                  .is_address = leaf.kind == abi::Kind::kAddress,
                                  .is_unlimited = decides && is_unlimited_allowance(leaf.number)});
    }
    if (risky) add_risk(call, known.risk);
    call.takes_back = takes_back(known, leaves);
    if (!call.takes_back) add_beneficiaries(known, leaves, call);
    add_refund(known, leaves, words_, call);
    add_movements(known, contract, leaves, call);
    return call;
}

DecodedCall Decoder::decode(const Address& contract, ByteView data, unsigned depth) {
    if (data.size() < kSelectorSize || depth >= kMaxDepth) return unknown_call(contract, data, words_);
    FixedBytes<kSelectorSize> selector;
    std::ranges::copy(data.first(kSelectorSize), selector.begin());
    const auto entry = entries().find(selector);
    if (entry == entries().end()) return unknown_call(contract, data, words_);
    const KnownCall& known = *entry->second.call;
    const auto leaves = abi::decode(entry->second.function.parameters, data.subspan(kSelectorSize));
    if (!leaves) return unknown_call(contract, data, words_);
    const Result<std::vector<InnerCall>> inner = inner_calls(known, contract, *leaves);
    if (!inner) return unknown_call(contract, data, words_, inner.error().message);
    // Counted before any is looked into, so that none of a list is left out.
    if (inner->size() > calls_left_)
        return unknown_call(contract, data, words_, "There are more than " + std::to_string(kMaxCalls) + " calls in it.");
    calls_left_ -= inner->size();

    const bool delegates = !known.delegating_sentence.empty() && !inner->empty() && inner->front().delegates;
    DecodedCall call = decode_known(known, contract, *leaves, delegates);
    for (std::size_t i = 0; i < inner->size(); ++i) add_inner_call((*inner)[i], std::to_string(i + 1), depth, call);
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
