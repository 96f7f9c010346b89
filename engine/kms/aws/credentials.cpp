#include "engine/kms/aws/credentials.hpp"

#include <utility>

namespace keydeck::kms::aws {
namespace {

/// Renewed this long before they expire, as AWS's own SDKs do.
constexpr std::chrono::minutes kRenewBefore{5};
/// Not used in the last seconds: the call must reach the KMS while they are good.
constexpr std::chrono::seconds kUnusableBefore{10};
/// After an early renewal that failed, the next try.
constexpr std::chrono::seconds kTryAgainAfter{30};

}  // namespace

CredentialsInfo info_of(const Credentials& credentials) {
    return {credentials.source, credentials.access_key_id, credentials.expires_at};
}

bool CredentialsCache::is_good(Timestamp now) const {
    return kept_ && (!kept_->expires_at || now + kUnusableBefore < *kept_->expires_at);
}

bool CredentialsCache::is_due(Timestamp now) const {
    return !is_good(now) || (kept_->expires_at && now + kRenewBefore >= *kept_->expires_at && now >= not_before_);
}

CredentialsPtr CredentialsCache::kept() const {
    const std::scoped_lock lock(mutex_);
    return kept_;
}

Result<CredentialsPtr> CredentialsCache::get(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (;;) {
        const Timestamp now = clock_.now();
        if (!is_due(now) || (fetching_ && is_good(now))) return kept_;
        if (!fetching_) break;
        if (!fetched_.wait(lock, stop, [this] { return !fetching_; }))
            return fail(ErrorCode::kCancelled, "The call was cancelled while AWS credentials were being fetched.");
    }
    fetching_ = true;
    lock.unlock();
    Result<Credentials> fresh = fetch_(stop);
    lock.lock();
    fetching_ = false;
    fetched_.notify_all();
    if (fresh) {
        kept_ = std::make_shared<const Credentials>(std::move(*fresh));
        return kept_;
    }
    const Timestamp now = clock_.now();
    not_before_ = now + kTryAgainAfter;
    if (is_good(now)) return kept_;
    return fail(fresh);
}

bool CredentialsCache::expired(const CredentialsPtr& credentials) {
    if (!credentials || !credentials->expires_at) return false;
    const std::scoped_lock lock(mutex_);
    if (kept_ == credentials) kept_.reset();
    return true;
}

}  // namespace keydeck::kms::aws
