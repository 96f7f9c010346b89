#include "engine/custody/wallet_secret.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "engine/custody/key_pair.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kNothingSigned = "nothing was signed";

EnvelopePlace place_of(const OpenVault& vault, const Wallet& wallet) {
    return {vault.record().id, wallet.id, wallet.user_id, ethereum::Address{wallet.address}};
}

std::string name_of(const Wallet& wallet) { return checksum_address(wallet.address); }

std::unexpected<Error> altered(const Wallet& wallet) {
    return fail(ErrorCode::kCorrupt,
                "The row of wallet " + name_of(wallet) + " was altered: it and its key do not belong together.",
                "Restore the vault from a backup; `keydeck audit verify` tells whether more was changed.");
}

/// The KMS key must carry this vault's, wallet's and user's tags: a row moved to another user does not take the key along.
Status check_key_tags(OpenVault& vault, const Wallet& wallet) {
    const Result<kms::Tags> tags = all_tags(vault.kms(), wallet.key_id);
    if (!tags) return explain_refusal(vault, wallet, tags.error(), kNothingSigned);
    const bool ours = tag_value(*tags, kVaultTag) == vault.record().id &&
                      tag_value(*tags, kWalletTag) == std::to_string(wallet.id) &&
                      tag_value(*tags, kUserTag) == std::to_string(wallet.user_id);
    return ours ? Status{} : altered(wallet);
}

Result<OpenedWallet> open_kms_key(OpenVault& vault, const Wallet& wallet, const crypto::PublicKey& public_key) {
    if (Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
    if (Status tags = check_key_tags(vault, wallet); !tags) return fail(tags);
    return OpenedWallet{wallet.id, wallet.user_id, ethereum::Address{wallet.address}, public_key, wallet.key_id, {}};
}

/// A secret, and the key it stood under when it was opened.
struct Unsealed {
    WalletSecret secret;
    std::string key_id;
};

/// A seal that is broken is counted like a ciphertext that the KMS refused: the meter saw its Decrypt succeed.
std::unexpected<Error> not_opened(OpenVault& vault, std::string_view key_id, const Error& error) {
    if (is_broken_seal(error)) vault.usage().note(key_id, "Decrypt", oversight::kSealBroken);
    return std::unexpected(error);
}

Result<WalletSecret> open_columns(OpenVault& vault, kms::Kms& kms, const Wallet& wallet,
                                  const store::SealedColumns& sealed) {
    const EnvelopePlace place = place_of(vault, wallet);
    const Result<crypto::PublicKey> public_key = crypto::parse_public_key(wallet.public_key);
    if (!public_key) return altered(wallet);
    if (wallet.custody == Custody::kKeyPair) {
        Result<SecretBytes> key = open_key_pair(kms, sealed.key_id, place, *public_key, sealed.data_key);
        if (!key) return not_opened(vault, sealed.key_id, key.error());
        return WalletSecret{std::move(*key), {}, {}};
    }
    Result<WalletSecret> secret = open_wallet(kms, sealed.key_id, place, sealed.secret, sealed.data_key);
    if (!secret) return not_opened(vault, sealed.key_id, secret.error());
    const Result<crypto::PublicKey> derived = crypto::public_key_of(secret->private_key.view());
    if (!derived || *derived != *public_key) return altered(wallet);
    return secret;
}

// A row can be moved to another key while it is being opened; moved as often as this it is not by rewrapping.
constexpr int kReadings = 3;

Result<Unsealed> unseal(OpenVault& vault, Wallet wallet, std::string_view not_done) {
    if (wallet.custody == Custody::kKmsKey) {
        return fail(ErrorCode::kRejected, "The key of wallet " + name_of(wallet) + " is in the KMS and never leaves it.");
    }
    Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    const auto read = [&] {
        return ask_store(vault, [&](sqlite::Database& database) { return store::sealed_columns(database, wallet.id); });
    };
    Result<store::SealedColumns> sealed = read();
    for (int reading = 1; sealed; ++reading) {
        Result<WalletSecret> secret = open_columns(vault, **kms, wallet, *sealed);
        if (secret) return Unsealed{std::move(*secret), std::move(sealed->key_id)};
        wallet.key_id = sealed->key_id;
        // It may be another row by now, under another key: this answer is about the old one.
        Result<store::SealedColumns> again = read();
        const bool moved = again && (again->key_id != sealed->key_id || again->data_key != sealed->data_key);
        if (!moved || reading == kReadings) return explain_refusal(vault, wallet, secret.error(), not_done);
        sealed = std::move(again);
    }
    return fail(sealed);
}

Result<OpenedWallet> open_sealed(OpenVault& vault, const Wallet& wallet, const crypto::PublicKey& public_key) {
    Result<Unsealed> unsealed = unseal(vault, wallet, kNothingSigned);
    if (!unsealed) return fail(unsealed);
    return OpenedWallet{wallet.id,  wallet.user_id,   ethereum::Address{wallet.address},
                        public_key, unsealed->key_id, std::move(unsealed->secret.private_key)};
}

}  // namespace

