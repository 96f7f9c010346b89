// KMS keys: the pool's and the wallets' own. Enter shows the wallets that depend on one.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/views/deletion_dialog.hpp"
#include "ui/views/filter_words.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/move_dialog.hpp"
#include "ui/views/rotate_dialog.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

std::string state_text(const std::string& state) {
    if (state == "Enabled") return "● Enabled";
    if (state == "Disabled") return "○ Disabled";
    if (state == "PendingDeletion") return "× Pending";
    return "? " + state;
}

Role state_role(const std::string& state) {
    if (state == "Enabled") return Role::kOk;
    if (state == "Disabled") return Role::kOff;
    return state == "PendingDeletion" ? Role::kDanger : Role::kWarn;
}

// "12,004", or "3 failed" where none succeeded.
TableCell calls_cell(const CallStats& stats) {
    if (stats.calls == 0) return {"0", Role::kMuted};
    if (stats.failures == stats.calls) return {fmt::format("{} failed", grouped(stats.failures)), Role::kDanger};
    return {grouped(stats.calls), stats.failures > 0 ? Role::kWarn : Role::kText};
}

std::string name_of(const KeyInfo& key) { return key_name(key.alias, key.id); }

std::string dependants_of(const KeyInfo& key) {
    std::string out = counted(key.wallets, "wallet", "wallets");
    if (key.secrets > 0) out += ", " + counted(key.secrets, "secret", "secrets");
    return out;
}

std::string rotation_line(const KeyInfo& key, Timestamp now) {
    if (!can_rotate(key)) return fmt::format("{}: a KMS rotates symmetric keys only", rotation_of(key, now).text);
    std::string out = key.rotation_period_days > 0 ? fmt::format("every {} d", key.rotation_period_days) : "by hand";
    if (key.next_rotation) out += ", next " + date_of(*key.next_rotation);
    out += fmt::format("   {}", counted(key.versions, "version", "versions"));
    if (key.rotated_at) out += ", newest of " + date_of(*key.rotated_at);
    if (key.rotation_due)
        out += fmt::format("   {} {}", *key.rotation_due <= now ? "▲ was due" : "due by", date_of(*key.rotation_due));
    return out;
}

std::string calls_line(const CallStats& stats) {
    if (stats.calls == 0) return "no calls";
    std::string out = counted(stats.calls, "call", "calls");
    if (stats.calls > stats.failures)
        out += fmt::format(", p50 {} p95 {} p99 {}", latency_of(stats.p50), latency_of(stats.p95), latency_of(stats.p99));
    if (stats.failures > 0) out += fmt::format(", {} failed", grouped(stats.failures));
    for (const auto& [name, count] : stats.errors) out += fmt::format(" · {} {}", grouped(count), name);
    return out;
}

/// What the KMS said, and as whom it was asked.
struct Told {
    std::vector<KeyInfo> keys;
    std::string as_whom;
};

/// Where AWS's credentials come from and until when they are good; empty with the embedded KMS.
std::string as_whom(const KmsConnection& connection) {
    if (connection.credentials_source.empty()) return "";
    if (!connection.credentials_expire_at) return "credentials: " + connection.credentials_source;
    return fmt::format("credentials: {}, until {}", connection.credentials_source,
                       minute_of(*connection.credentials_expire_at));
}

class KeysView final : public ListView<KeyInfo> {
public:
    KeysView();

