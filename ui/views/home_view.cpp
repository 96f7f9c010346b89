// Home: what needs a person, how things stand, what runs, what happened last. Each row leads to its cause.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <utility>

#include "engine/overview.hpp"
#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/home_rows.hpp"
#include "ui/views/job_pages.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/screens.hpp"
#include "ui/views/user_dialogs.hpp"
#include "ui/widgets/bar.hpp"
#include "ui/widgets/sparkline.hpp"

namespace keydeck::ui {
namespace {

constexpr int kWide = 110;
constexpr int kTwoColumns = 76;
constexpr int kTall = 26;  // rows of the view from which the lines of blocks are drawn
constexpr int kPage = 10;

enum class Section : std::uint8_t { kAttention, kJobs, kRecent };

/// One row of whatever section, as it is selected and opened.
struct Entry {
    Section section = Section::kAttention;
    std::string id;
    std::string opens;
    Place place;
};

/// Which rows of a section are shown: those around the selected one.
struct Shown {
    std::size_t first = 0;
    std::size_t end = 0;
};

Shown shown_of(std::size_t count, int rows, std::optional<std::size_t> selected) {
    const auto room = static_cast<std::size_t>(std::max(rows, 0));
    const std::size_t first = selected && *selected >= room ? *selected + 1 - room : 0;
    return {first, std::min(count, first + room)};
}

class HomeView final : public View {
public:
    HomeView();

    void enter(const Place& /*place*/, const Scene& /*scene*/, Effects& /*effects*/) override { wanted_ = true; }
    Place place() const override {
        Place out;
        out.screen = ScreenId::kHome;
        return out;
    }
    void refresh(const Scene& /*scene*/, Effects& /*effects*/) override { wanted_ = true; }
    void on_minute(const Scene& /*scene*/, Effects& /*effects*/) override { wanted_ = true; }
    void settle(const Scene& scene, Effects& effects) override {
        if (wanted_ && !reading_) read(scene, effects);
    }
    const Actions& actions() const override { return actions_; }
    const Actions& moves() const override { return moves_; }
    bool type(const Key& /*key*/, const Scene& /*scene*/, Effects& /*effects*/) override { return false; }
    bool on_paste(const SecretBytes& /*pasted*/, const Scene& /*scene*/, Effects& /*effects*/) override { return false; }
    bool typing() const override { return false; }
    bool clear_filter(const Scene& /*scene*/, Effects& /*effects*/) override { return false; }
    void layout(Area /*area*/, const Scene& /*scene*/) override {}
    void draw(Frame& frame, Area area, const Scene& scene) const override;
    std::string breadcrumb(const Scene& /*scene*/) const override { return "Home"; }
    std::string status(const Scene& scene) const override;

private:
    bool is_empty() const { return overview_ && overview_->users == 0; }
    std::vector<Entry> entries(const Scene& scene) const;
    std::size_t selected_in(const std::vector<Entry>& entries) const;
    void move(const Scene& scene, std::int64_t by);
    void move_to_section(const Scene& scene, int by);
    void read(const Scene& scene, Effects& effects);
    void take(const Result<Overview>& overview, const Scene& scene);

    void draw_attention(Frame& frame, Area area, const Scene& scene, std::optional<std::size_t> selected) const;
    void draw_first_steps(Frame& frame, Area area, const Scene& scene) const;
    int draw_state(Frame& frame, Area area, const Scene& scene) const;
    void draw_calls(Frame& frame, Area area) const;
    void draw_jobs(Frame& frame, Area area, const Scene& scene, std::optional<std::size_t> selected) const;
    void draw_recent(Frame& frame, Area area, const Scene& scene, std::optional<std::size_t> selected) const;

