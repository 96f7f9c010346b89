// The audit log, live, newest first unless turned round. Enter shows one event with its links in the chain.
#include <fmt/format.h>

#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/audit_filter.hpp"
#include "ui/views/change.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

Role result_role(const std::string& result) { return result == "ok" ? Role::kOk : Role::kDanger; }

class AuditView final : public ListView<AuditEvent> {
public:
    AuditView();

    void enter(const Place& place, const Scene& scene, Effects& effects) override {
        session_ = scene.session;
        now_ = scene.now.wall;
        const bool same = window_.loaded() && place.user == scope_.user && place.key_id == scope_.key_id &&
                          place.target == scope_.target && place.filter == filter();
        scope_ = place;
        if (same && place.select.empty()) return ListView::refresh(scene, effects);
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
        now_ = scene.now.wall;
        if (!paused_) ListView::refresh(scene, effects);
    }
    std::string breadcrumb(const Scene& scene) const override {
        if (!scope_.user.empty()) return fmt::format("Users › {} › Audit", scene.safe(scope_.user));
        if (!scope_.key_id.empty()) return fmt::format("Keys › {} › Audit", scene.safe(scope_.key_name));
        return scope_.target.empty() ? "Audit" : fmt::format("Wallets › {} › Audit", short_target(scope_.target));
    }
    std::string status(const Scene& scene) const override { return verified_.empty() ? ListView::status(scene) : verified_; }

private:
    [[nodiscard]] Actions log_actions();
    [[nodiscard]] Actions link_actions();

    std::string off_without_row() const { return selected() == nullptr ? "no event is selected" : ""; }
    bool has_address() const { return selected() != nullptr && parse_address_text(selected()->target).has_value(); }
    void verify(const Scene& scene, Effects& effects);
    void show_detail(const Scene& scene, Effects& effects) const;
    void go(ScreenId screen, Effects& effects) const;

    std::string filter_problem(const std::string& text) const override { return audit_filter_problem(text); }
    AuditQuery query() const {
        AuditQuery out = read_audit_filter(filter(), now_).query;
        if (out.user.empty()) out.user = scope_.user;
        if (out.key.empty()) out.key = scope_.key_id;
        if (out.target.empty()) out.target = scope_.target;
        out.newest_first = descending();
        return out;
    }
    Lister lister() const override {
        return [query = query(), session = session_](Engine& engine, const PageQuery& page) {
            AuditQuery now = query;
            now.page = page;
            return engine.list_audit(session, now);
        };
    }

    std::vector<Column> columns(int cols) const override {
        const int target = cols >= 110 ? 42 : 15;
        return {{"TIME", 10, 10, 0, Align::kLeft},   {"ACTOR", 8, 12, 2, Align::kLeft},
                {"ACTION", 17, 22, 0, Align::kLeft}, {"TARGET", target, target, 1, Align::kLeft},
                {"RESULT", 8, 14, 0, Align::kLeft},  {"DIGEST", 11, 11, 4, Align::kLeft}};
    }
    std::vector<TableCell> cells(const AuditEvent& row, const Scene& scene) const override {
        const std::string target = scene.safe(row.target);
        return {{time_in_list(row.time, scene.now.wall)},
                {scene.safe(row.actor)},
                {scene.safe(row.action)},
                {layout_.table.cols >= 110 ? target : short_target(target)},
                {row.result == "ok" ? "ok" : "! " + scene.safe(row.result), result_role(row.result)},
                {row.digest.empty() ? "—" : row.digest.substr(0, 10) + "…", Role::kMuted}};
    }
    std::string scope(const Scene& scene) const override {
        const std::string order = descending() ? "newest first" : "oldest first";
        if (!scope_.user.empty()) return order + " · user:" + scene.safe(scope_.user);
        if (!scope_.key_id.empty()) return order + " · key:" + scene.safe(scope_.key_name);
        return scope_.target.empty() ? order : order + " · target:" + short_target(scope_.target);
    }
    std::string count(const Scene& scene) const override {
        return fmt::format("{} ({} {}) · {}", paused_ ? "PAUSED" : "LIVE", key_word(scene, "audit.pause"),
                           paused_ ? "goes on" : "pauses", count_of(-1));
    }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!filter().empty()) {
            return {fmt::format("No event matches \"{}\".", scene.safe(filter())),
                    "Fields: actor: action: target: user: key: result: since:; a bare word is a user, 0x… a target.",
                    key_word(scene, "close") + " clears the filter."};
        }
        return {"Nothing has happened yet.", scene.session.is_operator() ? "" : "You see the events of your own wallets."};
    }
    std::string noun() const override { return "events"; }
    std::string one() const override { return "event"; }
    std::string name_of_row(const AuditEvent& row) const override { return fmt::format("event #{}", row.id); }
    int detail_rows(const Scene& scene) const override { return scene.screen.rows >= 30 ? 9 : 6; }
    void settle_detail(const Scene& scene, Effects& /*effects*/) override { now_ = scene.now.wall; }
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;

    Place scope_;
    bool paused_ = false;
    Timestamp now_{};  // what since: is seen from
    std::string verified_;
};

