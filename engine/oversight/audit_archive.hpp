// Moving old events out of the log into files, so that both together stay one chain.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "engine/error.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

/// Writes the events before `before` into a new file of mode 0600, one to_cloudtrail_json() a line, whole and synced when it
/// returns; the log stays as it is. Only what nothing younger stands in front of goes, and the newest event never. A file of
/// that name that holds just the log's oldest events, left by an archiving that was cut short, is taken as it is.
/// Errors: rejected (nothing is that old; the chain is broken), already_exists (another file), those of NewFile.
[[nodiscard]] Result<AuditArchive> write_audit_archive(sqlite::Database& database, const AuditSeal& seal,
                                                       const VaultInfo& vault, Timestamp before,
                                                       const std::filesystem::path& file);

/// Takes the archived events out of the log and seals where it goes on from. Inside the caller's DbTransaction. Error:
/// rejected where these are not the log's oldest events any more: somebody else archived meanwhile.
[[nodiscard]] Status remove_archived(sqlite::Database& database, const AuditSeal& seal, const AuditArchive& archive);

/// How many events are in archives, as the log says it. Error: corrupt (its seal is wrong).
[[nodiscard]] Result<std::int64_t> archived_events(sqlite::Database& database, const AuditSeal& seal);

/// Whether the archives, oldest first and none missing, and the log make one chain, and whether a head that was noted
/// earlier is in it. Reads every line. Errors: not_found (a file), unavailable. Anything wrong with a file's content is an
/// answer, and names the file.
[[nodiscard]] Result<AuditVerification> verify_audit_archives(sqlite::Database& database, const AuditSeal& seal,
                                                              std::span<const std::filesystem::path> files,
                                                              const std::optional<Hash32>& expected_head = std::nullopt);

}  // namespace keydeck::oversight
