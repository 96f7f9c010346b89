#include "ui/views/welcome_dialogs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/form_dialog.hpp"
#include "ui/widgets/secret_field.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostPath = 4096;

struct Offer {
    WelcomeChoice choice;
    std::string_view name;
    std::string_view what;
};
constexpr std::array<Offer, 4> kOffers{{
    {WelcomeChoice::kDemo, "welcome.demo",
     "Demo: a local KMS, the users alice, bob and charlie, made-up data. Nothing leaves this machine."},
    {WelcomeChoice::kLocal, "welcome.local", "Local KMS: real wallets, keys in a file on this machine"},
    {WelcomeChoice::kAws, "welcome.aws", "AWS KMS: needs credentials"},
    {WelcomeChoice::kReadOnly, "welcome.read-only", "Read-only: look at a vault that is somewhere else"},
}};

std::string present(const std::string& text) { return without_margins(text).empty() ? "needed" : ""; }

class WelcomeDialog final : public Dialog {
public:
    WelcomeDialog(Welcome known, TakeWelcome take) : Dialog("Welcome"), known_(std::move(known)), take_(std::move(take)) {
        for (const Offer& offer : kOffers) {
            actions_.push_back(dialog_action(
                offer.name, [this, choice = offer.choice](const Scene&, Effects& effects) { choose(choice, effects); }, {},
                offer.what));
        }
        actions_.push_back(dialog_action("quit", [](const Scene&, Effects& effects) { effects.quit = true; }));
    }
    const Actions& actions() const override { return actions_; }

private:
    void choose(WelcomeChoice choice, Effects& effects) {
        if (auto form = make_welcome_form(choice, known_, take_)) {
            effects.open.push_back(std::move(form));
            return;
        }
        WelcomeAnswer answer;
        answer.choice = choice;
        take_(std::move(answer));
    }
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines{
            {"", "Keydeck manages Ethereum wallets whose keys are guarded by a KMS.", {Role::kTitle}, false, false},
            blank_line(),
            {"", fmt::format("No vault was found in {}. Choose one:", scene.safe(known_.vault)), {}, false, false},
            blank_line()};
        for (std::size_t i = 0; i < kOffers.size(); ++i) {
            std::string what(kOffers[i].what);
            if (kOffers[i].choice == WelcomeChoice::kAws && !known_.profiles.empty())
                what += scene.safe(fmt::format(" (found: {})", fmt::join(known_.profiles, ", ")));
            const auto keys = keys_of(actions_[i], scene.keymap);
            lines.push_back({fmt::format("{} {}", i == at_ ? ">" : " ", keys.empty() ? " " : name_of(keys.front())),
                             what,
                             {i == at_ ? Role::kTitle : Role::kText, i == at_},
                             false,
                             false});
        }
        return draw_text(lines, cols, scene.charset);
    }
    bool on_key(const Key& key, const Scene& /*scene*/, Effects& effects) override {
        if (key == ui::key(U'j') || key.code == KeyCode::kDown) {
            at_ = std::min(at_ + 1, kOffers.size() - 1);
        } else if (key == ui::key(U'k') || key.code == KeyCode::kUp) {
            at_ -= at_ > 0 ? 1 : 0;
        } else if (key.code == KeyCode::kEnter) {
            choose(kOffers[at_].choice, effects);
        } else {
            return false;
        }
        return true;
    }
    std::string hints(const Scene& scene) const override {
        std::string letters;
        for (const Offer& offer : kOffers) letters += key_hint(scene, actions_, offer.name, "");
        std::erase_if(letters, [last = ' '](char c) mutable { return std::exchange(last, c) == ' ' && c == ' '; });
        if (!letters.empty()) letters += "the same at once   ";
        return "Enter choose   " + letters + "`keydeck demo` skips this   " + key_word(scene, "quit") + " quit";
    }

    Welcome known_;
    TakeWelcome take_;
    std::size_t at_ = 0;
    Actions actions_;
};

