// A raw transaction that is accepted is written back the same (but for a sidecar), with low s and the same sender.
#include <cstdint>
#include <cstdlib>

#include "engine/crypto/hash.hpp"
#include "engine/ethereum/transaction.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const ByteView input(data, size);
    const auto decoded = ethereum::decode_transaction(input);
    if (!decoded) return 0;
    const Bytes raw = ethereum::serialize_signed(decoded->transaction, decoded->signature);
    if (crypto::keccak256(raw) != decoded->hash) std::abort();
    if (decoded->transaction.type != ethereum::TransactionType::kBlob && raw != to_bytes(input)) std::abort();
    if (crypto::has_high_s({decoded->signature.r, decoded->signature.s}) || decoded->signature.recovery_id > 1) std::abort();
    const auto again = ethereum::decode_transaction(raw);
    if (!again || again->sender != decoded->sender) std::abort();
    return 0;
}
