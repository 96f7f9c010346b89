#include "engine/custody/alerts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/alert_command.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/usage.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/oversight/alert_store.hpp"
#include "engine/oversight/alerts.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using oversight::AlertChanges;
using oversight::AlertFinding;
using sqlite::Database;

constexpr std::chrono::seconds kCommandTime{10};
constexpr int kTries = 3;  // against others who check at the same time
/// Commands look seldom, from cron perhaps once a day, and take the time; a screen looks each minute.
constexpr std::int64_t kLookedAtByCommands = 200'000;
constexpr std::size_t kMostAsked = 50;  // calls of the KMS in one check
constexpr std::chrono::seconds kLongestSilence = std::chrono::days(365);

/// What one look has found, and by which rules: what could not be looked at keeps its alerts.
struct Look {
    std::vector<AlertFinding> found;
    std::vector<std::string_view> checked;

    void add(std::vector<AlertFinding> more, std::span<const std::string_view> rules) {
        std::ranges::move(more, std::back_inserter(found));
        checked.insert(checked.end(), rules.begin(), rules.end());
    }
};

bool can_write(const OpenVault& vault) { return !vault.options().read_only && !vault.needs_unlock(); }

Status look_at_rates(OpenVault& vault, Look& look) {
    constexpr std::array kRules{oversight::kRuleDecryptRate, oversight::kRuleErrorRate, oversight::kRuleFailedDecrypts,
                                oversight::kRuleAccessDenied, oversight::kRuleThrottling};
    MetricsQuery query;
    query.since = vault.now() - oversight::kRatesSince;
    query.by_minute = true;
    const Result<std::vector<Metric>> rows = metrics_of(vault, query);
    if (!rows) return fail(rows);
    look.add(oversight::find_rates(vault.options().alerts, *rows, vault.now()), kRules);
    return {};
}

/// Asks the KMS about keys of which the store may not know what it did by itself. Whether any was asked about.
bool refresh_suspects(OpenVault& vault, std::span<const store::KeyRecord> keys, std::span<const Alert> firing) {
    std::size_t asked = 0;
    for (const store::KeyRecord& key : keys) {
        if (asked == kMostAsked) break;
        const auto due = oversight::rotation_due(vault.options().alerts, key);
        const bool known = std::ranges::any_of(firing, [&](const Alert& alert) {
            return alert.rule == oversight::kRuleRotationLate && alert.subject == key.key_id;
        });
        const bool rotated = due && *due < vault.now() && (key.rotation.period_days > 0 || !known);
        const bool destroyed =
            key.state == store::kKeyPendingDeletion && key.deletion_date && *key.deletion_date <= vault.now();
        if (!rotated && !destroyed) continue;
        ++asked;
        (void)view_key(vault, key.key_id).has_value();  // without an answer the store's view stands
    }
    return asked > 0;
}

Status look_at_keys(OpenVault& vault, std::span<const Alert> firing, bool write, Look& look) {
    constexpr std::array kRules{oversight::kRuleRotationLate, oversight::kRuleDeletionNear};
    Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return fail(keys);
    if (write && refresh_suspects(vault, *keys, firing)) keys = known_keys(vault);
    if (!keys) return fail(keys);
    look.add(oversight::find_keys(vault.options().alerts, *keys, vault.now()), kRules);
    return {};
}

void look_at_audit(OpenVault& vault, const Session& session, std::span<const Alert> firing, Look& look) {
    constexpr std::array kRules{oversight::kRuleAuditBroken};
    if (!vault.options().alerts.audit) return look.add({}, kRules);
    if (vault.needs_unlock()) return;
    oversight::AuditPart part;
    // By lot: by the clock, whoever looks at regular times would see the same part each time.
    part.turn = vault.random().below(std::numeric_limits<std::uint64_t>::max());
    if (session.surface() == "cli") part.others = kLookedAtByCommands - part.newest;
    const bool broken =
        std::ranges::any_of(firing, [](const Alert& alert) { return alert.rule == oversight::kRuleAuditBroken; });
    const Result<AuditVerification> audit = ask_sealed(vault, [&](Database& database, const oversight::AuditSeal& seal) {
        return broken ? oversight::verify_audit(database, seal, std::nullopt)
                      : oversight::verify_audit_part(database, seal, part);
    });
    if (audit) look.add(oversight::find_audit(vault.options().alerts, *audit), kRules);
}

Status look_at_budget(OpenVault& vault, Look& look) {
    constexpr std::array kRules{oversight::kRuleOverBudget};
    const bool is_billed = vault.record().kms == kKmsAws;
    if (vault.options().alerts.monthly_budget <= 0 || !is_billed) {
        look.add({}, kRules);
        return {};
    }
    const Result<CostReport> cost = cost_of(vault);
    if (!cost) return fail(cost);
    look.add(oversight::find_budget(vault.options().alerts, *cost), kRules);
    return {};
}

