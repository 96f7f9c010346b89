// Fresh wallets.
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/envelope_making.hpp"
#include "engine/custody/job_run.hpp"
#include "engine/custody/key_making.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/kms_wallets.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/names.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::int64_t kCommitEvery = 1000;
// Each wallet has cost a call to AWS: less is thrown away when it is stopped.
constexpr std::int64_t kCommitEveryRemote = 100;
// A crash between CreateKey and the commit leaves at most this many keys for the doctor.
constexpr std::int64_t kKeysAtOnce = 16;

/// One making of wallets on its way: what was asked, and what is there already.
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

    [[nodiscard]] std::int64_t all_done() const { return done_before + static_cast<std::int64_t>(done.size()); }
    [[nodiscard]] std::int64_t left() const { return request.count - all_done(); }
    /// Of the n-th wallet of all, counted from 0.
    [[nodiscard]] std::string label(std::int64_t n) const {
        if (request.label.empty() || request.count == 1) return request.label;
        return numbered(free_labels.empty() ? n + 1 : free_labels[static_cast<std::size_t>(n - done_before)]);
    }
    [[nodiscard]] std::string numbered(std::int64_t number) const { return request.label + "-" + std::to_string(number); }
    /// Counts wallets in the DbTransaction that inserts them.
    Status count(Database& database, std::size_t more) {
        return job ? job->count(database, static_cast<std::int64_t>(more)) : Status{};
    }
};

/// The same words are the same job.
std::string job_request(const CreateWallets& request, const User& user) {
    oversight::Detail detail;
    detail.number("user", user.id).text("custody", to_string(request.custody)).number("words", request.words);
    return detail.text("label", request.label).number("count", request.count).done();
}

Status check_request(const CreateWallets& request) {
    if (request.count < 1 || request.count > kMaxWalletsAtOnce) {
        return fail(ErrorCode::kInvalidInput,
                    "The number of wallets must be 1 to " + std::to_string(kMaxWalletsAtOnce) + ".");
    }
    if (request.custody == Custody::kKeyPair) {
        return fail(ErrorCode::kInvalidInput, "Custody key-pair is not offered by this version.",
                    "Choose envelope or kms-key.");
    }
    if (request.custody == Custody::kEnvelope && (request.words < 12 || request.words > 24 || request.words % 3 != 0)) {
        return fail(ErrorCode::kInvalidInput, "A mnemonic has 12, 15, 18, 21 or 24 words.");
    }
    const std::string longest =
        request.count == 1 || request.label.empty() ? request.label : request.label + "-" + std::to_string(request.count);
    return store::check_label(longest);
}

/// Before anything is made: whether the labels are free. (The insert checks again.)
Status check_labels_free(const Making& making) {
    if (making.request.label.empty()) return {};
    return ask_store(making.vault, [&](Database& database) -> Status {
        for (std::int64_t i = making.done_before; i < making.request.count; ++i) {
            Status free = require_free_label(database, making.session, making.label(i));
            if (free) continue;
            if (free.error().code == ErrorCode::kAlreadyExists) free.error().message += " No wallet was made.";
            return free;
        }
        return {};
    });
}

AuditEvent created_event(const Making& making, const store::NewWallet& row) {
    AuditEvent event = event_of(making.vault, making.session, "CreateWallet", checksum_address(row.address));
    event.user = making.user.name;
    event.key_id = row.key_id;
    oversight::Detail detail;
    detail.text("custody", to_string(row.custody));
    if (!row.label.empty()) detail.text("label", row.label);
    if (row.has_mnemonic) detail.number("words", making.request.words).text("path", row.path);
    event.detail = detail.done();
    return event;
}

std::vector<std::string> distinct_keys(const std::vector<store::NewWallet>& rows) {
    std::vector<std::string> keys;
    keys.reserve(rows.size());
    for (const store::NewWallet& row : rows) keys.push_back(row.key_id);
    std::ranges::sort(keys);
    const auto repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    return keys;
}

