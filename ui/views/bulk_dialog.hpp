// The same done to many: asked once with the list of what it is done to, then a job, with what failed told one by one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/bulk.hpp"
#include "ui/effects.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {

struct BulkItem {
    std::string id;     ///< what the engine is told
    std::string shown;  ///< what people read; already safe
};

struct Bulk {
    BulkAction action = BulkAction::kLockUsers;
    std::string verb;  ///< "lock"
    std::string done;  ///< "locked": after "3 users are"
    std::string one;   ///< "user"
    std::string many;  ///< "users"
    std::vector<BulkItem> items{};
    std::vector<TextLine> consequences{};
    std::function<void(const std::vector<BulkItem>&)> on_done{};  ///< on the screen's thread, with those that were done
    std::shared_ptr<const Bulk> undo{};                           ///< its items are those that were done; null: none
    std::function<void()> on_all_done{};                          ///< nothing failed, and nothing stopped it
};

/// Level 1: one question with the list, Cancel focused, `y` begins the job, which the screen does not wait for. What failed
/// is told at its end, and tried again on the Jobs screen.
void ask_bulk(Bulk bulk, Effects& effects);

/// The first few and how many more.
[[nodiscard]] std::vector<TextLine> item_lines(const std::vector<BulkItem>& items, const Scene& scene);
/// `l`: all of them. Off where the first few are all.
[[nodiscard]] Action list_all_action(const std::function<const std::vector<BulkItem>&()>& items);

/// "12 users"
[[nodiscard]] std::string amount_of(const Bulk& bulk, std::size_t count);

}  // namespace keydeck::ui
