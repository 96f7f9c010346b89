#include "engine/oversight/prometheus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/text.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/oversight/usage_recorder.hpp"
#include "engine/store/store.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;
using sqlite::Statement;

/// C0, DEL or C1, which would move the cursor of a terminal that shows the text. `character`: one, in UTF-8.
bool is_control(std::string_view character) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
    if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
    return character.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0;
}

/// A label's value between its quotes: backslash, quote and line end are escaped, what is no UTF-8, or a control character,
/// becomes U+FFFD.
std::string escaped(std::string_view value) {
    std::string out;
    while (!value.empty()) {
        const std::size_t length = utf8_sequence_length(value);
        if (value.front() == '\n') {
            out += "\\n";
        } else if (length == 0 || is_control(value.substr(0, length))) {
            out += "\uFFFD";
        } else if (value.front() == '\\' || value.front() == '"') {
            out += '\\';
            out += value.front();
        } else {
            out += value.substr(0, length);
        }
        value.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

class Exposition {
public:
    /// Begins a family; its samples must follow.
    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    void sample(const Labels& labels, std::string_view value, std::string_view suffix = {}) {
        out_ += name_;
        out_ += suffix;
        char before = '{';
        for (const auto& [label, text] : labels) {
            out_ += fmt::format("{}{}=\"{}\"", before, label, escaped(text));
            before = ',';
        }
        if (!labels.empty()) out_ += '}';
        out_ += fmt::format(" {}\n", value);
    }
    void sample(const Labels& labels, std::int64_t value, std::string_view suffix = {}) {
        sample(labels, std::string_view(std::to_string(value)), suffix);
    }
    [[nodiscard]] std::string done() { return std::move(out_); }

private:
    std::string out_;
    std::string name_;
};

std::string seconds(std::chrono::nanoseconds time) {
    return fmt::format("{}.{:09}", time.count() / 1'000'000'000, time.count() % 1'000'000'000);
}

void add_notes(Exposition& out, const UsageRows& today, std::string_view note, std::string_view name,
               std::string_view help) {
    out.family(name, "counter", help);
    for (const auto& [key, bucket] : today) {
        const auto found = bucket.errors.find(note);
        if (found != bucket.errors.end()) out.sample({{"key", key.key_id}, {"operation", key.operation}}, found->second);
    }
}

void add_calls(Exposition& out, const UsageRows& today) {
    out.family("keydeck_kms_calls_total", "counter", "Calls of the KMS since midnight UTC, failed ones included.");
    for (const auto& [key, bucket] : today) out.sample({{"key", key.key_id}, {"operation", key.operation}}, bucket.calls);
    out.family("keydeck_kms_errors_total", "counter", "Calls of the KMS that failed since midnight UTC, by AWS's name.");
    for (const auto& [key, bucket] : today) {
        for (const auto& [name, count] : bucket.errors) {
            if (!is_note(name)) out.sample({{"key", key.key_id}, {"operation", key.operation}, {"error", name}}, count);
        }
    }
    add_notes(out, today, kThrottledTry, "keydeck_kms_throttled_tries_total",
              "Tries of calls that the KMS throttled and that were made again, since midnight UTC.");
    add_notes(out, today, kSealBroken, "keydeck_seals_broken_total",
              "Seals of wallets that did not open though the KMS had decrypted for them, since midnight UTC.");
}

void add_latency(Exposition& out, const UsageRows& today, const UsageRows& last_day) {
    constexpr std::array<std::pair<std::string_view, int>, 3> kQuantiles{{{"0.5", 50}, {"0.95", 95}, {"0.99", 99}}};
    out.family("keydeck_kms_latency_seconds", "summary",
               "How long calls of the KMS took; quantiles over the last 24 hours, sum and count since midnight UTC.");
    for (const auto& [key, bucket] : last_day) {
        const Labels labels{{"key", key.key_id}, {"operation", key.operation}};
        for (const auto& [quantile, percent] : kQuantiles) {
            Labels with = labels;
            with.emplace_back("quantile", quantile);
            out.sample(with, seconds(bucket.latency.percentile(percent)));
        }
        const auto counted = today.find(key);
        const LatencyHistogram latency = counted == today.end() ? LatencyHistogram() : counted->second.latency;
        out.sample(labels, seconds(latency.sum()), "_sum");
        out.sample(labels, latency.count(), "_count");
    }
}

void add_gauges(Exposition& out, const Gauges& gauges) {
    out.family("keydeck_users", "gauge", "Users of the vault.");
    out.sample({}, gauges.users);
    out.family("keydeck_wallets", "gauge", "Wallets, hidden ones not counted.");
    out.sample({}, gauges.wallets);
    out.family("keydeck_keys", "gauge", "KMS keys that the vault knows, by state as last seen.");
    for (const auto& [state, count] : gauges.keys_by_state) out.sample({{"state", state}}, count);
    out.family("keydeck_alerts_firing", "gauge", "Alerts that fire, by rule.");
    for (const auto& [rule, count] : gauges.alerts_by_rule) out.sample({{"rule", rule}}, count);
    out.family("keydeck_audit_events", "gauge", "Events in the audit chain.");
    out.sample({}, gauges.audit_events);
    out.family("keydeck_key_deletion_seconds", "gauge", "Until a key that is pending deletion is destroyed.");
    for (const auto& [key, left] : gauges.deletion_seconds) out.sample({{"key", key}}, left);
}

Status count_into(Statement row, std::map<std::string, std::int64_t>& counts) {
    while (true) {
        const Result<bool> found = row.step();
        if (!found) return fail(found);
        if (!*found) return {};
        counts[std::string(row.text(0))] = row.integer(1);
    }
}

Status read_deletions(Database& database, Timestamp now, Gauges& gauges) {
    Statement row = database.prepare(
        "SELECT key_id, max(0, (deletion_date - ?) / 1000000) FROM keys"
        " WHERE state = 'PendingDeletion' AND deletion_date IS NOT NULL");
    row.bind(1, to_micros(now));
    return count_into(std::move(row), gauges.deletion_seconds);
}

}  // namespace

Result<Gauges> read_gauges(Database& database, Timestamp now) {
    Gauges gauges;
    const Result<store::Totals> totals = store::totals(database);
    if (!totals) return fail(totals);
    gauges.users = totals->users;
    gauges.wallets = totals->wallets;
    const Result<AuditHead> head = audit_head(database);
    if (!head) return fail(head);
    gauges.audit_events = head->events;
    const Status keys =
        count_into(database.prepare("SELECT state, COUNT(*) FROM keys GROUP BY state"), gauges.keys_by_state);
    if (!keys) return fail(keys);
    const Status alerts = count_into(
        database.prepare("SELECT rule, COUNT(*) FROM alerts WHERE cleared_at IS NULL GROUP BY rule"), gauges.alerts_by_rule);
    if (!alerts) return fail(alerts);
    if (Status deletions = read_deletions(database, now, gauges); !deletions) return fail(deletions);
    return gauges;
}

std::string prometheus_text(const UsageRows& today, const UsageRows& last_day, const Gauges& gauges) {
    Exposition out;
    add_calls(out, today);
    add_latency(out, today, last_day);
    add_gauges(out, gauges);
    return out.done();
}

}  // namespace keydeck::oversight
