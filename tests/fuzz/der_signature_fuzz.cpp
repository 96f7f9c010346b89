// ECDSA-Sig-Value: one spelling only, and numbers within the curve's order.
#include <cstdlib>

#include "engine/kms/signature.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const ByteView bytes(data, size);
    const auto signature = kms::parse_der_signature(bytes);
    if (signature && kms::to_der_signature(*signature) != to_bytes(bytes)) std::abort();
    if (!signature && signature.error().code != ErrorCode::kCorrupt) std::abort();
    return 0;
}
