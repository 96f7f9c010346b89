#include "engine/custody/pool_making.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_making.hpp"
#include "engine/custody/key_pool.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr int kMaxPool = 1000;

std::string alias_name(std::string_view prefix, std::int64_t index) {
    return "alias/" + std::string(prefix) + "-" + std::to_string(index);
}

/// The alias alias/PREFIX-N for a pool key: already there, made now, or left away when somebody else's key has that name.
Result<std::string> give_alias(kms::Kms& kms, std::string_view key_id, const std::string& wanted) {
    const Status made = kms.create_alias(wanted, key_id);
    if (made) return wanted;
    if (made.error().code != ErrorCode::kAlreadyExists) return fail(made);
    const Result<kms::KeyMetadata> holder = kms.describe_key(wanted);
    if (holder && holder->key_id == key_id) return wanted;
    return std::string();
}

/// A vault has one pool: a second one beside it would be drawn from by nobody. (In a vault of before that has two, each may
/// be topped up.) Errors: rejected.
Status check_only_pool(OpenVault& vault, std::string_view prefix) {
    const Result<std::vector<store::KeyRecord>> keys = keys_of_pool(vault, {});
    if (!keys) return fail(keys);
    if (keys->empty() || std::ranges::any_of(*keys, [&](const auto& key) { return key.pool_prefix == prefix; })) return {};
    return fail(ErrorCode::kRejected,
                "This vault's pool is alias/" + keys->front().pool_prefix + "-*; a vault has one pool. No key was made.",
                "Leave the alias prefix out to top that pool up.");
}

}  // namespace

Result<std::vector<store::KeyRecord>> keys_of_pool(OpenVault& vault, std::string_view prefix) {
    return ask_store(vault, [&](Database& database) { return store::pool_keys(database, prefix); });
}

Result<std::vector<store::KeyRecord>> pool_of_vault(OpenVault& vault) {
    Result<std::vector<store::KeyRecord>> keys = keys_of_pool(vault, vault.options().pool_alias_prefix);
    if (!keys || !keys->empty()) return keys;
    return keys_of_pool(vault, {});
}

Result<std::string> prefix_of_vault(OpenVault& vault) {
    const Result<std::vector<store::KeyRecord>> keys = pool_of_vault(vault);
    if (!keys) return fail(keys);
    return keys->empty() ? vault.options().pool_alias_prefix : keys->front().pool_prefix;
}

Result<std::vector<store::KeyJournalEntry>> unfinished_of_pool(OpenVault& vault, std::string_view prefix) {
    auto all = ask_store(vault, [](Database& database) { return store::unfinished_journal(database); });
    if (!all) return all;
    std::erase_if(*all, [&](const store::KeyJournalEntry& entry) {
        return entry.purpose != kPurposePool || entry.pool_prefix != prefix;
    });
    return all;
}

Status check_pool_size(int size) {
    if (size >= 1 && size <= kMaxPool) return {};
    return fail(ErrorCode::kInvalidInput, "A pool has 1 to " + std::to_string(kMaxPool) + " keys.");
}

Status check_prefix(std::string_view prefix) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '/' ||
               c == '_' || c == '-';
    };
    if (!prefix.empty() && prefix.size() <= 200 && std::ranges::all_of(prefix, allowed) && !prefix.starts_with("aws/"))
        return {};
    return fail(ErrorCode::kInvalidInput,
                "The alias prefix may have letters, digits and :/_- only, and not begin with aws/.");
}

