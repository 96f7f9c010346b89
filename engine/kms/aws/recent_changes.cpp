#include "engine/kms/aws/recent_changes.hpp"

namespace keydeck::kms::aws {
namespace {

/// Most changes show within a few seconds; some take minutes, and nobody is kept waiting for those.
constexpr std::chrono::seconds kRecent{5};

/// Whether AWS's text says of this very thing that there is none: an ARN of another account or region was never made here.
bool says_unknown(const Error& error, std::string_view name) {
    return error.kms_error == "NotFoundException" && error.message.find(name) != std::string::npos &&
           (error.message.ends_with("does not exist") || error.message.ends_with("is not found."));
}

}  // namespace

std::string_view short_name(std::string_view name) {
    if (!name.starts_with("arn:")) return name;
    if (const std::size_t key = name.find(":key/"); key != std::string_view::npos) return name.substr(key + 5);
    if (const std::size_t alias = name.find(":alias/"); alias != std::string_view::npos) return name.substr(alias + 1);
    return name;
}

RecentChanges::Change& RecentChanges::change_of(std::string_view name) {
    const Timer::TimePoint now = timer_.now();
    std::erase_if(changes_, [now](const auto& entry) { return entry.second.at + kRecent < now; });
    Change& change = changes_[std::string(short_name(name))];
    change.at = now;
    return change;
}

const RecentChanges::Change* RecentChanges::find(std::string_view name) {
    const auto found = changes_.find(short_name(name));
    if (found == changes_.end() || found->second.at + kRecent < timer_.now()) return nullptr;
    return &found->second;
}

void RecentChanges::made(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    Change& change = change_of(name);
    change.made = true;
    if (name.starts_with("arn:")) change.arn = name;
}

void RecentChanges::brought_to(std::string_view key_id, KeyState state) {
    const std::scoped_lock lock(mutex_);
    Change& change = change_of(key_id);
    change.state = state;
    if (state == KeyState::kPendingDeletion) change.made = false;
}

void RecentChanges::unmade(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    changes_.erase(std::string(short_name(name)));
}

bool RecentChanges::explain(std::string_view operation, std::string_view key_id, const Error& error) {
    const std::scoped_lock lock(mutex_);
    const Change* change = find(key_id);
    if (change == nullptr) return false;
    if (error.kms_error == "NotFoundException") {
        const bool same = !key_id.starts_with("arn:") || key_id == change->arn;
        return change->made && same && says_unknown(error, short_name(key_id));
    }
    if (!change->state) return false;
    const bool looks_pending =
        error.kms_error == "KMSInvalidStateException" && error.message.ends_with("is pending deletion.");
    switch (*change->state) {
        case KeyState::kEnabled:
            return error.kms_error == "DisabledException" || looks_pending;
        case KeyState::kDisabled:
            return looks_pending;
        case KeyState::kPendingDeletion:
            return operation == "CancelKeyDeletion" && error.kms_error == "KMSInvalidStateException";
        default:
            return false;
    }
}

std::optional<KeyState> RecentChanges::state_of(std::string_view key_id) {
    const std::scoped_lock lock(mutex_);
    const Change* change = find(key_id);
    return change == nullptr ? std::nullopt : change->state;
}

}  // namespace keydeck::kms::aws
