#include "engine/custody/bulk.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/job_run.hpp"
#include "engine/custody/jobs.hpp"
#include "engine/custody/keys.hpp"
#include "engine/custody/users.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"

namespace keydeck {
namespace {

struct ActionWords {
    BulkAction action;
    std::string_view name;
    std::string_view verb;
    std::string_view one;
};

constexpr std::array<ActionWords, 6> kActions{{{BulkAction::kLockUsers, "lock-users", "lock", "user"},
                                               {BulkAction::kUnlockUsers, "unlock-users", "unlock", "user"},
                                               {BulkAction::kRemoveWallets, "remove-wallets", "remove", "wallet"},
                                               {BulkAction::kRestoreWallets, "restore-wallets", "restore", "wallet"},
                                               {BulkAction::kDisableKeys, "disable-keys", "disable", "key"},
                                               {BulkAction::kEnableKeys, "enable-keys", "enable", "key"}}};

const ActionWords& words_of(BulkAction action) { return *std::ranges::find(kActions, action, &ActionWords::action); }

}  // namespace

std::string_view to_string(BulkAction action) { return words_of(action).name; }

Result<BulkAction> parse_bulk_action(std::string_view text) {
    const auto found = std::ranges::find(kActions, text, &ActionWords::name);
    if (found != kActions.end()) return found->action;
    return fail(ErrorCode::kInvalidInput, "Nothing that can be done to many is called \"" + std::string(text) + "\".");
}

namespace custody {
namespace {

using sqlite::Database;
using store::JobRecord;

constexpr std::int64_t kAtOnce = 256;  // items read from the store at a time

bool is_about_wallets(BulkAction action) {
    return action == BulkAction::kRemoveWallets || action == BulkAction::kRestoreWallets;
}

Result<BulkAction> action_of(const JobRecord& job) {
    const Result<json::Value> request = json::parse(job.request, "a job's request");
    const json::Value* name = request ? request->find("action") : nullptr;
    if (name == nullptr) return fail(ErrorCode::kCorrupt, "The request of job " + std::to_string(job.id) + " is damaged.");
    return parse_bulk_action(name->text);
}

template <class T>
Result<bool> as_changed(const Result<T>& result) {
    if (result) return true;
    return fail(result);
}

bool is_about_keys(BulkAction action) { return action == BulkAction::kDisableKeys || action == BulkAction::kEnableKeys; }

/// Whether it was not so before; what is so already is left alone. A job that was killed may have done an item and not yet
/// counted it.
Result<bool> set_locked(OpenVault& vault, const Session& session, const std::string& name, bool locked) {
    const Result<User> user = show_user(vault, session, name);
    if (user && user->locked == locked) return false;
    return as_changed(set_user_locked(vault, session, name, locked));
}

Result<bool> set_removed(OpenVault& vault, const Session& session, const std::string& address, bool removed) {
    const Result<Wallet> wallet =
        ask_store(vault, [&](Database& database) { return find_wallet_or_hidden(database, session, address); });
    if (wallet && (wallet->state == WalletState::kRemoved) == removed) return false;
    if (removed) return as_changed(remove_wallet(vault, session, address));
    return as_changed(restore_wallet(vault, session, address));
}

/// The KMS alone knows: it is asked in any case.
Result<bool> set_enabled(OpenVault& vault, const Session& session, const std::string& key, bool enabled) {
    const Result<std::optional<store::KeyRecord>> before =
        ask_store(vault, [&](Database& database) { return store::key_by_id(database, key); });
    const Result<KeyInfo> now = enabled ? enable_key(vault, session, key) : disable_key(vault, session, key);
    if (!now) return fail(now);
    return !before || !*before || (*before)->state != now->state;
}

Result<bool> do_one(OpenVault& vault, const Session& session, BulkAction action, const std::string& item) {
    switch (action) {
        case BulkAction::kLockUsers:
        case BulkAction::kUnlockUsers:
            return set_locked(vault, session, item, action == BulkAction::kLockUsers);
        case BulkAction::kRemoveWallets:
        case BulkAction::kRestoreWallets:
            return set_removed(vault, session, item, action == BulkAction::kRemoveWallets);
        case BulkAction::kDisableKeys:
        case BulkAction::kEnableKeys:
            return set_enabled(vault, session, item, action == BulkAction::kEnableKeys);
    }
    return fail(ErrorCode::kInternal, "There is no such action.");
}

/// Whether a failure says something of its item; else the next one would fail as well. A KMS denies one key by this name,
/// and all of them (credentials that expired) by others.
/// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
bool is_of_item(BulkAction action, const Error& error) {
    if (error.code == ErrorCode::kDenied && is_about_keys(action))
        return error.kms_error == "AccessDeniedException" || error.kms_error == "AccessDenied";
    constexpr std::array kOfItem{ErrorCode::kInvalidInput, ErrorCode::kNotFound, ErrorCode::kAlreadyExists,
                                 ErrorCode::kDenied, ErrorCode::kRejected};
    return std::ranges::find(kOfItem, error.code) != kOfItem.end();
}

class Worker {
public:
    Worker(OpenVault& vault, const Session& session, BulkAction action, JobRun& job, const Progress& progress, BulkRun& run)
        : vault_(vault), session_(session), progress_(progress), action_(action), job_(job), run_(run) {}

