// Destroying keys whose window has passed, and distrusting a clock that jumped.
#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "engine/kms/local/impl.hpp"

namespace keydeck::kms {
namespace {

using local::ClockRecord;
using sqlite::Database;
using sqlite::DbTransaction;

// A clock further than this past the last event is not believed where something would be destroyed.
constexpr auto kPlausibleGap = std::chrono::days(1);
// While keys wait for their deletion, time is noted this often, so that daily use alone keeps the clock believed.
constexpr auto kNoteEvery = std::chrono::hours(1);
constexpr auto kLookEvery = std::chrono::minutes(1);

bool jumped(const ClockRecord& clock, Timestamp now) { return now > clock.last_event_at + kPlausibleGap; }

bool is_withheld(const ClockRecord& clock, Timestamp now) { return clock.earliest_deletion && jumped(clock, now); }

bool is_due(const ClockRecord& clock, Timestamp now) { return clock.earliest_deletion && *clock.earliest_deletion <= now; }

std::unexpected<Error> clock_suspect() {
    return fail(ErrorCode::kRejected,
                "The clock stands more than a day past the last event in this vault, so nothing was destroyed.",
                "If the clock is right, confirm it with `keydeck doctor`.");
}

Result<std::vector<std::string>> keys_due(Database& database, std::string_view sql, Timestamp now) {
    std::vector<std::string> ids;
    sqlite::Statement select = database.prepare(sql);
    select.bind(1, to_micros(now));
    for (;;) {
        const Result<bool> row = select.step();
        if (!row) return fail(row);
        if (!*row) return ids;
        ids.emplace_back(select.text(0));
    }
}

Status run_at(Database& database, std::string_view sql, Timestamp now) {
    sqlite::Statement statement = database.prepare(sql);
    statement.bind(1, to_micros(now));
    return statement.run();
}

// The sealed bytes are overwritten where they stand, then their rows, aliases and tags go (secure_delete zeroes the pages).
// Imported material that has expired goes alone: its key stays, waiting for the material to be imported again.
constexpr std::array<std::string_view, 4> kEraseDue = {
    "UPDATE key_versions SET sealed = zeroblob(length(sealed)), public_key = NULL "
    "WHERE key IN (SELECT id FROM keys WHERE deletion_at <= ?1 OR material_valid_to <= ?1)",
    "DELETE FROM keys WHERE deletion_at <= ?1",
    "DELETE FROM key_versions WHERE key IN (SELECT id FROM keys WHERE material_valid_to <= ?1)",
    "UPDATE keys SET has_material = 0, material_valid_to = NULL WHERE material_valid_to <= ?1",
};

Status erase_due(Database& database, Timestamp now) {
    for (const std::string_view sql : kEraseDue) {
        if (Status erased = run_at(database, sql, now); !erased) return erased;
    }
    if (Status noted = local::write_last_event(database, now); !noted) return noted;
    return local::write_scrub_pending(database, true);
}

}  // namespace

Status LocalKms::Impl::note_event(Database& database) {
    const Timestamp now = clock.now();
    const Result<ClockRecord> record = local::read_clock(database);
    if (!record) return fail(record);
    // With nothing to destroy a jump does no harm; with something, only confirm_clock() may accept it.
    if (is_withheld(*record, now)) return {};
    return local::write_last_event(database, now);
}

void LocalKms::Impl::look_after(Database& database) {
    if (read_only) return;
    const std::lock_guard lock(expiry_mutex);
    const Timestamp now = clock.now();
    if (to_micros(now) < look_again_at.load() && to_micros(now) >= looked_at.load()) return;
    // Other threads need not wait for what follows: a key that is due is pending deletion until it is gone.
    looked_at = to_micros(now);
    look_again_at = to_micros(now + kLookEvery);
    // What fails here (a full disk, a read-only file) harms nobody: a key past its date stays unusable, and the next look
    // tries again.
    Result<ClockRecord> record = local::read_clock(database);
    if (!record) return;
    if (record->scrub_pending) (void)scrub().has_value();
    if (record->earliest_deletion && !jumped(*record, now)) {
        const bool stale = now - record->last_event_at > kNoteEvery || record->last_event_at - now > kNoteEvery;
        if (is_due(*record, now)) {
            (void)destroy_due(database).has_value();
            record = local::read_clock(database);
        } else if (stale) {
            (void)local::write_last_event(database, now).has_value();
        }
    }
    if (record && record->earliest_deletion && *record->earliest_deletion > now) {
        look_again_at = to_micros(std::min(now + kLookEvery, *record->earliest_deletion));
    }
}

Result<int> LocalKms::Impl::destroy_due(Database& database) {
    const Timestamp now = clock.now();
    Result<DbTransaction> write = DbTransaction::begin_write(database);
    if (!write) return fail(write);
    const Result<ClockRecord> record = local::read_clock(database);
    if (!record) return fail(record);
    if (!is_due(*record, now)) return 0;
    if (jumped(*record, now)) return clock_suspect();
    const auto ids = keys_due(database, "SELECT key_id FROM keys WHERE deletion_at <= ?1", now);
    if (!ids) return fail(ids);
    const auto expired = keys_due(database, "SELECT key_id FROM keys WHERE material_valid_to <= ?1", now);
    if (!expired) return fail(expired);
    if (Status erased = erase_due(database, now); !erased) return fail(erased);
    if (Status committed = write->commit(); !committed) return fail(committed);
    for (const std::string& id : *ids) ring.forget(id);
    for (const std::string& id : *expired) ring.forget(id);
    // Where a reader of another process stands in the way, scrub_pending has the next look try again.
    (void)scrub().has_value();
    return static_cast<int>(ids->size());
}

Status LocalKms::Impl::scrub() {
    // A reader that stands in the way must not hold up the call that happens to scrub.
    Result<Database> database = pool.open_impatient();
    if (!database) return fail(database);
    if (Status truncated = database->checkpoint_truncate(); !truncated) return truncated;
    return local::write_scrub_pending(*database, false);
}

Result<int> LocalKms::expire() {
    Result<Impl::Lease> lease = impl_->pool.lease();
    if (!lease) return fail(lease);
    const std::lock_guard lock(impl_->expiry_mutex);
    return impl_->destroy_due(**lease);
}

Result<bool> LocalKms::clock_is_suspect() {
    Result<Impl::Lease> lease = impl_->pool.lease();
    if (!lease) return fail(lease);
    const Result<ClockRecord> record = local::read_clock(**lease);
    if (!record) return fail(record);
    return is_withheld(*record, impl_->clock.now());
}

Result<std::string> LocalKms::find_damage() {
    Result<Impl::Lease> lease = impl_->pool.lease();
    if (!lease) return fail(lease);
    auto row = (**lease).prepare("PRAGMA integrity_check(1)");
    const Result<bool> found = row.step();
    if (!found) return fail(found);
    std::string line(*found ? row.text(0) : std::string_view());
    return line == "ok" ? std::string() : line;
}

Status LocalKms::confirm_clock() {
    Result<Impl::Lease> lease = impl_->pool.lease();
    if (!lease) return fail(lease);
    const std::lock_guard lock(impl_->expiry_mutex);
    if (Status written = local::write_last_event(**lease, impl_->clock.now()); !written) return written;
    impl_->look_again_at = 0;
    return {};
}

}  // namespace keydeck::kms
