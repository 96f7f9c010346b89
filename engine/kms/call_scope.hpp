// Cancelling a KMS call that may take long.
#pragma once

#include <stop_token>

namespace keydeck::kms {

/// While it lives, the calls its thread makes to any Kms end with `cancelled`, as soon as they can, once `stop` is
/// requested. Scopes nest; the innermost counts. Where a call had been sent, the KMS may have carried it out.
class CallScope {
public:
    explicit CallScope(std::stop_token stop);
    ~CallScope();
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

    /// Of this thread; a token that never stops where there is no scope.
    [[nodiscard]] static std::stop_token current();

private:
    std::stop_token outer_;
};

}  // namespace keydeck::kms
