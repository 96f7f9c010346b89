#include "engine/custody/typed_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/hex.hpp"

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
    if (type == "OrderComponents" && has(data, "offerer", "address")) return TypedKind::kOrder;
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

bool is_amount(const TypedDataLine& line) {
    return (line.name == "value" || line.name == "amount") && line.type.starts_with("uint");
}

bool is_unlimited(const TypedDataLine& line) {
    constexpr unsigned kFewestBits = 32;  // the most of a smaller type may be meant
    unsigned bits = 256;
    const std::string_view digits = std::string_view(line.type).substr(4);
    if (!digits.empty()) std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const Result<Uint256> value = parse_uint256(line.value, line.name);
    if (!value) return false;
    if (ethereum::is_unlimited_allowance(*value)) return true;
    return bits >= kFewestBits && bits < 256 && *value == (Uint256(1) << bits) - 1;
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