class LocalForm final : public FormDialog {
public:
    LocalForm(const Welcome& known, TakeWelcome take)
        : FormDialog("A vault with the embedded KMS", "Make the vault"),
          take_(std::move(take)),
          how_(form_.add<ChoiceField>(
              "Seal with", std::vector<std::string>{"a key file", "a passphrase"},
              std::vector<std::string>{"whoever has the file can open the vault: keep a copy of it elsewhere",
                                       "asked for when keys are needed; nobody can bring it back"})),
          file_(form_.add<TextField>("Key file", kMostPath, present)),
          passphrase_(form_.add<SecretField>(
              "Passphrase", [](const SecretBytes& typed) { return typed.empty() ? "an empty one protects nothing" : ""; })),
          again_(form_.add<SecretField>("Again", [this](const SecretBytes& typed) {
              return typed.text() == passphrase_.secret().text() ? "" : "the two differ";
          })) {
        file_.set(known.key_file);
        file_.shown = [this] { return how_.chosen() == 0; };
        passphrase_.shown = again_.shown = [this] { return how_.chosen() == 1; };
        if (known.again == WelcomeChoice::kLocal) refusal_ = known.refusal;
    }

private:
    void submit(const Scene& /*scene*/, Effects& /*effects*/) override {
        WelcomeAnswer answer;
        answer.choice = WelcomeChoice::kLocal;
        if (how_.chosen() == 0) {
            answer.key_file = std::string(without_margins(file_.text()));
        } else {
            answer.passphrase = passphrase_.take();
        }
        take_(std::move(answer));
    }

    TakeWelcome take_;
    ChoiceField& how_;
    TextField& file_;
    SecretField& passphrase_;
    SecretField& again_;
};

class AwsForm final : public FormDialog {
public:
    AwsForm(const Welcome& known, TakeWelcome take)
        : FormDialog("A vault with its keys in AWS KMS", "Make the vault"),
          take_(std::move(take)),
          profiles_(known.profiles),
          profile_(form_.add<PickField>("Profile", offered(known.profiles))),
          region_(form_.add<TextField>("Region", 64, TextField::Judge{}, [](const std::string& text) {
              return text.empty() ? "empty: the profile's or the environment's" : "";
          })) {
        region_.set(known.region);
        if (known.again == WelcomeChoice::kAws) refusal_ = known.refusal;
    }

private:
    static std::vector<std::string> offered(const std::vector<std::string>& profiles) {
        std::vector<std::string> out{"as AWS's own tools find it"};
        out.insert(out.end(), profiles.begin(), profiles.end());
        return out;
    }
    void submit(const Scene& /*scene*/, Effects& /*effects*/) override {
        WelcomeAnswer answer;
        answer.choice = WelcomeChoice::kAws;
        answer.region = std::string(without_margins(region_.text()));
        if (profile_.chosen() > 0) answer.profile = profiles_[profile_.chosen() - 1];
        take_(std::move(answer));
    }

    TakeWelcome take_;
    std::vector<std::string> profiles_;
    PickField& profile_;
    TextField& region_;
};

class ReadOnlyForm final : public FormDialog {
public:
    ReadOnlyForm(const Welcome& known, TakeWelcome take)
        : FormDialog("Look at a vault", "Open read-only"),
          take_(std::move(take)),
          directory_(form_.add<TextField>("Directory", kMostPath, present)) {
        directory_.set(known.directory);
        if (known.again == WelcomeChoice::kReadOnly) refusal_ = known.refusal;
    }

private:
    void submit(const Scene& /*scene*/, Effects& /*effects*/) override {
        WelcomeAnswer answer;
        answer.choice = WelcomeChoice::kReadOnly;
        answer.directory = std::string(without_margins(directory_.text()));
        take_(std::move(answer));
    }

    TakeWelcome take_;
    TextField& directory_;
};

}  // namespace

std::unique_ptr<Dialog> make_welcome_dialog(const Welcome& known, TakeWelcome take) {
    return std::make_unique<WelcomeDialog>(known, std::move(take));
}

std::unique_ptr<Dialog> make_welcome_form(WelcomeChoice choice, const Welcome& known, TakeWelcome take) {
    switch (choice) {
        case WelcomeChoice::kLocal:
            return std::make_unique<LocalForm>(known, std::move(take));
        case WelcomeChoice::kAws:
            return std::make_unique<AwsForm>(known, std::move(take));
        case WelcomeChoice::kReadOnly:
            return std::make_unique<ReadOnlyForm>(known, std::move(take));
        case WelcomeChoice::kNone:
        case WelcomeChoice::kDemo:
            break;
    }
    return nullptr;
}

}  // namespace keydeck::ui
