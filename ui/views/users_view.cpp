// Users: who owns wallets. Enter shows a user's wallets.
#include <fmt/format.h>
#include <algorithm>

#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_actions.hpp"
#include "ui/views/countdown.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/screens.hpp"
#include "ui/views/sign_dialog.hpp"
#include "ui/views/user_dialogs.hpp"
#include "ui/widgets/latest.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kDetailWallets = 8;
constexpr std::int64_t kDetailEvents = 6;
constexpr std::string_view kByLastSign = "last-sign";
constexpr std::string_view kByWallets = "wallets";

struct UserDetail {
    std::vector<Wallet> wallets;
    std::vector<AuditEvent> events;
};

// A user's session sees one row: itself.
Result<std::vector<User>> list(Engine& engine, const Session& session, const UserQuery& query) {
    if (session.is_operator()) return engine.list_users(session, query);
    if (query.page.after || query.page.backwards || !session.user()->starts_with(query.prefix)) return std::vector<User>{};
    auto self = engine.user(session, *session.user());
    if (!self) return fail(self);
    return std::vector<User>{std::move(*self)};
}

Result<UserDetail> read_detail(Engine& engine, const Session& session, const std::string& name) {
    WalletQuery wallets;
    wallets.user = name;
    wallets.page.limit = kDetailWallets;
    AuditQuery events;
    events.user = name;
    events.newest_first = true;
    events.page.limit = kDetailEvents;
    auto found = engine.list_wallets(session, wallets);
    if (!found) return fail(found);
    auto recent = engine.list_audit(session, events);
    if (!recent) return fail(recent);
    return UserDetail{std::move(*found), std::move(*recent)};
}

class UsersView final : public ListView<User> {
public:
    UsersView();

    void enter(const Place& place, const Scene& scene, Effects& effects) override {
        session_ = scene.session;
        if (place.filter != filter() || !window_.loaded() || !place.select.empty()) {
            filter_text(place.filter);
            restart(place.select, effects);
        } else {
            refresh(scene, effects);
        }
    }
    Place place() const override {
        Place out;
        out.screen = ScreenId::kUsers;
        out.filter = filter();
        if (selected() != nullptr) out.select = std::to_string(selected()->id);
        return out;
    }
    void refresh(const Scene& scene, Effects& effects) override {
        detail_.spoil();
        countdowns_.spoil();
        ListView::refresh(scene, effects);
    }
    std::string breadcrumb(const Scene& scene) const override {
        return wide() && selected() != nullptr ? "Users › " + scene.safe(selected()->name) : "Users";
    }

private:
    [[nodiscard]] Actions row_actions();
    [[nodiscard]] Actions link_actions();

    std::string off_without_row() const { return selected() == nullptr ? "no user is selected" : ""; }
    static std::string first_of(std::string first, std::string second) {
        return first.empty() ? std::move(second) : std::move(first);
    }
    std::string off_sign(const Scene& scene) const {
        if (selected() == nullptr) return "no user is selected";
        if (scene.read_only) return off_when_read_only(scene);
        if (selected()->locked) return fmt::format("the user is locked ({} unlocks)", key_word(scene, "user.lock"));
        if (selected()->wallets == 1) return "";
        return selected()->wallets == 0
                   ? fmt::format("the user has no wallet yet ({} makes one)", key_word(scene, actions_, "wallet.create"))
                   : fmt::format("the user has several wallets; {} lists them", key_word(scene, "user.wallets"));
    }
    void lock(Effects& effects) {
        if (!has_marks()) return ask_lock_user(*selected(), effects);
        const auto done = [this](const std::vector<BulkItem>& users) {
            forget_marks(users, [](const User& user) { return bulk_id(user); });
        };
        ask_lock_users(rows_to_act_on(), done, effects);
    }
    void sign(Effects& effects) {
        effects.open.push_back(make_sign_menu({*selected()->default_address, selected()->name, ""}));
    }
    void go_to_wallets(Effects& effects) {
        Place to;
        to.screen = ScreenId::kWallets;
        to.user = selected()->name;
        effects.go = to;
    }
    void go_to_audit(Effects& effects) {
        Place to;
        to.screen = ScreenId::kAudit;
        to.user = selected()->name;
        effects.go = to;
    }

