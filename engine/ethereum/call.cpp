#include "engine/ethereum/call.hpp"

#include <algorithm>
#include <iterator>
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

// Nobody holds that many units of anything; 2^96 - 1 is "unlimited" in tokens that count in 96 bits (COMP, UNI).
bool is_unlimited(const Uint256& amount) {
    static const Uint256 k96 = (Uint256(1) << 96U) - 1;
    static const Uint256 k128 = (Uint256(1) << 128U) - 1;
    return amount == k96 || amount >= k128;
}

bool is_risky(const KnownCall& call, const std::vector<abi::Leaf>& leaves) {
    if (call.decider == Decider::kNothing) return false;
    if (call.decider == Decider::kAlways) return true;
    return std::ranges::any_of(leaves_named(leaves, call.argument), [&](const abi::Leaf* leaf) {
        return call.decider == Decider::kFlag ? leaf->number != 0 : is_unlimited(leaf->number);
    });
}

std::string fill(std::string_view sentence, const std::string& contract, const std::vector<abi::Leaf>& leaves) {
    std::string out;
    while (!sentence.empty()) {
        const std::size_t open = std::min(sentence.find('{'), sentence.size());
        out += sentence.substr(0, open);
        sentence.remove_prefix(open);
        if (sentence.empty()) break;
        const std::size_t close = sentence.find('}');
        const std::string_view name = sentence.substr(1, close - 1);
        const auto leaf = std::ranges::find(leaves, name, &abi::Leaf::name);
        out += name == "contract" || leaf == leaves.end() ? contract : leaf->text;
        sentence.remove_prefix(close + 1);
    }
    return out;
}

DecodedCall unknown_call(const Address& contract, ByteView data) {
    const std::string selector = to_hex_0x(data.first(std::min(data.size(), kSelectorSize)));
    DecodedCall call;
    call.sentence = "Unknown call " + selector + " on " + to_checksum(contract) + ": what it does cannot be told";
    call.arguments = {
        {"selector", selector}, {"length", std::to_string(data.size())}, {"keccak256", to_hex_0x(crypto::keccak256(data))}};
    call.risk = CallRisk::kUnknown;
    return call;
}

// The worse of two, as far as a person must know: what is given away for good counts more than what cannot be read.
CallRisk worse(CallRisk a, CallRisk b) {
    constexpr auto kOrder = std::to_array<CallRisk>(
        {CallRisk::kNone, CallRisk::kUnknown, CallRisk::kUnlimitedApproval, CallRisk::kApprovalForAll});
    return std::ranges::find(kOrder, a) < std::ranges::find(kOrder, b) ? b : a;
}

DecodedCall decode_at(const Address& contract, ByteView data, unsigned depth);

// Decodes the calls within a call; what is worst among them is what the whole is.
void add_inner_calls(const KnownCall& known, const Address& contract, const std::vector<abi::Leaf>& leaves, unsigned depth,
                     DecodedCall& call) {
    const auto inner = leaves_named(leaves, known.inner_data);
    const auto targets = leaves_named(leaves, known.inner_target);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i]->bytes.empty()) continue;  // sends value, calls nothing
        Address target = contract;
        if (i < targets.size()) {
            const FixedBytes<32> word = to_be32(targets[i]->number);
            std::copy(word.begin() + 12, word.end(), target.bytes.begin());
        }
        const DecodedCall decoded = decode_at(target, inner[i]->bytes, depth + 1);
        call.arguments.emplace_back("call " + std::to_string(i + 1), decoded.sentence);
        call.risk = worse(call.risk, decoded.risk);
    }
}

DecodedCall decode_at(const Address& contract, ByteView data, unsigned depth) {
    if (data.size() < kSelectorSize || depth >= kMaxDepth) return unknown_call(contract, data);
    FixedBytes<kSelectorSize> selector;
    std::ranges::copy(data.first(kSelectorSize), selector.begin());
    const auto entry = entries().find(selector);
    if (entry == entries().end()) return unknown_call(contract, data);
    const KnownCall& known = *entry->second.call;
    const auto leaves = abi::decode(entry->second.function.parameters, data.subspan(kSelectorSize));
    if (!leaves) return unknown_call(contract, data);

    const bool risky = is_risky(known, *leaves);
    const bool says_more = risky && !known.risky_sentence.empty();
    DecodedCall call;
    call.known = true;
    call.signature = known.signature;
    call.standard = known.standard;
    call.sentence = fill(says_more ? known.risky_sentence : known.sentence, to_checksum(contract), *leaves);
    for (const abi::Leaf& leaf : *leaves) call.arguments.emplace_back(leaf.name, leaf.text);
    if (risky) call.risk = known.risk;
    if (!known.inner_data.empty()) add_inner_calls(known, contract, *leaves, depth, call);
    return call;
}

}  // namespace

DecodedCall decode_call(const Address& contract, ByteView data) { return decode_at(contract, data, 0); }

Hash32 calldata_digest(ByteView data) {
    crypto::Keccak256 hash;
    hash.update(to_be32(data.size()));
    hash.update(data);
    return hash.finish();
}

}  // namespace keydeck::ethereum
