// Wallets: of all, of one user, of one key. Enter shows one in full.
#include <fmt/format.h>

#include <algorithm>

#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_actions.hpp"
#include "ui/views/countdown.hpp"
#include "ui/views/filter_words.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/move_dialog.hpp"
#include "ui/views/screens.hpp"
#include "ui/views/sign_dialog.hpp"
#include "ui/views/user_dialogs.hpp"
#include "ui/views/wallet_detail.hpp"
#include "ui/widgets/latest.hpp"

namespace keydeck::ui {
namespace {

constexpr std::string_view kByLastSign = "last-sign";
constexpr std::int64_t kDetailEvents = 10;

// Why a wallet cannot sign now, and what helps.
std::string state_reason(WalletState state, const Scene& scene) {
    switch (state) {
        case WalletState::kUserLocked:
            return "its user is locked";
        case WalletState::kKeyDisabled:
            return fmt::format("its key is disabled ({} goes to the key, {} enables it)", key_word(scene, "wallet.key"),
                               key_word(scene, "key.enable"));
        case WalletState::kAtRisk:
            return fmt::format("its key is pending deletion ({} goes to the key, {} cancels that)",
                               key_word(scene, "wallet.key"), key_word(scene, "key.cancel-deletion"));
        case WalletState::kLost:
            return "its key is destroyed: nothing can sign with it any more";
        case WalletState::kRemoved:
            return "it was removed";
        case WalletState::kReady:
            break;
    }
    return "";
}

// What a filter names and what is not there have no wallets; a key's alias is the KMS's to know.
Result<std::vector<Wallet>> list(Engine& engine, const Session& session, WalletQuery query, const PageQuery& page) {
    query.page = page;
    const auto nothing_if_unknown = [](const Error& error) -> Result<std::vector<Wallet>> {
        if (error.code == ErrorCode::kNotFound) return std::vector<Wallet>{};
        return std::unexpected<Error>(error);
    };
    if (!query.key.empty() && !is_key_id(query.key)) {
        const bool has_prefix = query.key.starts_with("alias/") || query.key.starts_with("arn:");
        const auto key = engine.key(session, has_prefix ? query.key : "alias/" + query.key);
        if (!key) return nothing_if_unknown(key.error());
        query.key = key->id;
    }
    auto wallets = engine.list_wallets(session, query);
    return wallets ? std::move(wallets) : nothing_if_unknown(wallets.error());
}

std::string key_of(const Wallet& wallet) { return key_name(wallet.key_alias, wallet.key_id); }

class WalletsView final : public ListView<Wallet> {
public:
    WalletsView();

    void enter(const Place& place, const Scene& scene, Effects& effects) override {
        session_ = scene.session;
        const bool same =
            window_.loaded() && place.user == scope_.user && place.key_id == scope_.key_id && place.filter == filter();
        scope_ = place;
        if (same && place.select.empty()) return refresh(scene, effects);
        filter_text(place.filter);
        restart(place.select, effects);
    }
    Place place() const override {
        Place out = scope_;
        out.filter = filter();
        out.select = selected() != nullptr ? std::to_string(selected()->id) : "";
        return out;
    }
    void refresh(const Scene& scene, Effects& effects) override {
        detail_.spoil();
        countdowns_.spoil();
        ListView::refresh(scene, effects);
    }
    std::string breadcrumb(const Scene& scene) const override {
        if (!scope_.user.empty()) return fmt::format("Users › {} › Wallets", scene.safe(scope_.user));
        if (!scope_.key_id.empty()) return fmt::format("Keys › {} › Wallets", scene.safe(scope_.key_name));
        return "Wallets";
    }
    std::string status(const Scene& scene) const override {
        const std::string reason = selected() != nullptr ? state_reason(selected()->state, scene) : "";
        if (selected() != nullptr && selected()->state == WalletState::kAtRisk) {
            return fmt::format("{} at risk: {} is {} ({} goes to it)", short_address(selected()->address),
                               scene.safe(key_of(*selected())), countdowns_.text(selected()->key_id, scene.now.wall),
                               key_word(scene, "wallet.key"));
        }
        return reason.empty() ? ListView::status(scene)
                              : fmt::format("{} cannot sign: {}", short_address(selected()->address), reason);
    }

private:
    [[nodiscard]] Actions row_actions();
    [[nodiscard]] Actions marked_actions();
    [[nodiscard]] Actions link_actions();

