#include "engine/custody/key_view.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kUnreadable = "Unreadable";

std::string rotation_words(kms::Kms& kms, const kms::KeyMetadata& metadata) {
    if (kms::is_hmac(metadata.spec)) return "n/a (HMAC)";
    if (metadata.spec != kms::KeySpec::kSymmetricDefault) return "n/a (ECC)";
    const Result<kms::RotationStatus> status = kms.get_key_rotation_status(metadata.key_id);
    if (!status) return {};
    if (!status->enabled) return "off";
    std::string words = std::to_string(status->period_days) + "d";
    if (status->next_rotation) words += " next " + to_rfc3339(*status->next_rotation).substr(0, 10);
    return words;
}

int count_versions(kms::Kms& kms, const kms::KeyMetadata& metadata) {
    if (metadata.spec != kms::KeySpec::kSymmetricDefault) return 1;
    const Result<kms::Page<kms::Rotation>> rotations =
        kms.list_key_rotations(metadata.key_id, {.limit = 1000, .marker = {}});
    return rotations ? 1 + static_cast<int>(rotations->items.size()) : 1;
}

/// What the KMS says, without what needs further calls.
KeyInfo from_metadata(const kms::KeyMetadata& metadata, std::string_view region) {
    KeyInfo info;
    info.id = metadata.key_id;
    info.arn = metadata.arn;
    info.spec = to_string(metadata.spec);
    info.usage = to_string(metadata.usage);
    info.state = to_string(metadata.state);
    info.region = region;
    info.description = metadata.description;
    info.created_at = metadata.created_at;
    info.deletion_date = metadata.deletion_date;
    return info;
}

/// Adds what the store knows: dependants, purpose, last use.
void merge_record(KeyInfo& info, const store::KeyRecord& record) {
    info.wallets = record.wallets;
    info.secrets = record.secrets;
    info.purpose = record.purpose;
    info.last_used_at = record.last_used_at;
    if (info.arn.empty()) info.arn = record.arn;
    if (info.alias.empty()) info.alias = record.alias;
    if (info.spec.empty()) info.spec = record.spec;
    if (info.usage.empty()) info.usage = record.usage;
}

/// How many changes of keys the store had seen when the KMS was asked: what the KMS answered is older than any later one.
/// -1 where it cannot be read: then nothing is written.
std::int64_t changes_so_far(OpenVault& vault) {
    const Result<std::int64_t> changes =
        ask_store(vault, [](sqlite::Database& database) { return store::key_changes(database); });
    return changes ? *changes : -1;
}

Result<bool> is_overtaken(sqlite::Database& database, std::int64_t asked_at) {
    const Result<std::int64_t> now = store::key_changes(database);
    if (!now) return fail(now);
    return *now != asked_at;
}

/// Brings the store's row up to date where it differs; false when another change has overtaken the KMS's answer, which was
/// then not written. A vault that cannot be written keeps its older view.
bool note_seen(OpenVault& vault, const KeyInfo& info, const store::KeyRecord& record, std::int64_t asked_at) {
    const bool same_state = record.state == info.state && record.deletion_date == info.deletion_date;
    const bool same_alias = record.alias == info.alias;
    if (same_state && same_alias) return true;
    bool overtaken = false;
    const Status noted = vault.write([&](sqlite::Database& database) -> Status {
        const Result<bool> late = is_overtaken(database, asked_at);
        if (!late) return fail(late);
        overtaken = *late;
        if (overtaken) return {};
        if (!same_state) {
            if (Status state = store::note_key_state(database, info.id, info.state, info.deletion_date, vault.now()); !state)
                return state;
        }
        if (same_alias) return {};
        return store::note_key_alias(database, info.id, info.alias);
    });
    (void)noted;
    return !overtaken;
}

Result<std::optional<store::KeyRecord>> record_of(OpenVault& vault, std::string_view reference) {
    return ask_store(vault, [&](sqlite::Database& database) { return store::find_key(database, reference); });
}

/// Nobody's call: the KMS destroyed the key when its waiting period was over, or somebody did behind our back. AWS records
/// it under this name, as its own doing.
AuditEvent destroyed_event(const OpenVault& vault, const store::KeyRecord& record) {
    AuditEvent event = event_of(vault, Session::of_operator("kms"), "DeleteKey", record.key_id);
    event.actor = "kms";
    event.key_id = record.key_id;
    event.detail = oversight::Detail()
                       .text("previous_state", record.state)
                       .number("wallets_lost", record.wallets)
                       .number("secrets_lost", record.secrets)
                       .done();
    return event;
}

/// Whether the KMS means the very key that the store knows. AWS names it by the account and region that were asked: with
/// other credentials, or at another endpoint, every key of the vault would seem destroyed.
bool is_about(const OpenVault& vault, const Error& not_found, const store::KeyRecord& record) {
    return vault.record().kms == kKmsLocal || not_found.message.find(record.arn) != std::string::npos;
}

