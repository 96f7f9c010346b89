#include "engine/custody/rewrap_walk.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "engine/custody/assembly_line.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/envelope.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/rewrap_move.hpp"
#include "engine/custody/rewrap_row.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/sealed_rows.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;
using store::SealedRow;
using Instant = std::chrono::steady_clock::time_point;

// Rows that one thread takes at a time: few where each takes a network's time and there are many threads.
constexpr std::size_t kPiece = 32;
constexpr std::size_t kRemotePiece = 4;
// Rows read ahead of those that are committed: the commit of one batch must not idle the others.
constexpr std::size_t kRowsAhead = 8192;
constexpr std::int64_t kRowsARead = 512;
// A commit waits for the disk, and writes whole pages; a pause is heeded with the next one. Over a network a job is to keep
// up with the calls of 32 threads.
constexpr std::size_t kRowsACommit = 500;
constexpr std::size_t kRemoteRowsACommit = 2000;
constexpr auto kTimeACommit = std::chrono::milliseconds(500);

struct Piece {
    std::vector<SealedRow> rows;
    std::shared_ptr<const store::KeyVersions> versions;  ///< known before the rows are sealed
};

/// What became of a row.
struct Outcome {
    SealedRow row;
    std::string key_id;            ///< what it is sealed under now
    std::int64_t key_version = 1;  ///< of that key
    Result<store::SealedColumns> sealed;
    bool stops = false;  ///< the failure is not the row's: nothing more is begun

    [[nodiscard]] std::string name() const { return checksum_address(row.address); }
};

/// The work of one thread on one row.
class RowWorker {
public:
    RowWorker(RewrapWalk& walk, kms::Kms& kms) : walk_(walk), kms_(kms) {}

    [[nodiscard]] Outcome operator()(SealedRow row, const store::KeyVersions& versions) const {
        Outcome outcome{std::move(row), {}, 1, {}, false};
        RewrapMove move = move_to_a_key(walk_, outcome.row.key_id, versions, [&](const std::string& key_id) -> Status {
            Result<store::SealedColumns> sealed =
                reseal(kms_, walk_.vault.random(), walk_.vault.record().id, outcome.row, key_id, walk_.plan.fresh_data_keys);
            if (!sealed) return fail(sealed);
            outcome.sealed = std::move(*sealed);
            return {};
        });
        if (!move.done) {
            outcome.sealed = std::unexpected(std::move(move.done.error()));
            if (is_broken_seal(outcome.sealed.error()))
                walk_.vault.usage().note(outcome.row.key_id, "Decrypt", oversight::kSealBroken);
        }
        outcome.key_id = std::move(move.key_id);
        outcome.key_version = move.key_version;
        outcome.stops = move.stops;
        return outcome;
    }

private:
    RewrapWalk& walk_;
    kms::Kms& kms_;
};

/// One walk on its way. Of one thread.
class Walk {
public:
    Walk(RewrapWalk& shared, kms::Kms& kms) : shared_(shared), worker_(shared, kms) {}

    Status run() {
        if (Status loaded = load_failures(); !loaded) return loaded;
        while (true) {
            const std::int64_t begin = read_to_;
            const std::int64_t settled_before = settled_;
            if (Status walked = walk_once(); !walked) return walked;
            if (!shared_.plan.empties_its_rows() || (begin == 0 && settled_ == settled_before)) return {};
            read_to_ = floor_ = 0;  // what fits by now has any id
        }
    }

private:
    Status load_failures() {
        constexpr std::int64_t kAll = INT64_MAX;
        read_to_ = floor_ = shared_.job.position();
        const auto failures = ask_store(
            shared_.vault, [&](Database& database) { return store::job_failures(database, shared_.job.id(), kAll); });
        if (!failures) return fail(failures);
        for (const JobFailure& failure : *failures) failed_.insert(failure.item);
        return {};
    }

    Status walk_once() {
        bool ended = false;
        Line line(calls_at_once(shared_.vault), shared_.progress.stop, [this](Piece piece) {
            std::vector<Outcome> outcomes;
            outcomes.reserve(piece.rows.size());
            for (SealedRow& row : piece.rows) {
                if (auto error = halted()) {
                    outcomes.push_back({std::move(row), {}, 1, std::unexpected(std::move(*error)), true});
                    break;
                }
                outcomes.push_back(worker_(std::move(row), *piece.versions));
                if (outcomes.back().stops) halt(outcomes.back().sealed.error());
            }
            return outcomes;
        });
        last_commit_ = std::chrono::steady_clock::now();
        while (true) {
            while (!ended && rows_in_line_ < kRowsAhead) {
                if (Status read = read_more(line, ended); !read) return read;
            }
            if (line.waiting() == 0) break;
            std::vector<Outcome> outcomes = line.take();
            for (Outcome& outcome : outcomes) {
                --rows_in_line_;
                if (outcome.stops) return stop_at(outcome);
                batch_.push_back(std::move(outcome));
            }
            if (!is_time_to_commit()) continue;
            if (Status committed = commit_batch(); !committed) return committed;
            if (Status go_on = may_go_on(shared_); !go_on) return go_on;
        }
        rows_in_line_ = 0;
        return commit_batch();
    }