    void enter(const Place& place, const Scene& scene, Effects& effects) override {
        session_ = scene.session;
        filter_text(place.filter);
        read_again_ = true;
        if (window_.loaded() && (place.select.empty() || window_.select(place.select))) {
            ListView::refresh(scene, effects);
        } else {
            restart(place.select, effects);
        }
    }
    Place place() const override {
        Place out;
        out.screen = ScreenId::kKeys;
        out.filter = filter();
        out.select = selected() != nullptr ? selected()->id : "";
        return out;
    }
    void refresh(const Scene& scene, Effects& effects) override {
        read_again_ = true;
        ListView::refresh(scene, effects);
    }
    // To read the keys costs AWS some calls for each: what others do to the vault is followed once a minute, not at each of
    // their signatures.
    void follow(const Scene& scene, Effects& effects) override {
        if (scene.vault && scene.vault->kms == "aws") {
            behind_ = true;
        } else {
            refresh(scene, effects);
        }
    }
    void on_minute(const Scene& scene, Effects& effects) override {
        if (behind_) refresh(scene, effects);
    }
    std::string breadcrumb(const Scene& /*scene*/) const override { return "Keys"; }
    std::string status(const Scene& scene) const override {
        const KeyInfo* key = selected();
        if (key != nullptr && key->state == "PendingDeletion" && key->deletion_date) {
            return fmt::format("{} is deleted {}; {} depend on it (c cancels the deletion)", scene.safe(name_of(*key)),
                               time_until(*key->deletion_date, scene.now.wall), counted(key->wallets, "wallet", "wallets"));
        }
        if (key != nullptr && rotation_of(*key, scene.now.wall).late)
            return fmt::format("{} should have been rotated by {} (R rotates it)", scene.safe(name_of(*key)),
                               date_of(*key->rotation_due));
        if (key != nullptr && key->retiring && key->state == "Enabled")
            return fmt::format("{} is being retired: nothing new is sealed under it (t goes on)", scene.safe(name_of(*key)));
        return ListView::status(scene);
    }

private:
    std::string off_without_row() const { return selected() == nullptr ? "no key is selected" : ""; }
    // Why an action that needs the key in one of these states is off.
    std::string off_unless(const Scene& scene, std::initializer_list<std::string_view> states,
                           std::string_view reason) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        if (selected() == nullptr) return off_without_row();
        return std::ranges::find(states, selected()->state) == states.end() ? std::string(reason) : "";
    }
    // The same, where another file knows the reason.
    std::string off_for(const Scene& scene, std::string (*why_not)(const KeyInfo&)) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        return selected() == nullptr ? off_without_row() : why_not(*selected());
    }
    void go(ScreenId screen, Effects& effects) const {
        Place to;
        to.screen = screen;
        to.key_id = selected()->id;
        to.key_name = name_of(*selected());
        effects.go = to;
    }

    // A KMS is asked once; filtering what it said needs no more calls.
    void load(const typename Window::Request& request, Effects& effects) override {
        if (!request) return;
        if (read_again_ || !known_) {
            read_again_ = behind_ = false;
            effects.tasks.push_back(read(*request));
        } else {
            on_page(*request, matching(), effects);
        }
    }
    Task read(const Fetch<Id>& fetch) override {
        return make_task(
            "read the keys", Lane::kKms, false,
            [session = session_](Engine& engine, const TaskContext& context) -> Result<Told> {
                auto keys = engine.list_keys(session, {}, Progress{context.progress, context.stop});
                if (!keys) return fail(keys);
                auto connection = engine.kms_connection(false);
                return Told{std::move(*keys), connection ? as_whom(*connection) : ""};
            },
            [this, fetch](const Result<Told>& told, const Scene&, Effects& effects) {
                if (!told) return on_page(fetch, fail(told), effects);
                known_ = told->keys;
                as_whom_ = told->as_whom;
                on_page(fetch, matching(), effects);
            });
    }
    RowPage<KeyInfo> matching() const {
        RowPage<KeyInfo> out;
        const KeyFilter wanted = read_key_filter(filter());
        std::ranges::copy_if(*known_, std::back_inserter(out.rows), [&](const KeyInfo& key) { return wanted.matches(key); });
        return out;
    }

    std::vector<Column> columns(int /*cols*/) const override {
        return {{"KEY", 15, 28, 0, Align::kLeft},      {"STATE", 10, 12, 0, Align::kLeft},
                {"WALLETS", 7, 9, 1, Align::kRight},   {"24H", 6, 10, 4, Align::kRight},
                {"P95", 6, 7, 5, Align::kRight},       {"ERR", 5, 6, 6, Align::kRight},
                {"ROTATION", 11, 14, 3, Align::kLeft}, {"DELETION", 11, 12, 2, Align::kLeft},
                {"LAST USE", 10, 11, 7, Align::kLeft}, {"FOR", 6, 8, 8, Align::kLeft}};
    }
    std::vector<TableCell> cells(const KeyInfo& row, const Scene& scene) const override {
        const std::string deletion = row.deletion_date ? days_until(*row.deletion_date, scene.now.wall) : "—";
        const RotationText rotation = rotation_of(row, scene.now.wall);
        const CallStats& calls = row.last_day;
        return {{scene.safe(name_of(row))},
                {state_text(row.state), state_role(row.state)},
                {grouped(row.wallets)},
                calls_cell(calls),
                {calls.calls > calls.failures ? latency_of(calls.p95) : "—"},
                {share_of(calls.failures, calls.calls), calls.failures > 0 ? Role::kWarn : Role::kMuted},
                {rotation.text, rotation.late ? Role::kWarn : Role::kText},
                {deletion, row.deletion_date ? Role::kDanger : Role::kMuted},
                {time_ago(row.last_used_at, scene.now.wall), row.last_used_at ? Role::kText : Role::kMuted},
                {row.purpose.empty() ? "—" : row.purpose}};
    }
    std::string scope(const Scene& scene) const override {
        return as_whom_.empty() ? "all keys" : fmt::format("all keys · {}", scene.safe(as_whom_));
    }
    std::string count(const Scene& scene) const override {
        if (!known_) return "…";
        const std::string keys = counted(static_cast<std::int64_t>(known_->size()), "key", "keys");
        if (!filter().empty()) return fmt::format("{} of {}", window_.rows().size(), keys);
        return scene.vault ? fmt::format("{} · {}", keys, counted(scene.vault->wallets, "wallet", "wallets")) : keys;
    }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!filter().empty())
            return {fmt::format("No key matches \"{}\".", scene.safe(filter())),
                    "Fields: state: (pending, enabled, disabled…) and key:; a bare word is any of these.",
                    "Esc clears the filter."};
        return {"There are no keys yet.", "The first wallet makes the pool; so does keydeck pool init."};
    }
    std::string noun() const override { return "keys"; }
    std::string filter_problem(const std::string& text) const override { return key_filter_problem(text); }
    std::string name_of_row(const KeyInfo& row) const override { return name_of(row); }

    int detail_rows(const Scene& scene) const override { return scene.screen.rows >= 30 ? 12 : 8; }
    void settle_detail(const Scene& /*scene*/, Effects& /*effects*/) override {}
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;

    std::optional<std::vector<KeyInfo>> known_;
    std::string as_whom_;
    bool read_again_ = false;
    bool behind_ = false;  // others have changed the vault since the keys were read
};

