// Creating, describing and listing keys; their states.
#include <fmt/format.h>

#include <chrono>

#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/local/material.hpp"
#include "engine/kms/local/paging.hpp"
#include "engine/kms/local/policy_document.hpp"
#include "engine/kms/local/tag_rows.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;
using sqlite::Database;
using sqlite::DbTransaction;

SecretBytes draw_material(KeySpec spec, Random& random) {
    SecretBytes material(local::material_sizes(spec).least);
    do {
        random.fill(material.span());
    } while (spec == KeySpec::kEccSecgP256k1 && !crypto::is_private_key(material.view()));
    return material;
}

Status check_request(const CreateKeyRequest& request) {
    if (Status fit = check_spec_and_usage(request.spec, request.usage); !fit) return fit;
    if (Status length = check_description(request.description); !length) return length;
    if (!request.policy.empty()) {
        if (Status policy = local::check_policy_document(request.policy); !policy) return policy;
    }
    return check_tags(request.tags);
}

/// A key that waits for its material can be neither enabled nor disabled.
Status check_has_material(const KeyRecord& key, const std::string& arn) {
    return key.state() == KeyState::kPendingImport ? pending_import(arn) : Status{};
}

Status set_enabled(Database& database, const KeyRecord& key, bool enabled) {
    sqlite::Statement update = database.prepare("UPDATE keys SET enabled = ?2 WHERE id = ?1");
    update.bind(1, key.row).bind(2, static_cast<std::int64_t>(enabled ? 1 : 0));
    return update.run();
}

}  // namespace

Result<KeyMetadata> LocalKms::create_key(const CreateKeyRequest& request) {
    if (Status checked = check_request(request); !checked) return fail(checked);
    if (request.origin == Origin::kExternal) return impl_->create(request, {});
    return impl_->create(request, draw_material(request.spec, impl_->random));
}

Result<KeyMetadata> LocalKms::create_key_with_material(const CreateKeyRequest& request, const SecretBytes& material) {
    if (Status checked = check_request(request); !checked) return fail(checked);
    if (!local::fits(request.spec, material)) {
        return validation_error(fmt::format("The key material does not fit key spec {}.", to_string(request.spec)));
    }
    return impl_->create(request, material.clone());
}

Result<KeyMetadata> LocalKms::Impl::create(const CreateKeyRequest& request, SecretBytes material) {
    KeyRecord key{.key_id = random.uuid(),
                  .spec = request.spec,
                  .usage = request.usage,
                  .created_at = clock.now(),
                  .origin = request.origin,
                  .has_material = !material.empty()};
    Result<local::VersionRecord> version = local::VersionRecord{};
    if (key.has_material) version = seal_version(key, material);
    if (!version) return fail(version);

    Result<Lease> lease = begin();
    if (!lease) return fail(lease);
    Database& database = **lease;
    Result<DbTransaction> write = DbTransaction::begin_write(database);
    if (!write) return fail(write);
    if (Status status = local::insert_key(database, key, request.description, request.policy); !status) return fail(status);
    if (key.has_material) {
        if (Status status = local::insert_version(database, key.row, *version); !status) return fail(status);
    }
    if (Status status = local::put_tags(database, key.row, request.tags); !status) return fail(status);
    if (Status status = note_event(database); !status) return fail(status);
    if (Status status = write->commit(); !status) return fail(status);
    return metadata_of(database, key);
}

Result<local::VersionRecord> LocalKms::Impl::seal_version(const KeyRecord& key, const SecretBytes& material) {
    const std::shared_ptr<const local::RootKey> root = ring.root();
    if (!root) return vault_locked();
    local::VersionRecord version{.version = key.version, .created_at = clock.now()};
    if (key.spec == KeySpec::kEccSecgP256k1) {
        const Result<crypto::PublicKey> public_key = crypto::public_key_of(material.view());
        if (!public_key) return fail(public_key);
        version.public_key = to_bytes(public_key->xy);
    }
    version.sealed = local::seal_material(*root, key, version, material.view(), random);
    return version;
}