    Lister lister() const override {
        UserQuery query;
        query.prefix = filter();
        query.order = sort_name() == kByLastSign  ? UserOrder::kLastSigned
                      : sort_name() == kByWallets ? UserOrder::kWallets
                                                  : UserOrder::kName;
        query.descending = descending();
        return [query, session = session_](Engine& engine, const PageQuery& page) {
            UserQuery now = query;
            now.page = page;
            return list(engine, session, now);
        };
    }

    std::vector<Column> columns(int /*cols*/) const override {
        return {{"USER", 12, 28, 0, Align::kLeft},
                {"WALLETS", 7, 7, 1, Align::kRight},
                {"DEFAULT ADDRESS", 15, 15, 3, Align::kLeft},
                {"STATUS", 8, 8, 0, Align::kLeft},
                {"LAST SIGN", 10, 12, 2, Align::kLeft}};
    }
    std::vector<TableCell> cells(const User& row, const Scene& scene) const override {
        const bool is_new = row.wallets == 0;
        return {{scene.safe(row.name)},
                {grouped(row.wallets)},
                {row.default_address ? short_address(*row.default_address) : "no wallet yet",
                 is_new ? Role::kMuted : Role::kText},
                {row.locked ? "locked"
                 : is_new   ? "new"
                            : "active",
                 row.locked ? Role::kWarn : Role::kText},
                {time_ago(row.last_signed_at, scene.now.wall), row.last_signed_at ? Role::kText : Role::kMuted}};
    }
    std::string scope(const Scene& /*scene*/) const override { return "all users"; }
    std::string count(const Scene& scene) const override {
        const std::int64_t all = scene.all_users();
        if (filter().empty()) return all < 0 ? count_of(all) : counted(all, "user", "users");
        return all < 0 ? "prefix match" : "prefix match · " + count_among(all);
    }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!filter().empty()) {
            const std::string all =
                scene.all_users() < 0 ? "" : fmt::format(" ({})", counted(scene.all_users(), "user", "users"));
            std::vector<std::string> out{fmt::format("No users match \"{}\".", scene.safe(filter())),
                                         key_word(scene, "close") + "  clear the filter" + all};
            if (off_for_operator_writes(scene).empty())
                out.push_back(fmt::format("{:<4} create user \"{}\"", key_word(scene, "user.create"), scene.safe(filter())));
            return out;
        }
        if (!scene.session.is_operator()) return {"You see yourself alone, and that failed."};
        return {"There are no users yet.",
                scene.read_only ? "The vault is open read-only." : key_word(scene, "user.create") + " makes the first one."};
    }
    NearLister near_lister() const override {
        return [session = session_](Engine& engine, const std::string& part) -> Result<std::vector<std::string>> {
            UserQuery query;
            query.prefix = part;
            query.page.limit = kNearLookedAt;
            const auto users = list(engine, session, query);
            if (!users) return fail(users);
            std::vector<std::string> out;
            for (const User& user : *users) out.push_back(user.name);
            return out;
        };
    }
    std::int64_t rows_in_all(const Scene& scene) const override {
        return filter().empty() ? std::max<std::int64_t>(scene.all_users(), 0) : 0;
    }
    std::string noun() const override { return "users"; }
    std::string one() const override { return "user"; }
    std::string name_of_row(const User& row) const override { return safe_text(row.name, Charset::kUnicode); }

    int detail_rows(const Scene& scene) const override { return scene.screen.rows >= 30 ? 14 : 6; }
    bool detail_beside() const override { return true; }
    void settle_detail(const Scene& scene, Effects& effects) override {
        if (const UserDetail* shown = selected() != nullptr ? detail_.of(selected()->name) : nullptr) {
            for (const Wallet& wallet : shown->wallets) {
                if (wallet.state == WalletState::kAtRisk) countdowns_.want(wallet.key_id, scene, effects);
            }
        }
        if (selected() == nullptr || layout_.detail.rows == 0 || !detail_.wants(selected()->name)) return;
        effects.tasks.push_back(data_task(
            "read a user's details",
            [name = selected()->name, session = session_](Engine& engine, const TaskContext&) {
                return read_detail(engine, session, name);
            },
            [this, name = selected()->name](const Result<UserDetail>& detail, const Scene&, Effects&) {
                detail_.take(name, detail ? std::optional(*detail) : std::nullopt);
            }));
    }
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;
    std::vector<std::pair<std::string, Role>> fact_lines(const User& user, const UserDetail* detail) const;
    std::vector<std::pair<std::string, Role>> wallet_lines(const UserDetail& detail, const Scene& scene, bool full) const;

    Latest<std::string, UserDetail> detail_;
    Countdowns countdowns_;
};

