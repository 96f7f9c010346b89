#include "ui/widgets/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "ui/format.hpp"
#include "ui/keymap_check.hpp"
#include "ui/widgets/text_dialogs.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {
namespace {

constexpr int kWideFrom = 110;
constexpr int kGap = 2;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool contains(const std::string& text, const std::string& part) {
    return !std::ranges::search(text, part, {}, lower, lower).empty() || part.empty();
}

constexpr std::string_view kBetweenHints = "   ";

bool is_key(std::string_view word) {
    while (!word.empty()) {
        const std::size_t end = std::min(word.find('/'), word.size());
        if (!key_named(word.substr(0, end))) return false;
        word.remove_prefix(std::min(end + 1, word.size()));
    }
    return true;
}

/// `Enter/Esc/n cancel`: the words that are keys, and what they do.
HelpEntry entry_of(std::string_view hint) {
    HelpEntry out;
    while (true) {
        const std::size_t end = hint.find(' ');
        if (end == std::string_view::npos || !is_key(hint.substr(0, end))) break;
        out.keys += (out.keys.empty() ? "" : " ") + std::string(hint.substr(0, end));
        hint.remove_prefix(end + 1);
    }
    out.help = std::string(hint);
    return out;
}

bool names_key(std::string_view keys, std::string_view name) {
    for (std::size_t at = keys.find(name); at != std::string_view::npos; at = keys.find(name, at + 1)) {
        const auto ends = [&](std::size_t i) { return i >= keys.size() || keys[i] == ' ' || keys[i] == '/'; };
        if (ends(at + name.size()) && (at == 0 || ends(at - 1))) return true;
    }
    return false;
}

class HelpDialog final : public Dialog {
public:
    HelpDialog(std::string title, std::vector<HelpEntry> here, std::vector<HelpEntry> everywhere)
        : Dialog(std::move(title)), here_(std::move(here)), everywhere_(std::move(everywhere)) {}
    const Actions& actions() const override { return no_actions_; }

private:
    void add(std::vector<TextLine>& lines, const std::string& title, const std::vector<HelpEntry>& entries) const {
        bool first = true;
        for (const HelpEntry& entry : entries) {
            if (!contains(entry.help, search_.text()) && !contains(entry.keys, search_.text())) continue;
            if (first) lines.push_back({"", title, {Role::kTitle}, false, false});
            first = false;
            lines.push_back({"  " + entry.keys, entry.help, {entry.off.empty() ? Role::kText : Role::kOff}, false, false});
            if (!entry.off.empty()) lines.push_back({"  ", "off here: " + entry.off, {Role::kWarn}, false, false});
        }
    }
    int widest(int screen_cols) const override { return screen_cols >= kWideFrom ? kWideFrom : kWidest; }
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> head;
        if (!search_.text().empty())
            head.push_back({"", "Searching: " + scene.safe(search_.text()), {Role::kAccent}, false, false});
        std::vector<TextLine> here;
        std::vector<TextLine> everywhere;
        add(here, "Here", here_);
        add(everywhere, "Everywhere", everywhere_);
        if (here.empty() && everywhere.empty())
            head.push_back({"", "Nothing matches; Backspace widens the search.", {Role::kMuted}, false, false});
        // Wider than this dialog can be: it is said, and nothing may stand beside something else.
        const bool is_said = cols > kWideFrom;
        if (is_said || cols < kWideFrom - 4 || here.empty() || everywhere.empty()) {
            for (std::vector<TextLine>* more : {&here, &everywhere}) head.insert(head.end(), more->begin(), more->end());
            return draw_text(head, cols, scene.charset);
        }
        const int left = (cols - kGap) / 2;
        const int right = cols - kGap - left;
        const Frame first = draw_text(here, left, scene.charset);
        const Frame second = draw_text(everywhere, right, scene.charset);
        const int top = head.empty() ? 0 : 1;
        Frame out({top + std::max(first.size().rows, second.size().rows), cols}, scene.charset);
        if (top > 0) out.put(0, 0, head.front().value, head.front().style);
        out.blit({top, 0, first.size().rows, left}, first, 0);
        out.blit({top, left + kGap, second.size().rows, right}, second, 0);
        return out;
    }
    bool on_key(const Key& key, const Scene& /*scene*/, Effects& effects) override {
        const bool closes =
            key.code == KeyCode::kEnter || key == function_key(1) || (key == ui::key(U'?') && search_.text().empty());
        if (closes) {
            effects.close = true;
            return true;
        }
        const bool edits = (key.code == KeyCode::kChar && (key.character != U' ' || !search_.text().empty())) ||
                           key.code == KeyCode::kBackspace;
        if (!edits) return false;
        search_.on_key(key);
        scroll_to_top();
        return true;
    }
    std::optional<std::string> searching() const override { return search_.text(); }
    std::string hints(const Scene& /*scene*/) const override { return "type to search   Down Up PgDn scroll   Esc close"; }

