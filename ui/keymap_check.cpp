#include "ui/keymap_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "ui/desk.hpp"
#include "ui/dialog_keys.hpp"
#include "ui/nearest.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

constexpr unsigned kMostFunctionKeys = 12;

std::optional<Key> function_named(std::string_view digits) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size() && digits.front() != '0';
    if (!whole || number < 1 || number > kMostFunctionKeys) return std::nullopt;
    return function_key(number);
}

std::optional<Key> character_named(std::string_view name) {
    if (name.empty()) return std::nullopt;
    const DecodedCharacter decoded = decode_character(name, 0);
    const Key out = key(decoded.code);
    if (!decoded.valid || decoded.length != name.size() || name_of(out) != name) return std::nullopt;
    return out;
}

/// The actions of the screens, and which of them are in force together.
struct Tables {
    std::vector<std::vector<const Action*>> together;
    std::vector<std::string> names;
};

Tables tables_of(Desk& desk) {
    Tables out;
    std::set<std::string> names;
    for (const ScreenEntry& entry : screens()) {
        std::vector<const Action*> here;
        const View& view = desk.view(entry.id);
        for (const Actions* table : {&view.actions(), &view.moves(), &desk.global_actions()}) {
            for (const Action& action : *table) here.push_back(&action);
        }
        for (const Action* action : here) names.insert(std::string(action->name));
        out.together.push_back(std::move(here));
    }
    for (const Action& action : dialog_actions()) names.insert(std::string(action.name));
    out.names.assign(names.begin(), names.end());
    return out;
}

class Reader {
public:
    explicit Reader(const std::vector<KeyBinding>& bindings) : bindings_(bindings), tables_(tables_of(desk_)) {}

    ReadKeymap run() {
        for (const KeyBinding& binding : bindings_) read(binding);
        for (const auto& table : tables_.together) look_for_shared_keys(table, "on the same screen");
        for (const DialogKeys& dialog : dialog_keys()) look_into(dialog);
        std::ranges::sort(out_.problems, {},
                          [](const UiProblem& problem) { return std::tie(problem.line, problem.sentence); });
        const auto [first, last] = std::ranges::unique(out_.problems);
        out_.problems.erase(first, last);
        return std::move(out_);
    }

private:
    void complain(unsigned line, std::string sentence) { out_.problems.push_back({line, std::move(sentence)}); }

    void read(const KeyBinding& binding) {
        if (std::ranges::find(tables_.names, binding.action) == tables_.names.end()) {
            const auto near = near_names(binding.action, tables_.names);
            complain(binding.line, fmt::format("there is no action \"{}\"{}", binding.action,
                                               near.empty() ? "; `keydeck config keymap` lists them."
                                                            : "; did you mean " + near.front() + "?"));
            return;
        }
        if (!lines_.emplace(binding.action, binding.line).second) {
            complain(binding.line, fmt::format("{} stands here twice.", binding.action));
            return;
        }
        std::vector<Key> keys;
        for (const std::string& name : binding.keys) {
            const auto found = key_named(name);
            if (!found) {
                complain(binding.line, fmt::format("{}: there is no key \"{}\".", binding.action, name));
            } else if (is_reserved(*found)) {
                complain(binding.line,
                         fmt::format("{}: {} is reserved for terminals and window managers.", binding.action, name));
            } else if (found->code == KeyCode::kCtrl && std::u32string_view(U"him").contains(found->character)) {
                complain(binding.line,
                         fmt::format("{}: terminals send {} as Backspace, Tab or Enter.", binding.action, name));
            } else {
                keys.push_back(*found);
            }
        }
        if (binding.keys.empty() && (binding.action == "quit" || binding.action == "close"))
            complain(binding.line, fmt::format("{} needs a key: it is a way out.", binding.action));
        out_.keymap.bind(binding.action, std::move(keys));
    }