/// The KMS does not have the key; if the store knew it, it was destroyed. Error: denied where it was not our KMS that said
/// so.
Status note_gone(OpenVault& vault, std::string_view reference, std::int64_t asked_at, const Error& not_found) {
    const Result<std::optional<store::KeyRecord>> record = record_of(vault, reference);
    if (!record || !*record || (*record)->state == store::kKeyDestroyed) return {};
    if (!is_about(vault, not_found, **record)) {
        return fail(ErrorCode::kDenied,
                    "These credentials do not lead to the vault's keys: asked for " + (*record)->arn +
                        ", AWS said: " + not_found.message,
                    "Are they of another account, or is the endpoint another one? `keydeck config show` tells.",
                    not_found.kms_error);
    }
    vault.open_wallets().forget_key((*record)->key_id);
    AuditEvent event = destroyed_event(vault, **record);
    // Where the log cannot be written (a vault that is locked or read-only) the store keeps its older view, so that whoever
    // looks next records it.
    const Status noted = vault.write(
        [&](sqlite::Database& database) -> Status {
            const Result<bool> late = is_overtaken(database, asked_at);
            if (!late) return fail(late);
            if (*late) return fail(ErrorCode::kUnavailable, "Another change of keys came in between.");
            return store::note_key_state(database, (*record)->key_id, store::kKeyDestroyed, std::nullopt, vault.now());
        },
        std::span(&event, 1));
    (void)noted;
    return {};
}

/// Keys that the store takes for alive and the KMS did not list are gone.
Status note_missing(OpenVault& vault, const std::vector<kms::KeyListEntry>& listed) {
    std::unordered_set<std::string_view> there;
    for (const kms::KeyListEntry& entry : listed) there.insert(entry.key_id);
    const Result<std::vector<store::KeyRecord>> known = known_keys(vault);
    if (!known) return fail(known);
    for (const store::KeyRecord& record : *known) {
        if (record.state == store::kKeyDestroyed || there.contains(record.key_id)) continue;
        // It may have been made since the list was read: ask for it.
        if (Result<std::string> state = refresh_key_state(vault, record.key_id); !state) return fail(state);
    }
    return {};
}

bool matches(const KeyInfo& info, const KeyQuery& query) {
    if (!query.state.empty() && ascii_lower(query.state) != ascii_lower(info.state)) return false;
    return !query.tag || std::ranges::find(info.tags, *query.tag) != info.tags.end();
}

/// The first alias of each key, in the order of names.
Result<std::unordered_map<std::string, std::string>> first_aliases(kms::Kms& kms) {
    Result<std::vector<kms::Alias>> aliases = all_aliases(kms, {});
    if (!aliases) return fail(aliases);
    std::unordered_map<std::string, std::string> first;
    for (kms::Alias& alias : *aliases) {
        std::string& name = first[alias.target_key_id];
        if (name.empty() || alias.name < name) name = std::move(alias.name);
    }
    return first;
}

std::string first_alias_of(kms::Kms& kms, std::string_view key_id) {
    const Result<std::vector<kms::Alias>> aliases = all_aliases(kms, key_id);
    if (!aliases || aliases->empty()) return {};
    return std::ranges::min(*aliases, {}, &kms::Alias::name).name;
}

/// The KMS's answer, which was asked for at `asked_at`, with all that belongs to it.
struct Seen {
    KeyInfo info;
    bool noted = true;  ///< false: overtaken, ask again
};

Seen complete(OpenVault& vault, const kms::KeyMetadata& metadata, std::string alias, std::int64_t asked_at) {
    kms::Kms& kms = vault.kms();
    Seen seen;
    KeyInfo& info = seen.info;
    info = from_metadata(metadata, vault.record().region);
    info.alias = std::move(alias);
    info.rotation = rotation_words(kms, metadata);
    info.versions = count_versions(kms, metadata);
    if (Result<kms::Tags> tags = all_tags(kms, metadata.key_id); tags) info.tags = std::move(*tags);
    const Result<std::optional<store::KeyRecord>> record = record_of(vault, metadata.key_id);
    if (record && *record) {
        seen.noted = note_seen(vault, info, **record, asked_at);
        merge_record(info, **record);
    }
    return seen;
}

/// A key of the list; nothing where it was destroyed since. One that may not be read is shown as such.
std::optional<KeyInfo> view_listed(OpenVault& vault, const kms::KeyListEntry& entry, std::string alias) {
    const std::int64_t asked_at = changes_so_far(vault);
    const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(entry.key_id);
    if (metadata) return complete(vault, *metadata, std::move(alias), asked_at).info;
    if (metadata.error().code == ErrorCode::kNotFound) {
        const Status gone = note_gone(vault, entry.key_id, asked_at, metadata.error());
        if (gone) return std::nullopt;
    }
    KeyInfo info;
    info.id = entry.key_id;
    info.arn = entry.arn;
    info.alias = std::move(alias);
    info.region = vault.record().region;
    if (const auto record = record_of(vault, entry.key_id); record && *record) merge_record(info, **record);
    info.state = kUnreadable;
    return info;
}

