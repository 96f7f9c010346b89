// Fresh wallets.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/envelope_making.hpp"
#include "engine/custody/jobs.hpp"
#include "engine/custody/key_making.hpp"
#include "engine/custody/key_pair_making.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/kms_wallets.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/custody/wallet_making.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/names.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::int64_t kCommitEvery = 1000;
// Each wallet has cost a call to AWS: less is thrown away when it is stopped.
constexpr std::int64_t kCommitEveryRemote = 100;
// AWS makes 25 key pairs a second: that is what a person sees of it.
constexpr std::int64_t kCommitPairsEveryRemote = 25;
// A crash between CreateKey and the commit leaves at most this many keys for the doctor.
constexpr std::int64_t kKeysAtOnce = 16;

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

/// Wallets sealed under pool keys, whose making is a question of the custody.
Status create_sealed(Making& making) {
    Result<KeyPool> pool = KeyPool::usable(making.vault, making.session);
    if (!pool) return fail(pool);
    const Result<std::int64_t> first = reserve_ids(making.vault, making.left());
    if (!first) return fail(first);
    const bool remote = making.vault.has_remote_kms();
    const auto commit = [&](std::vector<store::NewWallet> rows) { return commit_sealed(making, std::move(rows)); };
    if (making.request.custody == Custody::kKeyPair) {
        const KeyPairPlan plan{making.user.id, *first, making.left(), making.progress.stop};
        return make_key_pairs_in_parallel(making.vault, *pool, plan, remote ? kCommitPairsEveryRemote : kCommitEvery,
                                          commit);
    }
    const EnvelopePlan plan{making.user.id, making.request.words, *first, making.left(), making.progress.stop};
    return make_envelopes_in_parallel(making.vault, *pool, plan, remote ? kCommitEveryRemote : kCommitEvery, commit);
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
            key.entry.job = making.job ? making.job->id() : 0;
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
    return outcome ? making.may_go_on() : outcome;
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
    Result<JobRun> job = making.resumes ? JobRun::take_up(making.vault, *making.resumes)
                                        : JobRun::begin(making.vault, making.session, kCreateWalletsKind,
                                                        job_request(making.request, making.user), making.request.count);
    if (!job) return fail(job);
    making.job.emplace(std::move(*job));
    making.done_before = making.job->before();
    if (making.job->resumed() && !making.request.label.empty()) {
        if (Status found = find_free_labels(making); !found) return found;
        making.job->start_at(making.done_before);
    }
    // The first report tells what earlier runs of the job have done.
    if (making.progress.report) making.progress.report(making.done_before, making.request.count);
    return {};
}

Status create_all(Making& making) {
    if (making.request.custody != Custody::kKmsKey) return create_sealed(making);
    while (making.left() > 0) {
        if (making.progress.stop.stop_requested()) return stopped(making);
        if (Status made = create_kms_wallets(making, std::min(making.left(), kKeysAtOnce)); !made) return made;
    }
    return {};
}

/// What a job was asked for. Errors: corrupt; not_found where its user is gone.
Result<CreateWallets> parse_job_request(OpenVault& vault, std::string_view text) {
    const Result<json::Value> value = json::parse(text, "a job's request");
    if (!value) return fail(ErrorCode::kCorrupt, "A job's request is damaged.");
    const auto member = [&](std::string_view name) {
        const json::Value* found = value->find(name);
        return found == nullptr ? std::string() : found->text;
    };
    const auto number = [&](std::string_view name) { return std::strtoll(member(name).c_str(), nullptr, 10); };
    const Result<Custody> custody = parse_custody(member("custody"));
    if (!custody) return fail(ErrorCode::kCorrupt, "A job's request is damaged.");
    const Result<User> user =
        ask_store(vault, [&](Database& database) { return store::user_by_id(database, number("user")); });
    if (!user) return fail(user);
    CreateWallets request;
    request.user = user->name;
    request.custody = *custody;
    request.words = static_cast<unsigned>(number("words"));
    request.label = member("label");
    request.count = number("count");
    return request;
}

Result<std::vector<Wallet>> create_or_resume(OpenVault& vault, const Session& session, const CreateWallets& request,
                                             const Progress& progress, std::optional<std::int64_t> resumes) {
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
        making.resumes = resumes;
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

}  // namespace

Result<std::vector<Wallet>> create_wallets(OpenVault& vault, const Session& session, const CreateWallets& request,
                                           const Progress& progress) {
    return create_or_resume(vault, session, request, progress, std::nullopt);
}

Result<std::vector<Wallet>> resume_wallets(OpenVault& vault, const Session& session, const store::JobRecord& job,
                                           const Progress& progress) {
    const Result<CreateWallets> request = parse_job_request(vault, job.request);
    if (!request) return fail(request);
    return create_or_resume(vault, session, *request, progress, job.id);
}

}  // namespace keydeck::custody
