// Actions: one table gives what a key does, its help, its hint, and why it is off.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/commands/call.hpp"
#include "ui/effects.hpp"
#include "ui/scene.hpp"
#include "ui/terminal/key.hpp"

namespace keydeck::ui {

struct Action {
    std::string_view name;  ///< `user.create`; unique in its table
    std::vector<Key> keys;
    std::string_view help;  ///< "new user…"; an ellipsis where a question follows
    std::string_view hint;  ///< for the hint line; empty: not there. The first key stands before it
    std::function<void(const Scene&, Effects&)> run;
    std::function<std::string(const Scene&)> off;  ///< why it cannot be done now; empty: it can. May be null
    std::function<Call()> call{};                  ///< the command line that does it; may be null

    [[nodiscard]] std::string reason(const Scene& scene) const { return off ? off(scene) : std::string(); }
};

using Actions = std::vector<Action>;

/// What a person's keymap says otherwise than the tables. An action without keys is unbound.
class Keymap {
public:
    void bind(std::string action, std::vector<Key> keys) { keys_.insert_or_assign(std::move(action), std::move(keys)); }
    [[nodiscard]] const std::vector<Key>* find(std::string_view action) const {
        const auto found = keys_.find(action);
        return found == keys_.end() ? nullptr : &found->second;
    }

private:
    std::map<std::string, std::vector<Key>, std::less<>> keys_;
};

/// The keys of an action; `keymap` may be null.
[[nodiscard]] std::span<const Key> keys_of(const Action& action, const Keymap* keymap);

[[nodiscard]] const Action* find_action(std::span<const Action> actions, const Key& key, const Keymap* keymap = nullptr);
[[nodiscard]] const Action* find_named(std::span<const Action> actions, std::string_view name);

/// Whether a key must stay free: terminals, tmux and window managers take Ctrl-A B S Q Space K W J, Alt, F10 and F11.
[[nodiscard]] bool is_reserved(const Key& key);

/// What is wrong with tables that are in force together: a key bound twice, a reserved key, a name used twice. One sentence
/// each.
[[nodiscard]] std::vector<std::string> conflicts(std::span<const std::span<const Action>> tables,
                                                 const Keymap* keymap = nullptr);

/// `j k Down Up`: the keys of an action for the help.
[[nodiscard]] std::string key_names(const Action& action, const Keymap* keymap = nullptr);

/// As many hints as fit into `cols`, in the table's order, `? help` always last where help has a key. Never cut.
[[nodiscard]] std::string hint_line(std::span<const Action> actions, const Scene& scene, int cols);

/// The reason shared by all that writes.
[[nodiscard]] std::string off_when_read_only(const Scene& scene);
/// The reason shared by what only the operator may do.
[[nodiscard]] std::string off_unless_operator(const Scene& scene);
/// Both.
[[nodiscard]] std::string off_for_operator_writes(const Scene& scene);

}  // namespace keydeck::ui
