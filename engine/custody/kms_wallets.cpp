#include "engine/custody/kms_wallets.hpp"

#include "engine/crypto/hash.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/open_wallets.hpp"
#include "engine/custody/signer.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::custody {

namespace {

/// Signs once before anybody is told the address: money sent to a key that signs otherwise would be lost. The digest is of
/// words that are no message (EIP-191), no typed data and no transaction.
Status prove_key(kms::Kms& kms, const store::NewWallet& row, const crypto::PublicKey& public_key) {
    OpenedWallet wallet;
    wallet.wallet_id = row.id;
    wallet.user_id = row.user_id;
    wallet.address = {row.address};
    wallet.public_key = public_key;
    wallet.key_id = row.key_id;
    const Hash32 digest = crypto::keccak256(as_bytes("Keydeck: proof of key " + row.key_id));
    const Result<crypto::RecoverableSignature> signature = sign_digest(kms, wallet, digest);
    return signature ? Status{} : fail(signature);
}

}  // namespace

Result<KmsWallet> kms_wallet_of(OpenVault& vault, const kms::KeyMetadata& metadata, const store::KeyJournalEntry& entry) {
    Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    const Result<kms::PublicKeyResult> answer = (*kms)->get_public_key(metadata.key_id);
    if (!answer) return fail(answer);
    const Result<crypto::PublicKey> public_key = kms::parse_public_key_info(answer->public_key);
    if (!public_key) return fail(public_key);
    KmsWallet made;
    made.key = to_key_record(metadata, vault.record().region);
    made.key.purpose = kPurposeWallet;
    made.row.id = entry.wallet_id;
    made.row.user_id = entry.user_id;
    made.row.label = entry.label;
    made.row.address = ethereum::address_of(*public_key).bytes;
    made.row.custody = Custody::kKmsKey;
    made.row.key_id = metadata.key_id;
    made.row.region = vault.record().region;
    made.row.public_key.push_back(0x04);
    append(made.row.public_key, public_key->xy);
    made.row.created_at = vault.now();
    made.journal_id = entry.journal_id;
    if (Status proven = prove_key(**kms, made.row, *public_key); !proven) return fail(proven);
    return made;
}

Status record_kms_wallets(OpenVault& vault, sqlite::Database& database, std::span<const KmsWallet> wallets) {
    for (const KmsWallet& wallet : wallets) {
        if (Status recorded = store::record_key(database, wallet.key); !recorded) return recorded;
        if (Status inserted = store::insert_wallet(database, wallet.row); !inserted) return inserted;
        if (wallet.journal_id.empty()) continue;  // adopted by its tags alone
        if (Status closed = store::finish_journal(database, wallet.journal_id, vault.now()); !closed) return closed;
    }
    return {};
}

}  // namespace keydeck::custody