KeysView::KeysView() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    actions_ = {
        {"key.wallets",
         {key(KeyCode::kEnter), key(U'l')},
         "wallets of this key",
         "wallets",
         [this](const Scene&, Effects& effects) { go(ScreenId::kWallets, effects); },
         with_row},
        {"key.rotate",
         {key(U'R')},
         "rotate…",
         "rotate",
         [this](const Scene&, Effects& effects) { effects.open.push_back(make_rotate_dialog(*selected())); },
         [this](const Scene& scene) { return off_for(scene, why_not_rotate); }},
        {"key.disable",
         {key(U'd')},
         "disable…",
         "disable",
         [this](const Scene&, Effects& effects) { ask_disable_key(*selected(), effects); },
         [this](const Scene& scene) { return off_unless(scene, {"Enabled"}, "only an enabled key can be disabled"); }},
        {"key.enable",
         {key(U'e')},
         "enable…",
         "enable",
         [this](const Scene&, Effects& effects) { ask_enable_key(*selected(), effects); },
         [this](const Scene& scene) { return off_unless(scene, {"Disabled"}, "only a disabled key can be enabled"); }},
        {"key.schedule-deletion",
         {key(U'X')},
         "schedule deletion…",
         "delete…",
         [this](const Scene&, Effects& effects) { effects.open.push_back(make_deletion_dialog(*selected())); },
         [this](const Scene& scene) {
             return off_unless(scene, {"Enabled", "Disabled"}, "its deletion is scheduled already (c cancels it)");
         }},
        {"key.cancel-deletion",
         {key(U'c')},
         "cancel the deletion…",
         "cancel deletion",
         [this](const Scene&, Effects& effects) { ask_cancel_deletion(*selected(), effects); },
         [this](const Scene& scene) { return off_unless(scene, {"PendingDeletion"}, "no deletion is scheduled"); }},
        {"key.move",
         {key(U'm')},
         "move what stands under it to another key…",
         "move",
         [this](const Scene&, Effects& effects) { effects.open.push_back(make_move_dialog(*selected())); },
         [this](const Scene& scene) { return off_for(scene, why_not_move); }},
        {"key.retire",
         {key(U't')},
         "retire: move everything off it, then disable it…",
         "retire",
         [this](const Scene&, Effects& effects) { ask_retire_key(*selected(), effects); },
         [this](const Scene& scene) { return off_for(scene, why_not_retire); }},
        {"key.audit",
         {key(U'a')},
         "what happened with this key",
         "audit",
         [this](const Scene&, Effects& effects) { go(ScreenId::kAudit, effects); },
         with_row},
        {"copy",
         {key(U'y')},
         "copy the ARN",
         "copy",
         [this](const Scene&, Effects& effects) { effects.copy = Copy{"ARN", selected()->arn}; },
         with_row},
        lock_vault_action(),
    };
}

