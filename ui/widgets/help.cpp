#include "ui/widgets/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "ui/format.hpp"
#include "ui/widgets/text_dialogs.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool contains(const std::string& text, const std::string& part) {
    return !std::ranges::search(text, part, {}, lower, lower).empty() || part.empty();
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
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines;
        if (!search_.text().empty())
            lines.push_back({"", "Searching: " + scene.safe(search_.text()), {Role::kAccent}, false, false});
        const std::size_t head = lines.size();
        add(lines, "Here", here_);
        add(lines, "Everywhere", everywhere_);
        if (lines.size() == head)
            lines.push_back({"", "Nothing matches; Backspace widens the search.", {Role::kMuted}, false, false});
        return draw_text(lines, cols, scene.charset);
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
    for (const Action& action : actions) out.push_back({key_names(action), std::string(action.help), action.reason(scene)});
    return out;
}

std::unique_ptr<Dialog> make_help(std::string title, std::vector<HelpEntry> here, std::vector<HelpEntry> everywhere) {
    return std::make_unique<HelpDialog>(std::move(title), std::move(here), std::move(everywhere));
}

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
