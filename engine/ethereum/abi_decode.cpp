#include <algorithm>
#include <limits>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/ethereum/abi.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum::abi {
namespace {

constexpr std::size_t kWord = 32;

bool is_dynamic(const Type& type) {
    if (type.kind == Kind::kBytes || type.kind == Kind::kString || type.kind == Kind::kArray) return true;
    return type.kind == Kind::kTuple && std::ranges::any_of(type.parts, is_dynamic);
}

// Bytes that a value takes among its siblings: itself, or its offset.
std::size_t head_size(const Type& type) {
    if (type.kind != Kind::kTuple || is_dynamic(type)) return kWord;
    std::size_t size = 0;
    for (const Type& part : type.parts) size += head_size(part);
    return size;
}

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// A length or offset, which must fit the data anyway.
std::optional<std::size_t> to_size(ByteView word) {
    if (!all_zero(word.first(kWord - sizeof(std::uint32_t)))) return std::nullopt;
    std::size_t value = 0;
    for (const std::uint8_t byte : word.last(sizeof(std::uint32_t))) value = value << 8U | byte;
    return value;
}

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

// Two's complement; the word's sign bytes are already known to agree.
std::string signed_text(const Uint256& number, bool negative) {
    if (!negative) return to_decimal(number);
    return "-" + to_decimal(std::numeric_limits<Uint256>::max() - number + 1);
}

class Decoder {
public:
    // `frame` begins where offsets count from; gives the bytes used, heads and tails together.
    std::optional<std::size_t> tuple(const std::vector<Type>& parts, ByteView frame, const std::string& path) {
        std::size_t tail = 0;
        for (const Type& part : parts) tail += head_size(part);
        if (tail > frame.size()) return std::nullopt;
        std::size_t head = 0;
        for (const Type& part : parts) {
            const auto used = value(part, frame, head, tail, join(path, part.name));
            if (!used) return std::nullopt;
            tail += *used;
            head += head_size(part);
        }
        return tail;
    }

    std::vector<Leaf> take() { return std::move(leaves_); }

private:
    // One value whose head stands at `head`; its tail, if any, must begin at `tail`. Gives the tail's length.
    std::optional<std::size_t> value(const Type& type, ByteView frame, std::size_t head, std::size_t tail,
                                     const std::string& path) {
        if (!is_dynamic(type)) {
            const ByteView bytes = frame.subspan(head, head_size(type));
            const bool fits =
                type.kind == Kind::kTuple ? tuple(type.parts, bytes, path).has_value() : atom(type, bytes, path);
            return fits ? std::optional<std::size_t>(0) : std::nullopt;
        }
        if (to_size(frame.subspan(head, kWord)) != tail || tail > frame.size()) return std::nullopt;
        const ByteView content = frame.subspan(tail);
        if (type.kind == Kind::kTuple) return tuple(type.parts, content, path);
        if (content.size() < kWord) return std::nullopt;
        const auto length = to_size(content.first(kWord));
        if (!length) return std::nullopt;
        const auto used = type.kind == Kind::kArray ? array(type.parts.front(), *length, content.subspan(kWord), path)
                                                    : bytes(type, *length, content.subspan(kWord), path);
        if (!used) return std::nullopt;
        return kWord + *used;
    }

    std::optional<std::size_t> array(const Type& element, std::size_t length, ByteView frame, const std::string& path) {
        if (length > frame.size() / head_size(element)) return std::nullopt;
        if (length == 0) leaves_.push_back({.name = path, .kind = Kind::kArray, .text = "[]", .number = 0, .bytes = {}});
        std::size_t head = 0;
        std::size_t tail = length * head_size(element);
        for (std::size_t i = 0; i < length; ++i) {
            const auto used = value(element, frame, head, tail, path + "[" + std::to_string(i) + "]");
            if (!used) return std::nullopt;
            tail += *used;
            head += head_size(element);
        }
        return tail;
    }

    std::optional<std::size_t> bytes(const Type& type, std::size_t length, ByteView frame, const std::string& path) {
        const std::size_t padded = (length + kWord - 1) / kWord * kWord;
        if (padded > frame.size() || !all_zero(frame.subspan(length, padded - length))) return std::nullopt;
        const ByteView content = frame.first(length);
        const bool is_text = type.kind == Kind::kString;
        if (is_text && !is_utf8(as_text(content))) return std::nullopt;
        std::string text = is_text ? std::string(as_text(content)) : to_hex_0x(content);
        leaves_.push_back({.name = path, .kind = type.kind, .text = std::move(text), .number = 0, .bytes = content});
        return padded;
    }

    bool atom(const Type& type, ByteView word, const std::string& path) {
        Leaf leaf{.name = path, .kind = type.kind, .text = {}, .number = from_be(word), .bytes = {}};
        if (type.kind == Kind::kFixedBytes) {
            if (!all_zero(word.subspan(type.size))) return false;
            leaf.text = to_hex_0x(word.first(type.size));
        } else if (type.kind == Kind::kInt) {
            const bool negative = (word.front() & 0x80U) != 0;
            const Uint256 magnitude = negative ? Uint256(~leaf.number) : leaf.number;
            if ((magnitude >> (type.size - 1)) != 0) return false;
            leaf.text = signed_text(leaf.number, negative);
        } else {
            if (type.size < 256 && (leaf.number >> type.size) != 0) return false;
            leaf.text = unsigned_text(type.kind, leaf.number, word);
        }
        leaves_.push_back(std::move(leaf));
        return true;
    }

    static std::string unsigned_text(Kind kind, const Uint256& number, ByteView word) {
        if (kind == Kind::kBool) return number == 0 ? "false" : "true";
        if (kind != Kind::kAddress) return to_decimal(number);
        Address address;
        std::ranges::copy(word.last(address.bytes.size()), address.bytes.begin());
        return to_checksum(address);
    }

    std::vector<Leaf> leaves_;
};

}  // namespace

std::optional<std::vector<Leaf>> decode(const std::vector<Type>& parameters, ByteView data) {
    Decoder decoder;
    if (decoder.tuple(parameters, data, "") != data.size()) return std::nullopt;
    return decoder.take();
}

}  // namespace keydeck::ethereum::abi
