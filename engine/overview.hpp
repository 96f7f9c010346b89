// The vault at a glance: what a first screen shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace keydeck {

/// A key that is pending deletion, as last seen, and what would be lost with it.
struct EndingKey {
    std::string id;
    std::string alias;  ///< alias/NAME; may be empty
    Timestamp deletion_date{};
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
};

/// The signatures of one minute, whatever process made them, with whatever wallets.
struct MinuteOfSignatures {
    Timestamp minute{};  ///< its beginning
    std::int64_t signatures = 0;
};

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
    std::vector<EndingKey> ending;         ///< the first to end comes first; twenty at most
    std::vector<JobInfo> jobs;             ///< not ended, newest first
    /// What was refused or failed in the last hour, newest first, a hundred of each error at most; not what somebody
    /// asked for wrongly or stopped.
    std::vector<AuditEvent> failed;
    std::vector<AuditEvent> recent;  ///< newest first, a screenful
    // The hour: the minute that runs and the 59 before it.
    std::vector<Metric> last_hour;  ///< calls by minute, all keys: `operation` tells them apart
    /// The same calls by operation, the most calls first: no `minute`, no key, and percentiles of all of them together.
    std::vector<Metric> operations;
    /// Signatures that were made and recorded, the oldest minute first; minutes without any are left out.
    std::vector<MinuteOfSignatures> signatures;
    // A user's session only.
    bool user_locked = false;
    std::vector<Wallet> troubled;  ///< of the user's first hundred wallets those that are not ready
};

}  // namespace keydeck
