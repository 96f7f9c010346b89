// The verbs on jobs: see them, stop them, go on with them.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

inline constexpr std::string_view kCreateWalletsKind = "create-wallets";

/// A job as people see it: its title, and whether its process still is at it.
[[nodiscard]] JobInfo to_job_info(const OpenVault& vault, sqlite::Database& database, const store::JobRecord& job);

/// Engine's verbs of the same names.
[[nodiscard]] Result<std::vector<JobInfo>> list_jobs(OpenVault& vault, const Session& session, std::int64_t before,
                                                     std::int64_t limit);
[[nodiscard]] Result<JobInfo> show_job(OpenVault& vault, const Session& session, std::int64_t id);
[[nodiscard]] Result<std::vector<JobFailure>> job_failures(OpenVault& vault, const Session& session, std::int64_t id,
                                                           std::int64_t limit);
[[nodiscard]] Result<JobInfo> pause_job(OpenVault& vault, const Session& session, std::int64_t id);
[[nodiscard]] Result<JobInfo> cancel_job(OpenVault& vault, const Session& session, std::int64_t id);
[[nodiscard]] Result<JobInfo> resume_job(OpenVault& vault, const Session& session, std::int64_t id,
                                         const Progress& progress);

}  // namespace keydeck::custody