// Somebody changes keys all the time: the last answer is shown, and the store waits for the next look.
constexpr int kLooks = 3;

}  // namespace

Result<std::vector<store::KeyRecord>> known_keys(OpenVault& vault) {
    constexpr std::int64_t kPage = 1000;
    return ask_store(vault, [](sqlite::Database& database) -> Result<std::vector<store::KeyRecord>> {
        std::vector<store::KeyRecord> all;
        while (true) {
            const std::string after = all.empty() ? std::string() : all.back().key_id;
            Result<std::vector<store::KeyRecord>> page = store::list_key_records(database, after, kPage);
            if (!page) return fail(page);
            all.insert(all.end(), std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
            if (page->size() < static_cast<std::size_t>(kPage)) return all;
        }
    });
}

KeyInfo to_key_info(const store::KeyRecord& record) {
    KeyInfo info;
    info.id = record.key_id;
    info.state = record.state;
    info.region = record.region;
    info.created_at = record.created_at;
    info.deletion_date = record.deletion_date;
    merge_record(info, record);
    return info;
}

store::KeyRecord to_key_record(const kms::KeyMetadata& metadata, std::string_view region) {
    store::KeyRecord record;
    record.key_id = metadata.key_id;
    record.arn = metadata.arn;
    record.spec = to_string(metadata.spec);
    record.usage = to_string(metadata.usage);
    record.state = to_string(metadata.state);
    record.region = region;
    record.created_at = metadata.created_at;
    record.deletion_date = metadata.deletion_date;
    return record;
}

Result<KeyInfo> view_key(OpenVault& vault, std::string_view reference) {
    Seen seen;
    for (int look = 0; look < kLooks; ++look) {
        const std::int64_t asked_at = changes_so_far(vault);
        const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(reference);
        if (!metadata) {
            if (metadata.error().code == ErrorCode::kNotFound) {
                if (Status gone = note_gone(vault, reference, asked_at, metadata.error()); !gone) return fail(gone);
            }
            return fail(metadata);
        }
        seen = complete(vault, *metadata, first_alias_of(vault.kms(), metadata->key_id), asked_at);
        if (seen.noted) break;
    }
    return std::move(seen.info);
}

Result<std::vector<KeyInfo>> view_keys(OpenVault& vault, const KeyQuery& query, const Progress& progress) {
    const kms::CallScope scope(progress.stop);
    kms::Kms& kms = vault.kms();
    const Result<std::vector<kms::KeyListEntry>> entries = all_keys(kms);
    if (!entries) return fail(entries);
    if (Status noted = note_missing(vault, *entries); !noted) return fail(noted);
    const Result<std::unordered_map<std::string, std::string>> aliases = first_aliases(kms);
    std::vector<std::optional<KeyInfo>> seen(entries->size());
    std::mutex mutex;
    std::int64_t done = 0;
    for_each_in_parallel(entries->size(), vault.has_remote_kms() ? calls_at_once(vault) : 1, progress.stop,
                         [&](std::size_t i) {
                             const kms::KeyListEntry& entry = (*entries)[i];
                             const bool named = aliases && aliases->contains(entry.key_id);
                             seen[i] = view_listed(vault, entry, named ? aliases->at(entry.key_id) : std::string());
                             const std::scoped_lock lock(mutex);
                             if (progress.report) progress.report(++done, static_cast<std::int64_t>(entries->size()));
                         });
    if (progress.stop.stop_requested()) return fail(ErrorCode::kCancelled, "The list of keys was not finished.");
    std::vector<KeyInfo> infos;
    for (std::optional<KeyInfo>& info : seen) {
        if (info && matches(*info, query)) infos.push_back(std::move(*info));
    }
    return infos;
}

Result<std::string> refresh_key_state(OpenVault& vault, std::string_view key_id) {
    std::string state;
    for (int look = 0; look < kLooks; ++look) {
        const std::int64_t asked_at = changes_so_far(vault);
        const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(key_id);
        if (!metadata && metadata.error().code != ErrorCode::kNotFound) return fail(metadata);
        if (!metadata) {
            if (Status gone = note_gone(vault, key_id, asked_at, metadata.error()); !gone) return fail(gone);
            return std::string(store::kKeyDestroyed);
        }
        state = to_string(metadata->state);
        const Result<std::optional<store::KeyRecord>> record = record_of(vault, key_id);
        if (!record || !*record) break;
        KeyInfo info = from_metadata(*metadata, vault.record().region);
        info.alias = (*record)->alias;
        if (note_seen(vault, info, **record, asked_at)) break;
    }
    return state;
}

}  // namespace keydeck::custody
