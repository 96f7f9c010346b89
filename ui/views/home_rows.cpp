#include "ui/views/home_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/views/alert_actions.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kMostToldOfEach = 100;  // Overview::failed holds no more of one error

std::string dependants(std::int64_t wallets, std::int64_t secrets) {
    if (secrets == 0) return counted(wallets, "wallet", "wallets");
    if (wallets == 0) return counted(secrets, "secret", "secrets");
    return fmt::format("{} and {}", counted(wallets, "wallet", "wallets"), counted(secrets, "secret", "secrets"));
}

AttentionRow row_of(const EndingKey& key, const Scene& scene) {
    const std::string name = scene.safe(key_name(key.alias, key.id));
    AttentionRow out;
    out.id = "ending/" + key.id;
    out.role = Role::kDanger;
    const bool one = key.wallets + key.secrets == 1;
    out.text = fmt::format("▲ key {} is deleted {}; {} still {} on it", name, time_until(key.deletion_date, scene.now.wall),
                           dependants(key.wallets, key.secrets), one ? "depends" : "depend");
    out.place.screen = key.wallets > 0 ? ScreenId::kWallets : ScreenId::kKeys;
    out.opens = fmt::format("{} {}", key.wallets > 0 ? "the wallets of" : "the key", name);
    if (key.wallets > 0) {
        out.place.key_id = key.id;
        out.place.key_name = key_name(key.alias, key.id);
    } else {
        out.place.select = key.id;
    }
    return out;
}

AttentionRow row_of(const Alert& alert, const Scene& scene) {
    AttentionRow out;
    out.id = fmt::format("alert/{}/{}", alert.rule, alert.subject);
    out.text = fmt::format("{} {}", alert.acknowledged_at ? "✓" : "▲", scene.safe(brief_sentence(alert)));
    out.role = alert.acknowledged_at ? Role::kText : Role::kWarn;
    out.place = place_of_cause(alert);
    out.opens = out.place.screen == ScreenId::kKeys ? "the key" : "the audit log";
    return out;
}

AttentionRow row_of(const JobInfo& job, const Scene& scene) {
    AttentionRow out;
    out.id = fmt::format("job/{}", job.id);
    out.text = fmt::format("▲ job #{} was interrupted: {}", job.id, scene.safe(plain_names(job.title)));
    out.opens = "the job";
    out.place.screen = ScreenId::kJobs;
    out.place.select = std::to_string(job.id);
    return out;
}

AttentionRow row_of(const Wallet& wallet, const Scene& /*scene*/) {
    AttentionRow out;
    out.id = fmt::format("wallet/{}", wallet.id);
    const bool ends = wallet.state == WalletState::kAtRisk;
    out.text = fmt::format("▲ wallet {} cannot sign: {}", short_address(wallet.address),
                           wallet.state == WalletState::kKeyDisabled ? "its key is disabled"
                           : ends                                    ? "its key is pending deletion"
                           : wallet.state == WalletState::kLost      ? "its key is destroyed"
                                                                     : "it is locked");
    out.role = wallet.state == WalletState::kLost || ends ? Role::kDanger : Role::kWarn;
    out.opens = "the wallet";
    out.place.screen = ScreenId::kWallets;
    out.place.select = std::to_string(wallet.id);
    return out;
}

// "3 signatures failed in the last hour: throttled"
void add_failures(const std::vector<AuditEvent>& failed, const Scene& scene, std::vector<AttentionRow>& out) {
    struct Group {
        std::string what;
        std::string filter;
        std::int64_t count = 0;
    };
    std::map<std::pair<std::string, std::string>, Group> groups;
    for (const AuditEvent& event : failed) {
        const bool is_signature = event.action.starts_with("Sign");
        Group& group = groups[{event.result, is_signature ? "" : event.action}];
        ++group.count;
        group.what = is_signature ? "signature" : scene.safe(event.action);
        group.filter = fmt::format("result:{}", event.result);
        if (!is_signature) group.filter += " action:" + event.action;
    }
    for (const auto& [key, group] : groups) {
        AttentionRow row;
        row.id = "failed/" + group.filter;
        const bool several = group.count != 1;
        const std::string more = group.count >= kMostToldOfEach ? "or more " : "";
        const std::string what = group.what + (several && key.second.empty() ? "s" : "");
        row.text =
            fmt::format("! {} {}{} failed in the last hour: {}", grouped(group.count), more, what, scene.safe(key.first));
        row.role = key.second.empty() ? Role::kDanger : Role::kWarn;
        row.opens = "them in the audit log";
        row.place.screen = ScreenId::kAudit;
        row.place.filter = group.filter;
        out.push_back(std::move(row));
    }
}