UsersView::UsersView() {
    make_sortable({{"name", "USER"}, {kByLastSign, "LAST SIGN", true}, {kByWallets, "WALLETS", true}});
    make_markable();
    make_exportable();
    take_actions({row_actions(), link_actions()});
}

// What is done to the row, or those marked.
Actions UsersView::row_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {{"user.wallets",
             {key(KeyCode::kEnter), key(U'l')},
             "wallets of this user",
             "wallets",
             [this](const Scene&, Effects& effects) { go_to_wallets(effects); },
             with_row,
             [this] { return Call{{"wallet", "list"}, {}, {}}.option("--user", selected()->name); }},
            {"wallet.sign",
             {key(U's')},
             "sign with the user's only wallet…",
             "sign",
             [this](const Scene&, Effects& effects) { sign(effects); },
             [this](const Scene& scene) { return off_sign(scene); },
             [this] { return sign_message_call(*selected()->default_address); }},
            {"wallet.create",
             {key(U'w')},
             "new wallet for this user…",
             "new wallet",
             [this](const Scene&, Effects& effects) {
                 effects.open.push_back(make_create_wallet_dialog(selected() != nullptr ? selected()->name : ""));
             },
             off_when_read_only,
             [this] { return selected() == nullptr ? Call{} : Call{{"wallet", "create"}, {selected()->name}, {}}; }},
            {"user.create",
             {key(U'u')},
             "new user…",
             "new user",
             [this](const Scene&, Effects& effects) {
                 const bool nobody = window_.rows().empty() && !window_.stale();
                 effects.open.push_back(make_create_user_dialog(nobody ? filter() : ""));
             },
             off_for_operator_writes},
            {"user.lock",
             {key(U'L')},
             "lock or unlock this user, or those marked…",
             "lock",
             [this](const Scene&, Effects& effects) { lock(effects); },
             [this, with_row](const Scene& scene) {
                 return first_of(off_for_operator_writes(scene), has_marks() ? "" : with_row(scene));
             },
             [this] {
                 return has_marks() ? Call()
                                    : Call{{"user", selected()->locked ? "unlock" : "lock"}, {selected()->name}, {}};
             }}};
}

// Where one goes from the row, and what is copied of it.
Actions UsersView::link_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {{"user.audit",
             {key(U'a')},
             "what happened to this user's wallets",
             "audit",
             [this](const Scene&, Effects& effects) { go_to_audit(effects); },
             with_row,
             [this] { return Call{{"audit", "list"}, {}, {}}.option("--user", selected()->name); }},
            {"copy",
             {key(U'y')},
             "copy the default address",
             "copy",
             [this](const Scene&, Effects& effects) {
                 effects.copy = Copy{"address", checksum_address(*selected()->default_address)};
             },
             [this](const Scene&) {
                 return selected() == nullptr || !selected()->default_address ? "there is no address" : "";
             }}};
}

