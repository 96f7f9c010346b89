// The rules that alerts are raised by: pure functions over what was counted and what the store knows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/store/keys.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

inline constexpr std::string_view kRuleDecryptRate = "decrypt-rate";
inline constexpr std::string_view kRuleErrorRate = "error-rate";
inline constexpr std::string_view kRuleFailedDecrypts = "failed-decrypts";
inline constexpr std::string_view kRuleAccessDenied = "access-denied";
inline constexpr std::string_view kRuleThrottling = "throttling";
inline constexpr std::string_view kRuleRotationLate = "rotation-late";
inline constexpr std::string_view kRuleDeletionNear = "deletion-near";
inline constexpr std::string_view kRuleAuditBroken = "audit-broken";
inline constexpr std::string_view kRuleOverBudget = "over-budget";

/// A rule whose condition holds.
struct AlertFinding {
    std::string rule;
    std::string subject;   ///< a key id, or empty
    std::string sentence;  ///< one, for people
    std::string command;   ///< what mends it
    friend bool operator==(const AlertFinding&, const AlertFinding&) = default;
};

/// How far back the rates look: five minutes, in each of the last five. So a rate is over when it has been quiet for five
/// minutes, and one that came and went between two looks is seen all the same.
inline constexpr std::chrono::minutes kRateWindow{5};
inline constexpr std::chrono::minutes kRatesSince = 2 * kRateWindow;

/// decrypt-rate, error-rate, failed-decrypts, access-denied, throttling. `rows` are the metrics by the minute since
/// kRatesSince before `now`; older and younger ones count for nothing.
[[nodiscard]] std::vector<AlertFinding> find_rates(const AlertRules& rules, std::span<const Metric> rows, Timestamp now);

/// When a key must be rotated by this policy. None where it cannot be (not symmetric, imported, not enabled), is on its way
/// out, or there is no policy.
[[nodiscard]] std::optional<Timestamp> rotation_due(const AlertRules& rules, const store::KeyRecord& key);

/// rotation-late, deletion-near.
[[nodiscard]] std::vector<AlertFinding> find_keys(const AlertRules& rules, std::span<const store::KeyRecord> keys,
                                                  Timestamp now);

/// audit-broken.
[[nodiscard]] std::vector<AlertFinding> find_audit(const AlertRules& rules, const AuditVerification& audit);

/// over-budget.
[[nodiscard]] std::vector<AlertFinding> find_budget(const AlertRules& rules, const CostReport& cost);

}  // namespace keydeck::oversight
