// Who signs: an AWS access key, where it was found, and until when it is good.
#pragma once

#include <condition_variable>
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
/// while they are good. Thread-safe.
class CredentialsCache {
public:
    using Fetch = std::function<Result<Credentials>(const std::stop_token& stop)>;
    /// `clock` outlives the cache.
    CredentialsCache(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}
    CredentialsCache(const CredentialsCache&) = delete;
    CredentialsCache& operator=(const CredentialsCache&) = delete;

    /// Errors: those of the source; cancelled.
    Result<CredentialsPtr> get(const std::stop_token& stop);
    /// What is kept now, without fetching.
    [[nodiscard]] CredentialsPtr kept() const;
    /// The KMS says that these have expired: others are fetched next. False for those that no fetching can renew.
    bool expired(const CredentialsPtr& credentials);

private:
    [[nodiscard]] bool is_good(Timestamp now) const;
    [[nodiscard]] bool is_due(Timestamp now) const;

    const Fetch fetch_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable_any fetched_;
    bool fetching_ = false;
    CredentialsPtr kept_;
    Timestamp not_before_{};  ///< no early renewal before this: the last one failed
};

}  // namespace keydeck::kms::aws