    /// From the job's place to its end, or to what stops it.
    Status go_on() {
        const kms::CallScope scope(progress_.stop);
        while (true) {
            const auto items = ask_store(
                vault_, [&](Database& database) { return store::job_items(database, job_.id(), job_.position(), kAtOnce); });
            if (!items) return fail(items);
            if (items->empty()) return {};
            for (const std::string& item : *items) {
                if (Status may = may_go_on(); !may) return may;
                if (Status settled = settle(item); !settled) return settled;
                if (progress_.report) progress_.report(job_.done() + job_.failed(), job_.total());
            }
        }
    }

private:
    Status may_go_on() const {
        if (Status wished = job_.asked_to_stop(); !wished) return wished;
        if (!progress_.stop.stop_requested()) return {};
        return fail(ErrorCode::kCancelled,
                    "Stopped: " + std::to_string(job_.done()) + " of " + std::to_string(job_.total()) +
                        " are done, and those are complete.",
                    "Go on: keydeck job resume " + std::to_string(job_.id()));
    }

    /// What is done to an item is committed before it is counted: after a crash between the two it is looked at again.
    Status settle(const std::string& item) {
        Result<bool> done = do_one(vault_, session_, action_, item);
        if (!done && !is_of_item(action_, done.error())) return fail(done);
        Status counted = vault_.write([&](Database& database) -> Status {
            if (!done) {
                if (Status noted = job_.note_failure(database, item, done.error().message); !noted) return noted;
            }
            return job_.count(database, done ? 1 : 0, done ? 0 : 1, job_.position() + 1);
        });
        if (!done) {
            run_.failed.push_back({item, std::move(done.error())});
        } else {
            (*done ? run_.changed : run_.unchanged).push_back(item);
        }
        if (counted) job_.committed();
        return counted;
    }

