// Keys of this vault that the store does not know: found, adopted, settled.
#include "engine/custody/doctor.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/doctor_checks.hpp"
#include "engine/custody/job_run.hpp"
#include "engine/custody/key_pool.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/kms_wallets.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/jobs.hpp"
#include "engine/store/key_journal.hpp"
#include "engine/store/users.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

std::int64_t number_of(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Result<std::optional<store::KeyRecord>> record_of(OpenVault& vault, std::string_view key_id) {
    return ask_store(vault, [&](Database& database) { return store::key_by_id(database, key_id); });
}

/// What a key of ours was made for: its journal entry, or, should that be missing, what its tags say.
Result<store::KeyJournalEntry> purpose_of(OpenVault& vault, const kms::Tags& tags) {
    const std::string_view journal_id = tag_value(tags, kJournalTag);
    auto entry = ask_store(vault, [&](Database& database) { return store::journal_entry(database, journal_id); });
    if (!entry) return fail(entry);
    if (*entry) return std::move(**entry);
    store::KeyJournalEntry from_tags;
    from_tags.purpose = tag_value(tags, kPurposeTag);
    from_tags.user_id = number_of(tag_value(tags, kUserTag));
    from_tags.wallet_id = number_of(tag_value(tags, kWalletTag));
    return from_tags;
}

/// The end of a journal entry; none where the key had lost its own.
Status finish(OpenVault& vault, Database& database, const std::string& journal_id) {
    if (journal_id.empty()) return {};
    return store::finish_journal(database, journal_id, vault.now());
}

std::string orphan_sentence(OpenVault& vault, const store::KeyJournalEntry& entry, const kms::KeyListEntry& key) {
    std::string what =
        "The KMS key " + key.key_id + " is this vault's, but the store does not know it: its creation was cut short. ";
    if (entry.purpose == kPurposeWallet) {
        const auto user = ask_store(vault, [&](Database& database) { return store::user_by_id(database, entry.user_id); });
        what += "It was made for a wallet of " + (user ? user->name : std::string("a user who is gone")) + ". ";
    } else if (entry.purpose == kPurposePool) {
        what += "It was made for the key pool. ";
    }
    return what;
}

bool has_wallet(OpenVault& vault, std::int64_t id) {
    return ask_store(vault, [&](Database& database) { return store::wallet_by_id(database, id); }).has_value();
}

/// The user of that id, unless removed. Error: not_found.
Result<User> owner_of(OpenVault& vault, std::int64_t user_id) {
    return ask_store(vault, [&](Database& database) -> Result<User> {
        Result<User> user = store::user_by_id(database, user_id);
        if (!user) return user;
        Result<User> present = store::user_by_name(database, user->name);
        if (present && present->id != user_id) return fail(ErrorCode::kNotFound, "The user was removed.");
        return present;
    });
}

/// Whether an orphan can be adopted: a wallet's key needs to know which wallet, and whose.
bool may_adopt(OpenVault& vault, const store::KeyJournalEntry& entry) {
    if (entry.purpose != kPurposeWallet) return true;
    return entry.wallet_id != 0 && owner_of(vault, entry.user_id).has_value();
}

DoctorFinding orphan(OpenVault& vault, const store::KeyJournalEntry& entry, const kms::KeyListEntry& key) {
    std::string sentence = orphan_sentence(vault, entry, key);
    const std::string disable = "keydeck doctor --disable " + key.key_id;
    if (!may_adopt(vault, entry))
        return problem("orphan-key", sentence + "It cannot be adopted, and nothing depends on it.", disable, key.key_id);
    sentence += "Adopt it, or disable it with: " + disable;
    return problem("orphan-key", std::move(sentence), "keydeck doctor --adopt " + key.key_id, key.key_id);
}

/// The job that was to make the wallet has one less to make. One that a process is at counts for itself.
Status count_adopted(OpenVault& vault, Database& database, std::int64_t id) {
    if (id == 0) return {};
    Result<std::optional<store::JobRecord>> job = store::job(database, id);
    if (!job) return fail(job);
    const bool unfinished =
        *job && ((*job)->state == store::JobState::kRunning || (*job)->state == store::JobState::kPaused);
    if (!unfinished || (*job)->done >= (*job)->total || is_at_work(vault, **job)) return {};
    ++(*job)->done;
    (*job)->updated_at = vault.now();
    return store::update_job(database, **job);
}

/// The wallet a signing key was made for. Its label is left away where another wallet has taken it meanwhile.
Status adopt_wallet_key(OpenVault& vault, const kms::KeyMetadata& metadata, const store::KeyJournalEntry& entry,
                        AuditEvent& event) {
    const Result<User> user = owner_of(vault, entry.user_id);
    if (!user) {
        return fail(ErrorCode::kRejected, "The user this key was made for does not exist any more.",
                    "Disable it: keydeck doctor --disable " + metadata.key_id);
    }
    if (entry.wallet_id == 0) {
        return fail(ErrorCode::kRejected, "The key does not say which wallet it was made for.",
                    "Disable it: keydeck doctor --disable " + metadata.key_id);
    }
    Result<KmsWallet> wallet = kms_wallet_of(vault, metadata, entry);
    if (!wallet) return fail(wallet);
    event.user = user->name;
    event.target = checksum_address(wallet->row.address);
    return vault.write(
        [&](Database& database) -> Status {
            if (!store::check_label_free(database, wallet->row.label)) wallet->row.label.clear();
            if (Status recorded = record_kms_wallets(vault, database, std::span(&*wallet, 1)); !recorded) return recorded;
            return count_adopted(vault, database, entry.job);
        },
        std::span(&event, 1));
}

Status adopt_as_is(OpenVault& vault, const kms::KeyMetadata& metadata, const store::KeyJournalEntry& entry,
                   AuditEvent& event) {
    return vault.write(
        [&](Database& database) -> Status {
            if (Status recorded = store::record_key(database, to_key_record(metadata, vault.record().region)); !recorded)
                return recorded;
            return finish(vault, database, entry.journal_id);
        },
        std::span(&event, 1));
}

/// A pool key whose journal is gone has no place in the pool: it gets the next one.
Status adopt_pool_key(OpenVault& vault, const Session& session, const kms::KeyMetadata& metadata,
                      store::KeyJournalEntry entry) {
    if (entry.pool_prefix.empty()) {
        entry.pool_prefix = vault.options().pool_alias_prefix;
        const Result<std::int64_t> next =
            ask_store(vault, [&](Database& database) { return store::next_pool_index(database, entry.pool_prefix); });
        if (!next) return fail(next);
        entry.pool_index = *next;
        entry.alias = "alias/" + entry.pool_prefix + "-" + std::to_string(*next);
    }
    return record_pool_key(vault, session, "AdoptKey", metadata, std::move(entry));
}

/// Gives a key the store knows back what it has lost in the KMS: this vault's tag, its name in the pool. Error:
/// already_exists where it has lost nothing.
Status restore_known(OpenVault& vault, const kms::KeyMetadata& metadata, const store::KeyRecord& record, AuditEvent& event) {
    const Result<kms::Tags> tags = all_tags(vault.kms(), metadata.key_id);
    if (!tags) return fail(tags);
    const std::string_view owner = tag_value(*tags, kVaultTag);
    if (!owner.empty() && owner != vault.record().id) {
        return fail(ErrorCode::kRejected, "The key " + metadata.key_id + " bears another vault's tag; nothing was changed.",
                    "Move what is under it to other keys: keydeck pool retire " + metadata.key_id);
    }
    oversight::Detail detail;
    bool changed = false;
    if (owner.empty()) {
        const std::string purpose(record.purpose.empty() ? kPurposeHand : std::string_view(record.purpose));
        Status tagged = vault.kms().tag_resource(
            metadata.key_id, {{std::string(kVaultTag), vault.record().id}, {std::string(kPurposeTag), purpose}});
        if (!tagged) return tagged;
        detail.boolean("tagged", true);
        changed = true;
    }
    if (const std::string alias = pool_alias_of(record); !alias.empty()) {
        const Result<kms::KeyMetadata> holder = vault.kms().describe_key(alias);
        if (!holder && holder.error().code != ErrorCode::kNotFound) return fail(holder);
        if (!holder || holder->key_id != metadata.key_id) {
            Status named =
                holder ? vault.kms().update_alias(alias, metadata.key_id) : vault.kms().create_alias(alias, metadata.key_id);
            if (!named) return named;
            detail.text("alias", alias);
            changed = true;
        }
    }
    if (!changed) {
        return fail(ErrorCode::kAlreadyExists,
                    "The key " + metadata.key_id + " is known already; there is nothing to adopt.");
    }
    event.detail = detail.done();
    return vault.write({}, std::span(&event, 1));
}

Status adopt(OpenVault& vault, const Session& session, const kms::KeyMetadata& metadata, AuditEvent& event) {
    const Result<std::optional<store::KeyRecord>> record = record_of(vault, metadata.key_id);
    if (!record) return fail(record);
    if (*record) return restore_known(vault, metadata, **record, event);
    const Result<kms::Tags> tags = all_tags(vault.kms(), metadata.key_id);
    if (!tags) return fail(tags);
    if (tag_value(*tags, kVaultTag) != vault.record().id) {
        return fail(ErrorCode::kRejected, "The key " + metadata.key_id + " is not this vault's: it lacks the vault's tag.");
    }
    const Result<store::KeyJournalEntry> entry = purpose_of(vault, *tags);
    if (!entry) return fail(entry);
    if (entry->purpose == kPurposePool) return adopt_pool_key(vault, session, metadata, *entry);
    if (entry->purpose == kPurposeWallet) return adopt_wallet_key(vault, metadata, *entry, event);
    return adopt_as_is(vault, metadata, *entry, event);
}

}  // namespace