Status require_ready(const Wallet& wallet, std::string_view not_done) {
    const std::string ending = "; " + std::string(not_done) + ".";
    const std::string key = wallet.key_alias.empty() ? wallet.key_id : wallet.key_alias;
    switch (wallet.state) {
        case WalletState::kReady:
            return {};
        case WalletState::kUserLocked:
            return fail(ErrorCode::kLocked, wallet.user + " is locked" + ending,
                        "Unlock first: keydeck user unlock " + wallet.user);
        case WalletState::kKeyDisabled:
            return fail(ErrorCode::kRejected, "The key " + key + " of wallet " + name_of(wallet) + " is disabled" + ending,
                        "Enable it: keydeck key enable " + wallet.key_id, "DisabledException");
        case WalletState::kAtRisk:
            return fail(ErrorCode::kRejected,
                        "The key " + key + " of wallet " + name_of(wallet) + " is pending deletion" + ending,
                        "Cancel the deletion: keydeck key cancel-deletion " + wallet.key_id, "KMSInvalidStateException");
        case WalletState::kLost:
            return fail(ErrorCode::kRejected,
                        "The key of wallet " + name_of(wallet) + " was destroyed: the wallet is lost" + ending,
                        "Where its mnemonic or private key is kept elsewhere: destroy this row (keydeck wallet remove " +
                            name_of(wallet) + " --destroy --acknowledge 1), then keydeck wallet import.",
                        "NotFoundException");
        case WalletState::kRemoved:
            return fail(ErrorCode::kRejected, "The wallet " + name_of(wallet) + " was removed" + ending);
    }
    return {};
}

std::unexpected<Error> explain_refusal(OpenVault& vault, const Wallet& wallet, Error error, std::string_view not_done) {
    const bool about_the_key =
        error.code == ErrorCode::kRejected || error.code == ErrorCode::kNotFound || error.code == ErrorCode::kDenied;
    if (!about_the_key) return std::unexpected(std::move(error));
    const Result<std::string> state = refresh_key_state(vault, wallet.key_id);
    // A key that is "not found" may be so because it was asked for in another account: that explains more.
    if (!state && error.code == ErrorCode::kNotFound) return fail(state);
    if (!state) return std::unexpected(std::move(error));
    Wallet now = wallet;
    if (*state == "Disabled") now.state = WalletState::kKeyDisabled;
    if (*state == "PendingDeletion") now.state = WalletState::kAtRisk;
    if (*state == store::kKeyDestroyed) now.state = WalletState::kLost;
    Status ready = require_ready(now, not_done);
    if (ready) return std::unexpected(std::move(error));
    ready.error().kms_error = std::move(error.kms_error);
    return std::unexpected(std::move(ready.error()));
}

Result<Wallet> with_current_state(OpenVault& vault, Wallet wallet) {
    const bool key_in_doubt = wallet.state == WalletState::kKeyDisabled || wallet.state == WalletState::kAtRisk ||
                              wallet.state == WalletState::kLost;
    if (!key_in_doubt) return wallet;
    vault.open_wallets().forget(wallet.id);
    if (const Result<std::string> state = refresh_key_state(vault, wallet.key_id); !state) return fail(state);
    return ask_store(vault, [&](sqlite::Database& database) { return store::wallet_by_id(database, wallet.id); });
}

Result<WalletSecret> open_wallet_secret(OpenVault& vault, const Wallet& wallet, std::string_view not_done) {
    Result<Unsealed> unsealed = unseal(vault, wallet, not_done);
    if (!unsealed) return fail(unsealed);
    return std::move(unsealed->secret);
}

Result<std::shared_ptr<const OpenedWallet>> open_for_signing(OpenVault& vault, const Wallet& row) {
    if (Status writable = vault.require_writable(); !writable) return fail(writable);
    const Result<Wallet> wallet = with_current_state(vault, row);
    if (!wallet) return fail(wallet);
    if (Status ready = require_ready(*wallet, kNothingSigned); !ready) return fail(ready);
    const auto now = std::chrono::steady_clock::now();
    const ethereum::Address address{wallet->address};
    auto opened = vault.open_wallets().find(wallet->id, wallet->key_id, now);
    if (opened && opened->address == address && opened->user_id == wallet->user_id) return opened;

    const std::uint64_t generation = vault.open_wallets().generation();
    const Result<crypto::PublicKey> public_key = crypto::parse_public_key(wallet->public_key);
    if (!public_key || ethereum::address_of(*public_key) != address) return altered(*wallet);
    Result<OpenedWallet> fresh = wallet->custody == Custody::kKmsKey ? open_kms_key(vault, *wallet, *public_key)
                                                                     : open_sealed(vault, *wallet, *public_key);
    if (!fresh) return fail(fresh);
    return vault.open_wallets().keep(std::move(*fresh), now, generation);
}

}  // namespace keydeck::custody
