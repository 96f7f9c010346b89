#include "engine/custody/key_changes.hpp"

#include <chrono>
#include <span>

#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/key_journal.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

// Longer than any call with its retries takes.
constexpr auto kSurelyDead = std::chrono::minutes(10);

/// The event that the interrupted process would have written, with the outcome as far as it can be seen.
AuditEvent interrupted_event(const OpenVault& vault, const Session& session, const store::KeyJournalEntry& intent,
                             std::string_view state_now) {
    AuditEvent event = event_of(vault, session, intent.spec, intent.key_id);
    event.actor = intent.label;
    event.key_id = intent.key_id;
    event.result = to_string(ErrorCode::kInternal);
    event.detail = oversight::Detail()
                       .text("error", "It was cut short before its outcome was recorded.")
                       .text("begun_at", to_rfc3339(intent.created_at))
                       .text("state_now", state_now)
                       .text("recorded_by", session.actor())
                       .done();
    return event;
}

Status record_interrupted(OpenVault& vault, const Session& session, const store::KeyJournalEntry& intent,
                          std::string_view state_now) {
    AuditEvent event = interrupted_event(vault, session, intent, state_now);
    return vault.write([&](Database& database) { return finish_key_change(vault, database, intent.journal_id); },
                       std::span(&event, 1));
}

}  // namespace

Result<std::string> begin_key_change(OpenVault& vault, const AuditEvent& event) {
    store::KeyJournalEntry intent;
    intent.journal_id = vault.random().uuid();
    intent.purpose = kPurposeChange;
    intent.spec = event.action;
    intent.label = event.actor;
    intent.key_id = event.key_id;
    intent.created_at = vault.now();
    Status written = vault.write([&](Database& database) { return store::open_journal(database, intent); });
    if (!written) return fail(written);
    return std::move(intent.journal_id);
}

Status finish_key_change(OpenVault& vault, Database& database, std::string_view intent) {
    return store::finish_journal(database, intent, vault.now());
}

Status find_interrupted_changes(OpenVault& vault, const Session& session, std::vector<DoctorFinding>& findings) {
    const auto open = ask_store(vault, [](Database& database) { return store::unfinished_journal(database); });
    if (!open) return fail(open);
    for (const store::KeyJournalEntry& intent : *open) {
        if (intent.purpose != kPurposeChange) continue;
        const Result<std::string> state = refresh_key_state(vault, intent.key_id);
        const std::string now = state ? *state : "unknown";
        std::string sentence = intent.spec + " of key " + intent.key_id + " was begun by " + intent.label + " at " +
                               to_rfc3339(intent.created_at) + " and no outcome was recorded; the key's state is now " +
                               now + ".";
        const bool old = vault.now() - intent.created_at >= kSurelyDead;
        if (old && !vault.options().read_only && record_interrupted(vault, session, intent, now)) {
            sentence += " The audit log says so from now on.";
        }
        findings.push_back({"interrupted-change", "notice", std::move(sentence), "keydeck doctor", intent.key_id});
    }
    return {};
}

}  // namespace keydeck::custody
