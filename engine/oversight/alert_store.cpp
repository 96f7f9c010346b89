#include "engine/oversight/alert_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace keydeck::oversight {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr auto kKept = std::chrono::days(365);

constexpr std::string_view kSelect =
    "SELECT id, rule, subject, sentence, command, raised_at, cleared_at, acknowledged_at, acknowledged_by, silenced_until"
    " FROM alerts ";

std::optional<Timestamp> time_at(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return from_micros(row.integer(column));
}

Alert read_alert(const Statement& row) {
    Alert alert;
    alert.id = row.integer(0);
    alert.rule = row.text(1);
    alert.subject = row.text(2);
    alert.sentence = row.text(3);
    alert.command = row.text(4);
    alert.raised_at = from_micros(row.integer(5));
    alert.cleared_at = time_at(row, 6);
    alert.acknowledged_at = time_at(row, 7);
    alert.acknowledged_by = row.text(8);
    // Whoever can write the database could silence what tells on them.
    if (alert.rule != kRuleAuditBroken) alert.silenced_until = time_at(row, 9);
    return alert;
}

std::unexpected<Error> no_alert(std::int64_t id) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no alert {}.", id), "keydeck alerts list --all shows them.");
}

/// Exactly one row must have been meant.
Status changed_one(Database& database, std::int64_t id) { return database.changes() == 1 ? Status{} : no_alert(id); }

/// How long alerts of this rule and subject are silenced.
Result<std::optional<std::int64_t>> silence_of(Database& database, const AlertFinding& finding, Timestamp now) {
    auto row = database.prepare("SELECT MAX(silenced_until) FROM alerts WHERE rule = ?1 AND subject = ?2");
    const auto found = row.bind(1, finding.rule).bind(2, finding.subject).step();
    if (!found) return fail(found);
    if (row.is_null(0) || row.integer(0) <= to_micros(now)) return std::optional<std::int64_t>();
    return std::optional(row.integer(0));
}

}  // namespace

AlertChanges compare_alerts(std::span<const Alert> firing, std::span<const AlertFinding> found,
                            std::span<const std::string_view> checked, Timestamp now) {
    const auto alike = [](const Alert& alert, const AlertFinding& finding) {
        return alert.rule == finding.rule && alert.subject == finding.subject;
    };
    AlertChanges changes;
    for (const AlertFinding& finding : found) {
        const auto known = std::ranges::find_if(firing, [&](const Alert& alert) { return alike(alert, finding); });
        if (known == firing.end()) {
            changes.raised.push_back(finding);
        } else if (known->sentence != finding.sentence || known->command != finding.command) {
            Alert& updated = changes.updated.emplace_back(*known);
            updated.sentence = finding.sentence;
            updated.command = finding.command;
        }
    }
    for (const Alert& alert : firing) {
        const bool looked = std::ranges::find(checked, alert.rule) != checked.end();
        const bool holds = std::ranges::any_of(found, [&](const AlertFinding& finding) { return alike(alert, finding); });
        if (looked && !holds) changes.cleared.push_back(alert);
        if (holds && !alert.acknowledged_at && alert.silenced_until && *alert.silenced_until <= now)
            changes.woken.push_back(alert);
    }
    return changes;
}

Result<std::vector<Alert>> list_alerts(Database& database, bool cleared) {
    static const std::string kFiring = fmt::format("{}WHERE cleared_at IS NULL ORDER BY id DESC", kSelect);
    static const std::string kAll = fmt::format("{}ORDER BY id DESC LIMIT 1000", kSelect);
    auto row = database.prepare(cleared ? kAll : kFiring);
    std::vector<Alert> alerts;
    auto more = row.step();
    for (; more && *more; more = row.step()) alerts.push_back(read_alert(row));
    if (!more) return fail(more);
    return alerts;
}

Result<Alert> alert_by_id(Database& database, std::int64_t id) {
    static const std::string kById = fmt::format("{}WHERE id = ?1", kSelect);
    auto row = database.prepare(kById);
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) return no_alert(id);
    return read_alert(row);
}