/// Reads rows just committed back as the lists show them. Their ids follow one another.
Status collect(Making& making, std::int64_t first_id, std::size_t count) {
    WalletQuery query;
    query.user = making.user.name;
    query.page.after = first_id - 1;
    query.page.limit = static_cast<std::int64_t>(count);
    Result<std::vector<Wallet>> wallets =
        ask_store(making.vault, [&](Database& database) { return store::list_wallets(database, query); });
    if (!wallets) return fail(wallets);
    std::ranges::move(*wallets, std::back_inserter(making.done));
    if (making.progress.report) making.progress.report(making.all_done(), making.request.count);
    return {};
}

std::unexpected<Error> stopped(const Making& making) {
    return fail(ErrorCode::kCancelled,
                "Stopped: " + std::to_string(making.all_done()) + " of " + std::to_string(making.request.count) +
                    " wallets were made, and those are complete.",
                "The same command again makes the rest.");
}

/// What failed after some wallets were committed says so.
Status with_count_done(const Making& making, Status status) {
    if (status) return status;
    if (status.error().code == ErrorCode::kCancelled) return stopped(making);
    if (making.all_done() > 0) {
        status.error().message += " (" + std::to_string(making.all_done()) + " of " + std::to_string(making.request.count) +
                                  " wallets were made; the same command again makes the rest.)";
    }
    return status;
}

Status commit_envelopes(Making& making, std::vector<store::NewWallet> rows) {
    if (making.progress.stop.stop_requested()) return stopped(making);
    std::vector<AuditEvent> events;
    events.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].label = making.label(making.all_done() + static_cast<std::int64_t>(i));
        events.push_back(created_event(making, rows[i]));
    }
    const std::vector<std::string> keys = distinct_keys(rows);
    Status written = making.vault.write(
        [&](Database& database) -> Status {
            if (Status enabled = require_enabled(database, keys); !enabled) return enabled;
            for (const store::NewWallet& row : rows) {
                if (Status inserted = store::insert_wallet(database, row); !inserted) return inserted;
            }
            return making.count(database, rows.size());
        },
        events);
    if (!written) return written;
    if (making.job) making.job->committed();
    return collect(making, rows.front().id, rows.size());
}

Result<std::int64_t> reserve_ids(OpenVault& vault, std::int64_t count) {
    Result<std::int64_t> first = 0;
    Status written = vault.write([&](Database& database) -> Status {
        first = store::reserve_wallet_ids(database, count);
        if (!first) return fail(first);
        return {};
    });
    if (!written) return fail(written);
    return first;
}

Status create_envelopes(Making& making) {
    Result<KeyPool> pool = KeyPool::usable(making.vault, making.session);
    if (!pool) return fail(pool);
    const Result<std::int64_t> first = reserve_ids(making.vault, making.left());
    if (!first) return fail(first);
    const EnvelopePlan plan{making.user.id, making.request.words, *first, making.left(), making.progress.stop};
    const auto commit = [&](std::vector<store::NewWallet> rows) { return commit_envelopes(making, std::move(rows)); };
    return make_envelopes_in_parallel(making.vault, *pool, plan,
                                      making.vault.has_remote_kms() ? kCommitEveryRemote : kCommitEvery, commit);
}

/// Plans the keys of the next wallets: ids reserved and journal rows written in one commit.
Result<std::vector<PlannedKey>> plan_wallet_keys(Making& making, std::int64_t count) {
    std::vector<PlannedKey> planned(static_cast<std::size_t>(count));
    Status journaled = making.vault.write([&](Database& database) -> Status {
        const Result<std::int64_t> first = store::reserve_wallet_ids(database, count);
        if (!first) return fail(first);
        for (std::size_t i = 0; i < planned.size(); ++i) {
            PlannedKey& key = planned[i];
            key.spec = kms::KeySpec::kEccSecgP256k1;
            key.usage = kms::KeyUsage::kSignVerify;
            key.description = "Keydeck wallet key";
            key.entry.purpose = kPurposeWallet;
            key.entry.user_id = making.user.id;
            key.entry.wallet_id = *first + static_cast<std::int64_t>(i);
            key.entry.label = making.label(making.all_done() + static_cast<std::int64_t>(i));
        }
        return open_journal_for(making.vault, database, planned);
    });
    if (!journaled) return fail(journaled);
    return planned;
}

