#include "engine/crypto/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>

#include "engine/base/random.hpp"
#include "engine/crypto/must.hpp"
#include "engine/crypto/nonce.hpp"

namespace keydeck::crypto {
namespace {

/// n / 2, big-endian (SEC 2, 2.4.1).
constexpr FixedBytes<32> kHalfOrder = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                       0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

const secp256k1_context* make_context() {
    secp256k1_context* made = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    must(made != nullptr, "making the secp256k1 context");
    auto seed = SystemRandom().bytes<32>();
    const WipeOnExit guard(seed);
    // Blinds the multiplication with private keys against timing and power measurement.
    must(secp256k1_context_randomize(made, seed.data()) == 1, "randomizing the secp256k1 context");
    return made;
}

/// One for the process, never freed: other threads may still sign while static objects are destroyed.
const secp256k1_context* context() {
    static const secp256k1_context* const made = make_context();
    return made;
}

std::unexpected<Error> bad_private_key() {
    return fail(ErrorCode::kInvalidInput, "The private key is not 32 bytes from 1 to n - 1 of secp256k1.");
}

std::unexpected<Error> bad_public_key() {
    return fail(ErrorCode::kInvalidInput, "The public key is no point of secp256k1.");
}

PublicKey to_public_key(const secp256k1_pubkey& point) {
    FixedBytes<65> raw;
    std::size_t size = raw.size();
    secp256k1_ec_pubkey_serialize(context(), raw.data(), &size, &point, SECP256K1_EC_UNCOMPRESSED);
    PublicKey key;
    std::copy(raw.begin() + 1, raw.end(), key.xy.begin());
    return key;
}

bool to_point(ByteView encoded, secp256k1_pubkey& point) {
    return secp256k1_ec_pubkey_parse(context(), &point, encoded.data(), encoded.size()) == 1;
}

bool to_point(const PublicKey& key, secp256k1_pubkey& point) {
    FixedBytes<65> raw;
    raw[0] = 0x04;
    std::ranges::copy(key.xy, raw.begin() + 1);
    return to_point(raw, point);
}

FixedBytes<64> compact(const FixedBytes<32>& r, const FixedBytes<32>& s) {
    FixedBytes<64> raw;
    std::ranges::copy(r, raw.begin());
    std::ranges::copy(s, raw.begin() + 32);
    return raw;
}

bool is_zero(const FixedBytes<32>& number) {
    return std::ranges::all_of(number, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

bool is_private_key(ByteView key) {
    return key.size() == kPrivateKeySize && secp256k1_ec_seckey_verify(context(), key.data()) == 1;
}

Result<PublicKey> public_key_of(ByteView private_key) {
    secp256k1_pubkey point;
    if (private_key.size() != kPrivateKeySize || secp256k1_ec_pubkey_create(context(), &point, private_key.data()) != 1) {
        return bad_private_key();
    }
    return to_public_key(point);
}

Result<RecoverableSignature> sign(ByteView private_key, const Hash32& digest) {
    if (private_key.size() != kPrivateKeySize) return bad_private_key();
    secp256k1_ecdsa_recoverable_signature made;
    if (secp256k1_ecdsa_sign_recoverable(context(), &made, digest.data(), private_key.data(), nonce_rfc6979, nullptr) != 1) {
        return bad_private_key();
    }
    FixedBytes<64> raw;
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), raw.data(), &recovery_id, &made);
    RecoverableSignature signature;
    std::copy_n(raw.begin(), 32, signature.r.begin());
    std::copy_n(raw.begin() + 32, 32, signature.s.begin());
    signature.recovery_id = static_cast<std::uint8_t>(recovery_id);
    return signature;
}

Result<PublicKey> recover(const Hash32& digest, const RecoverableSignature& signature) {
    if (signature.recovery_id > 3) return fail(ErrorCode::kInvalidInput, "The recovery id of the signature is over 3.");
    secp256k1_ecdsa_recoverable_signature parsed;
    const FixedBytes<64> raw = compact(signature.r, signature.s);
    if (is_zero(signature.r) || is_zero(signature.s) ||
        secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, raw.data(), signature.recovery_id) != 1) {
        return fail(ErrorCode::kInvalidInput, "The signature's r and s must be from 1 to n - 1 of secp256k1.");
    }
    secp256k1_pubkey point;
    if (secp256k1_ecdsa_recover(context(), &point, &parsed, digest.data()) != 1) {
        return fail(ErrorCode::kCorrupt, "No public key can have made this signature.");
    }
    return to_public_key(point);
}

bool verify(const PublicKey& key, const Hash32& digest, const Signature& signature) {
    secp256k1_pubkey point;
    secp256k1_ecdsa_signature parsed;
    const FixedBytes<64> raw = compact(signature.r, signature.s);
    if (!to_point(key, point) || secp256k1_ecdsa_signature_parse_compact(context(), &parsed, raw.data()) != 1) return false;
    secp256k1_ecdsa_signature_normalize(context(), &parsed, &parsed);  // the library refuses high s
    return secp256k1_ecdsa_verify(context(), &parsed, digest.data(), &point) == 1;
}

bool has_high_s(const Signature& signature) { return signature.s > kHalfOrder; }

Signature with_low_s(const Signature& signature) {
    secp256k1_ecdsa_signature parsed;
    FixedBytes<64> raw = compact(signature.r, signature.s);
    if (secp256k1_ecdsa_signature_parse_compact(context(), &parsed, raw.data()) != 1)
        return signature;  // no signature anyway
    secp256k1_ecdsa_signature_normalize(context(), &parsed, &parsed);
    secp256k1_ecdsa_signature_serialize_compact(context(), raw.data(), &parsed);
    Signature low;
    std::copy_n(raw.begin(), 32, low.r.begin());
    std::copy_n(raw.begin() + 32, 32, low.s.begin());
    return low;
}

FixedBytes<33> compress(const PublicKey& key) {
    FixedBytes<33> out;
    out[0] = static_cast<std::uint8_t>(0x02 | (key.xy[63] & 1));
    std::copy_n(key.xy.begin(), 32, out.begin() + 1);
    return out;
}

Result<PublicKey> parse_public_key(ByteView bytes) {
    secp256k1_pubkey point;
    if (bytes.size() == 64) {
        PublicKey key;
        std::ranges::copy(bytes, key.xy.begin());
        if (!to_point(key, point)) return bad_public_key();
        return key;
    }
    const bool compressed = bytes.size() == 33 && (bytes[0] == 0x02 || bytes[0] == 0x03);
    const bool uncompressed = bytes.size() == 65 && bytes[0] == 0x04;  // not the hybrid forms 0x06 and 0x07
    if ((!compressed && !uncompressed) || !to_point(bytes, point)) return bad_public_key();
    return to_public_key(point);
}

Result<SecretBytes> add_to_private_key(ByteView private_key, ByteView tweak) {
    if (private_key.size() != kPrivateKeySize) return bad_private_key();
    SecretBytes sum = SecretBytes::copy_of(private_key);
    if (tweak.size() != 32 || secp256k1_ec_seckey_tweak_add(context(), sum.data(), tweak.data()) != 1) {
        return fail(ErrorCode::kInvalidInput, "The private key and the tweak do not add up to a private key.");
    }
    return sum;
}

Result<PublicKey> add_to_public_key(const PublicKey& key, ByteView tweak) {
    secp256k1_pubkey point;
    if (!to_point(key, point)) return bad_public_key();
    if (tweak.size() != 32 || secp256k1_ec_pubkey_tweak_add(context(), &point, tweak.data()) != 1) {
        return fail(ErrorCode::kInvalidInput, "The public key and the tweak do not add up to a public key.");
    }
    return to_public_key(point);
}

}  // namespace keydeck::crypto
