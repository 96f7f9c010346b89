#include "engine/custody/doctor.hpp"

#include <span>
#include <string>
#include <unordered_set>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/doctor_checks.hpp"
#include "engine/custody/key_changes.hpp"
#include "engine/custody/vault_lock.hpp"

namespace keydeck::custody {

namespace {

/// A change that was cut short explains the state, and says more.
void drop_explained(Findings& findings) {
    std::unordered_set<std::string> explained;
    for (const DoctorFinding& finding : findings) {
        if (finding.check == "interrupted-change") explained.insert(finding.key_id);
    }
    std::erase_if(findings, [&](const DoctorFinding& finding) {
        return finding.check == "stale-state" && explained.contains(finding.key_id);
    });
}

}  // namespace

Result<std::vector<DoctorFinding>> doctor(OpenVault& vault, const Session& session) {
    if (Status allowed = require_operator(session, "call the doctor"); !allowed) return fail(allowed);
    const Result<VaultLock> lock = VaultLock::take(vault.options().directory, VaultLock::Kind::kExclusive);
    if (!lock) return fail(lock);
    Findings findings;
    std::unordered_set<std::string> journals_with_key;
    if (Status checked = check_clock(vault, findings); !checked) return fail(checked);
    if (Status looked = find_wrong_keys(vault, findings); !looked) return fail(looked);
    if (Status looked = find_orphans(vault, findings, journals_with_key); !looked) return fail(looked);
    if (Status closed = close_empty_journals(vault, journals_with_key); !closed) return fail(closed);
    if (Status looked = find_interrupted_changes(vault, session, findings); !looked) return fail(looked);
    drop_explained(findings);
    if (Status purged = finish_purge(vault, findings); !purged) return fail(purged);
    if (Status looked = find_wrong_aliases(vault, findings); !looked) return fail(looked);
    if (Status looked = find_interrupted_jobs(vault, session, findings); !looked) return fail(looked);
    check_aws(vault, findings);
    find_open_files(vault, findings);
    find_leftovers(vault, findings);
    if (Status looked = find_damage(vault, findings); !looked) return fail(looked);
    check_audit(vault, session, findings);
    if (!secrets_are_locked()) {
        findings.push_back(
            {"locked-memory",
             "notice",
             "Opened keys are not locked into memory: the system could write them to swap (RLIMIT_MEMLOCK is too low).",
             "ulimit -l unlimited",
             {}});
    }
    return findings;
}

Status confirm_clock(OpenVault& vault, const Session& session) {
    AuditEvent event = event_of(vault, session, "ConfirmClock", {});
    return audited(vault, event, [&]() -> Status {
        if (Status allowed = require_operator(session, "confirm the clock"); !allowed) return allowed;
        if (Status writable = vault.require_writable(); !writable) return writable;
        kms::LocalKms* local = vault.local_kms();
        if (local == nullptr) {
            return fail(ErrorCode::kRejected, "This vault's keys are in AWS, which goes by its own clock.");
        }
        if (Status confirmed = local->confirm_clock(); !confirmed) return confirmed;
        return vault.write({}, std::span(&event, 1));
    });
}

}  // namespace keydeck::custody
