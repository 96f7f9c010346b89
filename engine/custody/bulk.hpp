// Jobs that do the same to many.
#pragma once

#include <span>
#include <string>

#include "engine/bulk.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

inline constexpr std::string_view kBulkKind = "bulk";
inline constexpr std::size_t kMostInBulk = 10'000;

/// Engine's verb of the same name.
[[nodiscard]] Result<BulkRun> start_bulk(OpenVault& vault, const Session& session, BulkAction action,
                                         std::span<const std::string> items, const Progress& progress);
/// Goes on with a job of this kind, whoever began it. Errors: those of JobRun::take_up(), and whatever stops it.
[[nodiscard]] Result<JobInfo> resume_bulk(OpenVault& vault, const Session& session, const store::JobRecord& record,
                                          const Progress& progress);
/// "lock 12 users"
[[nodiscard]] std::string bulk_title(const store::JobRecord& job);

}  // namespace keydeck::custody
