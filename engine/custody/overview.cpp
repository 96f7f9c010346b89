// The engine's verb for the vault at a glance. Its cost does not grow with the vault: counters, heads, and lists with an
// end.
#include "engine/overview.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/backup/automatic.hpp"
#include "engine/custody/jobs.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/engine.hpp"
#include "engine/oversight/alert_store.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/store/jobs.hpp"
#include "engine/store/key_standing.hpp"
#include "engine/store/signature_minutes.hpp"

namespace keydeck {
namespace {

using sqlite::Database;

constexpr std::int64_t kRecent = 30;
constexpr std::int64_t kMostEnding = 20;
constexpr std::int64_t kMostJobs = 100;
constexpr std::int64_t kMostFailed = 100;
constexpr std::int64_t kWalletsLookedAt = 100;
constexpr std::chrono::minutes kLookBack{60};

/// The first of the hour's minutes.
Timestamp first_minute(const custody::OpenVault& vault) {
    return oversight::minute_of(vault.now()) - (kLookBack - std::chrono::minutes(1));
}

/// What deserves to be looked at by somebody else than who asked.
constexpr std::array kNotable{ErrorCode::kLocked,   ErrorCode::kDenied,  ErrorCode::kThrottled, ErrorCode::kUnavailable,
                              ErrorCode::kRejected, ErrorCode::kCorrupt, ErrorCode::kInternal};

/// The id of the first event from `since` on, by bisection: events stand in the order of time, but for a clock that was set
/// back. One past the newest where there is none.
Result<std::int64_t> first_event_since(Database& database, Timestamp since) {
    auto ends = database.prepare("SELECT ifnull((SELECT min(id) FROM audit), 1), ifnull((SELECT max(id) FROM audit), 0)");
    const auto told = ends.step();
    if (!told) return fail(told);
    std::int64_t low = ends.integer(0);
    std::int64_t high = ends.integer(1) + 1;
    auto row = database.prepare("SELECT time FROM audit WHERE id = ?");
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        row.reset();
        const auto found = row.bind(1, middle).step();
        if (!found) return fail(found);
        if (*found && row.integer(0) >= to_micros(since)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

Result<std::vector<AuditEvent>> failed_since(Database& database, Timestamp since) {
    const Result<std::int64_t> first = first_event_since(database, since);
    if (!first) return fail(first);
    std::vector<AuditEvent> failed;
    for (const ErrorCode code : kNotable) {
        AuditQuery query;
        query.result = to_string(code);
        query.page.after = *first - 1;
        query.page.limit = kMostFailed;
        auto events = oversight::list_audit(database, query);
        if (!events) return events;
        std::ranges::move(*events, std::back_inserter(failed));
    }
    std::ranges::sort(failed, std::ranges::greater(), &AuditEvent::id);
    return failed;
}

/// A backup that was made, or the newest of the copies that are made by themselves.
Result<std::optional<Timestamp>> last_backup(const custody::OpenVault& vault, Database& database) {
    AuditQuery query;
    query.action = "BackUpVault";
    query.result = "ok";
    query.newest_first = true;
    query.page.limit = 1;
    const auto made = oversight::list_audit(database, query);
    if (!made) return fail(made);
    std::optional<Timestamp> last = custody::newest_automatic_copy(vault.options().directory);
    if (!made->empty() && (!last || *last < made->front().time)) last = made->front().time;
    return last;
}

std::int64_t bytes_of(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

Status add_counts(const custody::OpenVault& vault, Database& database, Overview& out) {
    const Result<store::Totals> totals = store::totals(database);
    if (!totals) return fail(totals);
    out.users = totals->users;
    out.wallets = totals->wallets;
    out.keys = totals->keys;
    const Result<store::KeyCounts> keys = store::key_counts(database);
    if (!keys) return fail(keys);
    out.keys_enabled = keys->enabled;
    out.keys_disabled = keys->disabled;
    out.keys_pending_deletion = keys->pending;
    const auto head = oversight::audit_head(database);
    if (!head) return fail(head);
    out.audit_events = head->events;
    const std::filesystem::path path = custody::database_path(vault.options().directory);
    out.database_bytes = bytes_of(path) + bytes_of(path.string() + "-wal");
    return {};
}

Status add_alerts_and_keys(const custody::OpenVault& vault, Database& database, Overview& out) {
    auto alerts = oversight::list_alerts(database, false);
    if (!alerts) return fail(alerts);
    std::erase_if(*alerts,
                  [now = vault.now()](const Alert& alert) { return alert.silenced_until && *alert.silenced_until > now; });
    out.alerts = std::move(*alerts);
    const auto ending = store::ending_keys(database, kMostEnding);
    if (!ending) return fail(ending);
    for (const store::EndingKeyRecord& key : *ending)
        out.ending.push_back({key.key_id, key.alias, key.deletion_date, key.wallets, key.secrets});
    return {};
}

// Among the newest: one that has been unfinished since a hundred others began is left to the list of jobs.
Status add_jobs(const custody::OpenVault& vault, Database& database, Overview& out) {
    const auto jobs = store::list_jobs(database, 0, kMostJobs);
    if (!jobs) return fail(jobs);
    for (const store::JobRecord& job : *jobs) {
        if (job.state == store::JobState::kDone || job.state == store::JobState::kCancelled) continue;
        JobInfo info = custody::to_job_info(vault, database, job);
        if (info.state != "cancelled") out.jobs.push_back(std::move(info));
    }
    return {};
}

Status add_events(const custody::OpenVault& vault, Database& database, Overview& out) {
    AuditQuery query;
    query.newest_first = true;
    query.page.limit = kRecent;
    auto recent = oversight::list_audit(database, query);
    if (!recent) return fail(recent);
    out.recent = std::move(*recent);
    auto failed = failed_since(database, vault.now() - kLookBack);
    if (!failed) return fail(failed);
    out.failed = std::move(*failed);
    const auto backup = last_backup(vault, database);
    if (!backup) return fail(backup);
    out.last_backup = *backup;
    return {};
}

/// Calls with whatever key, added up: their percentiles are of all calls together.
Status add_calls(const custody::OpenVault& vault, Database& database, Overview& out) {
    MetricsQuery query;
    query.since = first_minute(vault);
    query.by_minute = true;
    const auto rows = vault.usage().read(database, query);
    if (!rows) return fail(rows);
    oversight::UsageRows by_minute;
    oversight::UsageRows by_operation;
    for (const auto& [key, bucket] : *rows) {
        by_minute[{key.minute, "", key.operation}].merge(bucket);
        by_operation[{0, "", key.operation}].merge(bucket);
    }
    out.last_hour = oversight::to_metrics(by_minute);
    out.operations = oversight::to_metrics(by_operation);
    std::ranges::stable_sort(out.operations, std::ranges::greater(),
                             [](const Metric& metric) { return metric.stats.calls; });
    return {};
}

Status add_signatures(const custody::OpenVault& vault, Database& database, Overview& out) {
    const auto minutes = store::signatures_since(database, first_minute(vault));
    if (!minutes) return fail(minutes);
    for (const auto& [minute, count] : *minutes) out.signatures.push_back({minute, count});
    return {};
}

Result<Overview> whole_vault(custody::OpenVault& vault) {
    return custody::ask_store(vault, [&](Database& database) -> Result<Overview> {
        Overview out;
        for (const auto add : {add_counts, add_alerts_and_keys, add_jobs, add_events, add_calls, add_signatures}) {
            if (Status added = add(vault, database, out); !added) return fail(added);
        }
        return out;
    });
}

Result<Overview> own_part(Engine& engine, const Session& session) {
    const Result<User> user = engine.user(session, *session.user());
    if (!user) return fail(user);
    Overview out;
    out.users = 1;
    out.wallets = user->wallets;
    out.user_locked = user->locked;
    WalletQuery wallets;
    wallets.user = user->name;
    wallets.page.limit = kWalletsLookedAt;
    auto listed = engine.list_wallets(session, wallets);
    if (!listed) return fail(listed);
    std::erase_if(*listed, [](const Wallet& wallet) { return wallet.state == WalletState::kReady; });
    out.troubled = std::move(*listed);
    AuditQuery events;
    events.newest_first = true;
    events.page.limit = kRecent;
    auto recent = engine.list_audit(session, events);
    if (!recent) return fail(recent);
    out.recent = std::move(*recent);
    return out;
}

}  // namespace

Result<Overview> Engine::overview(const Session& session) {
    return session.is_operator() ? whole_vault(*vault_) : own_part(*this, session);
}

}  // namespace keydeck
