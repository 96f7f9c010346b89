// Signing with secp256k1 (ECDSA_SHA_256).
#include <algorithm>

#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;

// RAW is hashed here; DIGEST is signed as it is.
Result<Hash32> digest_of(ByteView message, MessageType type) {
    if (type == MessageType::kRaw) return crypto::sha256(message);
    if (message.size() != kDigestSize) return validation_error("Digest is invalid length for algorithm ECDSA_SHA_256.");
    Hash32 digest;
    std::ranges::copy(message, digest.begin());
    return digest;
}

}  // namespace

Result<PublicKeyResult> LocalKms::get_public_key(std::string_view key_id) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kAccepted);
    if (!key) return fail(key);
    if (Status usable = impl_->check_usable(*key); !usable) return fail(usable);
    if (key->spec != KeySpec::kEccSecgP256k1) {
        return kms_fail("UnsupportedOperationException", impl_->arn_of(*key) + " key spec is " +
                                                             std::string(to_string(key->spec)) +
                                                             " which is not valid for GetPublicKey.");
    }
    const Result<Impl::MaterialPtr> material = impl_->open_current(**lease, *key);
    if (!material) return fail(material);
    return PublicKeyResult{(*material)->public_key_info, impl_->arn_of(*key), key->spec, key->usage};
}

Result<SignResult> LocalKms::sign(std::string_view key_id, ByteView message, MessageType type) {
    if (Status length = check_message(message); !length) return fail(length);
    const Result<Impl::Signer> signer = impl_->signer(key_id, "Sign");
    if (!signer) return fail(signer);
    const Result<Hash32> digest = digest_of(message, type);
    if (!digest) return fail(digest);
    const Result<crypto::RecoverableSignature> made = crypto::sign(signer->material->secret.view(), *digest);
    if (!made) return fail(made);
    return SignResult{to_der_signature({made->r, made->s}), signer->key_arn};
}

Status LocalKms::verify(std::string_view key_id, ByteView message, MessageType type, ByteView signature) {
    const Result<std::string> verified = verify_signature(key_id, message, type, signature);
    return verified ? Status{} : fail(verified);
}

Status LocalKms::refuse_algorithm(std::string_view key_id, std::string_view operation, KeyUsage usage,
                                  std::string_view algorithm) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = impl_->find_usable(**lease, key_id, usage, operation);
    if (!key) return fail(key);
    return incompatible_algorithm(algorithm, to_string(key->spec));
}

Result<std::string> LocalKms::verify_signature(std::string_view key_id, ByteView message, MessageType type,
                                               ByteView signature) {
    if (Status length = check_message(message); !length) return fail(length);
    if (Status length = check_ciphertext(signature, "signature"); !length) return fail(length);
    const Result<Impl::Signer> signer = impl_->signer(key_id, "Verify");
    if (!signer) return fail(signer);
    const Result<Hash32> digest = digest_of(message, type);
    if (!digest) return fail(digest);
    const Result<crypto::Signature> parsed = parse_der_signature(signature);
    if (!parsed || !crypto::verify(*signer->material->public_key, *digest, *parsed)) return invalid_signature();
    return signer->key_arn;
}

Result<LocalKms::Impl::Signer> LocalKms::Impl::signer(std::string_view key_id, std::string_view operation) {
    Result<Lease> lease = begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = find_usable(**lease, key_id, KeyUsage::kSignVerify, operation);
    if (!key) return fail(key);
    Result<MaterialPtr> material = open_current(**lease, *key);
    if (!material) return fail(material);
    return Signer{arn_of(*key), std::move(*material)};
}

}  // namespace keydeck::kms
