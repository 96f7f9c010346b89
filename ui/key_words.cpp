#include "ui/key_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ui/commands/command.hpp"
#include "ui/desk.hpp"
#include "ui/dialog_keys.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

using KeysByName = std::map<std::string_view, std::vector<Key>>;

KeysByName read_tables() {
    KeysByName out;
    const auto add = [&out](const Actions& table) {
        for (const Action& action : table) out.try_emplace(action.name, action.keys);
    };
    Desk desk{DeskOptions{.linear = true}};
    for (const ScreenEntry& entry : screens()) {
        add(desk.view(entry.id).actions());
        add(desk.view(entry.id).moves());
    }
    add(desk.global_actions());
    add(dialog_actions());
    return out;
}

std::string unbound_word(std::string_view action) {
    const auto does_it = [action](const Command& command) {
        return command.actions[0] == action && command.actions[1].empty();
    };
    const auto found = std::ranges::find_if(commands(), does_it);
    return found == commands().end() ? std::string(action) : fmt::format(":{}", found->words);
}

}  // namespace

std::string key_word(const Scene& scene, std::string_view action) {
    static const KeysByName kTables = read_tables();  // names are literals
    if (const auto* own = scene.keymap != nullptr ? scene.keymap->find(action) : nullptr; own != nullptr)
        return own->empty() ? unbound_word(action) : name_of(own->front());
    const auto found = kTables.find(action);
    return found == kTables.end() ? std::string(action) : name_of(found->second.front());
}

std::string key_word(const Scene& scene, std::span<const Action> here, std::string_view action) {
    const Action* found = find_named(here, action);
    if (found == nullptr) return key_word(scene, action);
    const auto keys = keys_of(*found, scene.keymap);
    return keys.empty() ? unbound_word(action) : name_of(keys.front());
}

std::string key_hint(const Scene& scene, std::span<const Action> here, std::string_view action, std::string_view does) {
    const Action* found = find_named(here, action);
    const auto keys = found != nullptr ? keys_of(*found, scene.keymap) : std::span<const Key>();
    return keys.empty() ? "" : fmt::format("{} {}   ", name_of(keys.front()), does);
}

}  // namespace keydeck::ui
