#include "engine/custody/key_view.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/custody/key_noting.hpp"
#include "engine/custody/key_rotation.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/custody/usage.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/oversight/alerts.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kUnreadable = "Unreadable";

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
    info.retiring = record.retiring;
    if (info.arn.empty()) info.arn = record.arn;
    if (info.alias.empty()) info.alias = record.alias;
    if (info.spec.empty()) info.spec = record.spec;
    if (info.usage.empty()) info.usage = record.usage;
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

/// Rotation in figures and words, and when it is due by the vault's policy. `imported`: its material is somebody's own.
void add_rotation(const OpenVault& vault, KeyInfo& info, const store::KeyRotation& rotation, bool imported) {
    info.rotation_period_days = rotation.period_days;
    info.next_rotation = rotation.next_rotation;
    info.rotated_at = rotation.rotated_at;
    info.versions = static_cast<int>(rotation.version);
    store::KeyRecord key;
    key.spec = info.spec;
    key.state = info.state;
    key.created_at = info.created_at;
    key.retiring = info.retiring;
    key.rotation = rotation;
    if (!imported) info.rotation_due = oversight::rotation_due(vault.options().alerts, key);
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
    const std::optional<store::KeyRotation> rotation = ask_rotation(kms, metadata);
    info.rotation = rotation_words(metadata, rotation);
    if (Result<kms::Tags> tags = all_tags(kms, metadata.key_id); tags) info.tags = std::move(*tags);
    const Result<std::optional<store::KeyRecord>> record = record_of(vault, metadata.key_id);
    if (record && *record) {
        seen.noted = note_seen(vault, {info.state, info.deletion_date, info.alias, rotation}, **record, asked_at);
        merge_record(info, **record);
    }
    const store::KeyRotation known = record && *record ? (*record)->rotation : store::KeyRotation{};
    add_rotation(vault, info, rotation.value_or(known), metadata.origin == kms::Origin::kExternal);
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
    info.rotation_period_days = record.rotation.period_days;
    info.next_rotation = record.rotation.next_rotation;
    info.rotated_at = record.rotation.rotated_at;
    info.versions = static_cast<int>(record.rotation.version);
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
    add_usage(vault, {&seen.info, 1});
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
    add_usage(vault, infos);
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
        const SeenKey seen{state, metadata->deletion_date, (*record)->alias, std::nullopt};
        if (note_seen(vault, seen, **record, asked_at)) break;
    }
    return state;
}

}  // namespace keydeck::custody
