#include <string>

#include "engine/custody/alerts.hpp"
#include "engine/custody/doctor_checks.hpp"
#include "engine/custody/jobs.hpp"
#include "engine/custody/migration/migrate.hpp"

namespace keydeck::custody {

Status find_interrupted_jobs(OpenVault& vault, const Session& session, Findings& findings) {
    constexpr std::int64_t kPage = 1'000;
    std::int64_t before = 0;
    while (true) {
        const Result<std::vector<JobInfo>> jobs = list_jobs(vault, session, before, kPage);
        if (!jobs) return fail(jobs);
        for (const JobInfo& job : *jobs) {
            if (job.state != "interrupted") continue;
            const std::string id = std::to_string(job.id);
            const bool of_fernet = job.kind == migration::kMigrateFernetKind || job.kind == migration::kRollBackFernetKind;
            findings.push_back(notice("interrupted-job",
                                      "Job " + id + " (" + job.title + ") was cut short: " + std::to_string(job.done) +
                                          " of " + std::to_string(job.total) + " are done, and its process is gone." +
                                          (of_fernet ? " Its Fernet keys are kept nowhere: give the command that began it "
                                                       "again, and it goes on."
                                                     : ""),
                                      of_fernet ? "keydeck job show " + id : "keydeck job resume " + id));
        }
        if (static_cast<std::int64_t>(jobs->size()) < kPage) return {};
        before = jobs->back().id;
    }
}

void check_audit(OpenVault& vault, const Session& session, Findings& findings) {
    const Result<AuditVerification> verified = vault.verify_audit(std::nullopt);
    if (!verified && verified.error().code == ErrorCode::kLocked) return;  // then it cannot be told
    if (!verified) {
        findings.push_back(
            problem("audit", "The audit log cannot be verified: " + verified.error().message, verified.error().hint));
        return;
    }
    note_audit_verification(vault, session, *verified);
    if (verified->valid) return;
    findings.push_back(problem("audit",
                               "The audit log is not as it was written. " + verified->reason +
                                   " Keep a copy of the vault, and compare with an export or a backup.",
                               "keydeck audit verify"));
}

}  // namespace keydeck::custody
