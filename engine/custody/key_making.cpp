#include "engine/custody/key_making.hpp"

#include "engine/custody/key_tags.hpp"

namespace keydeck::custody {
namespace {

/// Whether after this error the key may have been made all the same.
bool leaves_doubt(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kInternal ||
           error.code == ErrorCode::kCancelled;
}

}  // namespace

Status open_journal_for(OpenVault& vault, sqlite::Database& database, std::span<PlannedKey> planned) {
    for (PlannedKey& key : planned) {
        key.entry.journal_id = vault.random().uuid();
        key.entry.created_at = vault.now();
        key.entry.spec = to_string(key.spec);
        if (Status opened = store::open_journal(database, key.entry); !opened) return opened;
    }
    return {};
}

kms::Tags tags_of(const OpenVault& vault, const store::KeyJournalEntry& entry) {
    kms::Tags tags{{std::string(kVaultTag), vault.record().id},
                   {std::string(kPurposeTag), entry.purpose.empty() ? std::string(kPurposeHand) : entry.purpose},
                   {std::string(kJournalTag), entry.journal_id}};
    if (entry.user_id != 0) tags.emplace_back(kUserTag, std::to_string(entry.user_id));
    if (entry.wallet_id != 0) tags.emplace_back(kWalletTag, std::to_string(entry.wallet_id));
    return tags;
}

Result<kms::KeyMetadata> make_planned_key(OpenVault& vault, const PlannedKey& planned) {
    Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    Result<kms::KeyMetadata> made =
        (*kms)->create_key({planned.spec, planned.usage, planned.description, tags_of(vault, planned.entry)});
    if (made || leaves_doubt(made.error())) return made;
    const Status closed = vault.write(
        [&](sqlite::Database& database) { return store::finish_journal(database, planned.entry.journal_id, vault.now()); });
    (void)closed;  // an open row without a key is closed by the doctor
    return made;
}

}  // namespace keydeck::custody
