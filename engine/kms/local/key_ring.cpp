#include "engine/kms/local/key_ring.hpp"

#include <algorithm>
#include <mutex>

namespace keydeck::kms::local {
namespace {

// Locked memory is scarce: past this many keys, one that was opened earlier makes room.
constexpr std::size_t kMostKeys = 2048;

}  // namespace

void KeyRing::unlock(RootKey root) {
    auto fresh = std::make_shared<const RootKey>(std::move(root));
    const std::unique_lock lock(mutex_);
    root_ = std::move(fresh);
    opened_.clear();
}

void KeyRing::lock() {
    const std::unique_lock lock(mutex_);
    root_.reset();
    opened_.clear();
}

std::shared_ptr<const RootKey> KeyRing::root() const {
    const std::shared_lock lock(mutex_);
    return root_;
}

std::shared_ptr<const Material> KeyRing::find(std::string_view key_id, std::int64_t version) const {
    const std::shared_lock lock(mutex_);
    const auto key = opened_.find(key_id);
    if (key == opened_.end()) return nullptr;
    const auto found = std::ranges::find(key->second, version, &Versions::value_type::first);
    return found == key->second.end() ? nullptr : found->second;
}

void KeyRing::keep(const std::shared_ptr<const RootKey>& root, std::string_view key_id, std::int64_t version,
                   std::shared_ptr<const Material> material) {
    const std::unique_lock lock(mutex_);
    if (root_ != root) return;
    auto key = opened_.find(key_id);
    if (key == opened_.end()) {
        if (opened_.size() >= kMostKeys) opened_.erase(opened_.begin());
        key = opened_.emplace(std::string(key_id), Versions{}).first;
    }
    Versions& versions = key->second;
    if (std::ranges::find(versions, version, &Versions::value_type::first) != versions.end()) return;
    versions.emplace_back(version, std::move(material));
}

void KeyRing::forget(std::string_view key_id) {
    const std::unique_lock lock(mutex_);
    const auto key = opened_.find(key_id);
    if (key != opened_.end()) opened_.erase(key);
}

}  // namespace keydeck::kms::local