    std::string off_without_row() const { return selected() == nullptr ? "no wallet is selected" : ""; }
    std::string off_sign(const Scene& scene) const {
        if (selected() == nullptr) return off_without_row();
        return scene.read_only ? off_when_read_only(scene) : state_reason(selected()->state, scene);
    }
    std::string off_move(const Scene& scene) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        if (!has_marks()) return selected() == nullptr ? off_without_row() : why_not_move(*selected(), scene);
        const auto marked = rows_to_act_on();
        const auto can = [&](const Wallet& wallet) { return why_not_move(wallet, scene).empty(); };
        return std::ranges::any_of(marked, can) ? "" : "none of those marked can be moved";
    }
    void go(ScreenId screen, Effects& effects) const;

    Lister lister() const override {
        const FilterWords words = read_wallet_filter(filter());
        WalletQuery query;
        query.user = scope_.user.empty() ? words.of("user") : scope_.user;
        query.key = scope_.key_id.empty() ? words.of("key") : scope_.key_id;
        query.filter = words.text;
        query.order = sort_name() == kByLastSign ? WalletOrder::kLastSigned : WalletOrder::kCreated;
        query.descending = descending();
        const bool elsewhere = (!scope_.user.empty() && !words.of("user").empty() && words.of("user") != scope_.user) ||
                               (!scope_.key_id.empty() && !words.of("key").empty() && words.of("key") != scope_.key_id);
        return [query, elsewhere, session = session_](Engine& engine, const PageQuery& page) {
            return elsewhere ? Result<std::vector<Wallet>>(std::vector<Wallet>{}) : list(engine, session, query, page);
        };
    }
    // NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks): what lister() answers is the task's
    Task read(const Fetch<Id>& fetch) override {
        Task task = page_task(fetch, lister());
        const std::string key = scope_.key_id.empty() ? read_wallet_filter(filter()).of("key") : scope_.key_id;
        if (!key.empty() && !is_key_id(key)) task.lane = Lane::kKms;  // a name of a key is the KMS's
        return task;
    }
    // NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)

    std::vector<Column> columns(int cols) const override {
        const int address = cols >= 110 ? 42 : 15;
        return {{"ADDRESS", address, address, 0, Align::kLeft},
                {"LABEL", 7, 20, 2, Align::kLeft},
                {"OWNER", 8, 16, 1, Align::kLeft},
                {"KEY", 14, 20, 3, Align::kLeft},
                {"STATE", 9, 10, 0, Align::kLeft},
                {"LAST SIGN", 10, 10, 4, Align::kLeft},
                {"SIGNS", 5, 9, 5, Align::kRight}};
    }
    std::vector<TableCell> cells(const Wallet& row, const Scene& scene) const override {
        const std::string address = checksum_address(row.address);
        return {{layout_.table.cols >= 110 ? address : short_target(address)},
                {row.label.empty() ? "—" : scene.safe(row.label), row.label.empty() ? Role::kMuted : Role::kText},
                {scene.safe(row.user)},
                {scene.safe(key_of(row))},
                {wallet_state_text(row.state), wallet_state_role(row.state)},
                {time_ago(row.last_signed_at, scene.now.wall), row.last_signed_at ? Role::kText : Role::kMuted},
                {grouped(row.signatures)}};
    }
    std::string scope(const Scene& scene) const override {
        if (!scope_.user.empty()) return "owner:" + scene.safe(scope_.user);
        return scope_.key_id.empty() ? "all wallets" : "key:" + scene.safe(scope_.key_name);
    }
    std::string count(const Scene& scene) const override {
        const std::int64_t all = scene.all_wallets();
        const bool narrowed = !filter().empty() || !scope_.user.empty() || !scope_.key_id.empty();
        if (!narrowed) return all < 0 ? count_of(all) : counted(all, "wallet", "wallets");
        return all < 0 ? count_of(-1) : count_among(all);
    }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!filter().empty()) {
            const std::string all =
                scene.all_wallets() < 0 ? "" : fmt::format(" ({})", counted(scene.all_wallets(), "wallet", "wallets"));
            return {fmt::format("No wallets match \"{}\".", scene.safe(filter())),
                    key_word(scene, "close") + "  clear the filter" + all,
                    "Fields: user: key:; a bare word is a part of a label or user name, or how an address begins (0x…)."};
        }
        if (!scope_.user.empty())
            return {fmt::format("{} has no wallet yet.", scene.safe(scope_.user)),
                    scene.read_only ? "" : key_word(scene, actions_, "wallet.create") + " makes the first one."};
        if (!scope_.key_id.empty()) return {"No wallet depends on this key."};
        return {"There are no wallets yet.", scene.read_only
                                                 ? "The vault is open read-only."
                                                 : key_word(scene, actions_, "wallet.create") + " makes the first one."};
    }
    NearLister near_lister() const override {
        WalletQuery query;
        query.user = scope_.user;
        query.key = scope_.key_id;
        query.page.limit = kNearLookedAt;
        return [query, session = session_](Engine& engine, const std::string& part) -> Result<std::vector<std::string>> {
            WalletQuery now = query;
            now.filter = part;
            const auto wallets = engine.list_wallets(session, now);
            if (!wallets) return fail(wallets);
            std::vector<std::string> out;
            for (const Wallet& wallet : *wallets) {
                const bool by_label = !part.starts_with("0x") && !wallet.label.empty();
                out.push_back(part.starts_with("0x") ? short_address(wallet.address)
                              : by_label             ? wallet.label
                                                     : wallet.user);
            }
            const auto repeated = std::ranges::unique(out);
            out.erase(repeated.begin(), repeated.end());
            return out;
        };
    }
    std::int64_t rows_in_all(const Scene& scene) const override {
        const bool narrowed = !filter().empty() || !scope_.user.empty() || !scope_.key_id.empty();
        return narrowed ? 0 : std::max<std::int64_t>(scene.all_wallets(), 0);
    }
    std::string noun() const override { return "wallets"; }
    std::string one() const override { return "wallet"; }
    std::string filter_problem(const std::string& text) const override { return wallet_filter_problem(text); }
    std::string name_of_row(const Wallet& row) const override { return short_address(row.address); }

    int detail_rows(const Scene& scene) const override { return scene.screen.rows >= 30 ? 16 : 7; }
    void settle_detail(const Scene& scene, Effects& effects) override;
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;

    Place scope_;
    Latest<std::int64_t, std::vector<AuditEvent>> detail_;
    Countdowns countdowns_;
};