/// Every key of the KMS that carries this vault's tag and that the store does not know; what could not be read is named.
Status find_orphans(OpenVault& vault, Findings& findings, std::unordered_set<std::string>& journals_with_key) {
    const Result<std::vector<kms::KeyListEntry>> keys = all_keys(vault.kms());
    if (!keys) return fail(keys);
    for (const kms::KeyListEntry& key : *keys) {
        const Result<std::optional<store::KeyRecord>> record = record_of(vault, key.key_id);
        if (!record) return fail(record);
        if (*record) continue;
        const Result<kms::Tags> tags = all_tags(vault.kms(), key.key_id);
        if (!tags) {
            findings.push_back({"unreadable-key", "notice",
                                "The KMS does not show the tags of key " + key.key_id + ": " + tags.error().message,
                                way_to_be_told(tags.error()), key.key_id});
            continue;
        }
        if (tag_value(*tags, kVaultTag) != vault.record().id) continue;
        journals_with_key.emplace(tag_value(*tags, kJournalTag));
        const Result<store::KeyJournalEntry> entry = purpose_of(vault, *tags);
        if (!entry) return fail(entry);
        if (entry->purpose == kPurposeWallet && has_wallet(vault, entry->wallet_id)) {
            findings.push_back({"orphan-key", "problem",
                                "The KMS key " + key.key_id +
                                    " is a second one for a wallet that has its key: it was asked for "
                                    "twice, and nothing depends on it.",
                                "keydeck doctor --disable " + key.key_id, key.key_id});
            continue;
        }
        findings.push_back(orphan(vault, *entry, key));
    }
    return {};
}

