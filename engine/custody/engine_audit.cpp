// The engine's verbs on the audit log.
#include "engine/custody/access.hpp"
#include "engine/custody/alerts.hpp"
#include "engine/custody/archiving.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/engine.hpp"
#include "engine/oversight/audit_archive.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/oversight/cloudtrail.hpp"

namespace keydeck {
namespace {

/// Events bear names, and a name may have belonged to somebody else before: what is older than the user is not the user's to
/// see.
Result<std::vector<AuditEvent>> list_own_events(sqlite::Database& database, AuditQuery query, Timestamp since) {
    for (;;) {
        Result<std::vector<AuditEvent>> events = oversight::list_audit(database, query);
        if (!events || events->empty()) return events;
        const bool last_page = static_cast<std::int64_t>(events->size()) < query.page.limit;
        const std::int64_t next = query.page.backwards ? events->front().id : events->back().id;
        std::erase_if(*events, [since](const AuditEvent& event) { return event.time < since; });
        if (!events->empty() || last_page) return events;
        query.page.after = next;
    }
}

}  // namespace

Result<std::vector<AuditEvent>> Engine::list_audit(const Session& session, const AuditQuery& query) {
    return custody::ask_store(*vault_, [&](sqlite::Database& database) -> Result<std::vector<AuditEvent>> {
        AuditQuery own = query;
        if (!session.is_operator()) {
            const Result<User> user =
                custody::find_user(database, session, query.user.empty() ? *session.user() : query.user);
            if (!user) return fail(user);
            own.user = user->name;
            return list_own_events(database, own, user->created_at);
        }
        return oversight::list_audit(database, own);
    });
}

Result<AuditVerification> Engine::verify_audit(const Session& session, const std::optional<Hash32>& expected_head) {
    if (Status allowed = custody::require_operator(session, "verify the audit log"); !allowed) return fail(allowed);
    Result<AuditVerification> verified = vault_->verify_audit(expected_head);
    // A head noted somewhere else may be another vault's: that the chain is broken it does not say.
    if (verified && (verified->valid || !expected_head)) custody::note_audit_verification(*vault_, session, *verified);
    return verified;
}

Result<AuditArchive> Engine::archive_audit(const Session& session, Timestamp before, const std::filesystem::path& file) {
    const Result<VaultInfo> info = vault();
    if (!info) return fail(info);
    return custody::archive_audit(*vault_, session, *info, before, file);
}

Result<AuditVerification> Engine::verify_audit_archives(const Session& session, std::span<const std::filesystem::path> files,
                                                        const std::optional<Hash32>& expected_head) {
    if (Status allowed = custody::require_operator(session, "verify the audit log"); !allowed) return fail(allowed);
    return custody::ask_sealed(*vault_, [&](sqlite::Database& database, const oversight::AuditSeal& seal) {
        return oversight::verify_audit_archives(database, seal, files, expected_head);
    });
}

std::string Engine::to_cloudtrail_json(const AuditEvent& event, const VaultInfo& vault) {
    return oversight::to_cloudtrail_json(event, vault);
}

}  // namespace keydeck
