#include "engine/custody/open_wallets.hpp"

#include <algorithm>
#include <utility>

namespace keydeck::custody {
namespace {

// Locked memory is scarce (RLIMIT_MEMLOCK); a person or a batch works with few wallets at a time.
constexpr std::size_t kMaxOpen = 256;

}  // namespace

std::shared_ptr<const OpenedWallet> OpenWallets::find(std::int64_t wallet_id, std::string_view key_id, Instant now) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(wallet_id);
    if (found == entries_.end()) return nullptr;
    if (found->second.wallet->key_id != key_id) {
        entries_.erase(found);
        return nullptr;
    }
    found->second.last_used = now;
    return found->second.wallet;
}

std::uint64_t OpenWallets::generation() const {
    const std::scoped_lock lock(mutex_);
    return generation_;
}

std::shared_ptr<const OpenedWallet> OpenWallets::keep(OpenedWallet opened, Instant now, std::uint64_t generation) {
    const std::int64_t id = opened.wallet_id;
    auto wallet = std::make_shared<const OpenedWallet>(std::move(opened));
    const std::scoped_lock lock(mutex_);
    if (generation_ != generation) return wallet;
    if (entries_.size() >= kMaxOpen && !entries_.contains(id)) {
        const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.last_used; });
        entries_.erase(oldest);
    }
    entries_.insert_or_assign(id, Entry{wallet, now});
    return wallet;
}

void OpenWallets::forget(std::int64_t wallet_id) {
    const std::scoped_lock lock(mutex_);
    ++generation_;
    entries_.erase(wallet_id);
}

void OpenWallets::forget_key(std::string_view key_id) {
    const std::scoped_lock lock(mutex_);
    ++generation_;
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.wallet->key_id == key_id; });
}

void OpenWallets::forget_unused_since(Instant instant) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.last_used < instant; });
}

void OpenWallets::forget_all() {
    const std::scoped_lock lock(mutex_);
    ++generation_;
    entries_.clear();
}

std::size_t OpenWallets::size() const {
    const std::scoped_lock lock(mutex_);
    return entries_.size();
}

}  // namespace keydeck::custody
