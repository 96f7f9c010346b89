#include "engine/custody/rewrap_secrets.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/custody/audit_trail.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/rewrap_move.hpp"
#include "engine/custody/secrets/secret_seal.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/sealed_secrets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;
using store::SealedSecretRow;

// Above every wallet's id: a job that has this position has settled its wallets.
constexpr std::int64_t kSecretPositions = std::int64_t{1} << 62;
// Secrets are few beside wallets, and may be megabytes each: a page is worked on and committed before the next is read.
constexpr std::int64_t kRowsACommit = 128;

/// What somebody put under a key by name stays there until that key is named: without a key to empty, only the pool's
/// secrets go elsewhere.
store::SealedRowQuery query_of(const RewrapPlan& plan) {
    store::SealedRowQuery query = plan.query();
    query.pool_only = plan.from.empty() && !plan.stays_under_its_key();
    return query;
}

struct Outcome {
    SealedSecretRow row;
    store::SealedSecret sealed;
    RewrapMove move;

    [[nodiscard]] std::string name() const {
        return "secret " + row.name + " (" + row.environment + (row.user.empty() ? "" : ", " + row.user) + "), #" +
               std::to_string(row.secret_id) + " version " + std::to_string(row.version.version);
    }
};

/// Of one thread, which commits; the KMS calls of a page are made by many.
class SecretWalk {
public:
    SecretWalk(RewrapWalk& walk, kms::Kms& kms) : walk_(walk), kms_(kms), query_(query_of(walk.plan)) {}

    Status run() {
        if (Status loaded = load_failures(); !loaded) return loaded;
        std::int64_t after = std::max<std::int64_t>(walk_.job.position() - kSecretPositions, 0);
        while (true) {
            const std::int64_t begin = after;
            const std::int64_t settled_before = settled_;
            while (true) {
                const Result<bool> more = walk_page(after);
                if (!more) return fail(more);
                if (!*more) break;
            }
            if (!walk_.plan.empties_its_rows() || (begin == 0 && settled_ == settled_before)) return {};
            after = 0;  // what was sealed under it meanwhile has any id
        }
    }

private:
    Status load_failures() {
        const auto failures = ask_store(
            walk_.vault, [&](Database& database) { return store::job_failures(database, walk_.job.id(), INT64_MAX); });
        if (!failures) return fail(failures);
        for (const JobFailure& failure : *failures) failed_.insert(failure.item);
        return {};
    }

    /// Reads, moves and commits one page; false where nothing follows `after`.
    Result<bool> walk_page(std::int64_t& after) {
        Result<std::vector<Outcome>> page = read(query_, after, kRowsACommit);
        if (!page) return fail(page);
        if (page->empty()) return false;
        after = page->back().row.id;
        std::erase_if(*page, [&](const Outcome& outcome) { return failed_.contains(outcome.name()); });
        if (Status moved = move_and_commit(std::move(*page), after); !moved) return fail(moved);
        if (Status go_on = may_go_on(walk_); !go_on) return fail(go_on);
        return true;
    }

    /// With the versions of the keys, read before: what is sealed from now on is of that version or a newer one.
    Result<std::vector<Outcome>> read(const store::SealedRowQuery& query, std::int64_t after, std::int64_t limit) {
        return ask_store(walk_.vault, [&](Database& database) -> Result<std::vector<Outcome>> {
            Result<store::KeyVersions> versions = store::key_versions(database);
            if (!versions) return fail(versions);
            versions_ = std::move(*versions);
            Result<std::vector<SealedSecretRow>> rows = store::sealed_secrets(database, query, after, limit);
            if (!rows) return fail(rows);
            std::vector<Outcome> outcomes;
            outcomes.reserve(rows->size());
            for (SealedSecretRow& row : *rows) outcomes.push_back({std::move(row), {}, {}});
            return outcomes;
        });
    }

    /// Rows that changed meanwhile, or whose new key was closed, are looked at again until they are settled too.
    Status move_and_commit(std::vector<Outcome> batch, std::int64_t position) {
        while (!batch.empty()) {
            for_each_in_parallel(batch.size(), calls_at_once(walk_.vault), walk_.progress.stop,
                                 [&](std::size_t i) { move(batch[i]); });
            std::optional<Error> stopped;
            for (const Outcome& outcome : batch) {
                if (outcome.move.stops && !stopped) stopped = outcome.move.done.error();
            }
            // What follows the first that was not moved, nor failed by itself, is given up: it is moved when this goes on.
            const auto first = std::ranges::find_if(batch, [](const Outcome& outcome) {
                return outcome.move.stops || (outcome.move.done && outcome.move.key_id.empty());
            });
            if (first != batch.end()) position = first->row.id - 1;
            batch.erase(first, batch.end());
            std::vector<std::int64_t> unsettled;
            if (Status committed = commit(batch, position, unsettled); !committed) return committed;
            if (stopped) return std::unexpected(std::move(*stopped));
            if (Status go_on = may_go_on(walk_); !go_on) return go_on;
            if (unsettled.empty()) return {};
            store::SealedRowQuery again = query_;
            again.ids = std::move(unsettled);
            Result<std::vector<Outcome>> reread = read(again, 0, static_cast<std::int64_t>(again.ids.size()));
            if (!reread) return fail(reread);
            batch = std::move(*reread);
        }
        return {};
    }

    void move(Outcome& outcome) {
        const SealedSecretRow& row = outcome.row;
        const SecretPlace place{walk_.vault.record().id, row.secret_id,       row.user_id, row.version.version, row.name,
                                row.environment,         &row.version.context};
        outcome.move = move_to_a_key(walk_, row.version.key_id, versions_, [&](const std::string& key_id) -> Status {
            Result<store::SealedSecret> sealed = reseal_secret(kms_, walk_.vault.random(), row.version.key_id, key_id, place,
                                                               row.sealed, walk_.plan.fresh_data_keys);
            if (!sealed) return fail(sealed);
            outcome.sealed = std::move(*sealed);
            return {};
        });
    }

