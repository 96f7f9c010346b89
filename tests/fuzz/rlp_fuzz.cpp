// RLP has one encoding for each value: what is read is written back the same.
#include <cstdint>
#include <cstdlib>

#include "engine/ethereum/rlp.hpp"

namespace {

using namespace keydeck;

void write(Bytes& out, const ethereum::rlp::Item& item) {
    if (!item.is_list) return ethereum::rlp::append_bytes(out, item.bytes);
    Bytes payload;
    for (const auto& child : item.items) write(payload, child);
    append(out, ethereum::rlp::list(payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto item = ethereum::rlp::decode(input);
    if (!item) return 0;
    Bytes out;
    write(out, *item);
    if (out != to_bytes(input)) std::abort();
    if (const auto number = ethereum::rlp::to_uint256(*item, "number")) {
        Bytes again;
        ethereum::rlp::append_integer(again, *number);
        if (again != out || again.size() != ethereum::rlp::integer_size(*number)) std::abort();
    }
    return 0;
}
