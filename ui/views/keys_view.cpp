// KMS keys: the pool's and the wallets' own. Enter shows the wallets that depend on one.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_actions.hpp"
#include "ui/views/deletion_dialog.hpp"
#include "ui/views/filter_words.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/key_detail.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/move_dialog.hpp"
#include "ui/views/rotate_dialog.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/latest.hpp"

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

// pool-2 before pool-10; keys without a name behind those that have one.
std::tuple<bool, std::string, std::int64_t, std::string> in_order_of_names(const KeyInfo& key) {
    constexpr std::size_t kMostDigits = 18;
    const std::string name = name_of(key);
    const std::size_t stem = name.find_last_not_of("0123456789") + 1;
    std::int64_t number = 0;
    if (name.size() - stem <= kMostDigits) std::from_chars(name.data() + stem, name.data() + name.size(), number);
    return {key.alias.empty(), name.substr(0, stem), number, key.id};
}

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
        if (!window_.loading()) read_again_ = true;  // what is being read is as new as what would be read now
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
        if (selected() != nullptr && selected()->deletion_date) detail_.spoil();
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
        detail_.spoil();
        if (behind_) refresh(scene, effects);
    }
    std::string breadcrumb(const Scene& /*scene*/) const override { return "Keys"; }
    std::string status(const Scene& scene) const override {
        const KeyInfo* key = selected();
        if (key != nullptr && key->state == "PendingDeletion" && key->deletion_date) {
            return fmt::format("{} is deleted {}; {} {} on it ({} cancels the deletion)", scene.safe(name_of(*key)),
                               time_until(*key->deletion_date, scene.now.wall), counted(key->wallets, "wallet", "wallets"),
                               key->wallets == 1 ? "depends" : "depend", key_word(scene, "key.cancel-deletion"));
        }
        if (key != nullptr && rotation_of(*key, scene.now.wall).late)
            return fmt::format("{} should have been rotated by {} ({} rotates it)", scene.safe(name_of(*key)),
                               date_of(*key->rotation_due), key_word(scene, "key.rotate"));
        if (key != nullptr && key->retiring && key->state == "Enabled")
            return fmt::format("{} is being retired: nothing new is sealed under it ({} goes on)", scene.safe(name_of(*key)),
                               key_word(scene, "key.retire"));
        return ListView::status(scene);
    }

