// One making of wallets on its way, and how what was made is committed. Internal to wallet_creation.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/custody/job_run.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {

/// What was asked, and what is there already.
struct Making {
    OpenVault& vault;
    const Session& session;
    const CreateWallets& request;
    const Progress& progress;
    User user;
    std::optional<JobRun> job;                ///< of many wallets
    std::vector<Wallet> done{};               ///< by this call
    std::int64_t done_before = 0;             ///< by calls that were stopped
    std::vector<std::int64_t> free_labels{};  ///< of a job that goes on: the numbers that no wallet bears yet
    std::optional<std::int64_t> resumes{};    ///< the job that was named, instead of one that is found by its request

    [[nodiscard]] std::int64_t all_done() const { return done_before + static_cast<std::int64_t>(done.size()); }
    [[nodiscard]] std::int64_t left() const { return request.count - all_done(); }
    /// Of the n-th wallet of all, counted from 0.
    [[nodiscard]] std::string label(std::int64_t n) const {
        if (request.label.empty() || request.count == 1) return request.label;
        return numbered(free_labels.empty() ? n + 1 : free_labels[static_cast<std::size_t>(n - done_before)]);
    }
    [[nodiscard]] std::string numbered(std::int64_t number) const { return request.label + "-" + std::to_string(number); }
    /// Error: cancelled, once another process has asked to pause or cancel the job.
    [[nodiscard]] Status may_go_on() const { return job && left() > 0 ? job->asked_to_stop() : Status{}; }
    /// Counts wallets in the DbTransaction that inserts them.
    Status count(sqlite::Database& database, std::size_t more) {
        return job ? job->count(database, static_cast<std::int64_t>(more)) : Status{};
    }
};

[[nodiscard]] AuditEvent created_event(const Making& making, const store::NewWallet& row);

/// Reads rows just committed back as the lists show them. Their ids follow one another.
[[nodiscard]] Status collect(Making& making, std::int64_t first_id, std::size_t count);

/// Error: cancelled, with what was made until then.
[[nodiscard]] std::unexpected<Error> stopped(const Making& making);

/// What failed after some wallets were committed says so.
[[nodiscard]] Status with_count_done(const Making& making, Status status);

/// Labels, records and commits rows sealed under pool keys, which must still be enabled.
[[nodiscard]] Status commit_sealed(Making& making, std::vector<store::NewWallet> rows);

}  // namespace keydeck::custody
