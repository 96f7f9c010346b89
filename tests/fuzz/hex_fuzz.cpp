// The short text formats: what is read is written again and read as the same.
#include <cstdlib>

#include "engine/base/base64.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/base/uint256.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const ByteView bytes(data, size);
    const std::string_view text = as_text(bytes);
    require(from_hex(to_hex(bytes), "data").value() == to_bytes(bytes));
    require(from_base64(to_base64(bytes), "data").value() == to_bytes(bytes));
    if (const auto read = from_hex(text, "data")) {
        const bool prefixed = text.starts_with("0x") || text.starts_with("0X");
        require(to_hex(*read) == ascii_lower(text.substr(prefixed ? 2 : 0)));
    }
    if (const auto read = from_base64(text, "data")) require(to_base64(*read) == text);
    if (const auto read = parse_uint256(text, "number")) {
        require(parse_uint256(to_decimal(*read), "number").value() == *read);
        require(from_be(to_be32(*read)) == *read);
    }
    if (const auto read = from_rfc3339(text)) require(from_rfc3339(to_rfc3339(*read)).value() == *read);
    FixedBytes<4> four;
    if (from_hex_into(text, four, "data")) require(from_hex(text, "data").value() == to_bytes(four));
    static_cast<void>(is_utf8(text));
    static_cast<void>(trimmed(text));
    return 0;
}
