#include "engine/custody/key_making.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/custody/arn.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/store.hpp"

namespace keydeck::custody {
namespace {

/// Whether after this error the key may have been made all the same.
bool leaves_doubt(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kInternal ||
           error.code == ErrorCode::kCancelled;
}

// AWS shows a new key in its lists after a moment ("eventual consistency"), and a CreateKey whose answer was given up may
// still be on its way: the pauses between the looks double, and only then is it asked again, once.
constexpr int kLooks = 4;

/// What looking for a journal's key has found.
struct Search {
    std::optional<kms::KeyMetadata> key;
    bool unsure = false;  ///< some key could not be read: it may be the one
};

/// The key that bears the journal's tag, among those that the store does not know. One whose tags are denied is another's:
/// ours are made with the vault's tag, which is what permits to read them.
Result<Search> find_by_journal(OpenVault& vault, kms::Kms& kms, std::string_view journal_id) {
    const Result<std::vector<kms::KeyListEntry>> entries = all_keys(kms);
    if (!entries) return fail(entries);
    Search search;
    for (const kms::KeyListEntry& entry : *entries) {
        const Result<std::optional<store::KeyRecord>> record =
            ask_store(vault, [&](sqlite::Database& database) { return store::find_key(database, entry.key_id); });
        if (!record) return fail(record);
        if (*record) continue;
        const Result<kms::Tags> tags = all_tags(kms, entry.key_id);
        if (!tags) search.unsure = search.unsure || tags.error().code != ErrorCode::kDenied;
        if (!tags || tag_value(*tags, kJournalTag) != journal_id) continue;
        Result<kms::KeyMetadata> metadata = kms.describe_key(entry.key_id);
        if (!metadata) return fail(metadata);
        search.key = std::move(*metadata);
        break;
    }
    return search;
}

/// False when the calls of this thread are to be cancelled.
bool pause_for(std::chrono::milliseconds time) {
    const std::stop_token stop = kms::CallScope::current();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

/// Looks for a key whose CreateKey was not answered. Nothing: it is not there, as far as can be told. Error: it cannot be
/// told.
Result<std::optional<kms::KeyMetadata>> find_unanswered(OpenVault& vault, kms::Kms& kms, std::string_view journal_id) {
    std::chrono::milliseconds pause = vault.options().key_search_pause;
    bool unsure = false;
    for (int look = 0; look < kLooks; ++look, pause *= 2) {
        if (!pause_for(pause)) return fail(ErrorCode::kCancelled, "The search for the key was cancelled.");
        Result<Search> search = find_by_journal(vault, kms, journal_id);
        if (!search) return fail(search);
        if (search->key) return std::move(search->key);
        unsure = search->unsure;
    }
    if (unsure) return fail(ErrorCode::kUnavailable, "Not every key could be read.");
    return std::optional<kms::KeyMetadata>();
}

/// CreateKey; when its answer is lost on the way, looks for the key by its tag before asking again: a second key would cost
/// money and belong to nobody. Where looking does not settle it, the doubt is the answer.
Result<kms::KeyMetadata> create_once(OpenVault& vault, kms::Kms& kms, const kms::CreateKeyRequest& request,
                                     std::string_view journal_id) {
    Result<kms::KeyMetadata> made = kms.create_key(request);
    if (made || made.error().code != ErrorCode::kUnavailable || !vault.has_remote_kms()) return made;
    Result<std::optional<kms::KeyMetadata>> found = find_unanswered(vault, kms, journal_id);
    if (!found) return made;
    if (*found) return std::move(**found);
    return kms.create_key(request);
}

/// A vault in AWS learns its account from the first key made.
void learn_account(OpenVault& vault, std::string_view arn) {
    if (!vault.record().account.empty()) return;
    const std::string account = account_of(arn);
    if (account.empty()) return;
    const Status noted = vault.write([&](sqlite::Database& database) { return store::note_account(database, account); });
    (void)noted;  // the next key tells it again
}

}  // namespace

Status open_journal_for(OpenVault& vault, sqlite::Database& database, std::span<PlannedKey> planned) {
    for (PlannedKey& key : planned) {
        key.entry.journal_id = vault.random().uuid();
        key.entry.created_at = vault.now();
        key.entry.spec = to_string(key.spec);
        if (Status opened = store::open_journal(database, key.entry); !opened) return opened;
    }
    return {};
}

kms::Tags tags_of(const OpenVault& vault, const store::KeyJournalEntry& entry) {
    kms::Tags tags{{std::string(kVaultTag), vault.record().id},
                   {std::string(kPurposeTag), entry.purpose.empty() ? std::string(kPurposeHand) : entry.purpose},
                   {std::string(kJournalTag), entry.journal_id}};
    if (entry.user_id != 0) tags.emplace_back(kUserTag, std::to_string(entry.user_id));
    if (entry.wallet_id != 0) tags.emplace_back(kWalletTag, std::to_string(entry.wallet_id));
    return tags;
}

Result<kms::KeyMetadata> make_planned_key(OpenVault& vault, const PlannedKey& planned) {
    Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    const kms::CreateKeyRequest request{planned.spec, planned.usage, planned.description, tags_of(vault, planned.entry)};
    Result<kms::KeyMetadata> made = create_once(vault, **kms, request, planned.entry.journal_id);
    if (made) learn_account(vault, made->arn);
    if (made || leaves_doubt(made.error())) return made;
    const Status closed = vault.write(
        [&](sqlite::Database& database) { return store::finish_journal(database, planned.entry.journal_id, vault.now()); });
    (void)closed;  // an open row without a key is closed by the doctor
    return made;
}

}  // namespace keydeck::custody
