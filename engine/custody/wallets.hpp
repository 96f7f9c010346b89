// The verbs on wallets, but for signing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

inline constexpr std::int64_t kMaxWalletsAtOnce = 100'000;

/// Makes wallets: a mnemonic each, sealed under the pool (envelope; all cores, commits of 1,000), or a KMS key each
/// (kms-key; journaled). Cancelled or failed on the way, the wallets committed so far stay, and the error says how many.
[[nodiscard]] Result<std::vector<Wallet>> create_wallets(OpenVault& vault, const Session& session,
                                                         const CreateWallets& request, const Progress& progress);
/// Goes on with a job of kind kCreateWalletsKind, whoever began it: makes what is missing.
[[nodiscard]] Result<std::vector<Wallet>> resume_wallets(OpenVault& vault, const Session& session,
                                                         const store::JobRecord& job, const Progress& progress);
[[nodiscard]] Result<Wallet> import_wallet(OpenVault& vault, const Session& session, ImportWallet request);

[[nodiscard]] Result<std::vector<Wallet>> list_wallets(OpenVault& vault, const Session& session, WalletQuery query);
[[nodiscard]] Result<Wallet> show_wallet(OpenVault& vault, const Session& session, std::string_view reference);
[[nodiscard]] Result<Wallet> label_wallet(OpenVault& vault, const Session& session, std::string_view reference,
                                          std::string_view label);
[[nodiscard]] Status remove_wallet(OpenVault& vault, const Session& session, std::string_view reference);
[[nodiscard]] Result<Wallet> restore_wallet(OpenVault& vault, const Session& session, std::string_view reference);
[[nodiscard]] Status destroy_wallet(OpenVault& vault, const Session& session, std::string_view reference,
                                    std::int64_t acknowledge);

// Exports are recorded, durably, before the secret is handed out.
[[nodiscard]] Result<SecretBytes> export_mnemonic(OpenVault& vault, const Session& session, std::string_view reference);
[[nodiscard]] Result<SecretBytes> export_private_key(OpenVault& vault, const Session& session, std::string_view reference);
[[nodiscard]] Result<std::string> export_keystore(OpenVault& vault, const Session& session, std::string_view reference,
                                                  const SecretBytes& passphrase);

}  // namespace keydeck::custody
