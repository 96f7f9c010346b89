#include "engine/custody/key_change.hpp"

#include <span>
#include <string>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_changes.hpp"
#include "engine/custody/key_view.hpp"

namespace keydeck::custody {

Result<KeyInfo> change_key(OpenVault& vault, const Session& session, std::string_view action, std::string_view reference,
                           const KeyChange& change) {
    AuditEvent event = event_of(vault, session, action, reference);
    Result<std::string> intent;
    const Status done = [&]() -> Status {
        if (Status allowed = require_operator(session, "manage keys"); !allowed) return allowed;
        if (Status writable = vault.require_writable(); !writable) return writable;
        const Result<kms::Kms*> kms = vault.unlocked_kms();
        if (!kms) return fail(kms);
        const Result<kms::KeyMetadata> metadata = (*kms)->describe_key(reference);
        if (!metadata) return fail(metadata);
        event.target = metadata->key_id;
        event.key_id = metadata->key_id;
        // A change that could not be written down is not begun.
        if (Status trusted = vault.check_audit_head(); !trusted) return trusted;
        intent = begin_key_change(vault, event);
        if (!intent) return fail(intent);
        return change(**kms, *metadata, event);
    }();
    if (!done) mark_failed(event, done.error());
    const Status written = vault.write(
        [&](sqlite::Database& database) {
            return intent && !intent->empty() ? finish_key_change(vault, database, *intent) : Status{};
        },
        std::span(&event, 1));
    if (!done) return fail(done);
    if (!written) return fail(written);
    return view_key(vault, event.key_id);
}

}  // namespace keydeck::custody