Result<std::vector<Alert>> firing_alerts(OpenVault& vault) {
    return ask_store(vault, [](Database& database) { return oversight::list_alerts(database, false); });
}

Result<Look> look_at_all(OpenVault& vault, const Session& session, std::span<const Alert> firing, bool write) {
    Look look;
    if (Status looked = look_at_rates(vault, look); !looked) return fail(looked);
    if (Status looked = look_at_keys(vault, firing, write, look); !looked) return fail(looked);
    look_at_audit(vault, session, firing, look);
    if (Status looked = look_at_budget(vault, look); !looked) return fail(looked);
    return look;
}

AuditEvent alert_event(const OpenVault& vault, const Session& session, std::string_view action, std::string_view rule,
                       std::string_view subject) {
    AuditEvent event = event_of(vault, session, action, subject.empty() ? rule : subject);
    event.key_id = subject;
    event.detail = oversight::Detail().text("rule", rule).done();
    return event;
}

/// The events of what a check changes; those of the raised come first, in their order.
std::vector<AuditEvent> events_of(const OpenVault& vault, const Session& session, const AlertChanges& changes) {
    std::vector<AuditEvent> events;
    for (const AlertFinding& finding : changes.raised) {
        AuditEvent& event = events.emplace_back(alert_event(vault, session, "RaiseAlert", finding.rule, finding.subject));
        event.detail = oversight::Detail().text("rule", finding.rule).text("sentence", finding.sentence).done();
    }
    for (const Alert& alert : changes.woken)
        events.push_back(alert_event(vault, session, "WakeAlert", alert.rule, alert.subject));
    for (const Alert& alert : changes.cleared)
        events.push_back(alert_event(vault, session, "ClearAlert", alert.rule, alert.subject));
    return events;
}

/// Writes the changes, unless somebody else has come first: already_exists or not_found then.
Status apply(OpenVault& vault, Database& database, const AlertChanges& changes, std::vector<Alert>& raised) {
    raised.clear();
    for (const AlertFinding& finding : changes.raised) {
        Result<Alert> alert = oversight::raise_alert(database, finding, vault.now());
        if (!alert) return fail(alert);
        raised.push_back(std::move(*alert));
    }
    for (const Alert& alert : changes.updated) {
        if (Status updated = oversight::update_alert(database, alert); !updated) return updated;
    }
    for (Alert alert : changes.woken) {
        if (Status woken = oversight::wake_alert(database, alert); !woken) return woken;
        alert.silenced_until.reset();
        raised.push_back(std::move(alert));
    }
    for (const Alert& alert : changes.cleared) {
        if (Status cleared = oversight::clear_alert(database, alert.id, vault.now()); !cleared) return cleared;
    }
    return oversight::forget_old_alerts(database, vault.now());
}

/// Brings the alerts in line with what was found. Answers those that are new, and those whose silence is over.
Result<std::vector<Alert>> settle(OpenVault& vault, const Session& session, const Look& look) {
    std::vector<Alert> raised;
    Status written;
    for (int i = 0; i < kTries; ++i) {
        const Result<std::vector<Alert>> firing = firing_alerts(vault);
        if (!firing) return fail(firing);
        const AlertChanges changes = oversight::compare_alerts(*firing, look.found, look.checked, vault.now());
        if (changes.empty()) return std::vector<Alert>{};
        std::vector<AuditEvent> events = events_of(vault, session, changes);
        const auto change = [&](Database& database) { return apply(vault, database, changes, raised); };
        written = vault.write(change, events);
        // A broken log is not extended, and just that must be told.
        if (!written && written.error().code == ErrorCode::kCorrupt) written = vault.write(change);
        if (written) return raised;
        const ErrorCode code = written.error().code;
        if (code != ErrorCode::kAlreadyExists && code != ErrorCode::kNotFound) break;
    }
    return fail(written);
}

/// Tells whoever the settings name. What does not succeed is in the audit log.
void tell(OpenVault& vault, const Session& session, std::vector<Alert> raised) {
    const std::string& command = vault.options().alerts.command;
    std::erase_if(raised, [](const Alert& alert) { return alert.silenced_until.has_value(); });
    if (command.empty() || raised.empty()) return;
    std::vector<AuditEvent> events;
    for (const std::size_t i : run_alert_commands(command, raised, vault.options().directory.string(), kCommandTime)) {
        AuditEvent& event =
            events.emplace_back(alert_event(vault, session, "RunAlertCommand", raised[i].rule, raised[i].subject));
        event.result = to_string(ErrorCode::kUnavailable);
        event.detail = oversight::Detail()
                           .text("rule", raised[i].rule)
                           .text("error", "The alert command failed, or did not end in time.")
                           .done();
    }
    if (events.empty()) return;
    const Status written = vault.write({}, events);
    (void)written;  // the alert itself stands
}

