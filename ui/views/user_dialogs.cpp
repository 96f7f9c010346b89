#include "ui/views/user_dialogs.hpp"

#include <array>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/change.hpp"
#include "ui/views/form_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostNameBytes = 256;

std::string judge_name(const std::string& name) {
    if (name.empty()) return "a name of 1 to 64 characters";
    const std::size_t hidden = count_hidden(name, true);
    if (hidden > 0) return counted(static_cast<std::int64_t>(hidden), "hidden character", "hidden characters") + " in it";
    std::int64_t characters = 0;
    for (std::size_t at = 0; at < name.size(); at += decode_character(name, at).length) ++characters;
    return characters > 64 ? fmt::format("{} characters: 64 at most", characters) : "";
}

std::string judge_label(const std::string& label) { return label.empty() ? "" : judge_name(label); }

class CreateUserDialog final : public FormDialog {
public:
    explicit CreateUserDialog(std::string name)
        : FormDialog("New user", "Create"), name_(form_.add<TextField>("Name", kMostNameBytes, judge_name)) {
        name_.set(std::move(name));
    }
    Call call(const Scene& /*scene*/) const override {
        return name_.problem().empty() ? Call{{"user", "add"}, {name_.text()}, {}} : Call{};
    }

private:
    void submit(const Scene& scene, Effects& effects) override {
        busy_ = true;
        const std::string name = name_.text();
        effects.tasks.push_back(make_task(
            fmt::format("create user {}", scene.safe(name)), Lane::kData, true,
            [name, session = scene.session](Engine& engine, const TaskContext&) { return engine.add_user(session, name); },
            [this, name](const Result<User>& user, const Scene& now, Effects& more) {
                busy_ = false;
                more.refresh = true;
                if (!user) {
                    refusal_ = now.safe(user.error().message);
                    return;
                }
                more.close = true;
                more.toasts.push_back(
                    fmt::format("User {} was created; {} makes a wallet", now.safe(name), key_word(now, "wallet.create")));
                Place place;
                place.screen = ScreenId::kUsers;
                place.select = std::to_string(user->id);
                more.go = place;
            }));
    }

    TextField& name_;
};

class LabelDialog final : public FormDialog {
public:
    explicit LabelDialog(const Wallet& wallet)
        : FormDialog(fmt::format("Label of {}", short_address(wallet.address)), "Save"),
          address_(checksum_address(wallet.address)),
          old_(wallet.label),
          label_(form_.add<TextField>("Label", kMostNameBytes, judge_label,
                                      [](const std::string& text) { return text.empty() ? "no label" : ""; })) {
        label_.set(wallet.label);
    }
    Call call(const Scene& /*scene*/) const override {
        return label_.problem().empty() ? Call{{"wallet", "label"}, {address_, label_.text()}, {}} : Call{};
    }

private:
    static Task save_task(const std::string& address, const std::string& label, const std::string& old,
                          const Session& session) {
        return change_task(
            {fmt::format("label wallet {}", short_target(address)), "The label was not saved",
             "The wallet keeps its label."},
            [=](Engine& engine, const TaskContext&) { return engine.label_wallet(session, address, label); },
            [=](const Result<Wallet>&, const Scene& scene, Effects& effects) {
                effects.toasts.push_back(label.empty()
                                             ? fmt::format("{} has no label now", short_target(address))
                                             : fmt::format("{} is called {}", short_target(address), scene.safe(label)));
                effects.undo = Undo{fmt::format("Give {} its label {} back?", short_target(address),
                                                old.empty() ? "(none)" : scene.safe(old)),
                                    save_task(address, old, label, session)};
            });
    }
    void submit(const Scene& scene, Effects& effects) override {
        effects.close = true;
        if (label_.text() == old_) return;
        effects.tasks.push_back(save_task(address_, label_.text(), old_, scene.session));
    }

    std::string address_;
    std::string old_;
    TextField& label_;
};

constexpr std::array<Custody, 3> kCustodies{Custody::kEnvelope, Custody::kKmsKey, Custody::kKeyPair};
constexpr std::array<unsigned, 5> kWordCounts{12, 15, 18, 21, 24};

