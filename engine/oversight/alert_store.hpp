// Alerts as they are kept: one row each time a rule begins to hold, until it does no more.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/oversight/alerts.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

/// What a check changes: which findings are new, which alerts go on with other words, which are over.
struct AlertChanges {
    std::vector<AlertFinding> raised;
    std::vector<Alert> updated;  ///< with the new words
    std::vector<Alert> cleared;
    std::vector<Alert> woken;  ///< that still hold though their silence is over; acknowledged ones sleep on
    [[nodiscard]] bool empty() const { return raised.empty() && updated.empty() && cleared.empty() && woken.empty(); }
};
/// Compares what was found with what fires. Rules that were not looked at keep their alerts: `checked` names the others.
[[nodiscard]] AlertChanges compare_alerts(std::span<const Alert> firing, std::span<const AlertFinding> found,
                                          std::span<const std::string_view> checked, Timestamp now);

/// Newest first: those that fire, or also those that are over (at most 1,000 rows).
[[nodiscard]] Result<std::vector<Alert>> list_alerts(sqlite::Database& database, bool cleared);
/// Error: not_found.
[[nodiscard]] Result<Alert> alert_by_id(sqlite::Database& database, std::int64_t id);

// Inside the caller's DbTransaction.

/// As long as its like is silenced, a new alert is too. Error: already_exists where it fires already.
[[nodiscard]] Result<Alert> raise_alert(sqlite::Database& database, const AlertFinding& finding, Timestamp now);
/// Error: not_found where it does not fire any more.
[[nodiscard]] Status update_alert(sqlite::Database& database, const Alert& alert);
[[nodiscard]] Status clear_alert(sqlite::Database& database, std::int64_t id, Timestamp now);
/// Ends a silence that is over. Error: not_found where somebody else has, or silenced it anew.
[[nodiscard]] Status wake_alert(sqlite::Database& database, const Alert& alert);
/// A second time it stays as it was. Errors: not_found; rejected where it is over.
[[nodiscard]] Result<Alert> acknowledge_alert(sqlite::Database& database, std::int64_t id, std::string_view by,
                                              Timestamp now);
/// It and its like, until then; a time that is over ends the silence. Error: not_found.
[[nodiscard]] Result<Alert> silence_alert(sqlite::Database& database, std::int64_t id, Timestamp until);

/// Those that were over a year ago go.
[[nodiscard]] Status forget_old_alerts(sqlite::Database& database, Timestamp now);

}  // namespace keydeck::oversight
