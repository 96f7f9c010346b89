// Who signs: an AWS access key, where it was found, and until when it is good.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::kms::aws {

struct Credentials {
    std::string access_key_id;
    SecretBytes secret_access_key;
    SecretBytes session_token;            ///< empty for long-lived keys
    std::optional<Timestamp> expires_at;  ///< nothing for those that do not expire
    std::string source;                   ///< for people: "the environment", "profile \"dev\"", …
};
using CredentialsPtr = std::shared_ptr<const Credentials>;

/// What may be shown of them.
struct CredentialsInfo {
    std::string source;
    std::string access_key_id;
    std::optional<Timestamp> expires_at;
};
[[nodiscard]] CredentialsInfo info_of(const Credentials& credentials);

/// Keeps credentials and fetches new ones a while before they expire: one thread does, the others go on with the old ones
/// while they are good. Who waited for a fetch has its outcome, and a failure stands for a few seconds: a source that fails
/// slowly is not asked by each of many threads in turn. Thread-safe.
class CredentialsCache {
public:
    using Fetch = std::function<Result<Credentials>(const std::stop_token& stop)>;
    /// `clock` outlives the cache.
    CredentialsCache(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}
    CredentialsCache(const CredentialsCache&) = delete;
    CredentialsCache& operator=(const CredentialsCache&) = delete;

    /// No limit but the source's own.
    static constexpr std::chrono::milliseconds kUnhurried = std::chrono::hours(24);
    /// Waits and fetches no longer than `patience`. Errors: those of the source; unavailable when time ran out; cancelled.
    Result<CredentialsPtr> get(const std::stop_token& stop, std::chrono::milliseconds patience = kUnhurried);
    /// What is kept now, without fetching.
    [[nodiscard]] CredentialsPtr kept() const;
    /// The KMS says that these have expired: others are fetched next. False for those that no fetching can renew.
    bool expired(const CredentialsPtr& credentials);

private:
    [[nodiscard]] bool is_good(Timestamp now) const;
    [[nodiscard]] bool is_due(Timestamp now) const;
    [[nodiscard]] bool has_just_failed(Timestamp now) const;
    Result<CredentialsPtr> fetch(std::unique_lock<std::mutex>& lock, const std::stop_token& stop,
                                 std::chrono::milliseconds patience);

    const Fetch fetch_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable_any fetched_;
    bool fetching_ = false;
    CredentialsPtr kept_;
    std::uint64_t renewals_ = 0;  ///< fetches that succeeded
    Timestamp not_before_{};      ///< no early renewal before this: the last fetch was just now
    std::optional<Error> failure_;
    Timestamp failed_at_{};
};

}  // namespace keydeck::kms::aws
