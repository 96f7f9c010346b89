// Wallets whose key is a KMS key of their own.
#pragma once

#include <span>

#include "engine/custody/open_vault.hpp"
#include "engine/store/key_journal.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {

/// A KMS key and the wallet it becomes, both ready to be recorded.
struct KmsWallet {
    store::KeyRecord key;
    store::NewWallet row;
    std::string journal_id;
};

/// Asks the KMS for the key's public key and makes the wallet's row of it. Errors: the KMS's; corrupt for a public key that
/// is none.
[[nodiscard]] Result<KmsWallet> kms_wallet_of(OpenVault& vault, const kms::KeyMetadata& metadata,
                                              const store::KeyJournalEntry& entry);

/// Key record, wallet row and the journal's end, inside the caller's DbTransaction.
[[nodiscard]] Status record_kms_wallets(OpenVault& vault, sqlite::Database& database, std::span<const KmsWallet> wallets);

}  // namespace keydeck::custody
