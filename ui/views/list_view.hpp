// What the screens that list something have in common: window, cursor, filter, table, detail pane.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ui/format.hpp"
#include "ui/nearest.hpp"
#include "ui/view.hpp"
#include "ui/views/export_dialog.hpp"
#include "ui/widgets/latest.hpp"
#include "ui/widgets/marks.hpp"
#include "ui/widgets/row_window.hpp"
#include "ui/widgets/table.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {

/// Where the parts of a list screen are.
struct ListLayout {
    Area bar;
    Area table;
    Area detail;  ///< no rows: there is no room
    bool beside = false;
};

/// `detail_rows`: what a pane below would like, its rule counted; `beside`: whether it may stand to the right from 110
/// columns on.
[[nodiscard]] ListLayout lay_out_list(Area area, int detail_rows, bool beside);
/// How many names a beginning is asked for, to find the near ones among them.
inline constexpr std::int64_t kNearLookedAt = 50;

/// A pane's lines, cut to its area.
void draw_lines(Frame& frame, Area area, const std::vector<std::pair<std::string, Role>>& lines);

/// A pane of single lines below or beside a list.
class DetailPane {
public:
    DetailPane(Frame& frame, Area area) : frame_(frame), area_(area) {}
    /// Row 0 is the pane's rule; what lies below the pane is left out.
    void line(int row, std::string_view text, Role role = Role::kText) const {
        if (row < area_.rows) frame_.put_fitted(area_.row + row, area_.col + 1, area_.cols - 2, text, {role});
    }

private:
    Frame& frame_;
    Area area_;
};

/// One of the orders a list can be in.
struct SortChoice {
    std::string_view name;    ///< `last-sign`
    std::string_view column;  ///< the title of the column it is about; empty: of none
    bool descending = false;  ///< how it begins
};

template <class Row>
class ListView : public View {
public:
    using Window = RowWindow<Row>;
    using Id = typename Window::Id;
    /// A page of what is shown: narrowed and sorted as it is now.
    using Lister = std::function<Result<std::vector<Row>>(Engine&, const PageQuery&)>;

    ListView() { build_moves(); }

    void refresh(const Scene& /*scene*/, Effects& effects) override { load(window_.refresh(), effects); }
    void settle(const Scene& scene, Effects& effects) override {
        load(window_.top_up(), effects);
        settle_detail(scene, effects);
        settle_near(effects);
    }
    const Actions& actions() const override { return actions_; }
    const Actions& moves() const override { return moves_; }

    bool typing() const override { return typing_; }
    bool type(const Key& key, const Scene& scene, Effects& effects) override;
    bool on_paste(const SecretBytes& pasted, const Scene& scene, Effects& effects) override;
    bool clear_filter(const Scene& scene, Effects& effects) override {
        if (filter_.text().empty()) return false;
        set_filter("", scene, effects);
        return true;
    }

    void layout(Area area, const Scene& scene) override {
        layout_ = lay_out_list(area, detail_rows(scene), detail_beside());
        window_.set_height(layout_.table.rows - 1);
    }
    void draw(Frame& frame, Area area, const Scene& scene) const override;
    std::string status(const Scene& scene) const override;
    std::size_t marked() const override { return marks_.size(); }
    ListOrder order() const override { return {sort_name(), descending_}; }
    bool set_order(std::string_view name, bool down) override {
        const auto found = std::ranges::find(sorts_, name, &SortChoice::name);
        if (found == sorts_.end()) return false;
        sort_ = static_cast<std::size_t>(found - sorts_.begin());
        descending_ = down;
        return true;
    }
    SpokenView spoken(const Scene& scene) const override;

protected:
    // What a screen adds.
    /// Where the engine pages the list.
    [[nodiscard]] virtual Lister lister() const { return {}; }
    /// Where it does not: how else to read it.
    [[nodiscard]] virtual Task read(const Fetch<Id>& fetch) {
        if constexpr (std::is_same_v<Id, std::int64_t>) {
            return page_task(fetch, lister());  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the task owns it
        } else {
            return {};
        }
    }
    [[nodiscard]] virtual std::vector<Column> columns(int cols) const = 0;
    [[nodiscard]] virtual std::vector<TableCell> cells(const Row& row, const Scene& scene) const = 0;
    [[nodiscard]] virtual std::string scope(const Scene& scene) const = 0;  ///< left in the bar when no filter is set
    [[nodiscard]] virtual std::string count(const Scene& scene) const = 0;  ///< right in the bar
    [[nodiscard]] virtual std::vector<std::string> empty_text(const Scene& scene) const = 0;
    /// Some that a beginning of the filter would match: the near ones are offered where nothing matches the whole of it.
    using NearLister = std::function<Result<std::vector<std::string>>(Engine&, const std::string& part)>;
    [[nodiscard]] virtual NearLister near_lister() const { return {}; }
    [[nodiscard]] virtual std::string noun() const = 0;  ///< "users"
    [[nodiscard]] virtual std::string one() const = 0;   ///< "user"
    [[nodiscard]] virtual std::string name_of_row(const Row& row) const = 0;
    [[nodiscard]] virtual int detail_rows(const Scene& scene) const = 0;
    [[nodiscard]] virtual bool detail_beside() const { return false; }
    virtual void draw_detail(Frame& frame, Area area, const Scene& scene) const = 0;
    virtual void settle_detail(const Scene& scene, Effects& effects) = 0;
    /// Checks a filter; what it says is shown in the bar and nothing is read then.
    [[nodiscard]] virtual std::string filter_problem(const std::string& /*filter*/) const { return ""; }

