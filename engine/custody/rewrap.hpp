// Moving what is sealed under one key to another, or to the newest version of its own, without ever being without a
// ciphertext that opens.
#pragma once

#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

inline constexpr std::string_view kRewrapKind = "rewrap";

/// Engine::rewrap. Each row is sealed anew, opened once from what it will be, and only then replaced, in the DbTransaction
/// that counts and records it; a row that changed meanwhile is looked at again. Errors that stop all of it (a KMS out of
/// reach, throttling after its retries) leave the job paused.
[[nodiscard]] Result<JobInfo> rewrap(OpenVault& vault, const Session& session, const Rewrap& request,
                                     const Progress& progress);

/// Goes on with a job of kind kRewrapKind.
[[nodiscard]] Result<JobInfo> resume_rewrap(OpenVault& vault, const Session& session, const store::JobRecord& job,
                                            const Progress& progress);

}  // namespace keydeck::custody
