// The journal of key creation: written and committed before CreateKey, so that a key made just before a crash is found
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// What a key is being made for. The key itself is tagged with `journal_id`.
struct KeyJournalEntry {
    std::string journal_id;  ///< UUID
    std::string purpose;  ///< `pool`, `wallet` or empty; `change`: of the key `key_id`, `spec` the action, `label` the actor
    std::string spec;
    std::string alias;           ///< wanted; may be empty
    std::int64_t user_id = 0;    ///< whose wallet; 0: none
    std::int64_t wallet_id = 0;  ///< reserved for it; 0: none
    std::string label;           ///< the wallet's
    std::int64_t job = 0;        ///< that makes the wallet; 0: none
    std::string pool_prefix;
    std::int64_t pool_index = 0;
    Timestamp created_at{};
    std::string key_id;                    ///< empty until CreateKey has answered
    std::optional<Timestamp> finished_at;  ///< set when the key's record (and its wallet) were committed, or it was given up
};

/// Error: already_exists for a journal id used before.
[[nodiscard]] Status open_journal(sqlite::Database& database, const KeyJournalEntry& entry);
/// CreateKey has answered. Error: not_found.
[[nodiscard]] Status note_journal_key(sqlite::Database& database, std::string_view journal_id, std::string_view key_id);
/// Error: not_found.
[[nodiscard]] Status finish_journal(sqlite::Database& database, std::string_view journal_id, Timestamp now);

/// Empty where there is none.
[[nodiscard]] Result<std::optional<KeyJournalEntry>> journal_entry(sqlite::Database& database, std::string_view journal_id);
[[nodiscard]] Result<std::optional<KeyJournalEntry>> journal_of_key(sqlite::Database& database, std::string_view key_id);
/// The unfinished ones, oldest first.
[[nodiscard]] Result<std::vector<KeyJournalEntry>> unfinished_journal(sqlite::Database& database);

}  // namespace keydeck::store