AuditView::AuditView() {
    make_sortable({{"time", "TIME", true}});
    make_markable(U'M');  // V verifies here
    make_exportable();
    take_actions({log_actions(), link_actions()});
}

// What is done with the log.
Actions AuditView::log_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {{"audit.detail",
             {key(KeyCode::kEnter), key(U'l')},
             "this event in full",
             "detail",
             [this](const Scene& scene, Effects& effects) { show_detail(scene, effects); },
             with_row},
            {"audit.pause",
             {key(U'p')},
             "stop or go on following new events",
             "pause",
             [this](const Scene& scene, Effects& effects) {
                 paused_ = !paused_;
                 refresh(scene, effects);
             },
             {}},
            {"audit.verify",
             {key(U'V')},
             "verify the hash chain",
             "verify chain",
             [this](const Scene& scene, Effects& effects) { verify(scene, effects); },
             off_unless_operator,
             [] { return Call{{"audit", "verify"}, {}, {}}; }}};
}

// Where one goes from the row, and what is copied of it.
Actions AuditView::link_actions() {
    return {{"audit.user",
             {key(U'U')},
             "go to the user",
             "user",
             [this](const Scene&, Effects& effects) { go(ScreenId::kUsers, effects); },
             [this](const Scene&) {
                 return selected() == nullptr || selected()->user.empty() ? "the event is about no user" : "";
             },
             [this] { return Call{{"user", "show"}, {selected()->user}, {}}; }},
            {"audit.wallet",
             {key(U'W')},
             "go to the wallet",
             "wallet",
             [this](const Scene&, Effects& effects) { go(ScreenId::kWallets, effects); },
             [this](const Scene&) { return has_address() ? "" : "the event is about no wallet"; },
             [this] { return Call{{"wallet", "show"}, {selected()->target}, {}}; }},
            {"audit.key",
             {key(U'K')},
             "go to the key",
             "key",
             [this](const Scene&, Effects& effects) { go(ScreenId::kKeys, effects); },
             [this](const Scene& scene) {
                 return selected() == nullptr || selected()->key_id.empty() ? std::string("the event is about no key")
                                                                            : off_unless_operator(scene);
             },
             [this] { return Call{{"key", "show"}, {selected()->key_id}, {}}; }},
            {"copy",
             {key(U'y')},
             "copy the event as JSON of CloudTrail's shape",
             "copy",
             [this](const Scene& scene, Effects& effects) {
                 effects.copy = Copy{"event", Engine::to_cloudtrail_json(*selected(), *scene.vault)};
             },
             [this](const Scene& scene) {
                 return scene.vault ? off_without_row() : std::string("the vault is still being read");
             }},
            lock_vault_action()};
}

void AuditView::go(ScreenId screen, Effects& effects) const {
    const AuditEvent& event = *selected();
    Place to;
    to.screen = screen;
    if (screen == ScreenId::kUsers) to.filter = event.user;
    if (screen == ScreenId::kWallets) to.filter = event.target;
    if (screen == ScreenId::kKeys) to.select = event.key_id;
    effects.go = to;
}