/// Journal rows whose key was never made. Under the exclusive lock nobody is just making one.
Status close_empty_journals(OpenVault& vault, const std::unordered_set<std::string>& journals_with_key) {
    if (vault.options().read_only) return {};
    const auto open = ask_store(vault, [](Database& database) { return store::unfinished_journal(database); });
    if (!open) return fail(open);
    if (open->empty()) return {};
    return vault.write([&](Database& database) -> Status {
        for (const store::KeyJournalEntry& entry : *open) {
            if (journals_with_key.contains(entry.journal_id) || entry.purpose == kPurposeChange) continue;
            if (Status closed = store::finish_journal(database, entry.journal_id, vault.now()); !closed) return closed;
        }
        return {};
    });
}

Result<KeyInfo> adopt_key(OpenVault& vault, const Session& session, std::string_view key) {
    AuditEvent event = event_of(vault, session, "AdoptKey", key);
    return audited(vault, event, [&]() -> Result<KeyInfo> {
        if (Status allowed = require_operator(session, "adopt keys"); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        if (const Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
        const Result<VaultLock> lock = VaultLock::take(vault.options().directory, VaultLock::Kind::kExclusive);
        if (!lock) return fail(lock);
        const Result<kms::KeyMetadata> metadata = vault.kms().describe_key(key);
        if (!metadata) return fail(metadata);
        event.target = metadata->key_id;
        event.key_id = metadata->key_id;
        if (Status adopted = adopt(vault, session, *metadata, event); !adopted) return fail(adopted);
        return view_key(vault, metadata->key_id);
    });
}

Status settle_orphan(OpenVault& vault, const kms::KeyMetadata& metadata) {
    const Result<std::optional<store::KeyRecord>> record = record_of(vault, metadata.key_id);
    if (!record) return fail(record);
    if (*record) return {};
    const Result<kms::Tags> tags = all_tags(vault.kms(), metadata.key_id);
    if (!tags || tag_value(*tags, kVaultTag) != vault.record().id) return {};  // not ours to keep
    const Result<store::KeyJournalEntry> entry = purpose_of(vault, *tags);
    if (!entry) return fail(entry);
    return vault.write([&](Database& database) -> Status {
        if (Status recorded = store::record_key(database, to_key_record(metadata, vault.record().region)); !recorded)
            return recorded;
        return finish(vault, database, entry->journal_id);
    });
}

}  // namespace keydeck::custody
