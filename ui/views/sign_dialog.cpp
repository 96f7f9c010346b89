#include "ui/views/sign_dialog.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <variant>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/change.hpp"
#include "ui/views/contact_dialog.hpp"
#include "ui/views/form_dialog.hpp"
#include "ui/views/sign_compose.hpp"
#include "ui/views/sign_result.hpp"

namespace keydeck::ui {
namespace {

std::string title_of(SigningKind kind) {
    switch (kind) {
        case SigningKind::kMessage:
            return "Sign message (EIP-191)";
        case SigningKind::kTypedData:
            return "Sign typed data (EIP-712)";
        case SigningKind::kTransaction:
            return "Sign transaction";
        case SigningKind::kAuthorization:
            return "Sign authorization (EIP-7702)";
    }
    return "Sign";
}

// A preview together with the very bytes it was made of: these and no others are signed.
struct Prepared {
    SignInput input;
    SigningPreview preview;
};

Result<Prepared> prepare(Engine& engine, const Session& session, const std::string& wallet, SignInput input) {
    if (!input.path.empty()) {
        auto content = read_small_file(input.path);
        if (!content) return fail(content);
        input.described = fmt::format("{}, {}", input.path, counted(std::ssize(*content), "byte", "bytes"));
        input.data = std::move(*content);
    }
    auto preview = input.kind == SigningKind::kMessage     ? engine.preview_message(session, wallet, as_bytes(input.data))
                   : input.kind == SigningKind::kTypedData ? engine.preview_typed_data(session, wallet, input.data)
                                                           : engine.preview_transaction(session, wallet, input.data);
    if (!preview) return fail(preview);
    return Prepared{std::move(input), std::move(*preview)};
}

Result<SignedThing> sign(Engine& engine, const Session& session, const std::string& wallet, const SignInput& input) {
    if (input.kind == SigningKind::kTransaction) {
        auto made = engine.sign_transaction(session, wallet, input.data);
        if (!made) return fail(made);
        return SignedThing{std::move(*made)};
    }
    auto made = input.kind == SigningKind::kMessage ? engine.sign_message(session, wallet, as_bytes(input.data))
                                                    : engine.sign_typed_data(session, wallet, input.data);
    if (!made) return fail(made);
    return SignedThing{*made};
}

enum class Stage : std::uint8_t { kCompose, kPreparing, kPreview, kSigning };

class SignDialog final : public FormDialog {
public:
    SignDialog(SigningKind kind, SignFor wallet)
        : FormDialog(fmt::format("{} · {}", title_of(kind), short_address(wallet.address)), "Preview"),
          wallet_(std::move(wallet)),
          fields_(form_, kind),
          challenge_(64) {
        build_actions();
    }

    const Actions& actions() const override { return stage_ == Stage::kPreview ? on_preview_ : FormDialog::actions(); }

    Level level() const override {
        if (stage_ == Stage::kCompose || stage_ == Stage::kPreparing) return Level::kLook;
        return prepared_->preview.risk == Risk::kRisky ? Level::kRisky : Level::kSigns;
    }
    Call call(const Scene& /*scene*/) const override;
    bool on_paste(const SecretBytes& pasted, const Scene& scene, Effects& effects) override {
        if (stage_ == Stage::kCompose) return FormDialog::on_paste(pasted, scene, effects);
        return false;  // a challenge is typed, that is its point
    }

private:
    std::string address() const { return checksum_address(wallet_.address); }
    bool needs_challenge() const { return level() == Level::kRisky && !prepared_->preview.challenge.empty(); }
    /// In any case: the digits of an address are not read worse for being typed small.
    bool challenge_met() const {
        const auto capital = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
        return !needs_challenge() ||
               std::ranges::equal(challenge_.text(), prepared_->preview.challenge, {}, capital, capital);
    }
    bool challenge_missed() const {
        return !challenge_met() && challenge_.text().size() >= prepared_->preview.challenge.size();
    }
    std::string off(const Scene& scene) const {
        if (shows_raw_) return key_word(scene, "sign.as-given") + " goes back to the preview";
        if (!all_seen()) return "read to the end first";
        return challenge_met() ? "" : "until typed";
    }

    void build_actions();
    void submit(const Scene& scene, Effects& effects) override { start_preview(scene, effects); }
    void start_preview(const Scene& scene, Effects& effects);
    void take_preview(const Result<Prepared>& prepared, const Scene& scene, Effects& effects);
    void start_signing(const Scene& scene, Effects& effects);
    void take_signature(const Result<SignedThing>& made, const Scene& scene, Effects& effects);
    void report_failure(const Error& error, const Scene& scene, Effects& effects);
    std::string attempted() const;