/// What fires by this look alone, for a vault that is not written.
std::vector<Alert> as_found(const OpenVault& vault, std::span<const Alert> firing, const Look& look) {
    const AlertChanges changes = oversight::compare_alerts(firing, look.found, look.checked, vault.now());
    std::vector<Alert> alerts;
    for (const AlertFinding& finding : changes.raised) {
        Alert& alert = alerts.emplace_back();
        alert.rule = finding.rule;
        alert.subject = finding.subject;
        alert.sentence = finding.sentence;
        alert.command = finding.command;
        alert.raised_at = vault.now();
    }
    for (const Alert& alert : firing) {
        const auto same = [&](const Alert& other) { return other.id == alert.id; };
        if (std::ranges::any_of(changes.cleared, same)) continue;
        const auto updated = std::ranges::find_if(changes.updated, same);
        alerts.push_back(updated == changes.updated.end() ? alert : *updated);
    }
    return alerts;
}

/// A verb on one alert.
template <class Change>
Result<Alert> change_alert(OpenVault& vault, const Session& session, std::string_view action, std::int64_t id,
                           std::string_view may, Change change) {
    AuditEvent event = event_of(vault, session, action, std::to_string(id));
    return audited(vault, event, [&]() -> Result<Alert> {
        if (Status allowed = require_operator(session, may); !allowed) return fail(allowed);
        Result<Alert> alert = ask_store(vault, [&](Database& db) { return oversight::alert_by_id(db, id); });
        if (!alert) return alert;
        if (action == "SilenceAlert" && alert->rule == oversight::kRuleAuditBroken)
            return fail(ErrorCode::kRejected, "That the audit log is broken cannot be silenced.",
                        "keydeck alerts acknowledge");
        event.key_id = alert->subject;
        Status written = vault.write(
            [&](Database& database) -> Status {
                alert = change(database, event);
                return alert ? Status{} : fail(alert);
            },
            std::span(&event, 1));
        if (!written) return fail(written);
        return alert;
    });
}

}  // namespace

Result<std::vector<Alert>> check_alerts(OpenVault& vault, const Session& session, bool write) {
    if (Status allowed = require_operator(session, "see alerts"); !allowed) return fail(allowed);
    const bool writing = write && can_write(vault);
    const Result<std::vector<Alert>> firing = firing_alerts(vault);
    if (!firing) return fail(firing);
    const Result<Look> look = look_at_all(vault, session, *firing, writing);
    if (!look) return fail(look);
    if (!writing) return as_found(vault, *firing, *look);
    Result<std::vector<Alert>> raised = settle(vault, session, *look);
    if (!raised) return raised;
    tell(vault, session, std::move(*raised));
    return firing_alerts(vault);
}

Result<std::vector<Alert>> list_alerts(OpenVault& vault, const Session& session, bool cleared) {
    if (Status allowed = require_operator(session, "see alerts"); !allowed) return fail(allowed);
    return ask_store(vault, [&](Database& database) { return oversight::list_alerts(database, cleared); });
}

Result<Alert> acknowledge_alert(OpenVault& vault, const Session& session, std::int64_t id) {
    return change_alert(vault, session, "AcknowledgeAlert", id, "acknowledge alerts",
                        [&](Database& database, AuditEvent& event) {
                            Result<Alert> alert = oversight::acknowledge_alert(database, id, session.actor(), vault.now());
                            if (alert) event.detail = oversight::Detail().text("rule", alert->rule).done();
                            return alert;
                        });
}

Result<Alert> silence_alert(OpenVault& vault, const Session& session, std::int64_t id, std::chrono::seconds time) {
    if (time < std::chrono::seconds(1) || time > kLongestSilence)
        return fail(ErrorCode::kInvalidInput, "An alert is silenced for a second to a year.");
    return change_alert(vault, session, "SilenceAlert", id, "silence alerts", [&](Database& database, AuditEvent& event) {
        const Timestamp until = vault.now() + time;
        Result<Alert> alert = oversight::silence_alert(database, id, until);
        if (alert) event.detail = oversight::Detail().text("rule", alert->rule).text("until", to_rfc3339(until)).done();
        return alert;
    });
}

void note_audit_verification(OpenVault& vault, const Session& session, const AuditVerification& verification) {
    constexpr std::array kRules{oversight::kRuleAuditBroken};
    if (!session.is_operator() || !can_write(vault)) return;
    Look look;
    look.add(oversight::find_audit(vault.options().alerts, verification), kRules);
    Result<std::vector<Alert>> raised = settle(vault, session, look);
    if (raised) tell(vault, session, std::move(*raised));
}

}  // namespace keydeck::custody
