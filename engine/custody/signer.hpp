// One signature, checked before it leaves.
#pragma once

#include "engine/base/bytes.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/custody/open_wallets.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::custody {

/// Signs a digest with an opened wallet: by its key in locked memory, or by the KMS. The answer has low s, its recovery id
/// was found by recovering the public key, and that key's address is the wallet's. Errors: corrupt when the KMS answered
/// with anything else (never a signature then); the KMS's own.
[[nodiscard]] Result<crypto::RecoverableSignature> sign_digest(kms::Kms& kms, const OpenedWallet& wallet,
                                                               const Hash32& digest);

}  // namespace keydeck::custody
