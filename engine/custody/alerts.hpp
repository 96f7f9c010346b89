// Alerts: looked for, raised, cleared, acknowledged, silenced.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Operator only. As Engine::check_alerts(). Keys whose rotation seems late, or whose deletion seems due, are asked about
/// first: the KMS may have done it by itself. The audit log is read in part, in turns, and whole while it is known to be
/// broken, however long that takes: an alert must not clear because another part is looked at.
[[nodiscard]] Result<std::vector<Alert>> check_alerts(OpenVault& vault, const Session& session, bool write);
[[nodiscard]] Result<std::vector<Alert>> list_alerts(OpenVault& vault, const Session& session, bool cleared);
[[nodiscard]] Result<Alert> acknowledge_alert(OpenVault& vault, const Session& session, std::int64_t id);
/// Errors: invalid_input (less than a second, more than a year).
[[nodiscard]] Result<Alert> silence_alert(OpenVault& vault, const Session& session, std::int64_t id,
                                          std::chrono::seconds time);

/// Raises or clears audit-broken by what a verification of the whole log has found, where the vault can be written.
void note_audit_verification(OpenVault& vault, const Session& session, const AuditVerification& verification);

}  // namespace keydeck::custody