private:
    [[nodiscard]] Actions row_actions();
    [[nodiscard]] Actions state_actions();
    [[nodiscard]] Actions move_actions();
    [[nodiscard]] Actions link_actions();

    std::string off_without_row() const { return selected() == nullptr ? "no key is selected" : ""; }
    // Why an action that needs the key in one of these states is off.
    std::string off_unless(const Scene& scene, std::initializer_list<std::string_view> states,
                           std::string_view reason) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        if (selected() == nullptr) return off_without_row();
        return std::ranges::find(states, selected()->state) == states.end() ? std::string(reason) : "";
    }
    // The same of the marked keys, if there are any: one in that state is enough, the others are left out.
    std::string off_unless_marked(const Scene& scene, std::string_view state, std::string_view reason) const {
        if (!has_marks()) return off_unless(scene, {state}, reason);
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        const auto marked = rows_to_act_on();
        const bool any = std::ranges::any_of(marked, [&](const KeyInfo& key) { return key.state == state; });
        return any ? "" : fmt::format("none of those marked is {}", state == "Enabled" ? "enabled" : "disabled");
    }
    BulkDone forget_done() {
        return [this](const std::vector<BulkItem>& keys) {
            forget_marks(keys, [](const KeyInfo& key) { return bulk_id(key); });
        };
    }
    // The same, where another file knows the reason.
    std::string off_for(const Scene& scene, std::string (*why_not)(const KeyInfo&, const Scene&)) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        return selected() == nullptr ? off_without_row() : why_not(*selected(), scene);
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
                if (!told) {
                    read_again_ = true;
                    return on_page(fetch, fail(told), effects);
                }
                known_ = told->keys;
                as_whom_ = told->as_whom;
                on_page(fetch, matching(), effects);
            });
    }
    RowPage<KeyInfo> matching() const {
        RowPage<KeyInfo> out;
        const KeyFilter wanted = read_key_filter(filter());
        std::ranges::copy_if(*known_, std::back_inserter(out.rows), [&](const KeyInfo& key) { return wanted.matches(key); });
        sort(out.rows);
        return out;
    }
    // The list is here as a whole, so it can be sorted here.
    void sort(std::vector<KeyInfo>& keys) const {
        const auto by = [&](auto value) {
            std::ranges::stable_sort(keys, [&](const KeyInfo& a, const KeyInfo& b) { return value(a) < value(b); });
        };
        constexpr Timestamp kNever{Timestamp::duration::max()};
        if (sort_name() == "name") by([](const KeyInfo& key) { return in_order_of_names(key); });
        if (sort_name() == "state") by([](const KeyInfo& key) { return key.state; });
        if (sort_name() == "wallets") by([](const KeyInfo& key) { return key.wallets; });
        if (sort_name() == "calls") by([](const KeyInfo& key) { return key.last_day.calls; });
        if (sort_name() == "rotation")
            by([&](const KeyInfo& key) {
                return std::min(key.rotation_due.value_or(kNever), key.next_rotation.value_or(kNever));
            });
        if (sort_name() == "deletion") by([&](const KeyInfo& key) { return key.deletion_date.value_or(kNever); });
        if (sort_name() == "last-use") by([](const KeyInfo& key) { return key.last_used_at.value_or(Timestamp{}); });
        if (descending()) std::ranges::reverse(keys);
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
        if (!filter().empty()) return fmt::format("{} of {}", grouped(std::ssize(window_.rows())), keys);
        return scene.vault ? fmt::format("{} · {}", keys, counted(scene.vault->wallets, "wallet", "wallets")) : keys;
    }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!filter().empty())
            return {fmt::format("No keys match \"{}\".", scene.safe(filter())),
                    fmt::format("{}  clear the filter ({})", key_word(scene, "close"),
                                counted(known_ ? std::ssize(*known_) : 0, "key", "keys")),
                    "Fields: state: key:; a bare word is a part of a name, a state or how an id begins."};
        return {"There are no keys yet.", "The first wallet makes the pool; so does keydeck pool init."};
    }
    NearLister near_lister() const override {
        std::vector<std::string> names;
        for (const KeyInfo& key : known_.value_or(std::vector<KeyInfo>{})) names.push_back(name_of(key));
        return [names](Engine&, const std::string& part) -> Result<std::vector<std::string>> {
            std::vector<std::string> out;
            for (const std::string& name : names) {
                if (name.contains(part)) out.push_back(name);
            }
            return out;
        };
    }
    std::string noun() const override { return "keys"; }
    std::string one() const override { return "key"; }
    std::string filter_problem(const std::string& text) const override { return key_filter_problem(text); }
    std::string name_of_row(const KeyInfo& row) const override { return name_of(row); }

    int detail_rows(const Scene& scene) const override { return scene.screen.rows >= 30 ? 14 : 8; }
    void settle_detail(const Scene& scene, Effects& effects) override;
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;

    std::optional<std::vector<KeyInfo>> known_;
    std::string as_whom_;
    Latest<std::string, KeyDetail> detail_;
    bool read_again_ = false;
    bool behind_ = false;  // others have changed the vault since the keys were read
};

KeysView::KeysView() {
    make_sortable({{"name", "KEY"},
                   {"state", "STATE"},
                   {"wallets", "WALLETS", true},
                   {"calls", "24H", true},
                   {"rotation", "ROTATION"},
                   {"deletion", "DELETION"},
                   {"last-use", "LAST USE", true}});
    make_markable();
    make_exportable();
    take_actions({row_actions(), state_actions(), move_actions(), link_actions()});
}

Actions KeysView::row_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {{"key.wallets",
             {key(KeyCode::kEnter), key(U'l')},
             "wallets of this key",
             "wallets",
             [this](const Scene&, Effects& effects) { go(ScreenId::kWallets, effects); },
             with_row,
             [this] { return Call{{"wallet", "list"}, {}, {}}.option("--key", selected()->id); }},
            {"key.rotate",
             {key(U'R')},
             "rotate…",
             "rotate",
             [this](const Scene&, Effects& effects) { effects.open.push_back(make_rotate_dialog(*selected())); },
             [this](const Scene& scene) { return off_for(scene, why_not_rotate); },
             [this] { return Call{{"key", "rotate"}, {selected()->id}, {}}; }}};
}

