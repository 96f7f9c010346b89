#include "engine/custody/key_pair.hpp"

#include <utility>

#include "engine/kms/signature.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kPurpose = "wallet-key-pair";

}  // namespace

kms::EncryptionContext key_pair_context(const EnvelopePlace& place) { return sealing_context(place, kPurpose); }

Result<MadeKeyPair> make_key_pair(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place) {
    Result<kms::DataKeyPair> pair = kms.generate_data_key_pair_without_plaintext(pool_key_id, key_pair_context(place));
    if (!pair) return fail(pair);
    const Result<crypto::PublicKey> public_key = kms::parse_public_key_info(pair->public_key);
    if (!public_key || pair->private_key_ciphertext.empty()) {
        return fail(ErrorCode::kCorrupt, "The KMS answered with a key pair that is none of secp256k1.");
    }
    MadeKeyPair made{*public_key, ethereum::address_of(*public_key), std::move(pair->private_key_ciphertext)};
    // Opened once before anybody is told the address: money sent to a wallet that does not open would be lost.
    EnvelopePlace there = place;
    there.address = made.address;
    const Result<SecretBytes> opened = open_key_pair(kms, pool_key_id, there, *public_key, made.private_key_ciphertext);
    if (opened) return made;
    if (opened.error().code != ErrorCode::kCorrupt) return fail(opened);
    return fail(ErrorCode::kCorrupt, "The KMS answered with a key pair whose private key does not open, or is another's.");
}

Result<SecretBytes> open_key_pair(kms::Kms& kms, std::string_view key_id, const EnvelopePlace& place,
                                  const crypto::PublicKey& public_key, ByteView ciphertext) {
    if (ciphertext.empty()) return does_not_open(place);
    const Result<kms::DecryptResult> der = kms.decrypt(key_id, ciphertext, key_pair_context(place));
    if (!der) {
        if (der.error().code == ErrorCode::kCorrupt) return does_not_open(place, der.error().kms_error);
        return fail(der);
    }
    Result<SecretBytes> private_key = kms::parse_pkcs8_private_key(der->plaintext.view());
    if (!private_key) return does_not_open(place);
    const Result<crypto::PublicKey> derived = crypto::public_key_of(private_key->view());
    if (!derived || *derived != public_key || ethereum::address_of(*derived) != place.address) return does_not_open(place);
    return private_key;
}

}  // namespace keydeck::custody
