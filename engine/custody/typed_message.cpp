#include "engine/custody/typed_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/custody/preview_words.hpp"

namespace keydeck::custody {
namespace {

using ethereum::TypedData;
using ethereum::TypedDataLine;

bool has(const TypedData& data, std::string_view name, std::string_view type) {
    return std::ranges::any_of(
        data.message, [&](const TypedDataLine& line) { return line.depth == 0 && line.name == name && line.type == type; });
}

}  // namespace

TypedKind kind_of(const TypedData& data) {
    const std::string_view type = data.primary_type;
    if (type.starts_with("Permit")) return TypedKind::kPermit;
    if ((type == "TransferWithAuthorization" || type == "ReceiveWithAuthorization") && has(data, "to", "address"))
        return TypedKind::kTransfer;
    if ((type == "SafeTx" || type == "ForwardRequest") && has(data, "to", "address") && has(data, "data", "bytes"))
        return TypedKind::kCall;
    if (type == "Delegation" && has(data, "delegatee", "address")) return TypedKind::kDelegation;
    // Delegation(address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt):
    // https://github.com/MetaMask/delegation-framework, src/utils/Constants.sol
    if (type == "Delegation" && has(data, "delegate", "address") && has(data, "authority", "bytes32"))
        return TypedKind::kAuthority;
    // DelegationWithSig(address delegatee,uint256 value,uint256 nonce,uint256 deadline):
    // https://github.com/aave/aave-v3-core, contracts/protocol/tokenization/base/DebtTokenBase.sol
    if (type == "DelegationWithSig" && has(data, "delegatee", "address")) return TypedKind::kCredit;
    if (type == "OrderComponents" && has(data, "offerer", "address")) return TypedKind::kOrder;
    // BulkOrder(OrderComponents[2]…[2] tree): https://github.com/ProjectOpenSea/seaport, docs/SeaportDocumentation.md
    if (type == "BulkOrder" &&
        std::ranges::find(data.message, "OrderComponents", &TypedDataLine::type) != data.message.end())
        return TypedKind::kBulkOrder;
    return TypedKind::kOther;
}

TypedFields::TypedFields(const std::vector<TypedDataLine>& lines) {
    std::vector<std::string> path;  // of the line before, by depth
    for (const TypedDataLine& line : lines) {
        path.resize(std::min<std::size_t>(path.size(), line.depth));
        std::string whole = path.empty() ? std::string() : path.back();
        if (!whole.empty() && !line.name.starts_with('[')) whole += '.';
        whole += line.name;
        path.push_back(whole);
        fields_.emplace(std::move(whole), &line);
    }
}

const TypedDataLine* TypedFields::find(std::string_view path) const {
    const auto found = fields_.find(path);
    return found == fields_.end() ? nullptr : found->second;
}

std::optional<AddressBytes> TypedFields::address(std::string_view path) const {
    const TypedDataLine* line = find(path);
    if (line == nullptr || line->type != "address") return std::nullopt;
    const Result<AddressBytes> address = parse_address_text(line->value);
    return address ? std::optional(*address) : std::nullopt;
}

std::optional<Uint256> TypedFields::number(std::string_view path) const {
    const TypedDataLine* line = find(path);
    if (line == nullptr || !line->type.starts_with("uint")) return std::nullopt;
    const Result<Uint256> number = parse_uint256(line->value, path);
    return number ? std::optional(*number) : std::nullopt;
}

std::string_view TypedFields::text(std::string_view path) const {
    const TypedDataLine* line = find(path);
    return line == nullptr ? std::string_view() : std::string_view(line->value);
}

std::size_t TypedFields::count(std::string_view array) const {
    std::size_t elements = 0;
    while (find(std::string(array) + "[" + std::to_string(elements) + "]") != nullptr) ++elements;
    return elements;
}

std::vector<std::string> TypedFields::paths_of(std::string_view type) const {
    std::vector<std::string> paths;
    for (const auto& [path, line] : fields_) {
        if (line->type == type) paths.push_back(path);
    }
    return paths;
}

Hash32 message_kind(const TypedData& data) {
    crypto::Keccak256 hash;
    hash.update(data.domain_hash);
    hash.update(as_bytes(data.encoded_type));
    return hash.finish();
}

bool is_anybody(const AddressBytes& delegate) {
    static const AddressBytes kAnyDelegate = [] {
        AddressBytes address{};
        address[18] = 0x0A;
        address[19] = 0x11;
        return address;
    }();
    return delegate == kAnyDelegate;
}

bool is_amount(const TypedDataLine& line) {
    // What tokens call it differs (value, amount, wad, …); what it is not called does not.
    static constexpr std::array<std::string_view, 6> kOthers{"nonce", "nonces", "salt", "chainId", "tokenId", "id"};
    const bool is_one_number = line.type.starts_with("uint") && !line.value.empty();
    return is_one_number && !names_a_time(line.name) && std::ranges::find(kOthers, line.name) == kOthers.end();
}

bool is_unlimited(const TypedDataLine& line) {
    constexpr unsigned kFewestBits = 32;  // the most of a smaller type may be meant
    unsigned bits = 256;
    const std::string_view digits = std::string_view(line.type).substr(4);
    if (!digits.empty()) std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const Result<Uint256> value = parse_uint256(line.value, line.name);
    if (!value) return false;
    if (ethereum::is_unlimited_allowance(*value)) return true;
    if (bits < kFewestBits || bits > 96) return false;
    Uint256 most = 0;  // the most of a wider type is unlimited by itself
    for (unsigned bit = 0; bit < bits; ++bit) most = 2 * most + 1;
    return *value == most;
}

std::optional<ethereum::DecodedCall> call_in(const TypedData& data, const TypedFields& fields,
                                             const ethereum::AddressWords& words) {
    if (kind_of(data) != TypedKind::kCall) return std::nullopt;
    const std::optional<AddressBytes> to = fields.address("to");
    const Result<Bytes> calldata = from_hex(fields.text("data"), "data");
    if (!to || !calldata || calldata->empty()) return std::nullopt;
    return ethereum::decode_call(ethereum::Address{*to}, *calldata, words);
}

}  // namespace keydeck::custody
