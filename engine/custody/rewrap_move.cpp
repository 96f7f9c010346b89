#include "engine/custody/rewrap_move.hpp"

#include <algorithm>

#include "engine/custody/key_view.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

std::string name_of_key(OpenVault& vault, std::string_view key_id) {
    const auto key = ask_store(vault, [&](Database& database) { return store::key_by_id(database, key_id); });
    return key && *key && !(*key)->alias.empty() ? (*key)->alias : std::string(key_id);
}

bool is_refusal(const Error& error) {
    return error.code == ErrorCode::kRejected || error.code == ErrorCode::kNotFound || error.code == ErrorCode::kDenied;
}

std::string way_back(std::string_view key_id, std::string_view state) {
    if (state == "Disabled") return "Enable it: keydeck key enable " + std::string(key_id);
    if (state == "PendingDeletion") return "Cancel the deletion: keydeck key cancel-deletion " + std::string(key_id);
    return {};
}

Error not_usable(OpenVault& vault, std::string_view key_id, std::string_view state, const Error& error) {
    return {
        ErrorCode::kRejected,
        "The key " + name_of_key(vault, key_id) + " is " + std::string(state) + ": what is sealed under it does not open.",
        way_back(key_id, state), error.kms_error};
}

/// Whether the ciphertext's own key is what the KMS refused. Of a key that is to be emptied nothing else will open either.
bool source_is_closed(RewrapWalk& walk, std::string_view own, RewrapMove& move) {
    const Result<std::string> state = refresh_key_state(walk.vault, own);
    if (!state || *state == "Enabled") return false;
    move.done = std::unexpected(not_usable(walk.vault, own, *state, move.done.error()));
    move.stops = !walk.plan.from.empty();
    return true;
}

/// The only key there is to move to refuses.
void target_refused(RewrapWalk& walk, RewrapMove& move) {
    move.stops = true;
    const Result<std::string> state = refresh_key_state(walk.vault, move.key_id);
    if (!state || *state == "Enabled") return;
    move.done = std::unexpected(not_usable(walk.vault, move.key_id, *state, move.done.error()));
}

}  // namespace

RewrapMove move_to_a_key(RewrapWalk& walk, std::string_view own, const store::KeyVersions& versions,
                         const std::function<Status(const std::string& key_id)>& seal) {
    RewrapMove move;
    std::vector<std::string> refused;
    while (true) {
        Result<std::string> key = walk.targets.choose(own, refused);
        if (!key) {
            // No key is left to choose. Where some were refused, their refusal says more.
            if (refused.empty()) move.done = fail(key);
            move.stops = true;
            return move;
        }
        move.key_id = std::move(*key);
        const auto version = versions.find(move.key_id);
        move.key_version = version == versions.end() ? 1 : version->second;
        move.done = seal(move.key_id);
        if (move.done) {
            for (const std::string& other : refused) walk.targets.leave_out(other);
            return move;
        }
        if (move.done.error().code == ErrorCode::kCorrupt) return move;
        if (!is_refusal(move.done.error())) {
            move.stops = true;
            return move;
        }
        if (source_is_closed(walk, own, move)) return move;
        if (!walk.targets.are_drawn()) {
            target_refused(walk, move);
            return move;
        }
        (void)refresh_key_state(walk.vault, move.key_id).has_value();
        refused.push_back(move.key_id);
    }
}

Result<bool> takes_new(const RewrapWalk& walk, Database& database, std::string_view key_id, std::string_view own) {
    const Result<std::optional<store::KeyRecord>> key = store::key_by_id(database, key_id);
    if (!key) return fail(key);
    if (*key && (*key)->state == "Enabled" && (key_id == own || !(*key)->retiring)) return true;
    if (walk.targets.are_drawn()) return false;
    return fail(ErrorCode::kRejected,
                "The key " + (*key && !(*key)->alias.empty() ? (*key)->alias : std::string(key_id)) +
                    " was disabled, scheduled for deletion or retired meanwhile; nothing more is sealed under it.",
                "Enable it: keydeck key enable " + std::string(key_id));
}

std::optional<Timestamp> fresh_since(const RewrapWalk& walk) {
    if (!walk.plan.fresh_data_keys) return std::nullopt;
    return std::max(walk.vault.now(), walk.plan.older_than.value_or(Timestamp::min()));
}

Status may_go_on(const RewrapWalk& walk) {
    if (Status wished = walk.job.asked_to_stop(); !wished) return wished;
    if (!walk.progress.stop.stop_requested()) return {};
    return fail(ErrorCode::kCancelled,
                "Stopped: " + std::to_string(walk.job.done()) + " of " + std::to_string(walk.job.total()) +
                    " are done, and those are complete.",
                "Go on: keydeck job resume " + std::to_string(walk.job.id()));
}

}  // namespace keydeck::custody