    /// The screen's table of actions, part after part.
    void take_actions(std::initializer_list<Actions> parts) {
        for (const Actions& part : parts) actions_.insert(actions_.end(), part.begin(), part.end());
    }
    [[nodiscard]] const Row* selected() const { return window_.selected(); }
    [[nodiscard]] const std::string& filter() const { return filter_.text(); }
    [[nodiscard]] bool wide() const { return layout_.bar.cols >= 110; }

    /// Sets a query for something else going; the cursor goes to `select` when it is in it.
    void restart(const std::string& select, Effects& effects);
    /// Continues after read(): what a task's `done` calls.
    void on_page(const Fetch<Id>& fetch, const Result<RowPage<Row>>& page, Effects& effects);
    /// What read() usually answers.
    [[nodiscard]] Task page_task(const Fetch<Id>& fetch, Lister list) {
        return data_task(
            "read the " + noun(),
            [fetch, list = std::move(list)](Engine& engine, const TaskContext&) {
                return read_page<Row>(fetch, [&](const PageQuery& page) { return list(engine, page); });
            },
            [this, fetch](const Result<RowPage<Row>>& page, const Scene&, Effects& effects) {
                on_page(fetch, page, effects);
            });
    }
    /// The orders the list can be in, the one it begins with first: `o` goes from one to the next, `O` turns it round.
    void make_sortable(std::vector<SortChoice> choices);
    [[nodiscard]] std::string_view sort_name() const { return sorts_.empty() ? "" : sorts_[sort_].name; }
    [[nodiscard]] bool descending() const { return descending_; }
    /// Rows can be marked; `clear` takes all marks away.
    void make_markable(char32_t clear = U'V');
    [[nodiscard]] bool has_marks() const { return !marks_.empty(); }
    /// What an action is about: the marked rows if there are any, else the one under the cursor.
    [[nodiscard]] std::vector<Row> rows_to_act_on() const {
        if (has_marks()) return marks_.rows();
        return selected() != nullptr ? std::vector<Row>{*selected()} : std::vector<Row>{};
    }
    /// Takes the marks of those away that something was done to. `id_of` as in bulk_actions.hpp.
    template <class Items, class IdOf>
    void forget_marks(const Items& done, IdOf id_of) {
        std::set<std::string> ids;
        for (const auto& item : done) ids.insert(item.id);
        marks_.forget_if([&](const Row& row) { return ids.contains(id_of(row)); });
    }
    /// Rows can be copied as JSON and the list written to a file.
    void make_exportable();
    /// How many rows the list has, where that is known without counting; else 0.
    [[nodiscard]] virtual std::int64_t rows_in_all(const Scene& /*scene*/) const { return 0; }
    /// For a screen whose list is short and has no filter: takes `/` out of the moves.
    void go_without_filter() {
        std::erase_if(moves_, [](const Action& action) { return action.name == "filter"; });
    }
    virtual void load(const typename Window::Request& request, Effects& effects) {
        if (request) effects.tasks.push_back(read(*request));
    }
    void set_filter(std::string text, const Scene& /*scene*/, Effects& effects) {
        filter_.set(std::move(text));
        if (filter_problem(filter_.text()).empty()) load(window_.reset(), effects);
    }
    /// Sets the filter's text without reading; restart() follows.
    void filter_text(std::string text) { filter_.set(std::move(text)); }
    /// "12 users" when all are in the window, else what is known.
    [[nodiscard]] std::string count_of(std::int64_t of_all) const;
    /// Of a list that is narrowed, `all` being what there is: "1 of 3 users", "more than 120 of 1,000,003 users".
    [[nodiscard]] std::string count_among(std::int64_t all) const;

