// The vault at a glance: what a first screen shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace keydeck {

struct Overview {
    std::int64_t users = 0;
    std::int64_t wallets = 0;
    // Keys as last seen: no KMS is asked.
    std::int64_t keys = 0;
    std::int64_t keys_enabled = 0;
    std::int64_t keys_disabled = 0;
    std::int64_t keys_pending_deletion = 0;
    std::int64_t audit_events = 0;
    std::int64_t database_bytes = 0;
    std::optional<Timestamp> last_backup;  ///< an automatic copy's or a backup's
    std::vector<Alert> alerts;             ///< that fire and are not silenced, newest first
    std::vector<JobInfo> jobs;             ///< not ended, newest first
    std::vector<AuditEvent> recent;        ///< newest first, a screenful
    std::vector<Metric> last_hour;         ///< calls by minute, all keys: `operation` tells them apart
};

}  // namespace keydeck