WalletsView::WalletsView() {
    make_sortable({{"creation", ""}, {kByLastSign, "LAST SIGN", true}});
    make_markable();
    make_exportable();
    take_actions({row_actions(), marked_actions(), link_actions()});
}

// What is done to the row.
Actions WalletsView::row_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {
        {"wallet.detail",
         {key(KeyCode::kEnter), key(U'l')},
         "this wallet in full",
         "detail",
         [this](const Scene& scene, Effects& effects) {
             effects.open.push_back(make_wallet_detail(*selected(), countdowns_.text(selected()->key_id, scene.now.wall)));
         },
         with_row,
         [this] { return Call{{"wallet", "show"}, {checksum_address(selected()->address)}, {}}; }},
        {"wallet.sign",
         {key(U's')},
         "sign…",
         "sign",
         [this](const Scene&, Effects& effects) {
             effects.open.push_back(make_sign_menu({selected()->address, selected()->user, selected()->label}));
         },
         [this](const Scene& scene) { return off_sign(scene); },
         [this] { return sign_message_call(selected()->address); }},
        {"wallet.create",
         {key(U'n'), key(U'w')},
         "new wallet…",
         "new",
         [this](const Scene& scene, Effects& effects) {
             const std::string owner = !scope_.user.empty() ? scope_.user : scene.session.user().value_or("");
             effects.open.push_back(make_create_wallet_dialog(owner));
         },
         off_when_read_only,
         [this] { return scope_.user.empty() ? Call{} : Call{{"wallet", "create"}, {scope_.user}, {}}; }},
        {"wallet.label",
         {key(U'r')},
         "change the label…",
         "label",
         [this](const Scene&, Effects& effects) { effects.open.push_back(make_label_dialog(*selected())); },
         [this](const Scene& scene) { return scene.read_only ? off_when_read_only(scene) : off_without_row(); }}};
}

// What is done to those marked too.
Actions WalletsView::marked_actions() {
    return {
        {"wallet.move",
         {key(U'm')},
         "move it, or those marked, to another key…",
         "move",
         [this](const Scene& scene, Effects& effects) {
             effects.open.push_back(has_marks() ? make_move_dialog(rows_to_act_on(), scene) : make_move_dialog(*selected()));
         },
         [this](const Scene& scene) { return off_move(scene); },
         [this] {
             return has_marks() ? Call()
                                : Call{{"pool", "rewrap"}, {}, {}}.option("--wallet", checksum_address(selected()->address));
         }},
        {"wallet.remove",
         {key(U'X')},
         "remove it, or those marked, from the lists…",
         "remove",
         [this](const Scene&, Effects& effects) {
             const auto done = [this](const std::vector<BulkItem>& wallets) {
                 forget_marks(wallets, [](const Wallet& wallet) { return bulk_id(wallet); });
             };
             ask_remove_wallets(rows_to_act_on(), done, effects);
         },
         [this](const Scene& scene) {
             return scene.read_only ? off_when_read_only(scene) : has_marks() ? "" : off_without_row();
         },
         [this] { return has_marks() ? Call() : Call{{"wallet", "remove"}, {checksum_address(selected()->address)}, {}}; }}};
}

