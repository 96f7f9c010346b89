// Changes of keys in the KMS, so that none goes unrecorded: the intent is written before the call, and closed with the audit
// event of its outcome.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// Writes down, durably, what `event` is about to do to its key. Answers the intent's id. Errors: those of the store.
[[nodiscard]] Result<std::string> begin_key_change(OpenVault& vault, const AuditEvent& event);

/// Closes the intent; in the DbTransaction of the event that tells the outcome.
[[nodiscard]] Status finish_key_change(OpenVault& vault, sqlite::Database& database, std::string_view intent);

/// For the doctor: tells of the intents that have no outcome. One that is old, whose process must be dead by now, is
/// recorded in the audit log and closed. Errors: those of the store; a log that cannot be written leaves the intent for the
/// next time.
[[nodiscard]] Status find_interrupted_changes(OpenVault& vault, const Session& session,
                                              std::vector<DoctorFinding>& findings);

}  // namespace keydeck::custody
