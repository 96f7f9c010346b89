#include "engine/kms/aws/credentials.hpp"

#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

namespace keydeck::kms::aws {
namespace {

/// Renewed this long before they expire, as AWS's own SDKs do.
constexpr std::chrono::minutes kRenewBefore{5};
/// Not used in the last seconds: the call must reach the KMS while they are good.
constexpr std::chrono::seconds kUnusableBefore{10};
/// After a fetch, the next early renewal: neither a source that fails nor one whose credentials come with little time left
/// is asked for each call.
constexpr std::chrono::seconds kTryAgainAfter{30};
/// How long a failure stands for whoever has no credentials to go on with.
constexpr std::chrono::seconds kFailureStands{3};

Error cancelled() {
    return {ErrorCode::kCancelled, "The call was cancelled while AWS credentials were being fetched.", {}, {}};
}
Error too_late() {
    return {ErrorCode::kUnavailable,
            "AWS credentials did not come within the call's time.",
            "Check the credential_process or the service that they come from, or try again.",
            {}};
}

/// Stops a fetch when its caller does, or when the caller's time is over. Fetches are rare, so a thread each is no cost.
class FetchLimit {
public:
    FetchLimit(const std::stop_token& caller, std::chrono::milliseconds patience) : of_caller_(caller, Request{&stop_}) {
        if (patience > CredentialsCache::kUnhurried / 2) return;
        try {
            watch_ = std::jthread([this, patience](const std::stop_token& over) {
                std::unique_lock lock(mutex_);
                wake_.wait_for(lock, over, patience, [] { return false; });
                if (over.stop_requested()) return;
                ran_out_ = true;
                stop_.request_stop();
            });
        } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): without a thread the source's limits remain
        }
    }
    FetchLimit(const FetchLimit&) = delete;
    FetchLimit& operator=(const FetchLimit&) = delete;
    ~FetchLimit() = default;
    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
    [[nodiscard]] bool ran_out() const { return ran_out_; }

private:
    struct Request {
        std::stop_source* source;
        void operator()() const { source->request_stop(); }
    };
    std::stop_source stop_;
    std::stop_callback<Request> of_caller_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::atomic<bool> ran_out_ = false;
    std::jthread watch_;  // last: it ends before what it uses
};

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

bool CredentialsCache::has_just_failed(Timestamp now) const {
    return failure_ && now >= failed_at_ && now < failed_at_ + kFailureStands;
}

Result<CredentialsPtr> CredentialsCache::get(const std::stop_token& stop, std::chrono::milliseconds patience) {
    using SteadyClock = std::chrono::steady_clock;
    const SteadyClock::time_point end = SteadyClock::now() + patience;
    const auto left = [end] { return std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now()); };
    std::unique_lock lock(mutex_);
    const std::uint64_t renewals = renewals_;
    for (;;) {
        const Timestamp now = clock_.now();
        if (!is_due(now) || (fetching_ && is_good(now))) return kept_;
        if (kept_ && renewals_ != renewals) return kept_;  // waited for: fetching once more brings no better ones
        if (!is_good(now) && has_just_failed(now)) return std::unexpected(*failure_);
        if (!fetching_) break;
        if (!fetched_.wait_for(lock, stop, left(), [this] { return !fetching_; }))
            return std::unexpected(stop.stop_requested() ? cancelled() : too_late());
    }
    // An early renewal leaves the call time to go on with the old ones.
    return fetch(lock, stop, is_good(clock_.now()) && patience < kUnhurried ? left() / 2 : left());
}

Result<CredentialsPtr> CredentialsCache::fetch(std::unique_lock<std::mutex>& lock, const std::stop_token& stop,
                                               std::chrono::milliseconds patience) {
    fetching_ = true;
    lock.unlock();
    bool ran_out = false;
    Result<Credentials> fresh = [&] {
        const FetchLimit limit(stop, patience);
        Result<Credentials> made = fetch_(limit.token());
        ran_out = limit.ran_out();
        return made;
    }();
    lock.lock();
    fetching_ = false;
    fetched_.notify_all();
    const Timestamp now = clock_.now();
    not_before_ = now + kTryAgainAfter;
    if (fresh) {
        kept_ = std::make_shared<const Credentials>(std::move(*fresh));
        ++renewals_;
        failure_.reset();
        return kept_;
    }
    // That this caller's time was over, or it was stopped, says nothing of the source: the others ask it themselves.
    const bool own = ran_out || stop.stop_requested();
    if (!own) {
        failure_ = fresh.error();
        failed_at_ = now;
    }
    if (is_good(now)) return kept_;
    if (ran_out && !stop.stop_requested()) return std::unexpected(too_late());
    return fail(fresh);
}

bool CredentialsCache::expired(const CredentialsPtr& credentials) {
    if (!credentials || !credentials->expires_at) return false;
    const std::scoped_lock lock(mutex_);
    if (kept_ == credentials) kept_.reset();
    return true;
}

}  // namespace keydeck::kms::aws