Result<KeyMetadata> LocalKms::describe_key(std::string_view key_id) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kAccepted);
    if (!key) return fail(key);
    if (Status rotated = impl_->rotate_if_due(**lease, *key); !rotated) return fail(rotated);
    return impl_->metadata_of(**lease, *key);
}

Result<Page<KeyListEntry>> LocalKms::list_keys(const PageRequest& page) {
    if (Status limit = check_page_limit(page.limit); !limit) return fail(limit);
    const Result<std::int64_t> after = local::parse_number_marker(page.marker);
    if (!after) return fail(after);
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    const int limit = page.limit.value_or(kDefaultPageOfKeys);
    sqlite::Statement select = (*lease)->prepare("SELECT id, key_id FROM keys WHERE id > ?1 ORDER BY id LIMIT ?2");
    select.bind(1, *after).bind(2, static_cast<std::int64_t>(limit) + 1);
    return local::read_page<KeyListEntry>(
        select, limit,
        [&](const sqlite::Statement& row) {
            return KeyListEntry{std::string(row.text(1)), impl_->place.key_arn(row.text(1))};
        },
        [](const sqlite::Statement& row) { return std::to_string(row.integer(0)); });
}

Status LocalKms::update_key_description(std::string_view key_id, std::string_view description) {
    if (Status length = check_description(description); !length) return length;
    return impl_->change_key(key_id, [&](Database& database, const KeyRecord& key) {
        sqlite::Statement update = database.prepare("UPDATE keys SET description = ?2 WHERE id = ?1");
        update.bind(1, key.row).bind(2, description);
        return update.run();
    });
}

Status LocalKms::enable_key(std::string_view key_id) {
    return impl_->change_key(key_id, [this](Database& database, const KeyRecord& key) -> Status {
        if (Status there = check_has_material(key, impl_->arn_of(key)); !there) return there;
        return set_enabled(database, key, true);
    });
}

Status LocalKms::disable_key(std::string_view key_id) {
    return impl_->change_key(key_id, [this](Database& database, const KeyRecord& key) -> Status {
        if (Status there = check_has_material(key, impl_->arn_of(key)); !there) return there;
        impl_->ring.forget(key.key_id);
        return set_enabled(database, key, false);
    });
}

Result<KeyMetadata> LocalKms::schedule_key_deletion(std::string_view key_id, int pending_window_days) {
    if (Status window = check_pending_window(pending_window_days); !window) return fail(window);
    Result<KeyMetadata> scheduled = KeyMetadata{};
    const Status changed = impl_->change_key(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        KeyRecord pending = key;
        pending.deletion_at = impl_->clock.now() + std::chrono::days(pending_window_days);
        // The clock is believed here: a moment from which the window counts is an event. note_event() would no longer move
        // it.
        if (Status noted = impl_->note_event(database); !noted) return noted;
        sqlite::Statement update = database.prepare("UPDATE keys SET deletion_at = ?2 WHERE id = ?1");
        update.bind(1, key.row).bind(2, to_micros(*pending.deletion_at));
        if (Status updated = update.run(); !updated) return updated;
        impl_->ring.forget(key.key_id);
        scheduled = impl_->metadata_of(database, pending);
        return scheduled ? Status{} : fail(scheduled);
    });
    if (!changed) return fail(changed);
    return scheduled;
}

Status LocalKms::cancel_key_deletion(std::string_view key_id) {
    return impl_->change_key_in_any_state(key_id, [this](Database& database, const KeyRecord& key) -> Status {
        if (key.state() != KeyState::kPendingDeletion) {
            return kms_fail("KMSInvalidStateException", fmt::format("{} is not pending deletion", impl_->arn_of(key)));
        }
        sqlite::Statement update = database.prepare("UPDATE keys SET deletion_at = NULL, enabled = 0 WHERE id = ?1");
        update.bind(1, key.row);
        return update.run();
    });
}

}  // namespace keydeck::kms
