#include "engine/ethereum/rlp.hpp"

#include <fmt/format.h>

#include <bit>
#include <limits>

namespace keydeck::ethereum::rlp {
namespace {

// Prefixes (Yellow Paper, appendix B): below 0x80 a byte is itself; then strings and lists, each with lengths to 55 in the
// prefix and longer ones in up to 8 bytes after it.
constexpr std::uint8_t kShortString = 0x80;
constexpr std::uint8_t kLongString = 0xB7;
constexpr std::uint8_t kShortList = 0xC0;
constexpr std::uint8_t kLongList = 0xF7;
constexpr std::size_t kShortLimit = 55;
constexpr unsigned kMaxDepth = 32;

std::size_t byte_length(std::uint64_t value) { return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8; }

std::size_t header_size(std::size_t length) { return length <= kShortLimit ? 1 : 1 + byte_length(length); }

void append_minimal(Bytes& out, std::uint64_t value) {
    for (std::size_t i = byte_length(value); i > 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

void append_header(Bytes& out, std::size_t length, std::uint8_t short_base, std::uint8_t long_base) {
    if (length <= kShortLimit) {
        out.push_back(static_cast<std::uint8_t>(short_base + length));
        return;
    }
    out.push_back(static_cast<std::uint8_t>(long_base + byte_length(length)));
    append_minimal(out, length);
}

bool fits_64_bits(const Uint256& value) { return value <= std::numeric_limits<std::uint64_t>::max(); }

ByteView without_leading_zeros(ByteView bytes) {
    while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
    return bytes;
}

std::unexpected<Error> malformed(std::string_view why) {
    return fail(ErrorCode::kInvalidInput, fmt::format("The RLP {}", why));
}

// A cursor over the input; every read moves it.
class Reader {
public:
    explicit Reader(ByteView rest) : rest_(rest) {}
    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] std::size_t left() const { return rest_.size(); }

    Result<Item> read_item(unsigned depth) {
        if (rest_.empty()) return malformed("ends where an item should begin.");
        const std::uint8_t prefix = rest_.front();
        if (prefix < kShortString) return Item{.is_list = false, .bytes = take(1), .items = {}};
        rest_ = rest_.subspan(1);
        const bool is_list = prefix >= kShortList;
        const auto length =
            is_list ? read_length(prefix, kShortList, kLongList) : read_length(prefix, kShortString, kLongString);
        if (!length) return fail(length);
        if (*length > rest_.size())
            return malformed(fmt::format("is cut short: an item of {} bytes has only {} left.", *length, rest_.size()));
        const ByteView content = take(*length);
        if (is_list) return read_list(content, depth);
        if (content.size() == 1 && content.front() < kShortString)
            return malformed("is not canonical: a single byte below 0x80 stands in long form.");
        return Item{.is_list = false, .bytes = content, .items = {}};
    }

private:
    ByteView take(std::size_t count) {
        const ByteView taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    Result<std::size_t> read_length(std::uint8_t prefix, std::uint8_t short_base, std::uint8_t long_base) {
        if (prefix <= long_base) return static_cast<std::size_t>(prefix - short_base);
        const auto count = static_cast<std::size_t>(prefix - long_base);
        if (count > rest_.size()) return malformed("is cut short within a length.");
        const ByteView digits = take(count);
        if (digits.front() == 0) return malformed("is not canonical: a length has a leading zero.");
        std::uint64_t length = 0;
        for (const std::uint8_t digit : digits) length = length << 8U | digit;
        if (length <= kShortLimit) return malformed("is not canonical: a length to 55 stands in long form.");
        return length;
    }

    static Result<Item> read_list(ByteView content, unsigned depth) {
        if (depth >= kMaxDepth) return malformed(fmt::format("is nested more than {} levels deep.", kMaxDepth));
        Item list{.is_list = true, .bytes = {}, .items = {}};
        Reader reader(content);
        while (!reader.done()) {
            auto item = reader.read_item(depth + 1);
            if (!item) return item;
            list.items.push_back(std::move(*item));
        }
        return list;
    }

    ByteView rest_;
};

// The bytes of an integer item, canonical and of at most `limit` bytes.
Result<ByteView> integer_bytes(const Item& item, std::size_t limit, std::string_view what) {
    const auto refuse = [what](std::string_view why) {
        return fail(ErrorCode::kInvalidInput, fmt::format("The {} {}", what, why));
    };
    if (item.is_list) return refuse("is a list where a number should be.");
    if (item.bytes.size() > limit) return refuse(fmt::format("is larger than 2^{} - 1.", 8 * limit));
    if (!item.bytes.empty() && item.bytes.front() == 0)
        return refuse("has a leading zero byte, which RLP forbids in numbers.");
    return item.bytes;
}

}  // namespace

std::size_t bytes_size(ByteView value) {
    if (value.size() == 1 && value.front() < kShortString) return 1;
    return header_size(value.size()) + value.size();
}

std::size_t integer_size(std::uint64_t value) { return value < kShortString ? 1 : 1 + byte_length(value); }

std::size_t integer_size(const Uint256& value) {
    if (fits_64_bits(value)) return integer_size(static_cast<std::uint64_t>(value));
    return 1 + boost::multiprecision::msb(value) / 8 + 1;
}

void append_bytes(Bytes& out, ByteView value) {
    if (value.size() != 1 || value.front() >= kShortString) append_header(out, value.size(), kShortString, kLongString);
    append(out, value);
}

void append_integer(Bytes& out, std::uint64_t value) {
    if (value != 0 && value < kShortString) {
        out.push_back(static_cast<std::uint8_t>(value));
        return;
    }
    out.push_back(static_cast<std::uint8_t>(kShortString + byte_length(value)));
    append_minimal(out, value);
}

void append_integer(Bytes& out, const Uint256& value) {
    if (fits_64_bits(value)) return append_integer(out, static_cast<std::uint64_t>(value));
    append_bytes(out, without_leading_zeros(to_be32(value)));
}

void append_list_header(Bytes& out, std::size_t payload_size) { append_header(out, payload_size, kShortList, kLongList); }

std::size_t list_size(std::size_t payload_size) { return header_size(payload_size) + payload_size; }

Bytes list(ByteView payload) {
    Bytes out;
    out.reserve(list_size(payload.size()));
    append_list_header(out, payload.size());
    append(out, payload);
    return out;
}

Result<Item> decode(ByteView input) {
    Reader reader(input);
    auto item = reader.read_item(0);
    if (item && !reader.done()) return malformed(fmt::format("has {} bytes after its end.", reader.left()));
    return item;
}

Result<std::uint64_t> to_uint64(const Item& item, std::string_view what) {
    const auto bytes = integer_bytes(item, sizeof(std::uint64_t), what);
    if (!bytes) return fail(bytes);
    std::uint64_t value = 0;
    for (const std::uint8_t byte : *bytes) value = value << 8U | byte;
    return value;
}

Result<Uint256> to_uint256(const Item& item, std::string_view what) {
    const auto bytes = integer_bytes(item, sizeof(Hash32), what);
    if (!bytes) return fail(bytes);
    return from_be(*bytes);
}

}  // namespace keydeck::ethereum::rlp
