#include "engine/custody/signer.hpp"

#include <string>
#include <utility>

#include "engine/ethereum/address.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::custody {
namespace {

std::unexpected<Error> wrong_signature(const OpenedWallet& wallet) {
    const std::string who = wallet.private_key.empty() ? "The KMS" : "The opened key";
    return fail(ErrorCode::kCorrupt, who + " answered with a signature that is not the wallet's; nothing was signed.",
                "Wallet " + ethereum::to_checksum(wallet.address) + ", key " + wallet.key_id +
                    ": do not use it until this is understood.");
}

Result<crypto::RecoverableSignature> sign_with_kms(kms::Kms& kms, const OpenedWallet& wallet, const Hash32& digest) {
    const Result<kms::SignResult> answer = kms.sign(wallet.key_id, digest, kms::MessageType::kDigest);
    if (!answer) return fail(answer);
    const Result<crypto::Signature> signature = kms::parse_der_signature(answer->signature);
    if (!signature) return wrong_signature(wallet);
    Result<crypto::RecoverableSignature> recoverable = kms::to_recoverable(*signature, digest, wallet.public_key);
    if (!recoverable) return wrong_signature(wallet);
    return recoverable;
}

/// The last gate, for every custody: low s, and the address that anybody will recover from it.
bool is_the_wallets(const OpenedWallet& wallet, const Hash32& digest, const crypto::RecoverableSignature& signature) {
    if (signature.recovery_id > 1 || crypto::has_high_s({signature.r, signature.s})) return false;
    const Result<crypto::PublicKey> signer = crypto::recover(digest, signature);
    return signer && ethereum::address_of(*signer) == wallet.address;
}

}  // namespace

Result<crypto::RecoverableSignature> sign_digest(kms::Kms& kms, const OpenedWallet& wallet, const Hash32& digest) {
    Result<crypto::RecoverableSignature> signature =
        wallet.private_key.empty() ? sign_with_kms(kms, wallet, digest) : crypto::sign(wallet.private_key.view(), digest);
    if (!signature) return signature;
    if (!is_the_wallets(wallet, digest, *signature)) return wrong_signature(wallet);
    return signature;
}

}  // namespace keydeck::custody