class CreateWalletDialog final : public FormDialog {
public:
    explicit CreateWalletDialog(std::string user)
        : FormDialog("New wallet", "Go on"),
          user_(form_.add<TextField>("User", kMostNameBytes,
                                     [](const std::string& name) { return name.empty() ? "whose wallet?" : ""; })),
          custody_(form_.add<ChoiceField>("Custody", std::vector<std::string>{"envelope", "kms-key", "key-pair"},
                                          std::vector<std::string>{"words to keep; a shared pool key, $1 a month",
                                                                   "never leaves the KMS; on AWS $1 a month each",
                                                                   "no words; a shared pool key, $1 a month"})),
          words_(form_.add<ChoiceField>("Words", std::vector<std::string>{"12", "15", "18", "21", "24"})),
          label_(form_.add<TextField>("Label", kMostNameBytes, judge_label,
                                      [](const std::string& text) { return text.empty() ? "may stay empty" : ""; })) {
        on_preview_ = {dialog_action("form.back", [this](const Scene&, Effects&) { previewing_ = false; })};
        words_.shown = [this] { return custody_.chosen() == 0; };
        user_.set(std::move(user));
    }

    const Actions& actions() const override { return previewing_ && !busy_ ? on_preview_ : FormDialog::actions(); }
    Level level() const override { return previewing_ ? Level::kSigns : Level::kLook; }
    Call call(const Scene& /*scene*/) const override {
        if (!user_.problem().empty() || !label_.problem().empty()) return {};
        const CreateWallets wanted = request();
        Call out{{"wallet", "create"}, {wanted.user}, {}};
        out.option("--custody", std::string(to_string(wanted.custody)));
        if (wanted.custody == Custody::kEnvelope) out.option("--words", std::to_string(wanted.words));
        return wanted.label.empty() ? out : out.option("--label", wanted.label);
    }
    bool on_paste(const SecretBytes& pasted, const Scene& scene, Effects& effects) override {
        return !previewing_ && FormDialog::on_paste(pasted, scene, effects);
    }

private:
    CreateWallets request() const {
        CreateWallets out;
        out.user = user_.text();
        out.custody = kCustodies[custody_.chosen()];
        out.words = kWordCounts[words_.chosen()];
        out.label = label_.text();
        return out;
    }

    // A user that does not exist is said now, not after the preview.
    void submit(const Scene& scene, Effects& effects) override {
        busy_ = true;
        effects.tasks.push_back(data_task(
            "look for the user",
            [name = user_.text(), session = scene.session](Engine& engine, const TaskContext&) {
                return engine.user(session, name);
            },
            [this, pressed = scene.key](const Result<User>& user, const Scene& now, Effects& more) {
                busy_ = false;
                if (!user) {
                    refusal_ = now.safe(user.error().message);
                    if (user.error().code == ErrorCode::kNotFound && off_for_operator_writes(now).empty())
                        refusal_ += fmt::format(" Esc, then {} user add {} makes one.", key_word(now, "command"),
                                                now.safe(user_.text()));
                    return;
                }
                previewing_ = true;
                scroll_to_top();
                Scene opened = now;  // by the key that asked, whatever was pressed meanwhile
                opened.key = pressed;
                arm(opened, more);
            }));
    }

