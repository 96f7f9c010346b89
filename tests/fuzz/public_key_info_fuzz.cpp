// SubjectPublicKeyInfo: what is read is a point of the curve, written again as the same point.
#include <cstdlib>

#include "engine/kms/signature.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const auto key = kms::parse_public_key_info({data, size});
    if (!key) return key.error().code == ErrorCode::kCorrupt ? 0 : (std::abort(), 0);
    const auto again = kms::parse_public_key_info(kms::to_public_key_info(*key));
    if (!again || *again != *key) std::abort();
    return 0;
}
