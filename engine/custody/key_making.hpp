// Making KMS keys so that none is lost: journal first, then CreateKey, then the record.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/key_journal.hpp"

namespace keydeck::custody {

/// A key to be made, as it will stand in the journal; `journal_id` and `created_at` are filled in by open_journal_for().
struct PlannedKey {
    store::KeyJournalEntry entry;
    kms::KeySpec spec = kms::KeySpec::kSymmetricDefault;
    kms::KeyUsage usage = kms::KeyUsage::kEncryptDecrypt;
    std::string description;
};

/// Writes the journal rows, inside the caller's DbTransaction; commit it before the keys are made.
[[nodiscard]] Status open_journal_for(OpenVault& vault, sqlite::Database& database, std::span<PlannedKey> planned);

/// CreateKey with the tags that lead back to vault, purpose, user, wallet and journal. A plain refusal closes the journal
/// row; after an answer that leaves it open whether the key exists, AWS is asked for the journal's tag before another try;
/// where that does not settle it (unavailable, internal, cancelled) the row stays for the doctor.
[[nodiscard]] Result<kms::KeyMetadata> make_planned_key(OpenVault& vault, const PlannedKey& planned);

/// The tags of a planned key.
[[nodiscard]] kms::Tags tags_of(const OpenVault& vault, const store::KeyJournalEntry& entry);

}  // namespace keydeck::custody
