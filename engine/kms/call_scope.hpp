// What goes with the calls that a thread makes to a KMS: that they may be cancelled, and what became of their tries.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/error.hpp"

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

/// While it lives, it counts the tries of its thread's calls that the KMS throttled and that were made again: a call that
/// succeeds in the end does not tell of them. Watches nest; the innermost counts.
class TryWatch {
public:
    TryWatch();
    ~TryWatch();
    TryWatch(const TryWatch&) = delete;
    TryWatch& operator=(const TryWatch&) = delete;

    [[nodiscard]] int throttled() const { return throttled_; }
    /// Whoever makes a throttled try again says so.
    static void note_throttled();

private:
    TryWatch* outer_;
    int throttled_ = 0;
};

/// A call that failed for good.
struct FailedCall {
    std::string operation;
    int tries = 0;
    std::chrono::milliseconds took{};  ///< from the first try on, the waits included
    ErrorCode code{};                  ///< as in the error it ended with
    std::string kms_error;             ///< the same
    std::string request_id;            ///< the KMS's of the last try, where it gave one
};

/// While it lives, it keeps the last call of its thread that failed though it may have been tried several times. Watches
/// nest; the innermost counts.
class FailureWatch {
public:
    FailureWatch();
    ~FailureWatch();
    FailureWatch(const FailureWatch&) = delete;
    FailureWatch& operator=(const FailureWatch&) = delete;

    [[nodiscard]] const std::optional<FailedCall>& last() const { return last_; }
    /// Whoever gives a call up says so.
    static void note(FailedCall failed);

private:
    FailureWatch* outer_;
    std::optional<FailedCall> last_;
};

}  // namespace keydeck::kms