void AuditView::verify(const Scene& scene, Effects& effects) {
    verified_ = "verifying the hash chain…";
    effects.tasks.push_back(make_task(
        "verify the hash chain", Lane::kKms, false,
        [session = scene.session](Engine& engine, const TaskContext&) { return engine.verify_audit(session, std::nullopt); },
        [this](const Result<AuditVerification>& checked, const Scene& now, Effects& more) {
            verified_.clear();
            if (!checked) {
                report_error(
                    {"The chain could not be verified", "Nothing was changed.", "verify the audit log", checked.error()}, {},
                    now, more);
            } else if (checked->valid) {
                verified_ = fmt::format("chain verified: {}, at {} UTC ✓", counted(checked->events, "event", "events"),
                                        clock_of(now.now.wall));
            } else {
                const Error error{ErrorCode::kCorrupt, checked->reason,
                                  "Keep a copy of the vault as it is, and compare with a backup.", ""};
                const std::string where = checked->first_bad ? fmt::format("event #{}", *checked->first_bad) : "the head";
                report_error({"The audit log was tampered with", "What stands before it is intact.", where, error}, {}, now,
                             more);
            }
        }));
}

void AuditView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    const AuditEvent* event = selected();
    frame.rule(area.row, area.col, area.cols,
               event != nullptr ? fmt::format("#{} {}", event->id, scene.safe(event->action)) : "");
    if (event == nullptr) return;
    const DetailPane pane(frame, area);
    const std::string time = to_rfc3339(event->time);
    pane.line(1, fmt::format("Time    {}Z   Actor {} ({})", time.substr(0, 23), scene.safe(event->actor),
                             scene.safe(event->surface)));
    pane.line(2, fmt::format("Target  {}", scene.safe(event->target)));
    pane.line(3, fmt::format("Digest  {}", event->digest.empty() ? "—" : event->digest));
    pane.line(4, fmt::format("Key     {}   User {}", event->key_id.empty() ? "—" : scene.safe(event->key_id),
                             event->user.empty() ? "—" : scene.safe(event->user)));
    pane.line(5, fmt::format("Chain   prev {}…  this {}…", hex_of(event->previous).substr(0, 18),
                             hex_of(event->hash).substr(0, 18)));
    pane.line(6, fmt::format("Detail  {}", scene.safe(event->detail)));
}

void AuditView::show_detail(const Scene& scene, Effects& effects) const {
    const AuditEvent& event = *selected();
    const auto or_dash = [&](const std::string& text) { return text.empty() ? std::string("—") : scene.safe(text); };
    std::vector<TextLine> lines{
        {"Time", to_rfc3339(event.time), {}, false, false},
        {"Actor", fmt::format("{} by {}", scene.safe(event.actor), scene.safe(event.surface)), {}, false, false},
        {"Action", scene.safe(event.action), {Role::kTitle}, false, false},
        {"Target", or_dash(event.target), {}, true, false},
        {"User", or_dash(event.user), {}, false, false},
        {"Key", or_dash(event.key_id), {}, true, false},
        {"Result", scene.safe(event.result), {result_role(event.result)}, false, false},
        {"Digest", or_dash(event.digest), {}, true, false},
        rule_line(),
    };
    for (const std::string& row : indented_json(event.detail)) lines.push_back({"", scene.safe(row), {}, true, false});
    lines.push_back(rule_line());
    lines.push_back({"Previous", hex_of(event.previous), {}, true, false});
    lines.push_back({"This", hex_of(event.hash), {}, true, false});
    std::vector<Copy> copies;
    if (scene.vault) copies.push_back({"event", Engine::to_cloudtrail_json(event, *scene.vault)});
    effects.open.push_back(
        std::make_unique<TextDialog>(fmt::format("Event #{}", event.id), std::move(lines), std::move(copies)));
}

}  // namespace

std::unique_ptr<View> make_audit_view() { return std::make_unique<AuditView>(); }

}  // namespace keydeck::ui
