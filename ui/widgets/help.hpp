// Overlays: the help, made from the tables of actions, and the messages.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// One line of the help: what a key does, or why it does not.
struct HelpEntry {
    std::string keys;
    std::string help;
    std::string off;
};

[[nodiscard]] std::vector<HelpEntry> help_entries(std::span<const Action> actions, const Scene& scene);
/// Of a dialog: what its last line says, whole, and what there was no room for.
[[nodiscard]] std::vector<HelpEntry> help_entries(const Dialog& dialog, const Scene& scene);
/// Typing searches. `here` belongs to the screen, `everywhere` does not change.
[[nodiscard]] std::unique_ptr<Dialog> make_help(std::string title, std::vector<HelpEntry> here,
                                                std::vector<HelpEntry> everywhere);
/// Whether it is the help itself, which closes by the key that opens it.
[[nodiscard]] bool is_help(const Dialog& dialog);
/// Newest first.
[[nodiscard]] std::unique_ptr<Dialog> make_message_list(const std::vector<Message>& messages, const Scene& scene);

}  // namespace keydeck::ui
