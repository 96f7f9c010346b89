#include "ui/keymap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace keydeck::ui {

std::span<const Key> keys_of(const Action& action, const Keymap* keymap) {
    const std::vector<Key>* own = keymap != nullptr ? keymap->find(action.name) : nullptr;
    return own != nullptr ? *own : action.keys;
}

const Action* find_action(std::span<const Action> actions, const Key& key, const Keymap* keymap) {
    for (const Action& action : actions) {
        const auto keys = keys_of(action, keymap);
        if (std::ranges::find(keys, key) != keys.end()) return &action;
    }
    return nullptr;
}

const Action* find_named(std::span<const Action> actions, std::string_view name) {
    const auto found = std::ranges::find(actions, name, &Action::name);
    return found == actions.end() ? nullptr : &*found;
}

bool is_reserved(const Key& key) {
    if (key.code == KeyCode::kAlt) return true;
    if (key.code == KeyCode::kFunction) return key.character == 10 || key.character == 11;
    constexpr std::u32string_view kReserved = U"absqkwj ";
    return key.code == KeyCode::kCtrl && kReserved.find(key.character) != std::u32string_view::npos;
}

std::vector<std::string> conflicts(std::span<const std::span<const Action>> tables, const Keymap* keymap) {
    std::vector<std::string> out;
    std::map<std::string, std::string_view> owners;
    std::set<std::string_view> names;
    for (const std::span<const Action> table : tables) {
        for (const Action& action : table) {
            if (!names.insert(action.name).second) out.push_back(fmt::format("{} stands in the table twice", action.name));
            for (const Key& key : keys_of(action, keymap)) {
                if (is_reserved(key))
                    out.push_back(fmt::format("{} is bound to the reserved key {}", action.name, name_of(key)));
                const auto [owner, is_new] = owners.emplace(name_of(key), action.name);
                if (!is_new)
                    out.push_back(fmt::format("{} is bound to {} and to {}", name_of(key), owner->second, action.name));
            }
        }
    }
    return out;
}

std::string key_names(const Action& action, const Keymap* keymap) {
    std::string out;
    for (const Key& key : keys_of(action, keymap)) out += (out.empty() ? "" : " ") + name_of(key);
    return out;
}

std::string hint_line(std::span<const Action> actions, const Scene& scene, int cols) {
    const std::vector<Key>* help = scene.keymap != nullptr ? scene.keymap->find("help") : nullptr;
    std::string last = "? help";
    if (help != nullptr) last = help->empty() ? "" : name_of(help->front()) + " help";
    std::string out = " ";
    for (const Action& action : actions) {
        const auto keys = keys_of(action, scene.keymap);
        if (action.hint.empty() || keys.empty() || !action.reason(scene).empty()) continue;
        const std::string next = fmt::format("{} {}  ", name_of(keys.front()), action.hint);
        if (display_width(fmt::format("{}{}{}", out, next, last), scene.charset) > cols - 1) break;
        out += next;
    }
    return out + last;
}

std::string off_when_read_only(const Scene& scene) { return scene.read_only ? "the vault is open read-only (RO)" : ""; }

std::string off_unless_operator(const Scene& scene) {
    return scene.session.is_operator() ? "" : "only the operator may do this";
}

std::string off_for_operator_writes(const Scene& scene) {
    const std::string reason = off_when_read_only(scene);
    return reason.empty() ? off_unless_operator(scene) : reason;
}

}  // namespace keydeck::ui