    /// What is settled, in one DbTransaction with its count and its audit events. Nothing below `position` is left then, but
    /// what is unsettled.
    Status commit(std::vector<Outcome>& batch, std::int64_t position, std::vector<std::int64_t>& unsettled) {
        while (!batch.empty()) {
            std::vector<std::size_t> stale;
            std::vector<AuditEvent> events;
            events.reserve(batch.size());
            for (const Outcome& outcome : batch) events.push_back(event_for(outcome));
            const std::int64_t reached = unsettled.empty() ? position : std::min(position, std::ranges::min(unsettled) - 1);
            Status written = walk_.vault.write(
                [&](Database& database) -> Status {
                    Result<std::vector<std::size_t>> changed = replace(database, batch);
                    if (!changed) return fail(changed);
                    stale = std::move(*changed);
                    if (!stale.empty()) return fail(ErrorCode::kInternal, "Some secrets changed meanwhile.");
                    return count(database, batch, reached);
                },
                events);
            if (written) {
                note_committed(batch);
                return {};
            }
            if (stale.empty()) return written;
            for (auto at = stale.rbegin(); at != stale.rend(); ++at) {
                unsettled.push_back(batch[*at].row.id);
                batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(*at));
            }
        }
        return {};
    }

    /// Answers the places of the rows that cannot be replaced any more.
    Result<std::vector<std::size_t>> replace(Database& database, const std::vector<Outcome>& batch) {
        std::vector<std::size_t> stale;
        std::vector<std::size_t> places;
        std::vector<store::SecretResealing> changes;
        std::map<std::string, bool, std::less<>> usable;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const Outcome& outcome = batch[i];
            if (!outcome.move.done) continue;
            const auto [known, is_new] = usable.try_emplace(outcome.move.key_id, false);
            if (is_new) {
                const Result<bool> open = takes_new(walk_, database, outcome.move.key_id, outcome.row.version.key_id);
                if (!open) return fail(open);
                known->second = *open;
                if (!*open) walk_.targets.leave_out(outcome.move.key_id);
            }
            if (!known->second) {
                stale.push_back(i);
                continue;
            }
            places.push_back(i);
            changes.push_back({&outcome.row, outcome.move.key_id, outcome.move.key_version, &outcome.sealed});
        }
        const Result<std::vector<std::size_t>> unchanged = store::reseal_secrets(database, changes, fresh_since(walk_));
        if (!unchanged) return fail(unchanged);
        for (const std::size_t i : *unchanged) stale.push_back(places[i]);
        std::ranges::sort(stale);
        return stale;
    }

    Status count(Database& database, const std::vector<Outcome>& batch, std::int64_t position) {
        std::int64_t failed = 0;
        for (const Outcome& outcome : batch) {
            if (outcome.move.done) continue;
            ++failed;
            const std::string& why = outcome.move.done.error().message;
            if (Status noted = walk_.job.note_failure(database, outcome.name(), why); !noted) return noted;
        }
        return walk_.job.count(database, static_cast<std::int64_t>(batch.size()) - failed, failed,
                               std::max(kSecretPositions + position, walk_.job.position()));
    }

    void note_committed(const std::vector<Outcome>& batch) {
        walk_.job.committed();
        for (const Outcome& outcome : batch) {
            if (!outcome.move.done) failed_.insert(outcome.name());
        }
        settled_ += static_cast<std::int64_t>(batch.size());
        if (walk_.progress.report) walk_.progress.report(walk_.job.done() + walk_.job.failed(), walk_.job.total());
    }

    [[nodiscard]] AuditEvent event_for(const Outcome& outcome) const {
        const SealedSecretRow& row = outcome.row;
        AuditEvent event = event_of(walk_.vault, walk_.session, "RewrapSecret", row.name);
        event.user = row.user;
        event.key_id = outcome.move.done ? outcome.move.key_id : row.version.key_id;
        oversight::Detail detail;
        detail.number("job", walk_.job.id()).text("environment", row.environment).number("secret", row.secret_id);
        detail.number("version", row.version.version).text("from", row.version.key_id);
        if (outcome.move.done) detail.text("to", outcome.move.key_id).number("key_version", outcome.move.key_version);
        if (walk_.plan.fresh_data_keys) detail.boolean("fresh", true);
        event.detail = detail.done();
        if (!outcome.move.done) mark_failed(event, outcome.move.done.error());
        return event;
    }

    RewrapWalk& walk_;
    kms::Kms& kms_;
    store::SealedRowQuery query_;
    store::KeyVersions versions_;
    std::set<std::string> failed_;  // they are not tried again by this job
    std::int64_t settled_ = 0;
};

}  // namespace

Result<std::int64_t> count_secrets_to_rewrap(Database& database, const RewrapPlan& plan) {
    if (!plan.wallets.empty()) return 0;
    return store::count_sealed_secrets(database, query_of(plan));
}

Status walk_secrets(RewrapWalk& walk) {
    if (!walk.plan.wallets.empty()) return {};
    const Result<kms::Kms*> kms = walk.vault.unlocked_kms();
    if (!kms) return fail(kms);
    Status walked = SecretWalk(walk, **kms).run();
    if (walked || walked.error().code != ErrorCode::kCancelled) return walked;
    // A call that was cut short says so in the KMS's words.
    if (Status stopped = may_go_on(walk); !stopped) return stopped;
    return walked;
}

}  // namespace keydeck::custody
