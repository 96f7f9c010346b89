#include "app/cli/key_records.hpp"

#include <fmt/format.h>

#include "app/cli/counted.hpp"
#include "app/cli/json_object.hpp"
#include "app/cli/prices.hpp"
#include "app/cli/records.hpp"

namespace keydeck::cli {
namespace {

std::string tags_json(const KeyInfo& key) {
    JsonObject tags;
    for (const auto& [name, value] : key.tags) tags.text(name, value);
    return tags.finish();
}

std::string last_day_json(const CallStats& stats) {
    JsonObject errors;
    for (const auto& [name, times] : stats.errors) errors.number(name, times);
    return JsonObject()
        .number("calls", stats.calls)
        .number("failures", stats.failures)
        .raw("errors", errors.finish())
        .number("p50_us", stats.p50.count())
        .number("p95_us", stats.p95.count())
        .number("p99_us", stats.p99.count())
        .finish();
}

std::string due_words(const KeyInfo& key, Timestamp now) {
    if (!key.rotation_due) return {};
    const std::string day = to_rfc3339(*key.rotation_due).substr(0, 10);
    return *key.rotation_due <= now ? "late: was due on " + day : "due on " + day;
}

std::string version_words(const KeyInfo& key) {
    if (key.spec != "SYMMETRIC_DEFAULT") return {};
    if (!key.rotated_at) return std::to_string(key.versions);
    return fmt::format("{}, the newest since {}", key.versions, shown_time(*key.rotated_at));
}

std::string last_day_words(const CallStats& stats) {
    if (stats.calls == 0) return {};
    return fmt::format("{} in 24 hours, {} failed", counted(stats.calls, "call"), stats.failures);
}

}  // namespace

std::string time_until(Timestamp then, Timestamp now) {
    if (then <= now) return "any moment now";
    const auto hours = std::chrono::floor<std::chrono::hours>(then - now).count();
    if (hours == 0) return "less than an hour";
    if (hours < 24) return counted(hours, "hour");
    const std::string days = counted(hours / 24, "day");
    return hours % 24 == 0 ? days : days + " " + counted(hours % 24, "hour");
}

std::string deletion_words(const std::optional<Timestamp>& date, Timestamp now) {
    if (!date) return {};
    const std::string left = time_until(*date, now);
    return fmt::format("{} ({}{})", shown_time(*date), *date <= now ? "" : "in ", left);
}

void show(Output& out, const KeyInfo& key) {
    if (out.json()) return out.line(to_json(key));
    const Timestamp now = SystemClock().now();
    std::string tags;
    for (const auto& [name, value] : key.tags) tags += fmt::format("{}{}={}", tags.empty() ? "" : ", ", name, value);
    write_details(out, {{"Key", key.id},
                        {"ARN", key.arn},
                        {"Alias", key.alias},
                        {"Spec", fmt::format("{}, {}", key.spec, key.usage)},
                        {"State", key.retiring ? key.state + ", retiring: nothing new is sealed under it" : key.state},
                        {"Deletion", deletion_words(key.deletion_date, now)},
                        {"Rotation", key.rotation},
                        {"Rotate", due_words(key, now)},
                        {"Versions", version_words(key)},
                        {"Purpose", key.purpose},
                        {"Description", key.description},
                        {"Tags", tags},
                        {"Wallets", std::to_string(key.wallets)},
                        {"Secrets", std::to_string(key.secrets)},
                        {"Created", shown_time(key.created_at)},
                        {"Last used", shown_time(key.last_used_at)},
                        {"Calls", last_day_words(key.last_day)},
                        {"This month", key.month_so_far ? "$" + dollars(*key.month_so_far) : ""}});
}

std::string to_json(const KeyInfo& key) {
    JsonObject json;
    json.text("id", key.id)
        .text("arn", key.arn)
        .text_or_null("alias", key.alias)
        .text("spec", key.spec)
        .text("usage", key.usage)
        .text("state", key.state)
        .text("region", key.region)
        .time("created_at", key.created_at)
        .time("deletion_date", key.deletion_date)
        .time("last_used_at", key.last_used_at)
        .text("rotation", key.rotation)
        .number("rotation_period_days", key.rotation_period_days)
        .time("next_rotation", key.next_rotation)
        .time("rotated_at", key.rotated_at)
        .time("rotation_due", key.rotation_due)
        .number("versions", key.versions)
        .boolean("retiring", key.retiring)
        .number("wallets", key.wallets)
        .number("secrets", key.secrets)
        .text("description", key.description)
        .text_or_null("purpose", key.purpose)
        .raw("tags", tags_json(key))
        .raw("last_day", last_day_json(key.last_day));
    key.month_so_far ? json.text("month_so_far", dollars(*key.month_so_far)) : json.null("month_so_far");
    return json.finish();
}

template <>
List<KeyInfo>::List(Output& out)
    : out_(out),
      table_(out, {{"KEY"}, {"ID"}, {"SPEC"}, {"STATE"}, {"WALLETS", true}, {"SECRETS", true}, {"ROTATION"}, {"DELETION"}}) {
}

template <>
void List<KeyInfo>::add(const KeyInfo& key) {
    if (out_.json()) return out_.line(to_json(key));
    const std::string deletion = deletion_words(key.deletion_date, SystemClock().now());
    table_.row({key.alias.empty() ? "-" : key_name(key), key.id, key.spec,
                key.retiring ? key.state + ", retiring" : key.state, std::to_string(key.wallets),
                std::to_string(key.secrets), key.rotation.empty() ? "-" : key.rotation, deletion.empty() ? "-" : deletion});
}

template <>
void List<KeyInfo>::finish() {
    if (!out_.json()) table_.finish("No keys.");
}

}  // namespace keydeck::cli