    Actions actions_;
    Actions moves_;
    std::optional<Overview> overview_;
    std::string error_;
    bool wanted_ = true;
    bool reading_ = false;
    HourOfCalls calls_;
    std::array<std::int64_t, HourOfCalls::kMinutes> signatures_{};
    JobRates rates_;
    std::string selected_;  // empty until somebody has moved: the first row, whatever it is
    std::size_t selected_at_ = 0;
};

HomeView::HomeView() {
    actions_ = {
        {"home.open",
         {key(KeyCode::kEnter), key(U'l')},
         "go to the row's cause",
         "open",
         [this](const Scene& scene, Effects& effects) {
             const std::vector<Entry> all = entries(scene);
             effects.go = all[selected_in(all)].place;
         },
         [this](const Scene& scene) {
             return entries(scene).empty() ? std::string("there is nothing to go to yet") : std::string();
         }},
        {"user.create",
         {key(U'u')},
         "new user…",
         "new user",
         [](const Scene&, Effects& effects) { effects.open.push_back(make_create_user_dialog("")); },
         off_for_operator_writes},
        {"wallet.create",
         {key(U'w')},
         "new wallet…",
         "new wallet",
         [](const Scene& scene, Effects& effects) {
             effects.open.push_back(make_create_wallet_dialog(scene.session.user().value_or("")));
         },
         off_when_read_only},
        lock_vault_action(),
    };
    constexpr std::int64_t kAll = 1'000'000;
    const auto by = [this](std::int64_t rows) { return [this, rows](const Scene& scene, Effects&) { move(scene, rows); }; };
    const auto section = [this](int step) {
        return [this, step](const Scene& scene, Effects&) { move_to_section(scene, step); };
    };
    moves_ = {
        {"move.down", {key(U'j'), key(KeyCode::kDown), ctrl(U'n')}, "next row", "", by(1), {}},
        {"move.up", {key(U'k'), key(KeyCode::kUp), ctrl(U'p')}, "row before", "", by(-1), {}},
        {"move.first", {key(U'g'), key(KeyCode::kHome)}, "first row", "", by(-kAll), {}},
        {"move.last", {key(U'G'), key(KeyCode::kEnd)}, "last row", "", by(kAll), {}},
        {"move.page-down", {key(KeyCode::kPageDown)}, "a page down", "", by(kPage), {}},
        {"move.page-up", {key(KeyCode::kPageUp)}, "a page up", "", by(-kPage), {}},
        {"move.half-down", {ctrl(U'd')}, "half a page down", "", by(kPage / 2), {}},
        {"move.half-up", {ctrl(U'u')}, "half a page up", "", by(-kPage / 2), {}},
        {"move.next-pane", {key(KeyCode::kTab)}, "next part of the screen", "", section(1), {}},
        {"move.previous-pane", {key(KeyCode::kBackTab)}, "part before", "", section(-1), {}},
    };
}

void HomeView::read(const Scene& scene, Effects& effects) {
    wanted_ = false;
    reading_ = true;
    Task task = data_task(
        "read the overview",
        [session = scene.session](Engine& engine, const TaskContext&) { return engine.overview(session); },
        [this](const Result<Overview>& overview, const Scene& now, Effects&) { take(overview, now); });
    task.in_background = true;
    effects.tasks.push_back(std::move(task));
}

void HomeView::take(const Result<Overview>& overview, const Scene& scene) {
    reading_ = false;
    error_ = overview ? "" : scene.safe(overview.error().message);
    if (!overview) return;
    overview_ = *overview;
    calls_ = hour_of_calls(overview_->last_hour, scene.now.wall);
    signatures_ = hour_of_signatures(overview_->signatures, scene.now.wall);
    rates_.look(overview_->jobs, scene.now.steady);
    if (selected_.empty()) return;
    const std::vector<Entry> all = entries(scene);
    selected_at_ = selected_in(all);
    selected_ = all.empty() ? "" : all[selected_at_].id;
}

std::vector<Entry> HomeView::entries(const Scene& scene) const {
    std::vector<Entry> out;
    if (!overview_) return out;
    for (AttentionRow& row : attention_rows(*overview_, scene))
        out.push_back({Section::kAttention, std::move(row.id), std::move(row.opens), std::move(row.place)});
    for (const JobInfo& job : overview_->jobs) {
        Place place;
        place.screen = ScreenId::kJobs;
        place.select = std::to_string(job.id);
        out.push_back({Section::kJobs, fmt::format("running/{}", job.id), "the job", std::move(place)});
    }
    for (const AuditEvent& event : overview_->recent) {
        Place place;
        place.screen = ScreenId::kAudit;
        place.select = std::to_string(event.id);
        out.push_back({Section::kRecent, fmt::format("event/{}", event.id), "it in the audit log", std::move(place)});
    }
    return out;
}

// A row that is gone leaves the cursor where it stood.
std::size_t HomeView::selected_in(const std::vector<Entry>& all) const {
    if (all.empty() || selected_.empty()) return 0;
    const auto found = std::ranges::find(all, selected_, &Entry::id);
    if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
    return std::min(selected_at_, all.size() - 1);
}

void HomeView::move(const Scene& scene, std::int64_t by) {
    const std::vector<Entry> all = entries(scene);
    if (all.empty()) return;
    const auto at = static_cast<std::int64_t>(selected_in(all));
    selected_at_ = static_cast<std::size_t>(std::clamp<std::int64_t>(at + by, 0, std::ssize(all) - 1));
    selected_ = all[selected_at_].id;
}

// To the first row of the next section that has any, round and round.
void HomeView::move_to_section(const Scene& scene, int by) {
    const std::vector<Entry> all = entries(scene);
    if (all.empty()) return;
    std::vector<std::size_t> firsts;
    std::size_t here = 0;
    const std::size_t selected = selected_in(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == 0 || all[i].section != all[i - 1].section) firsts.push_back(i);
        if (i == selected) here = firsts.size() - 1;
    }
    const std::size_t count = firsts.size();
    selected_at_ = firsts[(here + (by > 0 ? 1 : count - 1)) % count];
    selected_ = all[selected_at_].id;
}

std::string HomeView::status(const Scene& scene) const {
    if (!error_.empty()) return "This could not be read: " + error_;
    const std::vector<Entry> all = entries(scene);
    return all.empty() ? "" : fmt::format("{} shows {}", key_word(scene, "home.open"), all[selected_in(all)].opens);
}

void HomeView::draw(Frame& frame, Area area, const Scene& scene) const {
    if (!overview_) {
        frame.rule(area.row, area.col, area.cols, "Home");
        frame.put_fitted(area.row + 1, area.col + 2, area.cols - 3, error_.empty() ? "Reading…" : error_,
                         {error_.empty() ? Role::kMuted : Role::kDanger});
        return;
    }
    const std::vector<Entry> all = entries(scene);
    const std::size_t selected = selected_in(all);
    const auto count = [&](Section section) { return std::ranges::count(all, section, &Entry::section); };
    const auto at = [&](Section section) -> std::optional<std::size_t> {
        if (all.empty() || all[selected].section != section) return std::nullopt;
        const auto first = std::ranges::find(all, section, &Entry::section) - all.begin();
        return selected - static_cast<std::size_t>(first);
    };
    int row = area.row;
    const int end = area.row + area.rows;
    const auto take_rows = [&](int rows) {
        const Area out{row, area.col, std::min(rows, end - row), area.cols};
        row += out.rows;
        return out;
    };
    const bool tall = area.rows >= kTall;
    const int most = tall ? 8 : std::max(area.rows / 4, 3);
    const int attention = std::clamp(static_cast<int>(count(Section::kAttention)), 1, most);
    if (is_empty()) {
        draw_first_steps(frame, take_rows(tall ? 6 : 5), scene);
    } else {
        draw_attention(frame, take_rows(1 + attention), scene, at(Section::kAttention));
    }
    row += draw_state(frame, {row, area.col, end - row, area.cols}, scene);
    if (tall && area.cols >= kWide && scene.session.is_operator()) draw_calls(frame, take_rows(2));
    if (const int jobs = static_cast<int>(count(Section::kJobs)); jobs > 0)
        draw_jobs(frame, take_rows(1 + std::min(jobs, tall ? 4 : 2)), scene, at(Section::kJobs));
    draw_recent(frame, take_rows(end - row), scene, at(Section::kRecent));
}

void HomeView::draw_first_steps(Frame& frame, Area area, const Scene& scene) const {
    frame.rule(area.row, area.col, area.cols, "First steps");
    if (scene.read_only)
        return draw_lines(frame, {area.row + 1, area.col + 2, area.rows - 1, area.cols - 3},
                          {{"The vault is empty, and it is open read-only.", Role::kText}});
    const auto step = [&](std::string_view action, std::string_view does) {
        return fmt::format("{}  {}", key_word(scene, actions_, action), does);
    };
    draw_lines(
        frame, {area.row + 1, area.col + 2, area.rows - 1, area.cols - 3},
        {{step("user.create", "make the first user: whoever is to own wallets"), Role::kText},
         {step("wallet.create", "make a wallet for them; the pool of KMS keys is made with the first"), Role::kText},
         {step("screen.users", fmt::format("Users, then {}: sign with it", key_word(scene, "wallet.sign"))), Role::kText},
         {step("help", "everything that works here"), Role::kMuted}});
}

void HomeView::draw_attention(Frame& frame, Area area, const Scene& scene, std::optional<std::size_t> selected) const {
    const std::vector<AttentionRow> rows = attention_rows(*overview_, scene);
    frame.rule(area.row, area.col, area.cols,
               rows.empty() ? std::string("Attention") : fmt::format("Attention ({})", rows.size()));
    if (rows.empty() && area.rows > 1)
        return frame.put_fitted(area.row + 1, area.col + 2, area.cols - 3, "✓ nothing needs you now", {Role::kOk});
    const Shown shown = shown_of(rows.size(), area.rows - 1, selected);
    for (std::size_t i = shown.first; i < shown.end; ++i) {
        const int row = area.row + 1 + static_cast<int>(i - shown.first);
        const std::string hint =
            area.cols >= kWide ? fmt::format("{}: {}", key_word(scene, "home.open"), rows[i].opens) : "";
        const int hint_cols = display_width(hint, scene.charset);
        const int text_cols = area.cols - 3 - (hint_cols > 0 ? hint_cols + 2 : 0);
        frame.put_fitted(row, area.col + 2, text_cols, rows[i].text, {rows[i].role});
        frame.put(row, area.col + area.cols - 1 - hint_cols, hint, {Role::kMuted});
        if (selected != i) continue;
        frame.put(row, area.col, ">", {Role::kAccent});
        frame.select({row, area.col, 1, area.cols});
    }
}

// The rows it took, its rule counted.
int HomeView::draw_state(Frame& frame, Area area, const Scene& scene) const {
    const Overview& all = *overview_;
    std::vector<std::pair<std::string, std::string>> facts;
    const std::string users = scene.session.is_operator() ? grouped(all.users) : scene.safe(*scene.session.user());
    facts.emplace_back(scene.session.is_operator() ? "Users" : "User", users);
    facts.emplace_back("Wallets", grouped(all.wallets));
    if (scene.session.is_operator()) {
        facts.emplace_back("Audit", counted(all.audit_events, "event", "events"));
        facts.emplace_back("Keys", keys_line(all));
        facts.emplace_back("KMS", scene.vault ? kms_line(calls_, scene.vault->kms) : "…");
        const std::string backup =
            all.last_backup ? "backup " + time_ago(all.last_backup, scene.now.wall) : std::string("no backup yet");
        facts.emplace_back("Database", fmt::format("{}, {}", bytes_of(all.database_bytes), backup));
    }
    const bool two = area.cols >= kTwoColumns;
    const int columns = two ? 2 : 1;
    const int rows = (static_cast<int>(facts.size()) + columns - 1) / columns;
    const int second = std::max(30, area.cols / 2 - 8);
    frame.rule(area.row, area.col, area.cols, "State");
    for (int i = 0; i < static_cast<int>(facts.size()) && 1 + i % rows < area.rows; ++i) {
        const bool right = i >= rows;
        const int col = area.col + (right ? second : 2);
        const int room = right ? area.cols - second - 1 : (two ? second - 4 : area.cols - 3);
        const auto& [name, value] = facts[static_cast<std::size_t>(i)];
        frame.put_fitted(area.row + 1 + i % rows, col, room, fmt::format("{:<9} {}", name, value));
    }
    return std::min(rows + 1, area.rows);
}

void HomeView::draw_calls(Frame& frame, Area area) const {
    constexpr int kGap = 2;
    const int cols = (area.cols - 3 - kGap) / 2;
    const int minutes = std::min<int>(cols, HourOfCalls::kMinutes);
    const auto draw_one = [&](int col, const std::string& title, std::span<const std::int64_t> values) {
        frame.put(area.row, col, fmt::format(" {} ", title));
        draw_sparkline(frame, area.row + 1, col, cols, values);
    };
    const auto max_of = [minutes](std::span<const std::int64_t> values) {
        return *std::ranges::max_element(values.last(static_cast<std::size_t>(minutes)));
    };
    frame.rule(area.row, area.col, area.cols, "");
    draw_one(area.col + 2, fmt::format("Signatures per minute, last {} min (max {})", minutes, grouped(max_of(signatures_))),
             signatures_);
    const auto slowest = std::chrono::microseconds(max_of(calls_.slowest_p95));
    draw_one(area.col + 2 + cols + kGap, fmt::format("Slowest p95, last {} min (max {})", minutes, latency_of(slowest)),
             calls_.slowest_p95);
}

void HomeView::draw_jobs(Frame& frame, Area area, const Scene& scene, std::optional<std::size_t> selected) const {
    const std::vector<JobInfo>& jobs = overview_->jobs;
    frame.rule(area.row, area.col, area.cols, "Running jobs");
    const bool wide = area.cols >= kWide;
    const int bar = wide ? 40 : area.cols >= kTwoColumns ? 16 : 8;
    const int title = wide ? 30 : area.cols >= kTwoColumns ? 24 : 18;
    const Shown shown = shown_of(jobs.size(), area.rows - 1, selected);
    for (std::size_t i = shown.first; i < shown.end; ++i) {
        const JobInfo& job = jobs[i];
        const int row = area.row + 1 + static_cast<int>(i - shown.first);
        const std::int64_t processed = job.done + job.failed;
        std::string line = fitted(fmt::format("#{} {}", job.id, scene.safe(plain_names(job.title))), title, scene.charset);
        line.append(static_cast<std::size_t>(title - display_width(line, scene.charset)), ' ');
        const std::int64_t percent = job.total > 0 ? processed * 100 / job.total : 0;
        line += fmt::format("  {} {:>3}%  {}/{}", bar_of(processed, job.total, bar, scene.charset), percent,
                            grouped(processed), grouped(job.total));
        const auto left = rates_.left(job);
        if (!is_running(job)) line += "  " + job.state;
        if (is_running(job) && left) line += fmt::format("  {} left", span_of(*left));
        if (job.failed > 0) line += fmt::format("  {} failed", grouped(job.failed));
        const Role role = job.failed > 0 || job.state == "interrupted" ? Role::kWarn : Role::kText;
        frame.put_fitted(row, area.col + 2, area.cols - 3, line, {role});
        if (selected != i) continue;
        frame.put(row, area.col, ">", {Role::kAccent});
        frame.select({row, area.col, 1, area.cols});
    }
}

void HomeView::draw_recent(Frame& frame, Area area, const Scene& scene, std::optional<std::size_t> selected) const {
    if (area.rows < 1) return;
    const bool wide = area.cols >= kWide;
    const int target = wide ? 42 : 15;
    const std::array<Column, 6> columns{{{"TIME", 10, 10, 0, Align::kLeft},
                                         {"ACTOR", 8, 14, 2, Align::kLeft},
                                         {"ACTION", 17, 24, 0, Align::kLeft},
                                         {"TARGET", target, target, 1, Align::kLeft},
                                         {"RESULT", 8, 14, 0, Align::kLeft},
                                         {"DIGEST", 11, 11, 4, Align::kLeft}}};
    // The narrow screen has no row for titles: the rule is drawn over them.
    const int titles = wide ? 1 : 0;
    const Shown shown = shown_of(overview_->recent.size(), area.rows - 1 - titles, selected);
    std::vector<TableRow> rows;
    for (std::size_t i = shown.first; i < shown.end; ++i) {
        const AuditEvent& event = overview_->recent[i];
        const std::string shown_target = scene.safe(event.target);
        const bool ok = event.result == "ok";
        rows.push_back({{{time_in_list(event.time, scene.now.wall)},
                         {scene.safe(event.actor)},
                         {scene.safe(event.action)},
                         {wide ? shown_target : short_target(shown_target)},
                         {ok ? "ok" : "! " + scene.safe(event.result), ok ? Role::kOk : Role::kDanger},
                         {event.digest.empty() ? "—" : event.digest.substr(0, 10) + "…", Role::kMuted}},
                        selected == i});
    }
    draw_table(frame, {area.row + titles, area.col, area.rows - titles, area.cols}, columns, rows, false);
    frame.fill({area.row, area.col, 1, area.cols});
    frame.rule(area.row, area.col, area.cols, "Recent");
    if (rows.empty() && area.rows > 1 + titles)
        frame.put_fitted(area.row + 1 + titles, area.col + 2, area.cols - 3, "Nothing has happened yet.", {Role::kMuted});
}

}  // namespace

std::unique_ptr<View> make_home_view() { return std::make_unique<HomeView>(); }

}  // namespace keydeck::ui