    OpenVault& vault_;
    const Session& session_;
    const Progress& progress_;
    BulkAction action_;
    JobRun& job_;
    BulkRun& run_;
};

JobInfo job_now(OpenVault& vault, const JobRecord& last_known) {
    Result<JobInfo> now = ask_store(vault, [&](Database& database) -> Result<JobInfo> {
        const Result<std::optional<JobRecord>> job = store::job(database, last_known.id);
        if (!job) return fail(job);
        return to_job_info(vault, database, *job ? **job : last_known);
    });
    if (now) return std::move(*now);
    JobInfo info;
    info.id = last_known.id;
    info.kind = last_known.kind;
    info.title = bulk_title(last_known);
    info.state = to_string(last_known.state);
    return info;
}

/// What was done is told whatever stops it.
BulkRun run_job(OpenVault& vault, const Session& session, BulkAction action, JobRun claimed, const Progress& progress) {
    BulkRun run;
    run.action = action;
    JobRecord record;
    {
        JobRun job = std::move(claimed);
        Status ended = Worker(vault, session, action, job, progress, run).go_on();
        if (!ended) job.pause(ended.error().message);
        if (ended) ended = job.finish();
        if (!ended) run.stopped = std::move(ended.error());
        record = job.record();
    }  // here what is not done becomes paused, or cancelled
    run.job = job_now(vault, record);
    return run;
}

Status may_work(OpenVault& vault, const Session& session, BulkAction action) {
    if (!is_about_wallets(action)) {
        if (Status allowed = require_operator(session, std::string(words_of(action).verb) + " users or keys"); !allowed)
            return allowed;
    }
    if (Status writable = vault.require_writable(); !writable) return writable;
    const auto key = vault.seal_key();
    return key ? Status{} : fail(key);
}

/// Wallets are their user's own business too. Whoever goes on with the job is the operator, so nothing may be in it that its
/// beginner could not have done.
Status may_begin(OpenVault& vault, const Session& session, BulkAction action, std::span<const std::string> items) {
    if (Status may = may_work(vault, session, action); !may) return may;
    if (is_about_wallets(action)) {
        for (const std::string& item : items) {  // a label may be another wallet's when its turn comes
            if (const auto address = parse_address_text(item); !address) return fail(address);
        }
    }
    if (session.is_operator()) return {};
    return ask_store(vault, [&](Database& database) -> Status {
        const Result<User> user = session_user(database, session);
        if (!user) return fail(user);
        if (Status unlocked = require_unlocked_user(*user, "nothing was changed"); !unlocked) return unlocked;
        for (const std::string& item : items) {
            if (const auto wallet = find_wallet_or_hidden(database, session, item); !wallet) return fail(wallet);
        }
        return {};
    });
}

Result<std::vector<std::string>> each_once(std::span<const std::string> items) {
    std::vector<std::string> once;
    std::unordered_set<std::string_view> seen;
    for (const std::string& item : items) {
        if (seen.insert(item).second) once.push_back(item);
    }
    if (once.empty()) return fail(ErrorCode::kInvalidInput, "There is nothing to do it to.");
    if (once.size() <= kMostInBulk) return once;
    return fail(ErrorCode::kInvalidInput, "At most " + std::to_string(kMostInBulk) + " can be done in one job.");
}

/// Errors: denied (operator only), not_found, rejected (a job of another kind).
Result<JobRecord> bulk_record(OpenVault& vault, const Session& session, std::int64_t id) {
    const std::string name = "job " + std::to_string(id);
    if (Status allowed = require_operator(session, "see jobs and go on with them"); !allowed) return fail(allowed);
    Result<std::optional<JobRecord>> job = ask_store(vault, [&](Database& database) { return store::job(database, id); });
    if (!job) return fail(job);
    if (!*job) return fail(ErrorCode::kNotFound, "There is no " + name + ".", "keydeck job list shows them.");
    if ((*job)->kind == kBulkKind) return std::move(**job);
    return fail(ErrorCode::kRejected, "What " + name + " does is not the same to many: its kind is " + (*job)->kind + ".",
                "What failed in it is tried again by the command that began it.");
}

AuditEvent bulk_event(OpenVault& vault, const Session& session, std::string_view verb, BulkAction action) {
    return event_of(vault, session, verb, to_string(action));
}

/// Completes an event of a job: which one, how much there is to do.
void tell_begin(const JobRecord& job, bool /*resumed*/, AuditEvent& event) {
    event.detail = oversight::Detail()
                       .number("job", job.id)
                       .number("done", job.done)
                       .number("failed", job.failed)
                       .number("total", job.total)
                       .done();
}

}  // namespace

Result<BulkRun> start_bulk(OpenVault& vault, const Session& session, BulkAction action, std::span<const std::string> items,
                           const Progress& progress) {
    AuditEvent event = bulk_event(vault, session, "BeginBulk", action);
    Result<JobRun> job = audited(vault, event, [&]() -> Result<JobRun> {
        const auto once = each_once(items);
        if (!once) return fail(once);
        if (Status may = may_begin(vault, session, action, *once); !may) return fail(may);
        const std::string request = oversight::Detail().text("action", to_string(action)).done();
        return JobRun::begin_new(vault, session, kBulkKind, request, *once, event, tell_begin);
    });
    if (!job) return fail(job);
    return run_job(vault, session, action, std::move(*job), progress);
}

Result<BulkRun> resume_bulk(OpenVault& vault, const Session& session, std::int64_t id, const Progress& progress) {
    const Result<JobRecord> record = bulk_record(vault, session, id);
    if (!record) return fail(record);
    const Result<BulkAction> action = action_of(*record);
    if (!action) return fail(action);
    AuditEvent event = bulk_event(vault, session, "ResumeBulk", *action);
    Result<JobRun> job = audited(vault, event, [&]() -> Result<JobRun> {
        if (Status may = may_work(vault, session, *action); !may) return fail(may);
        return JobRun::take_up(vault, id, event, tell_begin);
    });
    if (!job) return fail(job);
    return run_job(vault, session, *action, std::move(*job), progress);
}

Result<BulkRun> retry_bulk(OpenVault& vault, const Session& session, std::int64_t id, const Progress& progress) {
    const Result<JobRecord> record = bulk_record(vault, session, id);
    if (!record) return fail(record);
    const Result<BulkAction> action = action_of(*record);
    if (!action) return fail(action);
    const auto failures = job_failures(vault, session, id, static_cast<std::int64_t>(kMostInBulk));
    if (!failures) return fail(failures);
    if (failures->empty()) return fail(ErrorCode::kRejected, "Nothing failed in job " + std::to_string(id) + ".");
    std::vector<std::string> items;
    for (const JobFailure& failure : *failures) items.push_back(failure.item);
    return start_bulk(vault, session, *action, items, progress);
}

Result<std::vector<std::string>> bulk_items(OpenVault& vault, const Session& session, std::int64_t id) {
    if (const Result<JobRecord> record = bulk_record(vault, session, id); !record) return fail(record);
    return ask_store(vault, [&](Database& database) {
        return store::job_items(database, id, 0, static_cast<std::int64_t>(kMostInBulk));
    });
}

std::string bulk_title(const JobRecord& job) {
    const Result<BulkAction> action = action_of(job);
    if (!action) return job.kind;
    const ActionWords& words = words_of(*action);
    return std::string(words.verb) + " " + std::to_string(job.total) + " " + std::string(words.one) +
           (job.total == 1 ? "" : "s");
}

}  // namespace custody
}  // namespace keydeck