void KeysView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    const KeyInfo* key = selected();
    frame.rule(area.row, area.col, area.cols, key != nullptr ? scene.safe(name_of(*key)) : "");
    if (key == nullptr) return;
    const DetailPane pane(frame, area);
    int row = 1;
    pane.line(row++, fmt::format("ARN       {}", scene.safe(key->arn)));
    // What ends or is late comes first, so that it is in sight in the lowest pane.
    if (key->deletion_date) {
        pane.line(row++,
                  fmt::format("Deletion  {}, {}; {} would be lost for ever", minute_of(*key->deletion_date),
                              time_until(*key->deletion_date, scene.now.wall), dependants_of(*key)),
                  Role::kDanger);
    }
    pane.line(row++, fmt::format("Spec      {}, {}, made {}", key->spec, key->usage, date_of(key->created_at)));
    pane.line(row++, fmt::format("Rotation  {}", rotation_line(*key, scene.now.wall)),
              rotation_of(*key, scene.now.wall).late ? Role::kWarn : Role::kText);
    pane.line(row++, fmt::format("Use       {}{}   {}", key->last_used_at ? "last " : "",
                                 time_ago(key->last_used_at, scene.now.wall), dependants_of(*key)));
    pane.line(row++, fmt::format("24 hours  {}", calls_line(key->last_day)));
    pane.line(row++, fmt::format("Cost      {}", key->month_so_far ? money_of(*key->month_so_far) + " this month so far"
                                                                   : "none: the embedded KMS costs nothing"));
    if (key->retiring) pane.line(row++, "Retiring  nothing new is sealed under it", Role::kWarn);
    if (!key->description.empty()) pane.line(row++, fmt::format("About     {}", scene.safe(key->description)));
    ++row;
    for (const auto& [tag, value] : key->tags)
        pane.line(row++, fmt::format("Tag       {} = {}", scene.safe(tag), scene.safe(value)), Role::kMuted);
}

}  // namespace

std::unique_ptr<View> make_keys_view() { return std::make_unique<KeysView>(); }

}  // namespace keydeck::ui
