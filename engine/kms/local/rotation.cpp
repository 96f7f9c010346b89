// Rotation: new versions of a symmetric key's material, the old ones kept for decrypting.
#include <fmt/format.h>

#include <chrono>

#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/local/paging.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;
using sqlite::Database;
using sqlite::DbTransaction;
using std::chrono::days;

constexpr std::size_t kMaterialSize = 32;

/// Before the state is looked at, as AWS does: such a key cannot rotate in any.
Status check_origin(const KeyRecord& key, const std::string& arn) {
    if (key.origin == Origin::kAwsKms) return {};
    return kms_fail("UnsupportedOperationException",
                    fmt::format("{} origin is {} which is not valid for this operation.", arn, to_string(key.origin)));
}

Status check_rotatable(const KeyRecord& key, const std::string& arn, std::string_view operation) {
    if (key.spec == KeySpec::kSymmetricDefault) return {};
    return kms_fail("UnsupportedOperationException",
                    fmt::format("{} key spec is {} which is not valid for {}.", arn, to_string(key.spec), operation));
}

// A schedule further away than its period was made while the clock stood too far ahead.
bool is_misplaced(const KeyRecord& key, Timestamp now) {
    return *key.next_rotation_at > now + days(key.rotation_period_days);
}

bool is_due(const KeyRecord& key, Timestamp now) {
    if (key.state() != KeyState::kEnabled || !key.next_rotation_at) return false;
    return *key.next_rotation_at <= now || is_misplaced(key, now);
}

// The schedule stays on its days however late a rotation comes.
Timestamp next_on_schedule(const KeyRecord& key, Timestamp now) {
    const auto period = days(key.rotation_period_days);
    if (is_misplaced(key, now)) return now + period;
    const auto missed = (now - *key.next_rotation_at) / period;
    return *key.next_rotation_at + (missed + 1) * period;
}

Status write_schedule(Database& database, const KeyRecord& key, const std::optional<Timestamp>& next) {
    sqlite::Statement update = database.prepare("UPDATE keys SET next_rotation_at = ?2 WHERE id = ?1");
    update.bind(1, key.row).bind(2, next ? std::optional(to_micros(*next)) : std::nullopt);
    return update.run();
}

}  // namespace

Status LocalKms::Impl::add_version(Database& database, const KeyRecord& key, bool on_demand) {
    const std::shared_ptr<const local::RootKey> root = ring.root();
    if (!root) return vault_locked();
    SecretBytes material(kMaterialSize);
    random.fill(material.span());
    local::VersionRecord version{.version = key.version + 1, .created_at = clock.now(), .on_demand = on_demand};
    version.sealed = local::seal_material(*root, key, version, material.view(), random);
    if (Status inserted = local::insert_version(database, key.row, version); !inserted) return inserted;
    sqlite::Statement update =
        database.prepare("UPDATE keys SET version = ?2, on_demand_rotations = on_demand_rotations + ?3 WHERE id = ?1");
    update.bind(1, key.row).bind(2, version.version).bind(3, static_cast<std::int64_t>(on_demand ? 1 : 0));
    return update.run();
}

Status LocalKms::Impl::rotate_if_due(Database& database, KeyRecord& key) {
    if (read_only || !is_due(key, clock.now()) || !ring.root()) return {};
    Result<DbTransaction> write = DbTransaction::begin_write(database);
    if (!write) return fail(write);
    Result<std::optional<KeyRecord>> fresh = local::find_key(database, key.key_id);
    if (!fresh) return fail(fresh);
    if (!*fresh) return key_not_found(arn_of(key));
    key = **fresh;
    const Timestamp now = clock.now();
    // Another thread or process may have been faster.
    if (!is_due(key, now)) return {};
    if (!is_misplaced(key, now)) {
        if (Status added = add_version(database, key, false); !added) return added;
    }
    if (Status written = write_schedule(database, key, next_on_schedule(key, now)); !written) return written;
    if (Status noted = note_event(database); !noted) return noted;
    if (Status committed = write->commit(); !committed) return committed;
    fresh = local::find_key(database, key.key_id);
    if (!fresh) return fail(fresh);
    if (*fresh) key = **fresh;
    return {};
}

