// What was done in this session and can be taken back, newest first.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "ui/effects.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

class UndoList {
public:
    static constexpr std::chrono::seconds kFor{60};
    static constexpr std::size_t kMost = 50;

    struct Entry {
        std::uint64_t id = 0;
        Undo undo;
        Now done_at;
        std::optional<Timestamp> taken_at;
    };

    void add(Undo undo, Now now);
    [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
    /// Why an entry cannot be taken back any more; empty: it can.
    [[nodiscard]] static std::string reason(const Entry& entry, Now now);
    /// Asks, and takes back what the answer allows.
    void ask(std::uint64_t id, const Scene& scene, Effects& effects);

private:
    std::deque<Entry> entries_;  ///< newest first
    std::uint64_t next_id_ = 1;
};

/// The list as a dialog: Enter asks about the entry under the cursor. `list` must outlive it.
[[nodiscard]] std::unique_ptr<Dialog> make_undo_dialog(UndoList& list);

}  // namespace keydeck::ui
