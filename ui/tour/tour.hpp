// The tour of a demo: six steps, each with a sentence and a key. It looks at what the person does and does nothing itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"
#include "ui/effects.hpp"

namespace keydeck::ui {

/// The state of the tour. What was done is read from the audit log, so it counts by whatever key, command or program it was
/// done; where the person is, is the place on the screen.
class Tour {
public:
    static constexpr int kSteps = 6;

    /// The newest events, in any order. The first call only says where the log ends: what happened before does not count.
    void learn(const std::vector<AuditEvent>& events);
    /// Where the person is, with no dialog in front of it.
    void see(const Place& place);

    /// 1 to kSteps; kSteps + 1 when it is over.
    [[nodiscard]] int step() const { return step_; }
    [[nodiscard]] bool over() const { return step_ > kSteps; }
    [[nodiscard]] std::string sentence() const;
    /// The names of the actions that lead on; the first that can be done here and now is the one to show.
    [[nodiscard]] std::vector<std::string_view> actions() const;

private:
    void note(const AuditEvent& event);
    void advance();

    int step_ = 1;
    std::optional<std::int64_t> last_event_;
    std::optional<Place> place_;
    bool signed_ = false;        ///< in the step that asks for it
    bool rotated_ = false;       ///< the same
    bool was_disabled_ = false;  ///< the same
    std::string disabled_key_;   ///< that one, until it is enabled again
};

}  // namespace keydeck::ui
