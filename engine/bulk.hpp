// The same done to many, one after another, as a job of the kind `bulk`. All of it is reversible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace keydeck {

/// Each has its opposite beside it.
enum class BulkAction : std::uint8_t {
    kLockUsers,
    kUnlockUsers,
    kRemoveWallets,
    kRestoreWallets,
    kDisableKeys,
    kEnableKeys,
};
[[nodiscard]] std::string_view to_string(BulkAction action);  ///< lock-users, unlock-users, remove-wallets, …
/// Error: invalid_input.
[[nodiscard]] Result<BulkAction> parse_bulk_action(std::string_view text);

struct BulkFailure {
    std::string item;
    Error error;
};

/// What one run of a bulk job did, in the order given; what an earlier run of the same job did is not in it.
struct BulkRun {
    BulkAction action = BulkAction::kLockUsers;
    JobInfo job;                         ///< as it is now: done, paused, cancelled
    std::vector<std::string> changed;    ///< this run did it
    std::vector<std::string> unchanged;  ///< they were in the wanted state already
    std::vector<BulkFailure> failed;     ///< these are as they were
    std::optional<Error> stopped;        ///< why the job is not done; none where it is
};

}  // namespace keydeck
