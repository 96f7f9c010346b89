// The sealed envelope: how a wallet's key lies in the database, and the only way it opens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::custody {

/// Where a ciphertext belongs. Each field is bound into it, so that it opens nowhere else.
struct EnvelopePlace {
    std::string_view vault_id;
    std::int64_t wallet_id = 0;
    std::int64_t user_id = 0;
    ethereum::Address address;
};

/// What an envelope holds: what a signature needs (so that it costs no PBKDF2) and what an export needs.
struct WalletSecret {
    SecretBytes private_key;  ///< 32 bytes
    SecretBytes entropy;      ///< BIP-39 entropy; empty for a bare private key
    std::string path;         ///< derivation path; empty for a bare private key
};

struct SealedWallet {
    Bytes sealed;       ///< AES-256-GCM under the data key: nonce ‖ ciphertext ‖ tag
    Bytes wrapped_dek;  ///< the data key, encrypted under the pool key
};

/// Vault, wallet, user and what the ciphertext is for; the address is not in it.
[[nodiscard]] kms::EncryptionContext sealing_context(const EnvelopePlace& place, std::string_view purpose);

/// Error: corrupt, in the words of whoever has a sealed wallet that is not what it should be.
[[nodiscard]] std::unexpected<Error> does_not_open(const EnvelopePlace& place, std::string kms_error = {});

/// Whether an error says that what is Keydeck's own of a sealed wallet did not open: the KMS had no part in it.
[[nodiscard]] bool is_broken_seal(const Error& error);

/// The context the KMS binds to a wallet's data key: vault, wallet, user, purpose. Ids only.
[[nodiscard]] kms::EncryptionContext envelope_context(const EnvelopePlace& place);

/// Seals a wallet's secret under a fresh data key from `pool_key_id`. Errors: the KMS's.
[[nodiscard]] Result<SealedWallet> seal_wallet(kms::Kms& kms, Random& random, std::string_view pool_key_id,
                                               const EnvelopePlace& place, const WalletSecret& secret);

/// Opens an envelope and derives the address again. Errors: corrupt when it was sealed for another place, was altered, or
/// gives another address or public key; the KMS's where it refuses the key (rejected, not_found, denied, locked).
[[nodiscard]] Result<WalletSecret> open_wallet(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place,
                                               ByteView sealed, ByteView wrapped_dek);

/// Whether an envelope opens, and to the key of its address: open_wallet() without handing anything out.
[[nodiscard]] Status prove_wallet(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place, ByteView sealed,
                                  ByteView wrapped_dek);

}  // namespace keydeck::custody
