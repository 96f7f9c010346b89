// AWS KMS is eventually consistent: for some seconds after a change, a call may still see what was before.
// https://docs.aws.amazon.com/kms/latest/developerguide/programming-eventual-consistency.html
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/kms/aws/timer.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms::aws {

/// What this client changed a moment ago, so that an answer which contradicts it is asked for again. Thread-safe.
class RecentChanges {
public:
    explicit RecentChanges(const Timer& timer) : timer_(timer) {}
    RecentChanges(const RecentChanges&) = delete;
    RecentChanges& operator=(const RecentChanges&) = delete;

    /// `name` is a key ARN or an alias name.
    void made(std::string_view name);
    void brought_to(std::string_view key_id, KeyState state);
    /// Forgets that it was made: it is gone, or going.
    void unmade(std::string_view name);

    /// Whether the refusal of `operation` on that key can only be the sight of what was before.
    [[nodiscard]] bool explain(std::string_view operation, std::string_view key_id, const Error& error);
    /// The state this client brought the key to, while a describe may not show it yet.
    [[nodiscard]] std::optional<KeyState> state_of(std::string_view key_id);

private:
    struct Change {
        Timer::TimePoint at;
        bool made = false;
        std::string arn;  ///< of a key that was made
        std::optional<KeyState> state;
    };
    Change& change_of(std::string_view name);
    [[nodiscard]] const Change* find(std::string_view name);

    const Timer& timer_;
    std::mutex mutex_;
    std::map<std::string, Change, std::less<>> changes_;
};

/// The key id in a key ARN, the alias name in an alias ARN; anything else as it is.
[[nodiscard]] std::string_view short_name(std::string_view name);

}  // namespace keydeck::kms::aws
