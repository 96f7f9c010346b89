#include "ui/views/wallet_detail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/widgets/qr_code.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kEventsRead = 100;
constexpr std::size_t kSignaturesShown = 20;
constexpr int kWithCode = 110;
constexpr int kFacts = 36;  // columns beside the code
constexpr int kGap = 2;
constexpr int kBoxCols = 4;  // of the dialog, left and right

std::string key_line(const Wallet& wallet, const Scene& scene) {
    return wallet.key_alias.empty() ? "—" : scene.safe(key_name(wallet.key_alias, wallet.key_id));
}

// In two lines of the same bytes where one does not hold it, so that it is easy to compare.
std::string address_in(const std::string& address, int cols) {
    constexpr std::size_t kHalf = 22;
    constexpr int kNames = 10;
    if (cols - kNames >= static_cast<int>(address.size())) return address;
    return address.substr(0, kHalf) + "\n" + address.substr(kHalf);
}

class WalletDetail final : public Dialog {
public:
    WalletDetail(const Wallet& wallet, std::string ends)
        : Dialog("Wallet " + checksum_address(wallet.address)),
          wallet_(wallet),
          ends_(std::move(ends)),
          address_(checksum_address(wallet.address)),
          code_(QrCode::of(address_)) {
        build_actions();
    }

    const Actions& actions() const override { return actions_; }
    void on_open(const Scene& scene, Effects& effects) override;

protected:
    Frame body(int cols, const Scene& scene) const override;
    int widest(int /*screen_cols*/) const override { return kWithCode; }

private:
    void build_actions();
    std::vector<TextLine> facts(int cols, const Scene& scene) const;
    std::vector<TextLine> signatures(const Scene& scene) const;
    std::string room_text(Charset charset) const;

    Wallet wallet_;
    std::string ends_;
    std::string address_;
    std::optional<QrCode> code_;
    std::optional<std::vector<AuditEvent>> signed_;
    std::string error_;
    Actions actions_;
};

void WalletDetail::build_actions() {
    const auto to_place = [](ScreenId screen, std::string select, std::string target, Effects& effects) {
        Place to;
        to.screen = screen;
        to.select = std::move(select);
        to.target = std::move(target);
        effects.close = true;
        effects.go = std::move(to);
    };
    const auto copy = [this](const Scene&, Effects& effects) { effects.copy = Copy{"address", address_}; };
    const auto to_key = [=, this](const Scene&, Effects& effects) {
        to_place(ScreenId::kKeys, wallet_.key_id, "", effects);
    };
    const auto to_audit = [=, this](const Scene&, Effects& effects) { to_place(ScreenId::kAudit, "", address_, effects); };
    const auto to_user = [=, this](const Scene&, Effects& effects) {
        to_place(ScreenId::kUsers, std::to_string(wallet_.user_id), "", effects);
    };
    const auto close = [](const Scene&, Effects& effects) { effects.close = true; };
    actions_ = {dialog_action("dialog.copy", copy, {}, "copy the address"),
                dialog_action("wallet.key", to_key, off_unless_operator), dialog_action("wallet.audit", to_audit),
                dialog_action("wallet.user", to_user), dialog_action("dialog.close", close)};
}

void WalletDetail::on_open(const Scene& scene, Effects& effects) {
    AuditQuery query;
    query.target = address_;
    query.newest_first = true;
    query.page.limit = kEventsRead;
    effects.tasks.push_back(data_task(
        "read a wallet's signatures",
        [query, session = scene.session](Engine& engine, const TaskContext&) { return engine.list_audit(session, query); },
        [this](const Result<std::vector<AuditEvent>>& events, const Scene& now, Effects&) {
            error_ = events ? "" : now.safe(events.error().message);
            if (!events) return;
            signed_.emplace();
            for (const AuditEvent& event : *events) {
                if (event.action.starts_with("Sign") && signed_->size() < kSignaturesShown) signed_->push_back(event);
            }
        }));
}

