#include "engine/ethereum/json_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/ethereum/transaction_rules.hpp"

namespace keydeck::ethereum::json_values {
namespace {

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kInvalidInput, std::move(message)); }

// Most numbers fit 64 bits, and a batch has many: this is ten times as fast as parse_uint256(), which sees what is left.
std::optional<std::uint64_t> small_number(std::string_view text) {
    const bool is_hex = text.starts_with("0x");
    if (is_hex) text.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Status check_hex_text(const json::Value& value, std::string_view what) {
    if (!value.is(json::Kind::kString)) return wrong_kind(what, "hexadecimal bytes", value);
    if (!value.text.starts_with("0x")) return refuse(fmt::format("The {} must begin with 0x.", what));
    return {};
}

// One member of an item: where its value goes.
template <class T>
struct Member {
    std::string_view name;
    T& out;
};

template <class T>
Status read_member(const json::Value& item, std::string_view what, const Member<T>& member) {
    const std::string name = fmt::format("{}.{}", what, member.name);
    const json::Value* value = item.find(member.name);
    if (value == nullptr) return refuse(fmt::format("The {} is missing.", name));
    return read(*value, name, member.out);
}

// Reads an object that has exactly these members.
template <class... T>
Status read_members(const json::Value& item, std::string_view what, const Member<T>&... members) {
    if (!item.is(json::Kind::kObject)) return wrong_kind(what, "an object", item);
    for (const auto& [name, value] : item.members) {
        if (((name != members.name) && ...))
            return refuse(fmt::format("The {} has an unknown field {}.", what, in_quotes(name)));
    }
    Status done;
    static_cast<void>(((done = read_member(item, what, members)).has_value() && ...));
    return done;
}

// Only the ranges: whose signature it is, authority_of() tells.
Status check_signature(const Uint256& r, const Uint256& s, std::uint64_t y_parity, std::string_view what) {
    static const Uint256 kOrder("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");  // n of SEC 2, 2.4.1
    if (y_parity > 1) return refuse(fmt::format("The {}.yParity must be 0 or 1.", what));
    if (r == 0 || r >= kOrder) return refuse(fmt::format("The {}.r is out of range.", what));
    if (s == 0 || s >= kOrder) return refuse(fmt::format("The {}.s is out of range.", what));
    if (s > kOrder / 2) return refuse(fmt::format("The {}.s is in the upper half of its range, which EIP-2 forbids.", what));
    return {};
}

}  // namespace

std::string in_quotes(std::string_view name) {
    constexpr std::size_t kLongest = 40;
    std::string shortened(name.substr(0, kLongest));
    if (shortened.size() < name.size()) shortened += "...";
    std::string out;
    json::append_quoted(out, shortened);
    return out;
}

std::unexpected<Error> wrong_kind(std::string_view what, std::string_view wanted, const json::Value& value) {
    return refuse(fmt::format("The {} must be {}, not {}.", what, wanted, json::describe(value.kind)));
}

Status read(const json::Value& value, std::string_view what, Uint256& out) {
    if (!value.is(json::Kind::kNumber) && !value.is(json::Kind::kString)) return wrong_kind(what, "a number", value);
    if (const auto small = small_number(value.text)) {
        out = *small;
        return {};
    }
    const auto number = parse_uint256(value.text, what);
    if (!number) return fail(number);
    out = *number;
    return {};
}

Status read(const json::Value& value, std::string_view what, std::uint64_t& out) {
    Uint256 number;
    if (auto done = read(value, what, number); !done) return done;
    if (number > std::numeric_limits<std::uint64_t>::max())
        return refuse(fmt::format("The {} is larger than 2^64 - 1.", what));
    out = static_cast<std::uint64_t>(number);
    return {};
}

Status read(const json::Value& value, std::string_view what, Address& out) {
    if (!value.is(json::Kind::kString)) return wrong_kind(what, "an address", value);
    const auto address = parse_address(value.text, what);
    if (!address) return fail(address);
    out = *address;
    return {};
}

Status read(const json::Value& value, std::string_view what, Bytes& out) {
    if (auto text = check_hex_text(value, what); !text) return text;
    auto bytes = from_hex(value.text, what);
    if (!bytes) return fail(bytes);
    out = std::move(*bytes);
    return {};
}

Status read(const json::Value& value, std::string_view what, Hash32& out) {
    if (auto text = check_hex_text(value, what); !text) return text;
    return from_hex_into(value.text, out, what);
}

Status read(const json::Value& value, std::string_view what, AccessListItem& out) {
    return read_members(value, what, Member{"address", out.address}, Member{"storageKeys", out.storage_keys});
}

Status read(const json::Value& value, std::string_view what, Authorization& out) {
    Uint256 r;
    Uint256 s;
    std::uint64_t y_parity = 0;
    auto done = read_members(value, what, Member{"chainId", out.chain_id}, Member{"address", out.address},
                             Member{"nonce", out.nonce}, Member{"yParity", y_parity}, Member{"r", r}, Member{"s", s});
    if (!done) return done;
    if (auto signature = check_signature(r, s, y_parity, what); !signature) return signature;
    if (out.chain_id > max_chain_id()) return refuse(fmt::format("The {}.chainId is out of range.", what));
    if (out.nonce > kMaxNonce) return refuse(fmt::format("The {}.nonce must be below 2^64 - 1 (EIP-2681).", what));
    out.signature = {to_be32(r), to_be32(s), static_cast<std::uint8_t>(y_parity)};
    return {};
}

}  // namespace keydeck::ethereum::json_values
