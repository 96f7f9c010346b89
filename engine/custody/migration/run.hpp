// What a migration and its way back have in common: how they begin, and how they end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/custody/job_run.hpp"
#include "engine/custody/migration/journal.hpp"
#include "engine/custody/migration/plan.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/migration.hpp"

namespace keydeck::custody::migration {

/// What each kind is called in the audit log.
struct RunNames {
    std::string_view kind;   ///< of the job
    std::string_view begin;  ///< events: how it begins, goes on, ends, and what happened to one cell
    std::string_view resume;
    std::string_view end;
    std::string_view cell;
};
inline constexpr RunNames kMigrating{"migrate-fernet", "BeginFernetMigration", "ResumeFernetMigration", "EndFernetMigration",
                                     "MigrateFernetCell"};
inline constexpr RunNames kRollingBackNames{"roll-back-fernet", "BeginFernetRollback", "ResumeFernetRollback",
                                            "EndFernetRollback", "RollBackFernetCell"};

/// An application's database, opened for writing, and what is to be done to it.
struct Opened {
    sqlite::Database database;
    std::optional<JournalHead> journal;
    MigrationPlan plan;
};
/// Errors: denied (not the operator, read-only), locked; those of open_app_database() and plan_migration().
[[nodiscard]] Result<Opened> open_for_change(OpenVault& vault, const Session& session, const FernetMigration& request);
/// The same for the way back, with plan_rollback(). Error also: not_found where no migration is under way.
[[nodiscard]] Result<Opened> open_for_rollback(OpenVault& vault, const Session& session, const FernetMigration& request);

[[nodiscard]] AuditEvent event_of_run(OpenVault& vault, const Session& session, std::string_view action,
                                      const FernetMigration& request);

/// Whether this actor's job for just this was begun and not ended.
[[nodiscard]] Result<bool> is_begun(OpenVault& vault, const Session& session, const RunNames& names,
                                    const MigrationPlan& plan);

/// Begins the job, or takes it up; `done` of `total` are done already.
[[nodiscard]] Result<JobRun> begin_job(OpenVault& vault, const Session& session, const RunNames& names,
                                       const MigrationPlan& plan, std::int64_t done, std::int64_t total, AuditEvent event);

/// Ends the job: what could not be done is noted in it and in the audit log, and so is its end.
[[nodiscard]] Status end_job(OpenVault& vault, const Session& session, const RunNames& names, const FernetMigration& request,
                             JobRun& job, const FernetReport& report);

/// Leaves the job paused with the reason; answers with it.
[[nodiscard]] std::unexpected<Error> stop_job(OpenVault& vault, const Session& session, const RunNames& names,
                                              const FernetMigration& request, JobRun& job, const Status& stopped);

/// Runs `change` in a DbTransaction of the application's database.
[[nodiscard]] Status write_app(sqlite::Database& database, const std::function<Status()>& change);

}  // namespace keydeck::custody::migration