std::vector<std::pair<std::string, Role>> UsersView::fact_lines(const User& user, const UserDetail* detail) const {
    const std::string status = user.locked ? "locked" : user.wallets == 0 ? "new" : "active";
    const std::string last = user.last_signed_at ? minute_of(*user.last_signed_at) : "never";
    const Role role = user.locked ? Role::kWarn : Role::kText;
    if (!layout_.beside) {
        return {{fmt::format("Status   {}     Created  {}", status, minute_of(user.created_at)), role},
                {fmt::format("Last sign  {}", last), Role::kText}};
    }
    std::vector<std::pair<std::string, Role>> out{{fmt::format("Created     {}", minute_of(user.created_at)), Role::kText},
                                                  {fmt::format("Status      {}", status), role}};
    if (detail != nullptr) {
        std::int64_t signatures = 0;
        for (const Wallet& wallet : detail->wallets) signatures += wallet.signatures;
        const bool all = std::ssize(detail->wallets) >= user.wallets;
        out.emplace_back(
            fmt::format("Signs       {}{}", grouped(signatures),
                        all ? "" : " with the first " + counted(std::ssize(detail->wallets), "wallet", "wallets")),
            Role::kText);
    }
    out.emplace_back(fmt::format("Last sign   {}", last), Role::kText);
    return out;
}

std::vector<std::pair<std::string, Role>> UsersView::wallet_lines(const UserDetail& detail, const Scene& scene,
                                                                  bool full) const {
    std::vector<std::pair<std::string, Role>> out;
    for (const Wallet& wallet : detail.wallets) {
        const std::string label = wallet.label.empty() ? "—" : scene.safe(wallet.label);
        const std::string key = scene.safe(key_name(wallet.key_alias, wallet.key_id));
        const std::string state = wallet.state == WalletState::kAtRisk
                                      ? "▲ key " + countdowns_.text(wallet.key_id, scene.now.wall)
                                      : std::string(to_string(wallet.state));
        const bool ready = wallet.state == WalletState::kReady;
        const std::string used = wallet.last_signed_at ? "last sign " + time_ago(wallet.last_signed_at, scene.now.wall)
                                                       : std::string("never signed");
        const std::string tail = fmt::format("{}  {}  {}", label, key, full && ready ? used : state);
        const Role role = wallet.state == WalletState::kReady ? Role::kText : Role::kWarn;
        if (full) {
            out.emplace_back(" " + checksum_address(wallet.address), Role::kText);
            out.emplace_back("   " + tail, role == Role::kText ? Role::kMuted : role);
        } else {
            out.emplace_back(fmt::format(" {}  {}", short_address(wallet.address), tail), role);
        }
    }
    return out;
}

void UsersView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    const User* user = selected();
    if (layout_.beside) {
        frame.rule(area.row - 1, 0, frame.size().cols);
        frame.put(area.row - 1, area.col, "┬", {Role::kMuted});
        for (int row = area.row; row < area.row + area.rows; ++row) frame.put(row, area.col, "│", {Role::kMuted});
        area.col += 2;
        area.cols -= 2;
        if (user != nullptr) frame.put_fitted(area.row++, area.col, area.cols, scene.safe(user->name), {Role::kTitle});
    } else {
        frame.rule(area.row++, area.col, area.cols, user != nullptr ? scene.safe(user->name) : "");
    }
    area.rows -= 1;
    if (user == nullptr) return;
    const UserDetail* detail = detail_.of(user->name);
    auto lines = fact_lines(*user, detail);
    if (detail != nullptr) {
        if (layout_.beside) lines.emplace_back("", Role::kText);
        if (layout_.beside) lines.emplace_back(fmt::format("Wallets ({})", grouped(user->wallets)), Role::kTitle);
        for (auto& line : wallet_lines(*detail, scene, layout_.beside)) lines.push_back(std::move(line));
        if (layout_.beside || area.rows > 9) {
            lines.emplace_back("", Role::kText);
            lines.emplace_back("Recent activity", Role::kTitle);
            for (const AuditEvent& event : detail->events) {
                lines.emplace_back(
                    fmt::format(" {:<10} {:<22} {}", time_in_list(event.time, scene.now.wall), event.action, event.result),
                    event.result == "ok" ? Role::kText : Role::kDanger);
            }
        }
    }
    for (int row = 0; row < area.rows && row < static_cast<int>(lines.size()); ++row) {
        const auto& [text, role] = lines[static_cast<std::size_t>(row)];
        frame.put_fitted(area.row + row, area.col + (layout_.beside ? 0 : 1), area.cols - 1, text, {role});
    }
}

}  // namespace

std::unique_ptr<View> make_users_view() { return std::make_unique<UsersView>(); }

}  // namespace keydeck::ui