    std::vector<HelpEntry> here_;
    std::vector<HelpEntry> everywhere_;
    TextEdit search_{64};
    Actions no_actions_;
};

}  // namespace

std::vector<HelpEntry> help_entries(std::span<const Action> actions, const Scene& scene) {
    std::vector<HelpEntry> out;
    for (const Action& action : actions) {
        std::string keys = key_names(action, scene.keymap);
        if (!keys.empty()) out.push_back({std::move(keys), std::string(action.help), action.reason(scene)});
    }
    return out;
}

std::vector<HelpEntry> help_entries(const Dialog& dialog, const Scene& scene) {
    std::vector<HelpEntry> out;
    const std::string hints = dialog.hints(scene);
    for (std::size_t at = 0; at < hints.size();) {
        const std::size_t end = std::min(hints.find(kBetweenHints, at), hints.size());
        out.push_back(entry_of(std::string_view(hints).substr(at, end - at)));
        at = end + kBetweenHints.size();
    }
    for (const Action& action : dialog.actions()) {
        const auto keys = keys_of(action, scene.keymap);
        if (keys.empty()) continue;
        const std::string name = name_of(keys.front());
        const bool told = std::ranges::any_of(out, [&](const HelpEntry& entry) { return names_key(entry.keys, name); });
        if (!told) out.push_back({key_names(action, scene.keymap), std::string(action.help), action.reason(scene)});
    }
    out.push_back({"PgDn PgUp", "scroll, where it is longer than the screen", ""});
    if (!dialog.calls(scene).empty()) out.push_back({".", "the command line of what it does (not while text is typed)", ""});
    return out;
}

std::unique_ptr<Dialog> make_help(std::string title, std::vector<HelpEntry> here, std::vector<HelpEntry> everywhere) {
    return std::make_unique<HelpDialog>(std::move(title), std::move(here), std::move(everywhere));
}

bool is_help(const Dialog& dialog) { return dynamic_cast<const HelpDialog*>(&dialog) != nullptr; }

std::unique_ptr<Dialog> make_message_list(const std::vector<Message>& messages, const Scene& scene) {
    std::vector<TextLine> lines;
    std::string all;
    for (const Message& message : std::views::reverse(messages)) {
        const std::string time = clock_of(message.time);
        lines.push_back({time,
                         (message.is_error ? "! " : "") + scene.safe(message.text),
                         {message.is_error ? Role::kDanger : Role::kText},
                         false,
                         false});
        all += fmt::format("{} {}\n", to_rfc3339(message.time), message.text);
        for (const std::string& detail : message.details) {
            lines.push_back({" ", scene.safe(detail), {Role::kMuted}, false, false});
            all += "    " + detail + "\n";
        }
    }
    if (lines.empty()) lines.push_back({"", "There are no messages.", {Role::kMuted}, false, false});
    std::vector<Copy> copies;
    if (!all.empty()) copies.push_back({"messages", all});
    return std::make_unique<TextDialog>("Messages, newest first", std::move(lines), std::move(copies));
}

}  // namespace keydeck::ui
