#include "ui/keymap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace keydeck::ui {

const Action* find_action(std::span<const Action> actions, const Key& key) {
    for (const Action& action : actions) {
        if (std::ranges::find(action.keys, key) != action.keys.end()) return &action;
    }
    return nullptr;
}

bool is_reserved(const Key& key) {
    if (key.code == KeyCode::kAlt) return true;
    if (key.code == KeyCode::kFunction) return key.character == 10 || key.character == 11;
    constexpr std::u32string_view kReserved = U"absqkwj ";
    return key.code == KeyCode::kCtrl && kReserved.find(key.character) != std::u32string_view::npos;
}

std::vector<std::string> conflicts(std::span<const std::span<const Action>> tables) {
    std::vector<std::string> out;
    std::map<std::string, std::string_view> owners;
    std::set<std::string_view> names;
    for (const std::span<const Action> table : tables) {
        for (const Action& action : table) {
            if (!names.insert(action.name).second) out.push_back(fmt::format("{} stands in the table twice", action.name));
            for (const Key& key : action.keys) {
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

std::string key_names(const Action& action) {
    std::string out;
    for (const Key& key : action.keys) out += (out.empty() ? "" : " ") + name_of(key);
    return out;
}

std::string hint_line(std::span<const Action> actions, const Scene& scene, int cols) {
    constexpr std::string_view kLast = "? help";
    std::string out = " ";
    for (const Action& action : actions) {
        if (action.hint.empty() || !action.reason(scene).empty()) continue;
        const std::string next = fmt::format("{} {}  ", name_of(action.keys.front()), action.hint);
        if (display_width(out + next + std::string(kLast), scene.charset) > cols - 1) break;
        out += next;
    }
    return out + std::string(kLast);
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
