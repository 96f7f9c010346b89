// Jobs that do the same to many.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/bulk.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

inline constexpr std::string_view kBulkKind = "bulk";
inline constexpr std::size_t kMostInBulk = 10'000;

/// Engine's verb of the same name.
[[nodiscard]] Result<BulkRun> start_bulk(OpenVault& vault, const Session& session, BulkAction action,
                                         std::span<const std::string> items, const Progress& progress);
[[nodiscard]] Result<BulkRun> resume_bulk(OpenVault& vault, const Session& session, std::int64_t id,
                                          const Progress& progress);
[[nodiscard]] Result<BulkRun> retry_bulk(OpenVault& vault, const Session& session, std::int64_t id,
                                         const Progress& progress);
[[nodiscard]] Result<std::vector<std::string>> bulk_items(OpenVault& vault, const Session& session, std::int64_t id);
/// "lock 12 users"
[[nodiscard]] std::string bulk_title(const store::JobRecord& job);

}  // namespace keydeck::custody