// Where one goes from the row, and what is copied of it.
Actions WalletsView::link_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {
        {"copy",
         {key(U'y')},
         "copy the address",
         "copy",
         [this](const Scene&, Effects& effects) { effects.copy = Copy{"address", checksum_address(selected()->address)}; },
         with_row},
        {"wallet.user",
         {key(U'U')},
         "go to its user",
         "user",
         [this](const Scene&, Effects& effects) { go(ScreenId::kUsers, effects); },
         with_row,
         [this] { return Call{{"user", "show"}, {selected()->user}, {}}; }},
        {"wallet.key",
         {key(U'K')},
         "go to its key",
         "key",
         [this](const Scene&, Effects& effects) { go(ScreenId::kKeys, effects); },
         [this](const Scene& scene) { return selected() == nullptr ? off_without_row() : off_unless_operator(scene); },
         [this] { return Call{{"key", "show"}, {selected()->key_id}, {}}; }},
        {"wallet.audit",
         {key(U'a')},
         "what happened with this wallet",
         "audit",
         [this](const Scene&, Effects& effects) { go(ScreenId::kAudit, effects); },
         with_row},
        lock_vault_action()};
}

void WalletsView::go(ScreenId screen, Effects& effects) const {
    const Wallet& wallet = *selected();
    Place to;
    to.screen = screen;
    if (screen == ScreenId::kUsers) to.select = std::to_string(wallet.user_id);
    if (screen == ScreenId::kKeys) to.select = wallet.key_id;
    if (screen == ScreenId::kAudit) to.target = checksum_address(wallet.address);
    effects.go = to;
}

void WalletsView::settle_detail(const Scene& scene, Effects& effects) {
    if (selected() != nullptr && selected()->state == WalletState::kAtRisk)
        countdowns_.want(selected()->key_id, scene, effects);
    if (selected() == nullptr || scene.screen.rows < 30 || layout_.detail.rows == 0 || !detail_.wants(selected()->id))
        return;
    AuditQuery query;
    query.target = checksum_address(selected()->address);
    query.newest_first = true;
    query.page.limit = kDetailEvents;
    effects.tasks.push_back(data_task(
        "read a wallet's signatures",
        [query, session = session_](Engine& engine, const TaskContext&) { return engine.list_audit(session, query); },
        [this, id = selected()->id](const Result<std::vector<AuditEvent>>& events, const Scene&, Effects&) {
            detail_.take(id, events ? std::optional(*events) : std::nullopt);
        }));
}

void WalletsView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    frame.rule(area.row, area.col, area.cols, "Wallet");
    if (selected() == nullptr) return;
    const Wallet& wallet = *selected();
    const DetailPane pane(frame, area);
    const std::string label = wallet.label.empty() ? "—" : scene.safe(wallet.label);
    const std::string path = wallet.path.empty() ? "—" : wallet.path;
    const std::string origin = wallet.imported ? "imported" : "made here";
    pane.line(1, fmt::format("Address   {}", checksum_address(wallet.address)), Role::kTitle);
    pane.line(2, fmt::format("Label     {:<26} Owner    {}", fitted(label, 26, scene.charset), scene.safe(wallet.user)));
    const bool at_risk = wallet.state == WalletState::kAtRisk;
    const std::string beside =
        at_risk ? "▲ " + countdowns_.text(wallet.key_id, scene.now.wall)
                : fmt::format("Custody  {}{}", to_string(wallet.custody), wallet.has_mnemonic ? ", with words" : "");
    pane.line(3, fmt::format("Key       {:<26} {}", fitted(scene.safe(key_of(wallet)), 26, scene.charset), beside),
              at_risk ? Role::kDanger : Role::kText);
    pane.line(4, fmt::format("Path      {:<26} Origin   {}, {}", fitted(path, 26, scene.charset), origin,
                             date_of(wallet.created_at)));
    pane.line(5, fmt::format("Signed    {:<26} Last     {}", counted(wallet.signatures, "time", "times"),
                             time_ago(wallet.last_signed_at, scene.now.wall)));
    const auto* events = detail_.of(wallet.id);
    if (area.rows < 10 || events == nullptr) return;
    frame.rule(area.row + 6, area.col, area.cols, "Newest events");
    for (int row = 7; const AuditEvent& event : *events) {
        pane.line(row++,
                  fmt::format("{:<10}  {:<22}  {:<14}  {}", time_in_list(event.time, scene.now.wall), event.action,
                              event.digest.empty() ? "—" : event.digest.substr(0, 10) + "…", event.result),
                  event.result == "ok" ? Role::kText : Role::kDanger);
    }
}

}  // namespace

std::unique_ptr<View> make_wallets_view() { return std::make_unique<WalletsView>(); }

}  // namespace keydeck::ui