Result<Alert> raise_alert(Database& database, const AlertFinding& finding, Timestamp now) {
    const auto silence = silence_of(database, finding, now);
    if (!silence) return fail(silence);
    auto insert = database.prepare(
        "INSERT INTO alerts (rule, subject, sentence, command, raised_at, silenced_until) VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, finding.rule).bind(2, finding.subject).bind(3, finding.sentence).bind(4, finding.command);
    if (Status done = insert.bind(5, to_micros(now)).bind(6, *silence).run(); !done) return fail(done);
    return alert_by_id(database, database.last_insert_rowid());
}

Status update_alert(Database& database, const Alert& alert) {
    auto update = database.prepare("UPDATE alerts SET sentence = ?1, command = ?2 WHERE id = ?3 AND cleared_at IS NULL");
    if (Status done = update.bind(1, alert.sentence).bind(2, alert.command).bind(3, alert.id).run(); !done) return done;
    return changed_one(database, alert.id);
}

Status clear_alert(Database& database, std::int64_t id, Timestamp now) {
    auto update = database.prepare("UPDATE alerts SET cleared_at = ?1 WHERE id = ?2 AND cleared_at IS NULL");
    if (Status done = update.bind(1, to_micros(now)).bind(2, id).run(); !done) return done;
    return changed_one(database, id);
}

Status wake_alert(Database& database, const Alert& alert) {
    auto update = database.prepare(
        "UPDATE alerts SET silenced_until = NULL WHERE id = ?1 AND silenced_until = ?2 AND cleared_at IS NULL");
    if (Status done = update.bind(1, alert.id).bind(2, to_micros(alert.silenced_until.value_or(Timestamp()))).run(); !done)
        return done;
    return changed_one(database, alert.id);
}

Result<Alert> acknowledge_alert(Database& database, std::int64_t id, std::string_view by, Timestamp now) {
    Result<Alert> alert = alert_by_id(database, id);
    if (!alert || alert->acknowledged_at) return alert;
    if (!alert->firing()) {
        return fail(ErrorCode::kRejected, fmt::format("The alert {} is over; there is nothing to acknowledge.", id));
    }
    auto update = database.prepare("UPDATE alerts SET acknowledged_at = ?1, acknowledged_by = ?2 WHERE id = ?3");
    if (Status done = update.bind(1, to_micros(now)).bind(2, by).bind(3, id).run(); !done) return fail(done);
    return alert_by_id(database, id);
}

Result<Alert> silence_alert(Database& database, std::int64_t id, Timestamp until) {
    Result<Alert> alert = alert_by_id(database, id);
    if (!alert) return alert;
    // All of its like, so that an older and longer silence does not outlive this one.
    auto update = database.prepare(
        "UPDATE alerts SET silenced_until = ?1 WHERE rule = ?2 AND subject = ?3 AND (id = ?4 OR silenced_until IS NOT "
        "NULL)");
    update.bind(1, to_micros(until)).bind(2, alert->rule).bind(3, alert->subject).bind(4, id);
    if (Status done = update.run(); !done) return fail(done);
    auto firing =
        database.prepare("UPDATE alerts SET silenced_until = ?1 WHERE rule = ?2 AND subject = ?3 AND cleared_at IS NULL");
    firing.bind(1, to_micros(until)).bind(2, alert->rule).bind(3, alert->subject);
    if (Status done = firing.run(); !done) return fail(done);
    return alert_by_id(database, id);
}

Status forget_old_alerts(Database& database, Timestamp now) {
    auto remove =
        database.prepare("DELETE FROM alerts WHERE cleared_at < ?1 AND (silenced_until IS NULL OR silenced_until < ?2)");
    return remove.bind(1, to_micros(now - kKept)).bind(2, to_micros(now)).run();
}

}  // namespace keydeck::oversight