    // What a person bound against what dialogs keep; then as on a screen.
    void look_into(const DialogKeys& dialog) {
        std::vector<const Action*> table;
        table.reserve(dialog.actions.size());
        for (const std::string_view name : dialog.actions) table.push_back(find_named(dialog_actions(), name));
        for (const Action* action : table) {
            const auto* own = out_.keymap.find(action->name);
            for (const Key& key : own != nullptr ? *own : std::vector<Key>()) {
                const unsigned line = line_of(action->name);
                if (key.code == KeyCode::kChar && dialog.confirming.contains(key.character))
                    complain(line, fmt::format("{}: in {}, {} says yes or no.", action->name, dialog.name, name_of(key)));
                if (is_kept_by_dialogs(key))
                    complain(line, fmt::format("{}: dialogs move or close by {}.", action->name, name_of(key)));
            }
        }
        look_for_shared_keys(table, fmt::format("in {}", dialog.name));
    }

    // Told at the line that binds the key: of two lines at the later one.
    void look_for_shared_keys(const std::vector<const Action*>& table, std::string_view where) {
        std::map<std::string, std::string> owners;
        for (const Action* action : table) {
            for (const Key& key : keys_of(*action, &out_.keymap)) {
                const auto [owner, is_new] = owners.emplace(name_of(key), action->name);
                if (is_new) continue;
                const unsigned here = line_of(action->name);
                const unsigned there = line_of(owner->second);
                const bool first = here >= there;
                complain(std::max(here, there),
                         fmt::format("{} is bound to {} and to {} {}.", name_of(key), first ? owner->second : action->name,
                                     first ? action->name : owner->second, where));
            }
        }
    }
    unsigned line_of(std::string_view action) const {
        const auto found = lines_.find(action);
        return found == lines_.end() ? 0 : found->second;
    }

    const std::vector<KeyBinding>& bindings_;
    Desk desk_{DeskOptions{}};
    Tables tables_;
    std::map<std::string, unsigned, std::less<>> lines_;
    ReadKeymap out_;
};

}  // namespace

std::optional<Key> key_named(std::string_view name) {
    static const auto kNamed = [] {
        std::map<std::string, Key> named;
        using enum KeyCode;
        for (const KeyCode code : {kEnter, kEscape, kTab, kBackTab, kBackspace, kDelete, kInsert, kUp, kDown, kLeft, kRight,
                                   kHome, kEnd, kPageUp, kPageDown}) {
            named.emplace(name_of(key(code)), key(code));
        }
        named.emplace(name_of(key(U' ')), key(U' '));
        named.emplace(name_of(ctrl(U' ')), ctrl(U' '));
        for (char32_t letter = U'a'; letter <= U'z'; ++letter) {
            named.emplace(name_of(ctrl(letter)), ctrl(letter));
        }
        return named;
    }();
    if (const auto found = kNamed.find(std::string(name)); found != kNamed.end()) return found->second;
    if (name.size() >= 2 && name.front() == 'F') return function_named(name.substr(1));
    if (name.starts_with("Alt-")) {
        const auto letter = key_named(name.substr(4));
        return letter && letter->code == KeyCode::kChar ? std::optional(Key{KeyCode::kAlt, letter->character})
                                                        : std::nullopt;
    }
    return character_named(name);
}

ReadKeymap read_keymap(const std::vector<KeyBinding>& bindings) { return Reader(bindings).run(); }

std::vector<DefaultBinding> default_keymap() {
    Desk desk{DeskOptions{}};
    std::map<std::string, DefaultBinding> out;
    auto tables = tables_of(desk).together;
    tables.emplace_back();
    for (const Action& action : dialog_actions()) tables.back().push_back(&action);
    for (const auto& table : tables) {
        for (const Action* action : table) {
            DefaultBinding& binding = out[std::string(action->name)];
            binding.action = action->name;
            if (binding.help.empty()) binding.help = action->help;
            for (const Key& each : action->keys) {
                std::string name = name_of(each);
                if (std::ranges::find(binding.keys, name) == binding.keys.end()) binding.keys.push_back(std::move(name));
            }
        }
    }
    std::vector<DefaultBinding> list;
    list.reserve(out.size());
    for (auto& [name, binding] : out) list.push_back(std::move(binding));
    return list;
}

std::vector<UiProblem> check_keymap(const std::vector<KeyBinding>& bindings) { return read_keymap(bindings).problems; }

}  // namespace keydeck::ui
