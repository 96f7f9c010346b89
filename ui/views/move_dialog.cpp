#include "ui/views/move_dialog.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_actions.hpp"
#include "ui/views/form_dialog.hpp"
#include "ui/views/job_tasks.hpp"
#include "ui/widgets/error_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr std::string_view kDrawn = "drawn from the pool";

// What is to be moved.
struct Source {
    std::string key_id;                ///< what it stands under now
    std::string name;                  ///< "pool-07", "0x454aCb…4F7956"
    std::vector<std::string> wallets;  ///< addresses; none: everything under the key
    std::vector<BulkItem> items{};     ///< several wallets, to list them
    std::string left_out{};            ///< what cannot be moved, and why
};

// What can be known before: how much it is, and where it can go.
struct Choices {
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
    std::vector<KeyInfo> keys;  ///< enabled pool keys but the source
};

Result<Choices> find_choices(Engine& engine, const Session& session, const Source& source) {
    auto pool = engine.pool_status(session);
    if (!pool) return fail(pool);
    Choices out;
    for (KeyInfo& key : pool->keys) {
        if (key.id != source.key_id && key.state == "Enabled" && !key.retiring) out.keys.push_back(std::move(key));
    }
    out.wallets = static_cast<std::int64_t>(source.wallets.size());
    if (!source.wallets.empty()) return out;
    const auto impact = engine.deletion_impact(session, source.key_id);
    if (!impact) return fail(impact);
    out.wallets = impact->wallets;
    out.secrets = impact->secrets;
    return out;
}

std::string amount_of(const Choices& choices) {
    std::string out = counted(choices.wallets, "wallet", "wallets");
    if (choices.secrets > 0) out += " and " + counted(choices.secrets, "secret", "secrets");
    return out;
}

class MoveDialog final : public FormDialog {
public:
    explicit MoveDialog(Source source)
        : FormDialog(fmt::format("Move {} to another key", source.name), "Go on"),
          source_(std::move(source)),
          to_(form_.add<PickField>("To", std::vector<std::string>{std::string(kDrawn)})),
          data_keys_(form_.add<ChoiceField>(
              "Data keys", std::vector<std::string>{"keep", "fresh"},
              std::vector<std::string>{"re-encrypted inside the KMS", "sealed anew: the only cure for a leaked one"})),
          on_preview_{dialog_action("form.back", [this](const Scene&, Effects&) { previewing_ = false; }),
                      list_all_action([this]() -> const std::vector<BulkItem>& { return source_.items; })} {}

    const Actions& actions() const override { return previewing_ ? on_preview_ : FormDialog::actions(); }

    Level level() const override { return previewing_ ? Level::kSigns : Level::kLook; }
    Call call(const Scene& /*scene*/) const override {
        if (!choices_) return {};
        Call out{{"pool", "rewrap"}, {}, {}};
        if (source_.wallets.empty()) out.option("--from", source_.key_id);
        for (const std::string& wallet : source_.wallets) out.option("--wallet", wallet);
        if (to_.chosen() > 0) out.option("--to", choices_->keys[to_.chosen() - 1].id);
        if (data_keys_.chosen() == 1) out.words.emplace_back("--fresh-data-keys");
        return out;
    }
    void on_open(const Scene& scene, Effects& effects) override {
        effects.tasks.push_back(make_task(
            fmt::format("find where {} can go", source_.name), Lane::kKms, false,
            [source = source_, session = scene.session](Engine& engine, const TaskContext&) {
                return find_choices(engine, session, source);
            },
            [this](const Result<Choices>& found, const Scene& now, Effects& more) {
                if (found) return take(*found, now);
                more.close = true;
                report_error(
                    {"Moving cannot be prepared", "Nothing was moved.", "where " + source_.name + " can go", found.error()},
                    {}, now, more);
            }));
    }

private:
    void take(const Choices& found, const Scene& scene) {
        choices_ = found;
        std::vector<std::string> names{std::string(kDrawn)};
        for (const KeyInfo& key : choices_->keys) names.push_back(scene.safe(key_name(key.alias, key.id)));
        to_.set_options(std::move(names));
        refusal_ = problem(scene);
    }
    std::string problem(const Scene& scene) const {
        if (!choices_) return "still reading the pool…";
        if (choices_->keys.empty())
            return fmt::format("There is no other enabled key in the pool: `keydeck pool add` makes one, or {} enables one.",
                               key_word(scene, "key.enable"));
        return choices_->wallets + choices_->secrets == 0 ? "Nothing stands under this key." : "";
    }

    void submit(const Scene& scene, Effects& effects) override {
        refusal_ = problem(scene);
        if (!refusal_.empty()) return;
        previewing_ = true;
        scroll_to_top();
        arm(scene, effects);
    }