/// Makes some wallets with KMS keys of their own and commits those that came to be, also when one of them failed.
Status create_kms_wallets(Making& making, std::int64_t count) {
    const Result<VaultLock> lock = VaultLock::take(making.vault.options().directory, VaultLock::Kind::kShared);
    if (!lock) return fail(lock);
    const Result<std::vector<PlannedKey>> planned = plan_wallet_keys(making, count);
    if (!planned) return fail(planned);
    std::vector<KmsWallet> made;
    Status outcome;
    for (const PlannedKey& key : *planned) {
        const Result<kms::KeyMetadata> metadata = make_planned_key(making.vault, key);
        Result<KmsWallet> wallet = metadata ? kms_wallet_of(making.vault, *metadata, key.entry) : fail(metadata);
        if (!wallet) {
            outcome = fail(wallet);
            break;
        }
        made.push_back(std::move(*wallet));
    }
    if (made.empty()) return outcome;
    std::vector<AuditEvent> events;
    events.reserve(made.size());
    for (const KmsWallet& wallet : made) events.push_back(created_event(making, wallet.row));
    Status written = making.vault.write(
        [&](Database& database) -> Status {
            if (Status recorded = record_kms_wallets(making.vault, database, made); !recorded) return recorded;
            return making.count(database, made.size());
        },
        events);
    if (!written) return written;
    if (making.job) making.job->committed();
    if (Status collected = collect(making, made.front().row.id, made.size()); !collected) return collected;
    return outcome;
}

/// The labels left for a job that goes on. A wallet of the user's that bears one is part of the job: of an earlier call, or
/// adopted after a crash.
Status find_free_labels(Making& making) {
    return ask_store(making.vault, [&](Database& database) -> Status {
        for (std::int64_t number = 1; number <= making.request.count; ++number) {
            const std::string label = making.numbered(number);
            if (!store::check_label_free(database, label)) {
                const Result<Wallet> wallet = store::find_wallet(database, label);
                if (wallet && wallet->user_id == making.user.id) continue;
            }
            making.free_labels.push_back(number);
        }
        making.done_before = making.request.count - static_cast<std::int64_t>(making.free_labels.size());
        return {};
    });
}

/// Begins the job, or goes on with the one that was stopped.
Status begin_job(Making& making) {
    Result<JobRun> job = JobRun::begin(making.vault, making.session, "create-wallets",
                                       job_request(making.request, making.user), making.request.count);
    if (!job) return fail(job);
    making.job.emplace(std::move(*job));
    making.done_before = making.job->before();
    if (making.job->resumed() && !making.request.label.empty()) {
        if (Status found = find_free_labels(making); !found) return found;
        making.job->start_at(making.done_before);
    }
    if (making.done_before > 0 && making.progress.report) making.progress.report(making.done_before, making.request.count);
    return {};
}

Status create_all(Making& making) {
    if (making.request.custody == Custody::kEnvelope) return create_envelopes(making);
    while (making.left() > 0) {
        if (making.progress.stop.stop_requested()) return stopped(making);
        if (Status made = create_kms_wallets(making, std::min(making.left(), kKeysAtOnce)); !made) return made;
    }
    return {};
}

}  // namespace

Result<std::vector<Wallet>> create_wallets(OpenVault& vault, const Session& session, const CreateWallets& request,
                                           const Progress& progress) {
    AuditEvent event = event_of(vault, session, "CreateWallet", request.user);
    return audited(vault, event, [&]() -> Result<std::vector<Wallet>> {
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        if (Status sound = check_request(request); !sound) return fail(sound);
        const Result<User> user =
            ask_store(vault, [&](Database& database) { return find_user(database, session, request.user); });
        if (!user) return fail(user);
        event.user = user->name;
        if (!session.is_operator()) {
            if (Status unlocked = require_unlocked_user(*user, "no wallet was made"); !unlocked) return fail(unlocked);
        }
        if (const Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
        const kms::CallScope scope(progress.stop);
        Making making{vault, session, request, progress, *user, {}};
        if (request.count > 1) {
            if (Status begun = begin_job(making); !begun) return fail(begun);
        }
        if (Status free = check_labels_free(making); !free) return fail(free);
        if (Status created = with_count_done(making, create_all(making)); !created) {
            if (making.job) making.job->pause(created.error().message);
            return fail(created);
        }
        if (making.job) {
            if (Status finished = making.job->finish(); !finished) return fail(finished);
        }
        return std::move(making.done);
    });
}

}  // namespace keydeck::custody
