// Transaction JSON that is accepted, signed and written is read back with the same digest and by the right sender.
#include <cstdint>
#include <cstdlib>

#include "engine/ethereum/transaction.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const auto request = ethereum::parse_transaction_json(as_text({data, size}));
    if (!request) {
        if (request.error().code != ErrorCode::kInvalidInput || request.error().message.empty()) std::abort();
        return 0;
    }
    static const Bytes kKey(32, 0x46);
    static const ethereum::Address kSender = ethereum::address_of(*crypto::public_key_of(kKey));
    const Hash32 digest = ethereum::signing_hash(request->transaction);
    const auto signature = crypto::sign(kKey, digest);
    if (!signature) std::abort();
    const auto decoded = ethereum::decode_transaction(ethereum::serialize_signed(request->transaction, *signature));
    if (!decoded || decoded->sender != kSender || ethereum::signing_hash(decoded->transaction) != digest) std::abort();
    static_cast<void>(ethereum::highest_cost(request->transaction));
    return 0;
}
