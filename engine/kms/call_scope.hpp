// What goes with the calls that a thread makes to a KMS: that they may be cancelled, and what became of their tries.
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

}  // namespace keydeck::kms