    Session session_ = Session::of_operator("tui");  ///< set when the screen is entered
    Actions actions_;
    Window window_;
    ListLayout layout_;

private:
    void build_moves();
    void sort_by(std::size_t choice, bool descending, Effects& effects);
    [[nodiscard]] ExportSource export_source(const Scene& scene) const;
    void toggle_mark(Effects& effects);
    void mark_range(Effects& effects);
    void add_marks(const std::vector<Row>& rows, Effects& effects);
    [[nodiscard]] std::vector<Column> signed_columns() const;
    [[nodiscard]] std::string scope_and_order(const Scene& scene) const;
    void draw_bar(Frame& frame, const Scene& scene) const;
    [[nodiscard]] std::vector<std::pair<std::string, Role>> empty_lines(const Scene& scene) const;
    [[nodiscard]] bool matches_nothing() const {
        return window_.loaded() && !window_.stale() && !window_.error() && window_.rows().empty() && !filter().empty() &&
               filter_problem(filter()).empty();
    }
    void settle_near(Effects& effects);

    Latest<std::string, std::vector<std::string>> near_;
    Marks<Row> marks_;
    std::vector<SortChoice> sorts_;
    std::size_t sort_ = 0;
    bool descending_ = false;
    Actions moves_;
    TextEdit filter_{256};
    bool typing_ = false;
};

template <class Row>
std::vector<Column> ListView<Row>::signed_columns() const {
    std::vector<Column> out = columns(layout_.table.cols);
    for (Column& column : out) {
        if (!sorts_.empty() && column.title == sorts_[sort_].column)
            column.sorted = descending_ ? Sorted::kDown : Sorted::kUp;
    }
    return out;
}

// The order stands in the column's title; where that is not shown, in the bar.
template <class Row>
std::string ListView<Row>::scope_and_order(const Scene& scene) const {
    std::string out = scope(scene);
    if (sorts_.empty()) return out;
    const std::vector<Column> all = signed_columns();
    const std::vector<int> widths = column_widths(all, layout_.table.cols);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].sorted != Sorted::kNot && widths[i] > 0) return out;
    }
    std::string name(sorts_[sort_].name);
    std::ranges::replace(name, '-', ' ');
    const auto sign = sort_sign(descending_ ? Sorted::kDown : Sorted::kUp, scene.charset);
    return fmt::format("{}{}by {} {}", out, out.empty() ? "" : " · ", name, sign);
}

template <class Row>
bool ListView<Row>::type(const Key& key, const Scene& scene, Effects& effects) {
    if (!typing_) return false;
    switch (key.code) {
        case KeyCode::kEscape:
            typing_ = false;
            if (!filter_.text().empty()) set_filter("", scene, effects);
            return true;
        case KeyCode::kEnter:
        case KeyCode::kTab:
            typing_ = false;
            return true;
        case KeyCode::kDown:
            window_.move(1);
            return true;
        case KeyCode::kUp:
            window_.move(-1);
            return true;
        default:
            break;
    }
    const std::string before = filter_.text();
    if (key.code == KeyCode::kBackspace && before.empty()) {
        typing_ = false;
        return true;
    }
    const bool taken = filter_.on_key(key);
    if (filter_.text() != before && filter_problem(filter_.text()).empty()) load(window_.reset(), effects);
    return taken;
}