Status LocalKms::enable_key_rotation(std::string_view key_id, int period_days) {
    if (Status period = check_rotation_period(period_days); !period) return period;
    return impl_->change_key(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        if (Status ours = check_origin(key, impl_->arn_of(key)); !ours) return ours;
        if (Status usable = impl_->check_usable(key); !usable) return usable;
        if (Status fit = check_rotatable(key, impl_->arn_of(key), "EnableKeyRotation"); !fit) return fit;
        if (key.next_rotation_at && key.rotation_period_days == period_days) return {};
        sqlite::Statement update = database.prepare("UPDATE keys SET rotation_period_days = ?2 WHERE id = ?1");
        update.bind(1, key.row).bind(2, static_cast<std::int64_t>(period_days));
        if (Status updated = update.run(); !updated) return updated;
        return write_schedule(database, key, impl_->clock.now() + days(period_days));
    });
}

Status LocalKms::disable_key_rotation(std::string_view key_id) {
    return impl_->change_key(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        if (Status ours = check_origin(key, impl_->arn_of(key)); !ours) return ours;
        if (Status usable = impl_->check_usable(key); !usable) return usable;
        if (Status fit = check_rotatable(key, impl_->arn_of(key), "DisableKeyRotation"); !fit) return fit;
        return write_schedule(database, key, std::nullopt);
    });
}

Result<RotationStatus> LocalKms::get_key_rotation_status(std::string_view key_id) {
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kRefused);
    if (!key) return fail(key);
    if (Status ours = check_origin(*key, impl_->arn_of(*key)); !ours) return fail(ours);
    if (Status fit = check_rotatable(*key, impl_->arn_of(*key), "GetKeyRotationStatus"); !fit) return fail(fit);
    if (Status rotated = impl_->rotate_if_due(**lease, *key); !rotated) return fail(rotated);
    RotationStatus status;
    status.period_days = key->rotation_period_days;
    // AWS: false while pending deletion, and back again when the deletion is cancelled.
    status.enabled = key->next_rotation_at && key->state() != KeyState::kPendingDeletion;
    if (status.enabled) status.next_rotation = key->next_rotation_at;
    return status;
}

Status LocalKms::rotate_key_on_demand(std::string_view key_id) {
    return impl_->change_key(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        const std::string arn = impl_->arn_of(key);
        if (Status ours = check_origin(key, arn); !ours) return ours;
        if (Status usable = impl_->check_usable(key); !usable) return usable;
        if (Status fit = check_rotatable(key, arn, "RotateKeyOnDemand"); !fit) return fit;
        if (key.on_demand_rotations >= kMaxOnDemandRotations) {
            return kms_fail(
                "LimitExceededException",
                fmt::format("The on-demand rotations limit has been reached for the given keyId. No more on-demand "
                            "rotations can be performed for this key: {}",
                            arn));
        }
        return impl_->add_version(database, key, true);
    });
}

Result<Page<Rotation>> LocalKms::list_key_rotations(std::string_view key_id, const PageRequest& page) {
    if (Status limit = check_page_limit(page.limit); !limit) return fail(limit);
    const Result<std::int64_t> after = local::parse_number_marker(page.marker);
    if (!after) return fail(after);
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kRefused);
    if (!key) return fail(key);
    if (Status ours = check_origin(*key, impl_->arn_of(*key)); !ours) return fail(ours);
    if (Status fit = check_rotatable(*key, impl_->arn_of(*key), "ListKeyRotations"); !fit) return fail(fit);
    if (Status rotated = impl_->rotate_if_due(**lease, *key); !rotated) return fail(rotated);
    const int limit = page.limit.value_or(kDefaultPageOfKeys);
    sqlite::Statement select = (*lease)->prepare(
        "SELECT version, created_at, on_demand FROM key_versions WHERE key = ?1 AND version > max(?2, 1) "
        "ORDER BY version LIMIT ?3");
    select.bind(1, key->row).bind(2, *after).bind(3, static_cast<std::int64_t>(limit) + 1);
    return local::read_page<Rotation>(
        select, limit,
        [](const sqlite::Statement& row) { return Rotation{from_micros(row.integer(1)), row.integer(2) != 0}; },
        [](const sqlite::Statement& row) { return std::to_string(row.integer(0)); });
}

}  // namespace keydeck::kms
