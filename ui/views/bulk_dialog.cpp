#include "ui/views/bulk_dialog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_task.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kShown = 8;
constexpr std::size_t kMostListed = 500;  // of what is drawn as a whole; copying gives them all

TextLine more_line(std::size_t more, std::string_view copy_key) {
    return {"",
            fmt::format("… {} more ({} copies them all)", grouped(static_cast<std::int64_t>(more)), copy_key),
            {Role::kWarn},
            false,
            false};
}

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

class BulkDialog final : public Dialog {
public:
    explicit BulkDialog(Bulk bulk)
        : Dialog("Please confirm"),
          bulk_(std::move(bulk)),
          actions_{list_all_action([this]() -> const std::vector<BulkItem>& { return bulk_.items; })} {}

    const Actions& actions() const override { return actions_; }
    Level level() const override { return Level::kReversible; }
    std::optional<SteadyTime> ready_at(const Scene& scene) const override { return guarded_until(scene); }

private:
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines{{"",
                                     fmt::format("{} {}?", capitalized(bulk_.verb), amount_of(bulk_, bulk_.items.size())),
                                     {Role::kTitle},
                                     false,
                                     false},
                                    blank_line()};
        for (TextLine& line : item_lines(bulk_.items, scene)) lines.push_back(std::move(line));
        if (!bulk_.consequences.empty()) lines.push_back(rule_line());
        lines.insert(lines.end(), bulk_.consequences.begin(), bulk_.consequences.end());
        return draw_text(lines, cols, scene.charset);
    }

    bool draw_buttons(Frame& frame, int row, int col, const Scene& /*scene*/) const override {
        draw_confirm_buttons(frame, row, col, "Yes", key(U'y'), true, all_seen() ? "" : "read to the end first");
        return true;
    }

    std::string hints(const Scene& scene) const override {
        const std::string all = bulk_.items.size() > kShown ? key_hint(scene, actions_, "bulk.list", "all of them") : "";
        return "y yes   " + all + "Enter/Esc/n cancel";
    }

    bool on_key(const Key& key, const Scene& scene, Effects& effects) override {
        if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
            effects.close = true;
            return true;
        }
        if (key != ui::key(U'y')) return false;
        if (!may_confirm(scene)) return true;
        effects.tasks.push_back(bulk_task(std::move(bulk_), scene.session));
        effects.close = true;
        return true;
    }

    Bulk bulk_;
    Actions actions_;
};

}  // namespace

std::string amount_of(const Bulk& bulk, std::size_t count) {
    return counted(static_cast<std::int64_t>(count), bulk.one, bulk.many);
}

void ask_bulk(Bulk bulk, Effects& effects) { effects.open.push_back(std::make_unique<BulkDialog>(std::move(bulk))); }

std::vector<TextLine> item_lines(const std::vector<BulkItem>& items, const Scene& scene) {
    std::vector<TextLine> out;
    for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i)
        out.push_back({"", "  " + items[i].shown, {}, true, false});
    if (items.size() > kShown) {
        const auto more = static_cast<std::int64_t>(items.size() - kShown);
        out.push_back({"",
                       fmt::format("  … {} more ({} lists all of them)", grouped(more), key_word(scene, "bulk.list")),
                       {Role::kWarn},
                       false,
                       false});
    }
    return out;
}

Action list_all_action(const std::function<const std::vector<BulkItem>&()>& items) {
    return dialog_action(
        "bulk.list",
        [items](const Scene& scene, Effects& effects) {
            std::vector<TextLine> lines;
            std::string all;
            for (const BulkItem& item : items()) {
                if (lines.size() < kMostListed) lines.push_back({"", item.shown, {}, true, false});
                all += item.id + "\n";
            }
            if (items().size() > kMostListed)
                lines.push_back(more_line(items().size() - kMostListed, key_word(scene, "dialog.copy")));
            const auto count = static_cast<std::int64_t>(items().size());
            effects.open.push_back(std::make_unique<TextDialog>(fmt::format("All {}", grouped(count)), std::move(lines),
                                                                std::vector<Copy>{{"list", std::move(all)}}));
        },
        [items](const Scene&) { return items().size() > kShown ? "" : "they are all shown"; });
}

}  // namespace keydeck::ui