template <class Row>
bool ListView<Row>::on_paste(const SecretBytes& pasted, const Scene& /*scene*/, Effects& effects) {
    if (!typing_) return false;
    if (!filter_.insert(pasted.text())) effects.toasts.emplace_back("That was too long to paste into the filter");
    if (filter_problem(filter_.text()).empty()) load(window_.reset(), effects);
    return true;
}

template <class Row>
void ListView<Row>::restart(const std::string& select, Effects& effects) {
    typing_ = false;
    window_.clear();
    Id id{};
    bool known = !select.empty();
    if constexpr (std::is_same_v<Id, std::string>) {
        id = select;
    } else {
        known = known && std::from_chars(select.data(), select.data() + select.size(), id).ec == std::errc{};
    }
    load(known ? window_.reset_to(id) : window_.reset(), effects);
}

template <class Row>
void ListView<Row>::on_page(const Fetch<Id>& fetch, const Result<RowPage<Row>>& page, Effects& effects) {
    const std::string name = selected() != nullptr ? name_of_row(*selected()) : "";
    if (page) marks_.see(page->rows);
    const auto applied = window_.apply(fetch, page);
    if (applied.vanished)
        effects.asides.push_back(fmt::format("{} is no longer in this list; the cursor is on its neighbour", name));
    load(applied.next, effects);
}

template <class Row>
std::string ListView<Row>::count_of(std::int64_t of_all) const {
    std::string loaded = counted(std::ssize(window_.rows()), one(), noun());
    const bool whole = !window_.more_before() && !window_.more_after();
    if (window_.stale() || !window_.loaded()) return "…";
    if (whole) return loaded;
    return of_all >= 0 ? grouped(of_all) + " in all" : "more than " + loaded;
}

template <class Row>
std::string ListView<Row>::count_among(std::int64_t all) const {
    if (window_.stale() || !window_.loaded()) return "…";
    const bool whole = !window_.more_before() && !window_.more_after();
    return fmt::format("{}{} of {}", whole ? "" : "more than ", grouped(std::ssize(window_.rows())),
                       counted(all, one(), noun()));
}

template <class Row>
void ListView<Row>::draw_bar(Frame& frame, const Scene& scene) const {
    const Area bar = layout_.bar;
    const std::string problem = filter_problem(filter_.text());
    const std::string right = problem.empty() ? count(scene) : "▲ " + problem;
    const int right_cols = std::min(display_width(right, scene.charset), bar.cols * 2 / 3);
    frame.put_fitted(bar.row, bar.col + bar.cols - right_cols - 1, right_cols, right,
                     {problem.empty() ? Role::kMuted : Role::kWarn}, Align::kRight);
    const int room = bar.cols - right_cols - 3;
    if (!typing_ && filter_.text().empty()) {
        frame.put_fitted(bar.row, bar.col + 1, room, scope_and_order(scene), {Role::kMuted});
        return;
    }
    std::string label = "/ filter: ";
    if (const std::string before = scope_and_order(scene); !before.empty() && room > 50) label = before + " · " + label;
    const int used = frame.put(bar.row, bar.col + 1, label, {Role::kAccent}, room);
    filter_.draw(frame, {bar.row, bar.col + 1 + used, 1, room - used}, typing_);
}

template <class Row>
void ListView<Row>::draw(Frame& frame, Area /*area*/, const Scene& scene) const {
    draw_bar(frame, scene);
    const auto& rows = window_.rows();
    const auto table_columns = signed_columns();
    std::vector<TableRow> shown;
    const auto height = static_cast<std::size_t>(std::max(layout_.table.rows - 1, 0));
    for (std::size_t i = window_.top(); i < rows.size() && shown.size() < height; ++i) {
        shown.push_back({cells(rows[i], scene), i == window_.selected_index(), marks_.contains(row_id(rows[i]))});
    }
    draw_table(frame, layout_.table, table_columns, shown, window_.stale());
    if (rows.empty()) {
        draw_lines(frame, {layout_.table.row + 2, layout_.table.col + 2, layout_.table.rows - 2, layout_.table.cols - 2},
                   empty_lines(scene));
    }
    if (layout_.detail.rows > 0) draw_detail(frame, layout_.detail, scene);
}

