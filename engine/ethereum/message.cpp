#include "engine/ethereum/message.hpp"

#include <algorithm>
#include <string>

#include "engine/crypto/hash.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::string_view kPrefix =
    "\x19"
    "Ethereum Signed Message:\n";
constexpr std::size_t kSignatureSize = 65;
constexpr std::size_t kCompactSize = 64;  // https://eips.ethereum.org/EIPS/eip-2098

}  // namespace

Hash32 message_hash(ByteView message) {
    crypto::Keccak256 hash;
    hash.update(as_bytes(kPrefix));
    hash.update(as_bytes(std::to_string(message.size())));
    hash.update(message);
    return hash.finish();
}

FixedBytes<65> to_signature_bytes(const crypto::RecoverableSignature& signature) {
    FixedBytes<kSignatureSize> out;
    auto end = std::ranges::copy(signature.r, out.begin()).out;
    end = std::ranges::copy(signature.s, end).out;
    *end = static_cast<std::uint8_t>(27 + signature.recovery_id);
    return out;
}

Result<crypto::RecoverableSignature> parse_signature_bytes(ByteView bytes) {
    if (bytes.size() != kSignatureSize && bytes.size() != kCompactSize)
        return fail(ErrorCode::kInvalidInput,
                    "The signature has " + std::to_string(bytes.size()) + " bytes instead of 65 (or 64 in compact form).");
    crypto::RecoverableSignature signature;
    std::ranges::copy(bytes.first(32), signature.r.begin());
    std::ranges::copy(bytes.subspan(32, 32), signature.s.begin());
    if (bytes.size() == kCompactSize) {
        signature.recovery_id = signature.s[0] >> 7U;
        signature.s[0] &= 0x7FU;
    } else {
        const std::uint8_t v = bytes[64];
        if (v != 0 && v != 1 && v != 27 && v != 28)
            return fail(ErrorCode::kInvalidInput,
                        "The signature's v is " + std::to_string(v) + "; it must be 27 or 28 (or 0 or 1).");
        signature.recovery_id = v >= 27 ? static_cast<std::uint8_t>(v - 27) : v;
    }
    if (crypto::has_high_s({signature.r, signature.s}))
        return fail(ErrorCode::kInvalidInput, "The signature's s is in the upper half of its range, which EIP-2 forbids.");
    return signature;
}

}  // namespace keydeck::ethereum
