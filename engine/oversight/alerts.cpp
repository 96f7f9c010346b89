#include "engine/oversight/alerts.hpp"

#include "engine/oversight/usage_recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace keydeck::oversight {
namespace {

constexpr std::int64_t kFewestCalls = 20;  // fewer say nothing about a rate
constexpr MicroDollars kCent = 10'000;

constexpr std::array<std::string_view, 4> kNotOpened{"InvalidCiphertextException", "IncorrectKeyException", "corrupt",
                                                     kSealBroken};
constexpr std::array<std::string_view, 10> kDenied{"AccessDeniedException",        "AccessDenied",
                                                   "NotAuthorizedException",       "UnrecognizedClientException",
                                                   "InvalidClientTokenId",         "InvalidSignatureException",
                                                   "IncompleteSignatureException", "MissingAuthenticationTokenException",
                                                   "ExpiredTokenException",        "denied"};
constexpr std::array<std::string_view, 6> kThrottled{
    kThrottledTry, "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "throttled"};
// Answers, not failures: whether an alias is free is asked by describing it.
constexpr std::array<std::string_view, 4> kAnswers{"NotFoundException", "AlreadyExistsException", "DryRunOperationException",
                                                   "cancelled"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// What a minute came to, over all keys and operations; or, added up, a window.
struct Minute {
    std::int64_t decrypts = 0;
    std::int64_t calls = 0;
    std::int64_t failures = 0;
    std::int64_t not_opened = 0;
    std::int64_t denied = 0;
    std::int64_t throttled = 0;
    std::string denied_operation;                ///< one of them, to name
    std::map<std::string, std::int64_t> by_key;  ///< decrypts
    std::map<std::string, std::int64_t> by_error;

    void add(const Metric& row) {
        calls += row.stats.calls;
        failures += row.stats.failures;
        if (row.operation == "Decrypt") {
            decrypts += row.stats.calls;
            by_key[row.key_id] += row.stats.calls;
        }
        const bool opens = row.operation == "Decrypt" || row.operation == "ReEncrypt";
        for (const auto& [name, count] : row.stats.errors) {
            if (opens && is_one_of(kNotOpened, name)) not_opened += count;
            if (is_one_of(kThrottled, name)) throttled += count;
            if (is_one_of(kDenied, name)) {
                denied += count;
                denied_operation = row.operation;
            }
            if (is_one_of(kAnswers, name)) {
                failures -= std::min(failures, count);
            } else if (!is_note(name)) {
                by_error[name] += count;
            }
        }
    }
    void add(const Minute& other) {
        decrypts += other.decrypts;
        calls += other.calls;
        failures += other.failures;
        not_opened += other.not_opened;
        denied += other.denied;
        throttled += other.throttled;
        if (!other.denied_operation.empty()) denied_operation = other.denied_operation;
        for (const auto& [key, count] : other.by_key) by_key[key] += count;
        for (const auto& [name, count] : other.by_error) by_error[name] += count;
    }
};

std::string most_of(const std::map<std::string, std::int64_t>& counts) {
    const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
    return most == counts.end() ? std::string() : most->first;
}

constexpr auto kMinutes = static_cast<std::size_t>(kRatesSince.count());
constexpr auto kWindow = static_cast<std::size_t>(kRateWindow.count());

/// The last ten minutes, the present one last.
std::array<Minute, kMinutes> minutes_of(std::span<const Metric> rows, Timestamp now) {
    std::array<Minute, kMinutes> minutes;
    const auto present = std::chrono::floor<std::chrono::minutes>(now);
    for (const Metric& row : rows) {
        if (!row.minute) continue;
        const auto ago = present - std::chrono::floor<std::chrono::minutes>(*row.minute);
        if (ago.count() < 0 || ago >= kRatesSince) continue;
        minutes[kMinutes - 1 - static_cast<std::size_t>(ago.count())].add(row);
    }
    return minutes;
}

/// The window of the last five that has most of `figure`, compared as a fraction of `whole` (1 where null).
template <class More>
Minute worst(const std::vector<Minute>& windows, More more) {
    return *std::ranges::max_element(windows, [&](const Minute& a, const Minute& b) { return more(b, a); });
}

bool exceeds_rate(const AlertRules& rules, const Minute& window) {
    return window.calls >= kFewestCalls && window.failures * 100 > window.calls * rules.error_percent;
}

AlertFinding decrypts_found(const AlertRules& rules, const Minute& minute) {
    const std::string key = most_of(minute.by_key);
    return {std::string(kRuleDecryptRate),
            {},
            fmt::format("{} Decrypt calls in one minute, more than {}: most with key {}.", minute.decrypts,
                        rules.decrypts_per_minute, key.empty() ? "(unknown)" : key),
            "keydeck audit list --newest-first --limit 50"};
}

std::string key_words(const store::KeyRecord& key) {
    return key.alias.empty() ? key.key_id : fmt::format("{} ({})", key.alias, key.key_id);
}

std::string counted(std::int64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string date_words(Timestamp time) { return to_rfc3339(time).substr(0, 10); }

/// Whole dollars and cents.
std::string dollars(MicroDollars amount) {
    const MicroDollars cents = (amount + kCent / 2) / kCent;
    return fmt::format("${}.{:02}", cents / 100, cents % 100);
}

}  // namespace

std::vector<AlertFinding> find_rates(const AlertRules& rules, std::span<const Metric> rows, Timestamp now) {
    const std::array<Minute, kMinutes> minutes = minutes_of(rows, now);
    std::vector<Minute> windows;
    for (std::size_t end = kMinutes - kWindow; end < kMinutes; ++end) {
        Minute& window = windows.emplace_back();
        for (std::size_t i = end + 1 - kWindow; i <= end; ++i) window.add(minutes[i]);
    }
    std::vector<AlertFinding> found;
    const std::vector<Minute> recent(minutes.end() - kWindow, minutes.end());
    const Minute busiest = worst(recent, [](const Minute& a, const Minute& b) { return a.decrypts > b.decrypts; });
    if (rules.decrypts_per_minute > 0 && busiest.decrypts > rules.decrypts_per_minute) {
        found.push_back(decrypts_found(rules, busiest));
    }
    const auto failing = std::ranges::find_if(windows, [&](const Minute& window) { return exceeds_rate(rules, window); });
    if (rules.error_percent > 0 && failing != windows.end()) {
        found.push_back({std::string(kRuleErrorRate),
                         {},
                         fmt::format("{} of {} calls of the KMS failed within five minutes, more than {} %: most with {}.",
                                     failing->failures, failing->calls, rules.error_percent, most_of(failing->by_error)),
                         "keydeck metrics"});
    }
    const auto raise = [&](std::string_view rule, int limit, std::int64_t Minute::* figure, std::string_view what,
                           std::string_view command) {
        const Minute most = worst(windows, [&](const Minute& a, const Minute& b) { return a.*figure > b.*figure; });
        if (limit <= 0 || most.*figure < limit) return;
        const bool named = figure == &Minute::denied;
        found.push_back({std::string(rule),
                         {},
                         fmt::format("{} {} within five minutes{}.", most.*figure, what,
                                     named ? ", the last at " + most.denied_operation : ""),
                         std::string(command)});
    };
    raise(kRuleFailedDecrypts, rules.failed_decrypts, &Minute::not_opened,
          "ciphertexts did not open (altered, or of another wallet or key)", "keydeck audit list --result corrupt");
    raise(kRuleAccessDenied, rules.access_denied, &Minute::denied, "calls of the KMS were denied", "keydeck doctor");
    raise(kRuleThrottling, rules.throttled, &Minute::throttled, "calls of the KMS, or tries of one, were throttled",
          "keydeck metrics");
    return found;
}

std::optional<Timestamp> rotation_due(const AlertRules& rules, const store::KeyRecord& key) {
    const bool rotates = key.spec == "SYMMETRIC_DEFAULT" && key.state == "Enabled" && !key.retiring;
    if (rules.rotation_days <= 0 || !rotates) return std::nullopt;
    return key.rotation.rotated_at.value_or(key.created_at) + std::chrono::days(rules.rotation_days);
}

std::vector<AlertFinding> find_keys(const AlertRules& rules, std::span<const store::KeyRecord> keys, Timestamp now) {
    std::vector<AlertFinding> found;
    for (const store::KeyRecord& key : keys) {
        if (const auto due = rotation_due(rules, key); due && *due < now) {
            found.push_back({std::string(kRuleRotationLate), key.key_id,
                             fmt::format("The key {} was due to be rotated on {}.", key_words(key), date_words(*due)),
                             "keydeck key rotate " + key.key_id});
        }
        const bool dying = key.state == store::kKeyPendingDeletion && key.deletion_date && key.wallets + key.secrets > 0;
        if (rules.deletion_days > 0 && dying && *key.deletion_date - now <= std::chrono::days(rules.deletion_days)) {
            found.push_back(
                {std::string(kRuleDeletionNear), key.key_id,
                 fmt::format("The key {} is destroyed on {}, and {} and {} with it.", key_words(key),
                             date_words(*key.deletion_date), counted(key.wallets, "wallet"), counted(key.secrets, "secret")),
                 "keydeck key cancel-deletion " + key.key_id});
        }
    }
    return found;
}

std::vector<AlertFinding> find_audit(const AlertRules& rules, const AuditVerification& audit) {
    if (!rules.audit || audit.valid) return {};
    return {{std::string(kRuleAuditBroken),
             {},
             fmt::format("The audit log is not as it was written. {}", audit.reason),
             "keydeck audit verify"}};
}

std::vector<AlertFinding> find_budget(const AlertRules& rules, const CostReport& cost) {
    if (rules.monthly_budget <= 0 || cost.total.forecast <= rules.monthly_budget) return {};
    return {{std::string(kRuleOverBudget),
             {},
             fmt::format("{} will cost {}, more than the budget of {}.", cost.month, dollars(cost.total.forecast),
                         dollars(rules.monthly_budget)),
             "keydeck cost"}};
}

}  // namespace keydeck::oversight
