#include "engine/kms/signature.hpp"

#include <algorithm>

#include "engine/kms/der.hpp"

namespace keydeck::kms {
namespace {

// SEC 2, section 2.4.1: the order n of secp256k1.
constexpr FixedBytes<32> kOrder = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48,
                                   0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41};

// AlgorithmIdentifier content: id-ecPublicKey 1.2.840.10045.2.1, secp256k1 1.3.132.0.10 (RFC 5480).
constexpr FixedBytes<9> kEcPublicKeyOid = {0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr FixedBytes<7> kSecp256k1Oid = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A};

// SubjectPublicKeyInfo up to the point's X (RFC 5480); 88 bytes in all.
constexpr FixedBytes<24> kPublicKeyInfoPrefix = {0x30, 0x56, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
                                                 0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A, 0x03, 0x42, 0x00, 0x04};

// PrivateKeyInfo (RFC 5208) around ECPrivateKey (RFC 5915) without parameters, up to the 32 bytes of the key, and from there
// to the point's X; 135 bytes in all. OpenSSL writes the same.
constexpr FixedBytes<33> kPkcs8Prefix = {0x30, 0x81, 0x84, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2A,
                                         0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B, 0x81, 0x04,
                                         0x00, 0x0A, 0x04, 0x6D, 0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20};
constexpr FixedBytes<6> kPkcs8Middle = {0xA1, 0x44, 0x03, 0x42, 0x00, 0x04};

std::unexpected<Error> damaged(const char* sentence) { return fail(ErrorCode::kCorrupt, sentence); }

bool is_algorithm_secp256k1(ByteView algorithm) {
    return algorithm.size() == kEcPublicKeyOid.size() + kSecp256k1Oid.size() &&
           std::ranges::equal(algorithm.first(kEcPublicKeyOid.size()), kEcPublicKeyOid) &&
           std::ranges::equal(algorithm.subspan(kEcPublicKeyOid.size()), kSecp256k1Oid);
}

// A BIT STRING that holds whole bytes, here a point.
Result<crypto::PublicKey> point_of_bit_string(ByteView bits) {
    if (bits.empty() || bits[0] != 0) return damaged("The public key is not a string of whole bytes.");
    const ByteView point = bits.subspan(1);
    // 64 bytes without a prefix are no encoding of X.509, though parse_public_key() knows them.
    if (point.size() != 33 && point.size() != 65) return damaged("The public key is no point of secp256k1.");
    Result<crypto::PublicKey> key = crypto::parse_public_key(point);
    if (!key) return damaged("The public key is no point of secp256k1.");
    return key;
}

bool read_scalar(der::Reader& reader, FixedBytes<32>& out) {
    const std::optional<ByteView> magnitude = reader.read_unsigned();
    if (!magnitude || magnitude->empty() || magnitude->size() > out.size()) return false;
    std::ranges::copy(*magnitude, out.end() - static_cast<std::ptrdiff_t>(magnitude->size()));
    return out < kOrder;
}

// ECPrivateKey's optional tail: the curve again, and the public key.
Status check_private_key_tail(der::Reader& reader, ByteView private_key) {
    if (reader.next_is(der::kContext0)) {
        const std::optional<ByteView> parameters = reader.read(der::kContext0);
        if (!parameters || !std::ranges::equal(*parameters, kSecp256k1Oid)) {
            return damaged("The private key is not on secp256k1.");
        }
    }
    if (reader.next_is(der::kContext1)) {
        const std::optional<ByteView> tagged = reader.read(der::kContext1);
        if (!tagged) return damaged("The private key's DER is malformed.");
        der::Reader inner(*tagged);
        const std::optional<ByteView> bits = inner.read(der::kBitString);
        if (!bits || !inner.done()) return damaged("The private key's DER is malformed.");
        const Result<crypto::PublicKey> stated = point_of_bit_string(*bits);
        if (!stated) return fail(stated);
        const Result<crypto::PublicKey> derived = crypto::public_key_of(private_key);
        if (!derived || *derived != *stated) return damaged("The private key does not belong to the public key beside it.");
    }
    if (!reader.done()) return damaged("There is something after the private key.");
    return {};
}

Result<SecretBytes> parse_ec_private_key(ByteView der) {
    der::Reader outer(der);
    const std::optional<ByteView> sequence = outer.read(der::kSequence);
    if (!sequence || !outer.done()) return damaged("The private key's DER is malformed.");
    der::Reader reader(*sequence);
    const std::optional<ByteView> version = reader.read_unsigned();
    const std::optional<ByteView> octets = version ? reader.read(der::kOctetString) : std::nullopt;
    if (!octets || version->size() != 1 || (*version)[0] != 1) return damaged("The private key's DER is malformed.");
    // RFC 5915 wants 32 bytes; some encoders drop leading zeros.
    if (octets->empty() || octets->size() > crypto::kPrivateKeySize) return damaged("The private key has a wrong length.");
    SecretBytes key(crypto::kPrivateKeySize);
    std::ranges::copy(*octets, key.data() + (crypto::kPrivateKeySize - octets->size()));
    if (!crypto::is_private_key(key.view())) return damaged("The private key is zero or not below the curve's order.");
    if (Status tail = check_private_key_tail(reader, key.view()); !tail) return fail(tail);
    return key;
}

}  // namespace