    Frame body(int cols, const Scene& scene) const override {
        if (!previewing_) return FormDialog::body(cols, scene);
        const CreateWallets wanted = request();
        std::vector<TextLine> lines{
            {"", fmt::format("One new wallet for {}", scene.safe(wanted.user)), {Role::kTitle}, false, false},
            rule_line(),
            {"User", scene.safe(wanted.user), {}, false, false},
            {"Label", wanted.label.empty() ? "none" : scene.safe(wanted.label), {}, false, false},
            {"Custody", std::string(to_string(wanted.custody)), {}, false, false},
        };
        if (wanted.custody == Custody::kKmsKey) {
            lines.push_back(
                {"Key",
                 "A signing key of its own is made in the KMS and never leaves it. On AWS a key costs every month "
                 "until it is deleted. There are no words to write down.",
                 {},
                 false,
                 false});
        } else if (wanted.custody == Custody::kKeyPair) {
            lines.push_back(
                {"Key",
                 "The KMS makes the key pair and seals it under a key of the pool. There are no words to write down: "
                 "whoever loses the pool key loses the wallet. The first wallet of a vault makes the pool, which on AWS "
                 "costs for each of its keys.",
                 {},
                 false,
                 false});
        } else {
            lines.push_back(
                {"Key",
                 fmt::format("{} words (BIP-39), sealed under a key of the pool. The first wallet of a vault makes the "
                             "pool, which on AWS costs for each of its keys.",
                             wanted.words),
                 {},
                 false,
                 false});
        }
        return draw_text(lines, cols, scene.charset);
    }

    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override {
        if (!previewing_ || busy_) return FormDialog::draw_buttons(frame, row, col, scene);
        draw_confirm_buttons(frame, row, col, "Create", key(U'C'), true, all_seen() ? "" : "read to the end first");
        return true;
    }

    std::string hints(const Scene& scene) const override {
        if (!previewing_ || busy_) return FormDialog::hints(scene);
        return "C create   " + key_hint(scene, on_preview_, "form.back", "back to the form") + "Enter/Esc/n cancel";
    }

    bool on_key(const Key& key, const Scene& scene, Effects& effects) override {
        if (!previewing_ || busy_) return FormDialog::on_key(key, scene, effects);
        if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
            cancel(scene, effects);
        } else if (key == ui::key(U'C')) {
            if (may_confirm(scene)) create(scene, effects);
        } else {
            return false;
        }
        return true;
    }

    void create(const Scene& scene, Effects& effects) {
        busy_ = true;
        const CreateWallets wanted = request();
        effects.tasks.push_back(make_task(
            fmt::format("create a wallet for {}", scene.safe(wanted.user)), Lane::kKms, true,
            [wanted, session = scene.session](Engine& engine, const TaskContext& context) {
                return engine.create_wallets(session, wanted, Progress{context.progress, context.stop});
            },
            [this, wanted](const Result<std::vector<Wallet>>& made, const Scene& now, Effects& more) {
                busy_ = false;
                previewing_ = false;
                more.refresh = true;
                if (!made) return refuse(made.error(), now, more);
                more.close = true;
                if (made->empty()) return;
                const Wallet& wallet = made->front();
                more.toasts.push_back(
                    fmt::format("Wallet {} was created for {}", checksum_address(wallet.address), now.safe(wallet.user)));
                Place place;
                place.screen = ScreenId::kWallets;
                place.user = wallet.user;
                place.select = std::to_string(wallet.id);
                more.go = place;
            }));
    }

    void refuse(const Error& error, const Scene& scene, Effects& effects) {
        refusal_ = scene.safe(error.message);
        if (error.code == ErrorCode::kInvalidInput || error.code == ErrorCode::kNotFound ||
            error.code == ErrorCode::kAlreadyExists)
            return;
        report_error({"The wallet was not created",
                      "No wallet was recorded. A KMS key made on the way is found again by `keydeck doctor`.",
                      fmt::format("create a wallet for {}", user_.text()), error},
                     {}, scene, effects);
    }

    TextField& user_;
    ChoiceField& custody_;
    ChoiceField& words_;
    TextField& label_;
    bool previewing_ = false;
    Actions on_preview_;
};

}  // namespace

std::unique_ptr<Dialog> make_create_user_dialog(std::string name) {
    return std::make_unique<CreateUserDialog>(std::move(name));
}

std::unique_ptr<Dialog> make_create_wallet_dialog(std::string user) {
    return std::make_unique<CreateWalletDialog>(std::move(user));
}

std::unique_ptr<Dialog> make_label_dialog(const Wallet& wallet) { return std::make_unique<LabelDialog>(wallet); }

}  // namespace keydeck::ui