    using Line = AssemblyLine<Piece, std::vector<Outcome>>;

    /// What stopped one of the threads: what the others would do now is thrown away.
    void halt(const Error& error) {
        const std::scoped_lock lock(halt_mutex_);
        if (!halt_error_) halt_error_ = error;
    }
    std::optional<Error> halted() {
        const std::scoped_lock lock(halt_mutex_);
        return halt_error_;
    }

    /// With the versions of the keys, read before: what is sealed from now on is of that version or a newer one.
    Result<std::vector<SealedRow>> read_rows(const store::SealedRowQuery& query, std::int64_t after, std::int64_t limit,
                                             std::shared_ptr<const store::KeyVersions>& versions) {
        return ask_store(shared_.vault, [&](Database& database) -> Result<std::vector<SealedRow>> {
            Result<store::KeyVersions> known = store::key_versions(database);
            if (!known) return fail(known);
            versions = std::make_shared<const store::KeyVersions>(std::move(*known));
            return store::sealed_rows(database, query, after, limit);
        });
    }

    Status read_more(Line& line, bool& ended) {
        std::shared_ptr<const store::KeyVersions> versions;
        Result<std::vector<SealedRow>> rows = read_rows(shared_.plan.query(), read_to_, kRowsARead, versions);
        if (!rows) return fail(rows);
        ended = std::cmp_less(rows->size(), kRowsARead);
        if (!rows->empty()) read_to_ = rows->back().id;
        std::erase_if(*rows, [&](const SealedRow& row) { return failed_.contains(checksum_address(row.address)); });
        const std::size_t size = shared_.vault.has_remote_kms() ? kRemotePiece : kPiece;
        for (std::size_t begin = 0; begin < rows->size(); begin += size) {
            const std::size_t end = std::min(begin + size, rows->size());
            Piece piece{{}, versions};
            piece.rows.assign(std::make_move_iterator(rows->begin() + static_cast<std::ptrdiff_t>(begin)),
                              std::make_move_iterator(rows->begin() + static_cast<std::ptrdiff_t>(end)));
            rows_in_line_ += piece.rows.size();
            line.put(std::move(piece));
        }
        return {};
    }

    [[nodiscard]] bool is_time_to_commit() const {
        const std::size_t many = shared_.vault.has_remote_kms() ? kRemoteRowsACommit : kRowsACommit;
        if (batch_.size() >= many || shared_.progress.stop.stop_requested()) return true;
        return !batch_.empty() && std::chrono::steady_clock::now() - last_commit_ >= kTimeACommit;
    }

    /// Commits what is whole, and answers with what stopped the walk.
    Status stop_at(const Outcome& outcome) {
        if (Status committed = commit_batch(); !committed) return committed;
        if (Status go_on = may_go_on(shared_); !go_on) return go_on;
        return std::unexpected(outcome.sealed.error());
    }

    /// Commits the batch; rows that changed meanwhile, or whose new key was closed, are looked at again until they are
    /// settled too.
    Status commit_batch() {
        while (!batch_.empty()) {
            std::vector<std::int64_t> unsettled;
            if (Status written = write_batch(unsettled); !written) return written;
            batch_.clear();
            if (!unsettled.empty()) {
                if (Status redone = redo(std::move(unsettled)); !redone) return redone;
            }
        }
        last_commit_ = std::chrono::steady_clock::now();
        return {};
    }

    /// The rows of the batch that are settled by it, in one DbTransaction with their count and their audit events. The
    /// others leave it: their ids are `unsettled`.
    Status write_batch(std::vector<std::int64_t>& unsettled) {
        const std::int64_t last = std::max(batch_.back().row.id, after_redo_);
        while (true) {
            std::vector<std::size_t> changed;
            std::vector<AuditEvent> events;
            events.reserve(batch_.size());
            for (const Outcome& outcome : batch_) events.push_back(event_for(outcome));
            const std::int64_t position = unsettled.empty() ? last : std::ranges::min(unsettled) - 1;
            Status written = shared_.vault.write(
                [&](Database& database) -> Status {
                    Result<std::vector<std::size_t>> stale = replace(database);
                    if (!stale) return fail(stale);
                    changed = std::move(*stale);
                    if (!changed.empty()) return fail(ErrorCode::kInternal, "Some rows changed meanwhile.");
                    return count(database, position);
                },
                events);
            if (written) {
                after_redo_ = unsettled.empty() ? 0 : last;
                note_committed();
                return {};
            }
            if (changed.empty()) return written;
            for (auto at = changed.rbegin(); at != changed.rend(); ++at) {
                unsettled.push_back(batch_[*at].row.id);
                batch_.erase(batch_.begin() + static_cast<std::ptrdiff_t>(*at));
            }
            if (batch_.empty()) {
                after_redo_ = last;
                return {};
            }
        }
    }

