// Who asks: Signature Version 4, verified.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/server/request.hpp"

namespace keydeck::kms::server {

/// Verifies requests against the access keys of a LocalKms. Thread-safe.
class Authenticator {
public:
    /// Both must outlive it.
    Authenticator(LocalKms& kms, const Clock& clock) : kms_(kms), clock_(clock) {}

    /// Errors, with AWS's names and texts: MissingAuthenticationTokenException; IncompleteSignatureException (a malformed
    /// Authorization header or date); UnrecognizedClientException (an unknown access key, a wrong or missing session token);
    /// InvalidSignatureException (a signature that does not match, a wrong credential scope, more than 15 minutes of skew, a
    /// header left unsigned that must be signed). Those of the key store.
    [[nodiscard]] Status check(const HttpRequest& request);

private:
    struct DayKey {
        std::shared_ptr<const AccessKey> access_key;
        std::string date;
        std::shared_ptr<const SecretBytes> signing_key;
    };
    Status check_scope(const aws::Scope& scope, std::string_view amz_date) const;
    Status check_skew(std::string_view amz_date, Timestamp signed_at) const;
    std::shared_ptr<const SecretBytes> signing_key(const std::shared_ptr<const AccessKey>& key, const aws::Scope& scope);

    LocalKms& kms_;
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, DayKey, std::less<>> day_keys_;
};

}  // namespace keydeck::kms::server