    Frame body(int cols, const Scene& scene) const override {
        if (!previewing_) return FormDialog::body(cols, scene);
        const bool fresh = data_keys_.chosen() == 1;
        const bool drawn = to_.chosen() == 0;
        const std::string what = source_.wallets.empty() ? amount_of(*choices_) + " of " + scene.safe(source_.name)
                                 : source_.items.empty() ? "wallet " + source_.name
                                                         : source_.name;
        const std::string where =
            drawn ? fmt::format("keys drawn from {} in the pool",
                                counted(static_cast<std::int64_t>(choices_->keys.size()), "enabled key", "enabled keys"))
                  : to_.text();
        std::vector<TextLine> lines{{"", fmt::format("Move {} to {}", what, where), {Role::kTitle}, false, false},
                                    rule_line()};
        for (TextLine& line : item_lines(source_.items, scene)) lines.push_back(std::move(line));
        if (!source_.left_out.empty()) lines.push_back({"Left out", source_.left_out, {Role::kWarn}, false, false});
        const std::vector<TextLine> rest{
            {"From", source_.key_id.empty() ? "the keys that they stand under" : source_.key_id, {}, true, false},
            {"To", drawn ? "each to one of its own" : choices_->keys[to_.chosen() - 1].id, {}, true, false},
            {"How",
             fresh ? "Each is opened, sealed with a fresh data key and written anew."
                   : "ReEncrypt inside the KMS; the data keys stay as they are.",
             {},
             false,
             false},
            {"Safe",
             "Each is read back and opened under its new key. Only after that proof does its old copy go; what fails "
             "stays as it is and is told on the Jobs screen.",
             {},
             false,
             false},
            {"Costs", "Two requests to the KMS each: one moves it, one proves it.", {}, false, false},
            {"Stop",
             fmt::format("{} on the Jobs screen pauses it, and so does leaving. Nothing is lost; it goes on from there.",
                         key_word(scene, "job.pause")),
             {},
             false,
             false},
        };
        lines.insert(lines.end(), rest.begin(), rest.end());
        return draw_text(lines, cols, scene.charset);
    }

    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override {
        if (!previewing_) return FormDialog::draw_buttons(frame, row, col, scene);
        draw_confirm_buttons(frame, row, col, "Move", key(U'M'), true, all_seen() ? "" : "read to the end first");
        return true;
    }
    std::string hints(const Scene& scene) const override {
        if (!previewing_) return FormDialog::hints(scene);
        const bool more = find_named(on_preview_, "bulk.list")->reason(scene).empty();
        return "M move   " + key_hint(scene, on_preview_, "form.back", "back to the form") +
               (more ? key_hint(scene, on_preview_, "bulk.list", "all of them") : "") + "Enter/Esc/n cancel";
    }

    bool on_key(const Key& key, const Scene& scene, Effects& effects) override {
        if (!previewing_) return FormDialog::on_key(key, scene, effects);
        if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
            cancel(scene, effects);
        } else if (key == ui::key(U'M')) {
            if (may_confirm(scene)) move(scene, effects);
        } else {
            return false;
        }
        return true;
    }

    void move(const Scene& scene, Effects& effects) {
        Rewrap request;
        if (source_.wallets.empty()) request.from = source_.key_id;
        request.wallets = source_.wallets;
        if (to_.chosen() > 0) request.to = choices_->keys[to_.chosen() - 1].id;
        request.fresh_data_keys = data_keys_.chosen() == 1;
        effects.close = true;
        effects.tasks.push_back(
            rewrap_task(request, fmt::format("move {} to {}", scene.safe(source_.name), to_.text()), scene.session));
        effects.go = place_of_new_job();
    }

    Source source_;
    PickField& to_;
    ChoiceField& data_keys_;
    std::optional<Choices> choices_;
    bool previewing_ = false;
    Actions on_preview_;
};

}  // namespace

std::unique_ptr<Dialog> make_move_dialog(const KeyInfo& key) {
    return std::make_unique<MoveDialog>(Source{key.id, key_name(key.alias, key.id), {}});
}

std::unique_ptr<Dialog> make_move_dialog(const Wallet& wallet) {
    return std::make_unique<MoveDialog>(
        Source{wallet.key_id, short_address(wallet.address), {checksum_address(wallet.address)}});
}

std::unique_ptr<Dialog> make_move_dialog(const std::vector<Wallet>& wallets, const Scene& scene) {
    Source source;
    std::int64_t others = 0;
    std::string why;
    for (const Wallet& wallet : wallets) {
        if (const std::string reason = why_not_move(wallet, scene); !reason.empty()) {
            if (others++ == 0) why = fmt::format("{}: {}", short_address(wallet.address), reason);
            continue;
        }
        source.wallets.push_back(checksum_address(wallet.address));
        source.items.push_back({source.wallets.back(), line_of(wallet)});
    }
    if (others > 0) source.left_out = fmt::format("{}; {}", counted(others, "wallet", "wallets"), why);
    source.name = counted(static_cast<std::int64_t>(source.wallets.size()), "marked wallet", "marked wallets");
    return std::make_unique<MoveDialog>(std::move(source));
}

std::string why_not_move(const KeyInfo& key, const Scene& scene) {
    if (key.purpose != "pool") return "only what a pool key seals can be moved; a signing key never leaves the KMS";
    if (key.state == "PendingDeletion")
        return fmt::format("its deletion is scheduled: cancel that first ({}), and enable it ({})",
                           key_word(scene, "key.cancel-deletion"), key_word(scene, "key.enable"));
    if (key.state != "Enabled")
        return fmt::format("the key must be enabled to open what stands under it ({} enables it)",
                           key_word(scene, "key.enable"));
    return key.wallets + key.secrets == 0 ? "nothing stands under it" : "";
}

std::string why_not_move(const Wallet& wallet, const Scene& scene) {
    if (wallet.custody == Custody::kKmsKey) return "its key is made in the KMS and never leaves it: it cannot be moved";
    switch (wallet.state) {
        case WalletState::kKeyDisabled:
            return fmt::format("its key is disabled and cannot open it ({} goes to the key, {} enables it)",
                               key_word(scene, "wallet.key"), key_word(scene, "key.enable"));
        case WalletState::kAtRisk:
            return fmt::format(
                "its key is pending deletion and cannot open it ({} goes to the key, {} cancels that, {} enables it)",
                key_word(scene, "wallet.key"), key_word(scene, "key.cancel-deletion"), key_word(scene, "key.enable"));
        case WalletState::kLost:
            return "its key is destroyed: there is nothing left to move";
        case WalletState::kRemoved:
            return "it was removed";
        case WalletState::kReady:
        case WalletState::kUserLocked:
            break;
    }
    return "";
}

}  // namespace keydeck::ui