    /// Answers the places of the rows that cannot be replaced any more.
    Result<std::vector<std::size_t>> replace(Database& database) {
        std::vector<std::size_t> stale;
        std::vector<std::size_t> places;
        std::vector<store::Resealing> changes;
        std::map<std::string, bool, std::less<>> usable;
        for (std::size_t i = 0; i < batch_.size(); ++i) {
            const Outcome& outcome = batch_[i];
            if (!outcome.sealed) continue;
            const auto [known, is_new] = usable.try_emplace(outcome.key_id, false);
            if (is_new) {
                const Result<bool> open = takes_new(shared_, database, outcome.key_id, outcome.row.key_id);
                if (!open) return fail(open);
                known->second = *open;
                if (!*open) shared_.targets.leave_out(outcome.key_id);
            }
            if (!known->second) {
                stale.push_back(i);
                continue;
            }
            places.push_back(i);
            changes.push_back({&outcome.row, outcome.key_id, outcome.key_version, &*outcome.sealed});
        }
        const Result<std::vector<std::size_t>> unchanged = store::reseal_rows(database, changes, fresh_since(shared_));
        if (!unchanged) return fail(unchanged);
        for (const std::size_t i : *unchanged) stale.push_back(places[i]);
        std::ranges::sort(stale);
        return stale;
    }

    Status count(Database& database, std::int64_t position) {
        std::int64_t done = 0;
        std::int64_t failed = 0;
        for (const Outcome& outcome : batch_) {
            if (outcome.sealed) {
                ++done;
                continue;
            }
            ++failed;
            const std::string& why = outcome.sealed.error().message;
            if (Status noted = shared_.job.note_failure(database, outcome.name(), why); !noted) return noted;
        }
        return shared_.job.count(database, done, failed, std::max(position, floor_));
    }

    void note_committed() {
        shared_.job.committed();
        for (const Outcome& outcome : batch_) {
            if (!outcome.sealed) failed_.insert(outcome.name());
            if (outcome.sealed && outcome.row.custody == Custody::kKeyPair) ++shared_.key_pairs_moved;
        }
        floor_ = shared_.job.position();
        settled_ += static_cast<std::int64_t>(batch_.size());
        if (shared_.progress.report) {
            shared_.progress.report(shared_.job.done() + shared_.job.failed(), shared_.job.total());
        }
    }

    /// Reads rows again and works on those that still are to be moved; they are the next batch.
    Status redo(std::vector<std::int64_t> ids) {
        std::ranges::sort(ids);
        store::SealedRowQuery query = shared_.plan.query();
        query.ids = std::move(ids);
        std::shared_ptr<const store::KeyVersions> versions;
        Result<std::vector<SealedRow>> rows = read_rows(query, 0, static_cast<std::int64_t>(query.ids.size()), versions);
        if (!rows) return fail(rows);
        const kms::CallScope scope(shared_.progress.stop);
        for (SealedRow& row : *rows) {
            Outcome outcome = worker_(std::move(row), *versions);
            if (outcome.stops) return std::unexpected(std::move(outcome.sealed.error()));
            batch_.push_back(std::move(outcome));
        }
        return {};
    }

    [[nodiscard]] AuditEvent event_for(const Outcome& outcome) const {
        AuditEvent event = event_of(shared_.vault, shared_.session, "RewrapWallet", outcome.name());
        event.user = outcome.row.user;
        event.key_id = outcome.sealed ? outcome.key_id : outcome.row.key_id;
        oversight::Detail detail;
        detail.number("job", shared_.job.id()).text("from", outcome.row.key_id);
        if (outcome.sealed) detail.text("to", outcome.key_id).number("version", outcome.key_version);
        if (shared_.plan.fresh_data_keys && outcome.row.custody == Custody::kEnvelope) detail.boolean("fresh", true);
        event.detail = detail.done();
        if (!outcome.sealed) mark_failed(event, outcome.sealed.error());
        return event;
    }

    RewrapWalk& shared_;
    RowWorker worker_;
    std::mutex halt_mutex_;
    std::optional<Error> halt_error_;
    std::vector<Outcome> batch_;    // in the order of the ids
    std::set<std::string> failed_;  // they are not tried again by this job
    std::int64_t read_to_ = 0;
    std::int64_t floor_ = 0;       // the job's position does not go back below it, but with a new walk over the rows
    std::int64_t after_redo_ = 0;  // the position to come, once rows that changed meanwhile are settled; 0: none
    std::int64_t settled_ = 0;
    std::size_t rows_in_line_ = 0;
    Instant last_commit_;
};

}  // namespace

Status walk_rows(RewrapWalk& walk) {
    const Result<kms::Kms*> kms = walk.vault.unlocked_kms();
    if (!kms) return fail(kms);
    Status walked = Walk(walk, **kms).run();
    if (walked || walked.error().code != ErrorCode::kCancelled) return walked;
    // A call that was cut short says so in the KMS's words.
    if (Status stopped = may_go_on(walk); !stopped) return stopped;
    return walked;
}

}  // namespace keydeck::custody
