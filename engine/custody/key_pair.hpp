// Custody key-pair: the KMS makes the pair and hands the private key out encrypted; it has no data key and no mnemonic.
#pragma once

#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/custody/envelope.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::custody {

/// The context the KMS binds to a wallet's private key: vault, wallet, user, purpose. Ids only. The place's address is not
/// in it: nobody knows it before the pair is made.
[[nodiscard]] kms::EncryptionContext key_pair_context(const EnvelopePlace& place);

/// What a wallet's row keeps of a pair.
struct MadeKeyPair {
    crypto::PublicKey public_key;
    ethereum::Address address;
    Bytes private_key_ciphertext;  ///< the pool key's Encrypt of the PKCS#8 DER
};

/// Has the KMS make a pair under a pool key (GenerateDataKeyPairWithoutPlaintext); the address of `place` is not looked at.
/// It is opened once before anybody is told the address. Errors: corrupt for an answer that does not open, or opens to
/// another key; the KMS's. https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
[[nodiscard]] Result<MadeKeyPair> make_key_pair(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place);

/// Opens the private key, 32 bytes. Errors: corrupt when it was encrypted for another place, was altered, is no PKCS#8 key
/// of secp256k1, or does not belong to the public key and the place's address; the KMS's where it refuses the key (rejected,
/// not_found, denied, locked).
[[nodiscard]] Result<SecretBytes> open_key_pair(kms::Kms& kms, std::string_view key_id, const EnvelopePlace& place,
                                                const crypto::PublicKey& public_key, ByteView ciphertext);

}  // namespace keydeck::custody