/// Of the hour's minutes the one that runs is the last.
std::optional<std::size_t> index_in_hour(Timestamp minute, Timestamp now) {
    using std::chrono::minutes;
    const auto ago = std::chrono::floor<minutes>(now) - std::chrono::floor<minutes>(minute);
    const auto count = std::chrono::duration_cast<minutes>(ago).count();
    if (count < 0 || count >= static_cast<std::int64_t>(HourOfCalls::kMinutes)) return std::nullopt;
    return HourOfCalls::kMinutes - 1 - static_cast<std::size_t>(count);
}

}  // namespace

std::vector<AttentionRow> attention_rows(const Overview& overview, const Scene& scene) {
    std::vector<AttentionRow> out;
    if (overview.user_locked) {
        AttentionRow row;
        row.id = "locked";
        row.text = "▲ you are locked: nothing can be signed until the operator unlocks you";
        row.opens = "your user";
        row.place.screen = ScreenId::kUsers;
        out.push_back(std::move(row));
    }
    for (const Wallet& wallet : overview.troubled) {
        if (wallet.state != WalletState::kUserLocked) out.push_back(row_of(wallet, scene));
    }
    for (const EndingKey& key : overview.ending) {
        if (key.wallets + key.secrets > 0) out.push_back(row_of(key, scene));
    }
    // Of the keys that end the vault itself tells more, and sooner: where all are known, the alert adds nothing, or it is
    // one that the next look will clear.
    const bool all_known = overview.keys_pending_deletion <= std::ssize(overview.ending);
    for (const Alert& alert : overview.alerts) {
        const bool is_told = std::ranges::find(overview.ending, alert.subject, &EndingKey::id) != overview.ending.end();
        if (alert.rule != "deletion-near" || !(all_known || is_told)) out.push_back(row_of(alert, scene));
    }
    add_failures(overview.failed, scene, out);
    for (const JobInfo& job : overview.jobs) {
        if (job.state == "interrupted") out.push_back(row_of(job, scene));
    }
    return out;
}

HourOfCalls hour_of_calls(const std::vector<Metric>& by_minute, Timestamp now) {
    HourOfCalls out;
    for (const Metric& metric : by_minute) {
        const auto at = metric.minute ? index_in_hour(*metric.minute, now) : std::nullopt;
        if (!at) continue;
        out.slowest_p95[*at] = std::max<std::int64_t>(out.slowest_p95[*at], metric.stats.p95.count());
        out.all += metric.stats.calls;
        out.failures += metric.stats.failures;
    }
    return out;
}

std::array<std::int64_t, HourOfCalls::kMinutes> hour_of_signatures(const std::vector<MinuteOfSignatures>& minutes,
                                                                   Timestamp now) {
    std::array<std::int64_t, HourOfCalls::kMinutes> out{};
    for (const MinuteOfSignatures& each : minutes) {
        if (const auto at = index_in_hour(each.minute, now); at) out[*at] += each.signatures;
    }
    return out;
}

std::string bytes_of(std::int64_t bytes) {
    constexpr std::array<std::string_view, 4> kUnits{"kB", "MB", "GB", "TB"};
    double amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; amount >= 999.5 && unit + 1 < kUnits.size(); ++unit) amount /= 1000;
    return amount < 9.95 ? fmt::format("{:.1f} {}", amount, kUnits[unit]) : fmt::format("{:.0f} {}", amount, kUnits[unit]);
}

std::string keys_line(const Overview& overview) {
    std::string out = grouped(overview.keys);
    auto add = [&, first = true](std::int64_t count, std::string_view what) mutable {
        if (count == 0) return;
        out += fmt::format("{}{} {}", std::exchange(first, false) ? ": " : ", ", grouped(count), what);
    };
    add(overview.keys_enabled, "enabled");
    add(overview.keys_disabled, "disabled");
    add(overview.keys_pending_deletion, "pending");
    return out;
}

std::string kms_line(const HourOfCalls& calls, const std::string& kms) {
    if (calls.all == 0) return fmt::format("{} · no calls in 60 min", kms);
    if (calls.failures == 0) return fmt::format("{} · ok, {} in 60 min", kms, counted(calls.all, "call", "calls"));
    return fmt::format("{} · {} of {} failed in 60 min", kms, share_of(calls.failures, calls.all),
                       counted(calls.all, "call", "calls"));
}

}  // namespace keydeck::ui
