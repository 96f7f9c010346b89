// What the doctor looks at, by noun. Internal to the doctor.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

using Findings = std::vector<DoctorFinding>;

[[nodiscard]] inline DoctorFinding problem(std::string_view check, std::string sentence, std::string command,
                                           std::string key_id = {}) {
    return {std::string(check), "problem", std::move(sentence), std::move(command), std::move(key_id)};
}
[[nodiscard]] inline DoctorFinding notice(std::string_view check, std::string sentence, std::string command,
                                          std::string key_id = {}) {
    return {std::string(check), "notice", std::move(sentence), std::move(command), std::move(key_id)};
}

/// What to do where the KMS does not tell: give the credentials the rights they lack, else ask again.
[[nodiscard]] inline std::string way_to_be_told(const Error& error) {
    return error.code == ErrorCode::kDenied ? "keydeck config iam-policy" : "keydeck doctor";
}

// Files (doctor_files.cpp): modes, and whether both databases are whole.
void find_open_files(OpenVault& vault, Findings& findings);
[[nodiscard]] Status find_damage(OpenVault& vault, Findings& findings);
/// What a restore that was cut short has left beside the vault, with the vault's keys in it.
void find_leftovers(OpenVault& vault, Findings& findings);
/// Takes what destroyed wallets may have left in the WAL, should somebody have held an old snapshot when they were
/// destroyed.
[[nodiscard]] Status finish_purge(OpenVault& vault, Findings& findings);

// Keys the KMS has and the store does not (orphans.cpp).
[[nodiscard]] Status find_orphans(OpenVault& vault, Findings& findings, std::unordered_set<std::string>& journals_with_key);
/// Journal rows whose key was never made. Under the exclusive lock nobody is just making one.
[[nodiscard]] Status close_empty_journals(OpenVault& vault, const std::unordered_set<std::string>& journals_with_key);

// Keys the store has (doctor_keys.cpp): gone, foreign, otherwise than the store thought, late, retiring, old versions.
[[nodiscard]] Status find_wrong_keys(OpenVault& vault, Findings& findings);
/// The name a pool key has in the KMS by its place in the pool; empty for others.
[[nodiscard]] std::string pool_alias_of(const store::KeyRecord& key);
/// The aliases of the pool's keys: gone, or pointing elsewhere.
[[nodiscard]] Status find_wrong_aliases(OpenVault& vault, Findings& findings);

// Clocks, and what AWS allows (doctor_kms.cpp).
[[nodiscard]] Status check_clock(OpenVault& vault, Findings& findings);
/// By AWS's last answer: after what calls it.
void check_aws(OpenVault& vault, Findings& findings);

// What was begun and not ended, and the audit log (doctor_work.cpp).
[[nodiscard]] Status find_interrupted_jobs(OpenVault& vault, const Session& session, Findings& findings);
void check_audit(OpenVault& vault, const Session& session, Findings& findings);

}  // namespace keydeck::custody