    Frame body(int cols, const Scene& scene) const override;
    std::vector<TextLine> shown_lines(const Scene& scene) const;
    std::string digests() const;
    std::optional<AddressBytes> unnamed_recipient() const;
    void name_recipient(Effects& effects);
    void draw_challenge(Frame& out, int row) const;
    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override;
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;
    bool on_preview_key(const Key& key, const Scene& scene, Effects& effects);
    void cancel(const Scene& scene, Effects& effects) override;
    std::string hints(const Scene& scene) const override;

    SignFor wallet_;
    SignFields fields_;
    Stage stage_ = Stage::kCompose;
    std::optional<Prepared> prepared_;
    TextEdit challenge_;
    bool typing_challenge_ = false;
    bool shows_raw_ = false;  ///< the bytes, or the JSON, instead of the preview
    Actions on_preview_;
};

void SignDialog::build_actions() {
    const auto copy_digest = [this](const Scene&, Effects& effects) {
        effects.copy = Copy{"digest", hex_of(prepared_->preview.digest)};
    };
    const auto copy_digests = [this](const Scene&, Effects& effects) { effects.copy = Copy{"digests", digests()}; };
    const auto name = [this](const Scene&, Effects& effects) { name_recipient(effects); };
    const auto as_given = [this](const Scene&, Effects&) {
        shows_raw_ = !shows_raw_;
        scroll_to_top();  // the end of the preview has to be seen again
    };
    const auto text_or_hex = [this](const Scene& scene, Effects& effects) {
        fields_.toggle_hex();
        start_preview(scene, effects);
    };
    on_preview_ = {
        dialog_action("form.back", [this](const Scene&, Effects&) { stage_ = Stage::kCompose; }),
        dialog_action("sign.copy-digest", copy_digest),
        dialog_action("sign.copy-digests", copy_digests),
        dialog_action("sign.name-recipient", name,
                      [this](const Scene& scene) {
                          std::string off = off_for_operator_writes(scene);
                          if (off.empty() && prepared_->preview.kind != SigningKind::kTransaction)
                              off = "it names the recipient of a transaction; for others :contact add";
                          if (off.empty() && !unnamed_recipient()) off = "nobody in it is without a name";
                          return off;
                      }),
        dialog_action("sign.as-given", as_given),
        dialog_action("sign.text-or-hex", text_or_hex, [this](const Scene&) { return fields_.toggle_problem(); }),
    };
}

// Of what is shown, hence of the prepared bytes; before that there is nothing to say.
Call SignDialog::call(const Scene& /*scene*/) const {
    if (!prepared_ || stage_ == Stage::kCompose || stage_ == Stage::kPreparing) return {};
    const SignInput& input = prepared_->input;
    if (input.kind == SigningKind::kMessage) {
        Call out{{"sign", "message"}, {address()}, {}};
        if (fields_.reads_hex()) return out.option("--hex", hex_of(as_bytes(input.data)));
        out.operands.push_back(input.data);
        return out;
    }
    Call out{{"sign", input.kind == SigningKind::kTypedData ? "typed-data" : "transaction"}, {address()}, {}};
    out.option("--file", input.path.empty() ? "-" : expanded_path(input.path));
    if (input.path.empty()) out.input = input.data;
    return out;
}

void SignDialog::start_preview(const Scene& scene, Effects& effects) {
    stage_ = Stage::kPreparing;
    busy_ = true;
    effects.tasks.push_back(make_task(
        fmt::format("prepare what {} signs", short_address(wallet_.address)), Lane::kData, false,
        [input = fields_.input(scene), wallet = address(), session = scene.session](Engine& engine, const TaskContext&) {
            return prepare(engine, session, wallet, input);
        },
        [this](const Result<Prepared>& prepared, const Scene& now, Effects& more) { take_preview(prepared, now, more); }));
}

void SignDialog::take_preview(const Result<Prepared>& prepared, const Scene& scene, Effects& effects) {
    busy_ = false;
    if (!prepared) {
        stage_ = Stage::kCompose;
        refusal_ = scene.safe(prepared.error().message);
        if (!prepared.error().hint.empty()) refusal_ += " " + scene.safe(prepared.error().hint);
        return;
    }
    prepared_ = *prepared;
    stage_ = Stage::kPreview;
    challenge_.set("");
    typing_challenge_ = false;
    shows_raw_ = false;
    scroll_to_top();
    arm(scene, effects);
}

void SignDialog::start_signing(const Scene& scene, Effects& effects) {
    stage_ = Stage::kSigning;
    busy_ = true;
    effects.vault_used = true;
    effects.tasks.push_back(make_task(
        fmt::format("sign with {}", short_address(wallet_.address)), Lane::kKms, true,
        [input = prepared_->input, wallet = address(), session = scene.session](Engine& engine, const TaskContext&) {
            return sign(engine, session, wallet, input);
        },
        [this](const Result<SignedThing>& made, const Scene& now, Effects& more) { take_signature(made, now, more); }));
}

std::string SignDialog::attempted() const {
    return fmt::format("{} for {}{}, {}", title_of(prepared_->input.kind), wallet_.user,
                       wallet_.label.empty() ? "" : " / " + wallet_.label, address());
}

void SignDialog::report_failure(const Error& error, const Scene& scene, Effects& effects) {
    // The dialog stays below the error's, with what was confirmed: trying again signs these very bytes.
    Retry retry;
    if (is_worth_retrying(error.code)) {
        retry = [this](const Scene& now, Effects& more) {
            start_signing(now, more);
            more.tasks.back().owner = id;
        };
    }
    report_error(signing_failure(attempted(), prepared_->preview.wallet, error), std::move(retry), scene, effects);
}

void SignDialog::take_signature(const Result<SignedThing>& made, const Scene& scene, Effects& effects) {
    busy_ = false;
    stage_ = Stage::kPreview;
    effects.refresh = true;
    effects.vault_used = true;
    if (!made) {
        report_failure(made.error(), scene, effects);
        return arm(scene, effects);
    }
    if (const auto* message = std::get_if<MessageSignature>(&*made);
        message != nullptr && message->digest != prepared_->preview.digest) {
        const Error error{ErrorCode::kInternal,
                          "What was signed is not what was shown: the digests differ. Do not use the signature.", "", ""};
        effects.close = true;
        return report_error({"Signing failed", "The signature is thrown away.", attempted(), error}, {}, scene, effects);
    }
    effects.close = true;
    effects.open.push_back(make_sign_result(*made, prepared_->preview, scene));
}

Frame SignDialog::body(int cols, const Scene& scene) const {
    if (stage_ == Stage::kCompose || stage_ == Stage::kPreparing) return FormDialog::body(cols, scene);
    Frame text = draw_text(shown_lines(scene), cols, scene.charset);
    if (!needs_challenge() || shows_raw_) return text;
    const std::vector<std::string> prompt = wrap_words(prepared_->preview.challenge_prompt + ":", cols, scene.charset);
    const int start = text.size().rows;
    const int prompt_rows = static_cast<int>(prompt.size());
    Frame out({start + 2 + prompt_rows, cols}, scene.charset);
    out.blit(text.area(), text, 0);
    out.rule(start, 0, cols);
    for (int i = 0; const std::string& line : prompt) out.put(start + 1 + i++, 0, line, {Role::kWarn});
    draw_challenge(out, start + 1 + prompt_rows);
    return out;
}

std::vector<TextLine> SignDialog::shown_lines(const Scene& scene) const {
    const SignInput& input = prepared_->input;
    if (!shows_raw_) return preview_lines(prepared_->preview, input.described, scene);
    return input.kind == SigningKind::kMessage ? bytes_lines(input.data) : given_lines(input.data, scene);
}

/// What each digest is and its value, a line each.
std::string SignDialog::digests() const {
    std::string all;
    for (const PreviewLine& digest : prepared_->preview.digests)
        all += (all.empty() ? "" : "\n") + digest.name + ": " + digest.value;
    return all;
}

/// Whom a transaction is for, where nothing says who that is. In a transaction's lines such a note is the engine's alone.
std::optional<AddressBytes> SignDialog::unnamed_recipient() const {
    constexpr std::size_t kAddressSize = 42;
    if (prepared_->preview.kind != SigningKind::kTransaction) return std::nullopt;
    for (const PreviewLine& line : prepared_->preview.lines) {
        const std::string_view value = line.value;
        if (!value.ends_with(" (new)") && !value.ends_with(" (known)")) continue;
        if (const auto address = parse_address_text(value.substr(0, kAddressSize)); address) return *address;
    }
    return std::nullopt;
}

/// Goes back to what was composed: a preview from before the name would not be what is shown then.
void SignDialog::name_recipient(Effects& effects) {
    const std::optional<AddressBytes> recipient = unnamed_recipient();
    if (!recipient) return;
    stage_ = Stage::kCompose;
    effects.open.push_back(make_contact_dialog(*recipient));
}

void SignDialog::draw_challenge(Frame& out, int row) const {
    constexpr int kFieldCols = 24;
    out.put(row, 2, "[", {Role::kMuted});
    challenge_.draw(out, {row, 3, 1, kFieldCols}, typing_challenge_);
    if (challenge_missed()) {
        out.put(row, 3 + kFieldCols, "] that is not it", {Role::kWarn});
    } else {
        out.put(row, 3 + kFieldCols, challenge_met() ? "] ✓" : "]", {challenge_met() ? Role::kOk : Role::kMuted});
    }
}

bool SignDialog::draw_buttons(Frame& frame, int row, int col, const Scene& scene) const {
    if (stage_ != Stage::kPreview) return FormDialog::draw_buttons(frame, row, col, scene);
    draw_confirm_buttons(frame, row, col, "Sign", key(U'S'), !typing_challenge_, off(scene));
    return true;
}

std::string SignDialog::hints(const Scene& scene) const {
    if (stage_ != Stage::kPreview) return FormDialog::hints(scene);
    if (typing_challenge_) return "type it   Tab done   Esc cancel";
    const bool is_message = prepared_->input.kind == SigningKind::kMessage;
    const auto hint = [&](std::string_view action, std::string_view does) {
        return key_hint(scene, on_preview_, action, does);
    };
    if (shows_raw_) return hint("sign.as-given", "preview") + "PgDn read on   " + hint("form.back", "back") + "Esc/n cancel";
    std::string out = !all_seen() ? "PgDn read on   " : off(scene).empty() ? "S sign   " : "Tab to the field   ";
    if (is_message) out += hint("sign.text-or-hex", "text/hex");
    out += hint("sign.as-given", is_message ? "hex view" : "as given");
    if (unnamed_recipient() && off_for_operator_writes(scene).empty()) out += hint("sign.name-recipient", "name it");
    return out + hint("sign.copy-digest", "copy digest") + hint("form.back", "back") + "Esc/n cancel";
}

bool SignDialog::on_key(const Key& key, const Scene& scene, Effects& effects) {
    return stage_ == Stage::kPreview ? on_preview_key(key, scene, effects) : FormDialog::on_key(key, scene, effects);
}

bool SignDialog::on_preview_key(const Key& key, const Scene& scene, Effects& effects) {
    const bool is_tab = key.code == KeyCode::kTab || key.code == KeyCode::kBackTab;
    if (is_tab && needs_challenge() && !shows_raw_) {
        if (all_seen()) {
            typing_challenge_ = !typing_challenge_;
        } else {
            read_on(effects);  // the field is the last thing to be read
        }
        return true;
    }
    if (typing_challenge_) {
        const bool reads = key.code == KeyCode::kPageUp || key.code == KeyCode::kPageDown;
        if (reads || key.code == KeyCode::kEnter) typing_challenge_ = false;
        if (reads || key.code == KeyCode::kEscape) return false;
        challenge_.on_key(key);
        return true;
    }
    if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
        cancel(scene, effects);
    } else if (key == ui::key(U'S')) {
        if (const std::string why = off(scene); !why.empty()) {
            effects.toasts.push_back(why == "until typed" ? "S: type what is asked for first; Tab goes to the field"
                                                          : "S: " + why);
        } else if (may_confirm(scene)) {
            start_signing(scene, effects);
        }
    } else {
        return false;
    }
    return true;
}

void SignDialog::cancel(const Scene& scene, Effects& effects) {
    if (stage_ == Stage::kPreview) effects.toasts.emplace_back("Cancelled: nothing was signed");
    FormDialog::cancel(scene, effects);
}

class SignMenu final : public Dialog {
public:
    explicit SignMenu(SignFor wallet) : Dialog("Sign with " + short_address(wallet.address)), wallet_(std::move(wallet)) {
        const auto item = [this](std::string_view name, SigningKind kind) {
            actions_.push_back(dialog_action(name, [this, kind](const Scene&, Effects& effects) {
                effects.close = true;
                effects.open.push_back(make_sign_dialog(kind, wallet_));
            }));
        };
        item("sign.message", SigningKind::kMessage);
        item("sign.transaction", SigningKind::kTransaction);
        item("sign.typed-data", SigningKind::kTypedData);
    }
    const Actions& actions() const override { return actions_; }

private:
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines{
            {"Wallet", scene.safe(wallet_.user + (wallet_.label.empty() ? "" : " / " + wallet_.label)), {}, false, false},
            {"", checksum_address(wallet_.address), {}, true, false},
            blank_line()};
        for (const Action& action : actions_) {
            lines.push_back({"  " + key_word(scene, action.name), std::string(action.help), {}, false, false});
        }
        return draw_text(lines, cols, scene.charset);
    }
    std::string hints(const Scene& scene) const override {
        std::string keys;
        for (const Action& action : actions_) {
            if (!keys_of(action, scene.keymap).empty()) keys += key_word(scene, action.name) + " ";
        }
        return keys.empty() ? "Esc cancel" : keys + "choose   Esc cancel";
    }

    SignFor wallet_;
    Actions actions_;
};

}  // namespace

Call sign_message_call(const AddressBytes& wallet) {
    return Call{{"sign", "message"}, {checksum_address(wallet)}, {}}.option("--file", "-");
}

std::unique_ptr<Dialog> make_sign_menu(SignFor wallet) { return std::make_unique<SignMenu>(std::move(wallet)); }

std::unique_ptr<Dialog> make_sign_dialog(SigningKind kind, SignFor wallet) {
    return std::make_unique<SignDialog>(kind, std::move(wallet));
}

}  // namespace keydeck::ui