Result<crypto::Signature> parse_der_signature(ByteView der) {
    der::Reader outer(der);
    const std::optional<ByteView> sequence = outer.read(der::kSequence);
    if (!sequence || !outer.done()) return damaged("The signature is not a DER ECDSA signature.");
    der::Reader reader(*sequence);
    crypto::Signature signature;
    if (!read_scalar(reader, signature.r)) return damaged("The signature's r is malformed or out of range.");
    if (!read_scalar(reader, signature.s)) return damaged("The signature's s is malformed or out of range.");
    if (!reader.done()) return damaged("There is something after the signature's s.");
    return signature;
}

Bytes to_der_signature(const crypto::Signature& signature) {
    Bytes numbers;
    numbers.reserve(70);
    der::append_unsigned(numbers, signature.r);
    der::append_unsigned(numbers, signature.s);
    Bytes out;
    out.reserve(72);
    der::append_short(out, der::kSequence, numbers);
    return out;
}

Result<crypto::PublicKey> parse_public_key_info(ByteView der) {
    der::Reader outer(der);
    const std::optional<ByteView> sequence = outer.read(der::kSequence);
    if (!sequence || !outer.done()) return damaged("The public key is not a DER SubjectPublicKeyInfo.");
    der::Reader reader(*sequence);
    const std::optional<ByteView> algorithm = reader.read(der::kSequence);
    if (!algorithm) return damaged("The public key is not a DER SubjectPublicKeyInfo.");
    if (!is_algorithm_secp256k1(*algorithm)) return damaged("The public key is not on secp256k1.");
    const std::optional<ByteView> bits = reader.read(der::kBitString);
    if (!bits || !reader.done()) return damaged("The public key is not a DER SubjectPublicKeyInfo.");
    return point_of_bit_string(*bits);
}

Bytes to_public_key_info(const crypto::PublicKey& key) {
    Bytes out(kPublicKeyInfoPrefix.begin(), kPublicKeyInfoPrefix.end());
    append(out, key.xy);
    return out;
}

Result<SecretBytes> parse_pkcs8_private_key(ByteView der) {
    der::Reader outer(der);
    const std::optional<ByteView> sequence = outer.read(der::kSequence);
    if (!sequence || !outer.done()) return damaged("The private key is not a DER PrivateKeyInfo.");
    der::Reader reader(*sequence);
    const std::optional<ByteView> version = reader.read_unsigned();
    const std::optional<ByteView> algorithm = version ? reader.read(der::kSequence) : std::nullopt;
    const std::optional<ByteView> octets = algorithm ? reader.read(der::kOctetString) : std::nullopt;
    if (!octets || !version->empty()) return damaged("The private key is not a DER PrivateKeyInfo.");
    if (!is_algorithm_secp256k1(*algorithm)) return damaged("The private key is not on secp256k1.");
    if (!reader.done()) return damaged("There is something after the private key.");
    return parse_ec_private_key(*octets);
}

SecretBytes to_pkcs8_private_key(ByteView private_key, const crypto::PublicKey& public_key) {
    SecretBytes out(kPkcs8Prefix.size() + private_key.size() + kPkcs8Middle.size() + public_key.xy.size());
    auto* to = std::ranges::copy(kPkcs8Prefix, out.data()).out;
    to = std::ranges::copy(private_key, to).out;
    to = std::ranges::copy(kPkcs8Middle, to).out;
    std::ranges::copy(public_key.xy, to);
    return out;
}

Result<crypto::RecoverableSignature> to_recoverable(const crypto::Signature& signature, const Hash32& digest,
                                                    const crypto::PublicKey& key) {
    const crypto::Signature low = crypto::with_low_s(signature);
    for (std::uint8_t recovery_id = 0; recovery_id < 4; ++recovery_id) {
        const crypto::RecoverableSignature candidate{low.r, low.s, recovery_id};
        const Result<crypto::PublicKey> recovered = crypto::recover(digest, candidate);
        if (recovered && *recovered == key) return candidate;
    }
    return damaged("The signature is not the key's over this digest.");
}

}  // namespace keydeck::kms