// Why there is nothing: it is not allowed, it failed, it is still being read, nothing matches, there is nothing.
template <class Row>
std::vector<std::pair<std::string, Role>> ListView<Row>::empty_lines(const Scene& scene) const {
    if (const auto& error = window_.error(); error && error->code == ErrorCode::kDenied) {
        return {{fmt::format("You may not see the {}.", noun()), Role::kWarn},
                {scene.safe(error->message), Role::kText},
                {scene.safe(error->hint), Role::kMuted}};
    } else if (error) {
        return {{fmt::format("The {} could not be read: {}", noun(), scene.safe(error->message)), Role::kDanger},
                {scene.safe(error->hint), Role::kText},
                {"Ctrl-R reads them again.", Role::kMuted}};
    }
    if (!window_.loaded()) return {{fmt::format("Reading the {}…", noun()), Role::kMuted}};
    std::vector<std::pair<std::string, Role>> out;
    for (const std::string& line : empty_text(scene)) out.emplace_back(line, out.empty() ? Role::kText : Role::kMuted);
    const auto* near = matches_nothing() ? near_.of(filter()) : nullptr;
    if (near == nullptr || near->empty()) return out;
    std::string names;
    for (const std::string& name : *near) names += (names.empty() ? "" : ", ") + scene.safe(name);
    out.emplace_back(fmt::format("Did you mean: {} ?", names), Role::kText);
    return out;
}

template <class Row>
void ListView<Row>::settle_near(Effects& effects) {
    NearLister list = matches_nothing() ? near_lister() : NearLister();
    if (!list || !near_.wants(filter())) return;
    effects.tasks.push_back(data_task(
        fmt::format("look for {} with a name like it", noun()),
        [list = std::move(list), filter = filter()](Engine& engine, const TaskContext&) {
            return find_near(filter, [&](const std::string& part) { return list(engine, part); });
        },
        [this, filter = filter()](const Result<std::vector<std::string>>& near, const Scene&, Effects&) {
            near_.take(filter, near ? std::optional(*near) : std::nullopt);
        }));
}

template <class Row>
SpokenView ListView<Row>::spoken(const Scene& scene) const {
    SpokenView out;
    const std::string problem = filter_problem(filter_.text());
    out.heading = plain_words(breadcrumb(scene)) + (filter_.text().empty() ? "" : ", filter " + scene.safe(filter_.text())) +
                  ". " + plain_words(problem.empty() ? count(scene) : problem);
    out.status = spoken_status(status(scene));
    const Row* row = selected();
    if (row == nullptr) {
        if (!window_.rows().empty() || (!window_.error() && !window_.loaded())) return out;
        for (auto& [text, role] : empty_lines(scene)) out.body.push_back(std::move(text));
        return out;
    }
    const auto table_columns = columns(layout_.table.cols);
    const auto table_cells = cells(*row, scene);
    const std::string number = window_.more_before() ? "" : fmt::format(" {}", window_.selected_index() + 1);
    const bool whole = !window_.more_before() && !window_.more_after();
    out.row = fmt::format("Row{}{}: {}", number, whole ? fmt::format(" of {}", window_.rows().size()) : "",
                          row_words(table_columns, table_cells)) +
              (marks_.contains(row_id(*row)) ? ", marked" : "");
    out.in_full = {row_in_full(table_columns, table_cells)};
    if (layout_.detail.rows <= 0) return out;
    Frame frame(scene.screen, scene.charset);
    draw_detail(frame, layout_.detail, scene);
    for (SpokenLine& line : lines_of(frame, layout_.detail)) out.in_full.push_back(std::move(line.text));
    return out;
}

template <class Row>
std::string ListView<Row>::status(const Scene& scene) const {
    if (window_.error() && !window_.rows().empty()) {
        return fmt::format("The {} could not be read again: {}", noun(), scene.safe(window_.error()->message));
    }
    if (window_.rows().empty()) return "";
    const auto first = std::to_string(window_.selected_index() + 1);
    const bool whole = !window_.more_before() && !window_.more_after();
    if (whole) return fmt::format("row {} of {}", first, window_.rows().size());
    if (!window_.more_before()) return fmt::format("row {} · more below", first);
    return window_.more_after() ? "more above and below" : "more above";
}

}  // namespace keydeck::ui

#include "ui/views/list_moves.hpp"  // the rest of the template: what its keys do