Status finish_interrupted_pool(OpenVault& vault, const Session& session, std::string_view prefix) {
    const Result<std::vector<store::KeyJournalEntry>> open = unfinished_of_pool(vault, prefix);
    if (!open) return fail(open);
    if (open->empty()) return {};
    const Result<std::vector<kms::KeyListEntry>> keys = all_keys(vault.kms());
    if (!keys) return fail(keys);
    std::vector<store::KeyJournalEntry> missing = *open;
    for (const kms::KeyListEntry& key : *keys) {
        const Result<kms::Tags> tags = all_tags(vault.kms(), key.key_id);
        // A key whose tags are denied is another's; one that cannot be read for the moment may be ours.
        if (!tags && tags.error().code != ErrorCode::kDenied && tags.error().code != ErrorCode::kNotFound) return fail(tags);
        if (!tags || tag_value(*tags, kVaultTag) != vault.record().id) continue;
        const auto entry = std::ranges::find(missing, tag_value(*tags, kJournalTag), &store::KeyJournalEntry::journal_id);
        if (entry == missing.end()) continue;
        const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(key.key_id);
        if (!metadata) return fail(metadata);
        if (Status recorded = record_pool_key(vault, session, "AdoptKey", *metadata, *entry); !recorded) return recorded;
        missing.erase(entry);
    }
    return vault.write([&](Database& database) -> Status {
        for (const store::KeyJournalEntry& entry : missing) {
            if (Status closed = store::finish_journal(database, entry.journal_id, vault.now()); !closed) return closed;
        }
        return {};
    });
}

Status make_pool_keys(OpenVault& vault, const Session& session, std::string_view prefix, int count) {
    const Result<std::int64_t> first =
        ask_store(vault, [&](Database& database) { return store::next_pool_index(database, prefix); });
    if (!first) return fail(first);
    std::vector<PlannedKey> planned(static_cast<std::size_t>(count));
    std::int64_t index = *first;
    for (PlannedKey& key : planned) {
        key.entry.purpose = kPurposePool;
        key.entry.pool_prefix = prefix;
        key.entry.pool_index = index;
        key.entry.alias = alias_name(prefix, index);
        key.description = "Keydeck key pool";
        ++index;
    }
    Status journaled = vault.write([&](Database& database) { return open_journal_for(vault, database, planned); });
    if (!journaled) return journaled;
    for (const PlannedKey& key : planned) {
        const Result<kms::KeyMetadata> metadata = make_planned_key(vault, key);
        if (!metadata) return fail(metadata);
        if (Status recorded = record_pool_key(vault, session, "CreateKey", *metadata, key.entry); !recorded) return recorded;
    }
    return {};
}

Status complete_pool(OpenVault& vault, const Session& session, std::string_view prefix, int size) {
    const Result<VaultLock> lock = VaultLock::take(vault.options().directory, VaultLock::Kind::kExclusive);
    if (!lock) return fail(lock);
    if (Status only = check_only_pool(vault, prefix); !only) return only;
    if (Status finished = finish_interrupted_pool(vault, session, prefix); !finished) return finished;
    const Result<std::vector<store::KeyRecord>> keys = keys_of_pool(vault, prefix);
    if (!keys) return fail(keys);
    const auto there = std::ranges::count_if(
        *keys, [](const store::KeyRecord& key) { return key.state != store::kKeyPendingDeletion && !key.retiring; });
    const int missing = size - static_cast<int>(there);
    return missing > 0 ? make_pool_keys(vault, session, prefix, missing) : Status{};
}

Status record_pool_key(OpenVault& vault, const Session& session, std::string_view action, const kms::KeyMetadata& metadata,
                       store::KeyJournalEntry entry) {
    // A key that is pending deletion takes no alias; it keeps its place in the pool all the same.
    Result<std::string> alias = std::string();
    if (metadata.state != kms::KeyState::kPendingDeletion) alias = give_alias(vault.kms(), metadata.key_id, entry.alias);
    if (!alias) return fail(alias);
    store::KeyRecord record = to_key_record(metadata, vault.record().region);
    record.alias = *alias;
    record.purpose = kPurposePool;
    record.pool_prefix = entry.pool_prefix;
    record.pool_index = entry.pool_index;
    AuditEvent event = event_of(vault, session, action, metadata.key_id);
    event.key_id = metadata.key_id;
    event.detail = oversight::Detail().text("purpose", kPurposePool).text("alias", *alias).text("spec", record.spec).done();
    return vault.write(
        [&](Database& database) -> Status {
            if (Status recorded = store::record_key(database, record); !recorded) return recorded;
            return store::finish_journal(database, entry.journal_id, vault.now());
        },
        std::span(&event, 1));
}

}  // namespace keydeck::custody