// From one state of a key to another.
Actions KeysView::state_actions() {
    return {
        {"key.disable",
         {key(U'd')},
         "disable it, or those marked…",
         "disable",
         [this](const Scene&, Effects& effects) {
             if (!has_marks()) return ask_disable_key(*selected(), effects);
             ask_disable_keys(rows_to_act_on(), forget_done(), effects);
         },
         [this](const Scene& scene) { return off_unless_marked(scene, "Enabled", "only an enabled key can be disabled"); },
         [this] { return has_marks() ? Call() : Call{{"key", "disable"}, {selected()->id}, {}}; }},
        {"key.enable",
         {key(U'e')},
         "enable it, or those marked…",
         "enable",
         [this](const Scene&, Effects& effects) {
             if (!has_marks()) return ask_enable_key(*selected(), effects);
             ask_enable_keys(rows_to_act_on(), forget_done(), effects);
         },
         [this](const Scene& scene) { return off_unless_marked(scene, "Disabled", "only a disabled key can be enabled"); },
         [this] { return has_marks() ? Call() : Call{{"key", "enable"}, {selected()->id}, {}}; }},
        {"key.schedule-deletion",
         {key(U'X')},
         "schedule deletion…",
         "delete…",
         [this](const Scene&, Effects& effects) { effects.open.push_back(make_deletion_dialog(*selected())); },
         [this](const Scene& scene) {
             return off_unless(
                 scene, {"Enabled", "Disabled"},
                 fmt::format("its deletion is scheduled already ({} cancels it)", key_word(scene, "key.cancel-deletion")));
         },
         [this] { return Call{{"key", "schedule-deletion"}, {selected()->id}, {}}; }},
        {"key.cancel-deletion",
         {key(U'c')},
         "cancel the deletion…",
         "cancel deletion",
         [this](const Scene& scene, Effects& effects) { ask_cancel_deletion(*selected(), scene, effects); },
         [this](const Scene& scene) { return off_unless(scene, {"PendingDeletion"}, "no deletion is scheduled"); },
         [this] { return Call{{"key", "cancel-deletion"}, {selected()->id}, {}}; }}};
}

// What stands under it goes elsewhere.
Actions KeysView::move_actions() {
    return {{"key.move",
             {key(U'm')},
             "move what stands under it to another key…",
             "move",
             [this](const Scene&, Effects& effects) { effects.open.push_back(make_move_dialog(*selected())); },
             [this](const Scene& scene) { return off_for(scene, why_not_move); },
             [this] { return Call{{"pool", "rewrap"}, {}, {}}.option("--from", selected()->id); }},
            {"key.retire",
             {key(U't')},
             "retire: move everything off it, then disable it…",
             "retire",
             [this](const Scene& scene, Effects& effects) { ask_retire_key(*selected(), scene, effects); },
             [this](const Scene& scene) { return off_for(scene, why_not_retire); },
             [this] { return Call{{"pool", "retire"}, {selected()->id}, {}}; }}};
}

// Where one goes from the row, and what is copied of it.
Actions KeysView::link_actions() {
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    return {{"key.audit",
             {key(U'a')},
             "what happened with this key",
             "audit",
             [this](const Scene&, Effects& effects) { go(ScreenId::kAudit, effects); },
             with_row,
             [this] { return Call{{"audit", "list"}, {}, {}}.option("--key", selected()->id); }},
            {"copy",
             {key(U'y')},
             "copy the ARN",
             "copy",
             [this](const Scene&, Effects& effects) { effects.copy = Copy{"ARN", selected()->arn}; },
             with_row},
            lock_vault_action()};
}

// What happens to a key moves its line of days no more than a minute may wait for.
void KeysView::settle_detail(const Scene& scene, Effects& effects) {
    const KeyInfo* key = selected();
    if (key == nullptr || layout_.detail.rows == 0 || !scene.session.is_operator() || !detail_.wants(key->id)) return;
    effects.tasks.push_back(data_task(
        "read a key's use",
        [key = *key, session = session_, now = scene.now.wall](Engine& engine, const TaskContext&) {
            return read_key_detail(engine, session, key, now);
        },
        [this, id = key->id](const Result<KeyDetail>& detail, const Scene&, Effects&) {
            detail_.take(id, detail ? std::optional(*detail) : std::nullopt);
        }));
}

void KeysView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    const KeyInfo* key = selected();
    frame.rule(area.row, area.col, area.cols, key != nullptr ? scene.safe(name_of(*key)) : "");
    if (key == nullptr) return;
    const KeyDetail* detail = detail_.of(key->id);
    constexpr int kWithDays = 13;
    if (area.rows >= kWithDays && detail != nullptr) {
        area.rows -= 3;
        draw_days(frame, {area.row + area.rows, area.col, 3, area.cols}, *detail);
    }
    const DetailPane pane(frame, area);
    int row = 1;
    pane.line(row++, fmt::format("ARN       {}", scene.safe(key->arn)));
    // What ends or is late comes first, so that it is in sight in the lowest pane.
    if (key->deletion_date) {
        pane.line(row++,
                  fmt::format("Deletion  {}, {}; {} would be lost for ever", minute_of(*key->deletion_date),
                              time_until(*key->deletion_date, scene.now.wall), dependants_of(*key)),
                  Role::kDanger);
        const int bar = area.cols >= 110 ? 23 : 12;
        const std::string since = detail != nullptr ? deletion_bar(*key, *detail, scene, bar) : "";
        if (!since.empty()) pane.line(row++, "          " + since, Role::kDanger);
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