std::vector<TextLine> WalletDetail::facts(int cols, const Scene& scene) const {
    const bool at_risk = wallet_.state == WalletState::kAtRisk;
    const std::string path = wallet_.path.empty() ? "—" : wallet_.path;
    return {
        {"Address", address_in(address_, cols), {Role::kTitle}, true, false},
        {"State",
         at_risk ? "▲ at risk: its key is " + ends_ : wallet_state_text(wallet_.state),
         {wallet_state_role(wallet_.state)},
         false,
         false},
        {"Owner", scene.safe(wallet_.user), {}, false, false},
        {"Label", wallet_.label.empty() ? "—" : scene.safe(wallet_.label), {}, false, false},
        {"Custody",
         std::string(to_string(wallet_.custody)) + (wallet_.has_mnemonic ? ", with words" : ""),
         {},
         false,
         false},
        {"Key", key_line(wallet_, scene), {}, false, false},
        {"Key id", scene.safe(wallet_.key_id), {}, true, false},
        {"Region", scene.safe(wallet_.region), {}, false, false},
        {"Path", path, {}, false, false},
        {"Origin", wallet_.imported ? "imported" : "made here", {}, false, false},
        {"Created", minute_of(wallet_.created_at), {}, false, false},
        {"Signed", counted(wallet_.signatures, "time", "times"), {}, false, false},
        {"Last", wallet_.last_signed_at ? minute_of(*wallet_.last_signed_at) : "never", {}, false, false},
    };
}

std::vector<TextLine> WalletDetail::signatures(const Scene& scene) const {
    std::vector<TextLine> out;
    if (!error_.empty()) return {{"", "The signatures could not be read: " + error_, {Role::kDanger}, false, false}};
    if (!signed_) return {{"", "Reading the signatures…", {Role::kMuted}, false, false}};
    if (signed_->empty()) return {{"", "Nothing was signed with it yet.", {Role::kMuted}, false, false}};
    for (const AuditEvent& event : *signed_) {
        const bool ok = event.result == "ok";
        out.push_back({time_in_list(event.time, scene.now.wall),
                       fmt::format("{}  {}  by {}", scene.safe(event.action), ok ? "ok" : "! " + scene.safe(event.result),
                                   scene.safe(event.actor)),
                       {ok ? Role::kText : Role::kDanger},
                       false,
                       false});
        if (!event.digest.empty()) out.push_back({" ", scene.safe(event.digest), {Role::kMuted}, true, false});
    }
    return out;
}

// How large the terminal must be for the code to be drawn.
std::string WalletDetail::room_text(Charset charset) const {
    if (!code_) return "";
    const Size code = qr_room(*code_, kLeastQuietZone, charset);
    int rows = code.rows;
    while (rows_for_body({rows, 0}, false) < code.rows) ++rows;
    return fmt::format("not drawn: it needs a terminal of {}x{}", code.cols + kGap + kFacts + kBoxCols, rows);
}

Frame WalletDetail::body(int cols, const Scene& scene) const {
    const Size room{rows_for_body(scene.screen, false), cols - kGap - kFacts};
    const auto zone = code_ ? quiet_zone_in(*code_, room, scene.charset) : std::nullopt;
    const Size code = zone ? qr_room(*code_, *zone, scene.charset) : Size{};
    const int beside = zone ? cols - kGap - code.cols : cols;
    std::vector<TextLine> lines = facts(beside, scene);
    if (!zone) lines.push_back({"QR code", room_text(scene.charset), {Role::kMuted}, false, false});
    const Frame above = draw_text(lines, beside, scene.charset);
    std::vector<TextLine> more{{"Public key", hex_of(wallet_.public_key), {}, true, false}, rule_line()};
    for (TextLine& line : signatures(scene)) more.push_back(std::move(line));
    const Frame below = draw_text(more, cols, scene.charset);

    const int split = std::max(above.size().rows, code.rows);
    Frame out({split + below.size().rows, cols}, scene.charset);
    out.blit({0, 0, above.size().rows, beside}, above, 0);
    if (zone) draw_qr(out, {0, cols - code.cols}, *code_, *zone);
    out.blit({split, 0, below.size().rows, cols}, below, 0);
    return out;
}

}  // namespace

std::string wallet_state_text(WalletState state) {
    switch (state) {
        case WalletState::kReady:
            return "ready";
        case WalletState::kUserLocked:
            return "▲ locked";
        case WalletState::kKeyDisabled:
            return "▲ key off";
        case WalletState::kAtRisk:
            return "▲ at risk";
        case WalletState::kLost:
            return "× lost";
        case WalletState::kRemoved:
            return "removed";
    }
    return "";
}

Role wallet_state_role(WalletState state) {
    if (state == WalletState::kReady) return Role::kOk;
    return state == WalletState::kLost ? Role::kDanger : Role::kWarn;
}

std::unique_ptr<Dialog> make_wallet_detail(const Wallet& wallet, std::string ends) {
    return std::make_unique<WalletDetail>(wallet, std::move(ends));
}

}  // namespace keydeck::ui
