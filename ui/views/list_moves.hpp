// What the keys that all lists share do: moving, sorting, marking, copying and exporting. Part of list_view.hpp.
#pragma once

#include "ui/key_words.hpp"
#include "ui/views/list_view.hpp"

namespace keydeck::ui {

template <class Row>
void ListView<Row>::build_moves() {
    const auto move = [this](std::int64_t by) { return [this, by](const Scene&, Effects&) { window_.move(by); }; };
    const auto page = [this](int halves) { return [this, halves](const Scene&, Effects&) { window_.move_pages(halves); }; };
    moves_ = {
        {"move.down", {key(U'j'), key(KeyCode::kDown), ctrl(U'n')}, "next row", "", move(1), {}},
        {"move.up", {key(U'k'), key(KeyCode::kUp), ctrl(U'p')}, "row before", "", move(-1), {}},
        {"move.first",
         {key(U'g'), key(KeyCode::kHome)},
         "first row",
         "",
         [this](const Scene&, Effects& effects) { load(window_.to_first(), effects); },
         {}},
        {"move.last",
         {key(U'G'), key(KeyCode::kEnd)},
         "last row",
         "",
         [this](const Scene&, Effects& effects) { load(window_.to_last(), effects); },
         {}},
        {"move.page-down", {key(KeyCode::kPageDown)}, "a page down", "", page(2), {}},
        {"move.page-up", {key(KeyCode::kPageUp)}, "a page up", "", page(-2), {}},
        {"move.half-down", {ctrl(U'd')}, "half a page down", "", page(1), {}},
        {"move.half-up", {ctrl(U'u')}, "half a page up", "", page(-1), {}},
        {"filter", {key(U'/')}, "filter", "", [this](const Scene&, Effects&) { typing_ = true; }, {}},
    };
}

template <class Row>
void ListView<Row>::make_sortable(std::vector<SortChoice> choices) {
    sorts_ = std::move(choices);
    descending_ = sorts_.front().descending;
    const auto next = [this](const Scene&, Effects& effects) {
        const std::size_t choice = (sort_ + 1) % sorts_.size();
        sort_by(choice, sorts_.size() > 1 ? sorts_[choice].descending : !descending_, effects);
    };
    moves_.push_back({"sort.next", {key(U'o')}, "sort by the next column", "", next, {}});
    moves_.push_back({"sort.reverse",
                      {key(U'O')},
                      "turn the order round",
                      "",
                      [this](const Scene&, Effects& effects) { sort_by(sort_, !descending_, effects); },
                      {}});
}

template <class Row>
void ListView<Row>::sort_by(std::size_t choice, bool descending, Effects& effects) {
    sort_ = choice;
    descending_ = descending;
    load(window_.resort(), effects);
}

template <class Row>
void ListView<Row>::make_markable(char32_t clear) {
    const auto off = [this](const Scene&) { return selected() == nullptr ? "no row is selected" : std::string(); };
    moves_.push_back({"mark",
                      {key(U' ')},
                      "mark this row, or take its mark away",
                      "",
                      [this](const Scene&, Effects& effects) { toggle_mark(effects); },
                      off});
    moves_.push_back({"mark.range",
                      {key(U'v')},
                      "mark from the last mark to here",
                      "",
                      [this](const Scene&, Effects& effects) { mark_range(effects); },
                      [this, off](const Scene& scene) {
                          return marks_.last()
                                     ? off(scene)
                                     : fmt::format("no row was marked last ({} marks one)", key_word(scene, "mark"));
                      }});
    // A name has the same keys on every screen, so that a keymap can give it others.
    moves_.push_back({clear == U'V' ? "mark.clear" : "audit.clear-marks",
                      {key(clear)},
                      "take all marks away",
                      "",
                      [this](const Scene&, Effects&) { marks_.clear(); },
                      [this](const Scene&) { return has_marks() ? "" : std::string("no row is marked"); }});
}

template <class Row>
void ListView<Row>::make_exportable() {
    if constexpr (requires(const RowWriters& writers, const Row& row) { writers.json(row); }) {
        const auto off = [this](const Scene& scene) {
            return !scene.writers ? "there is nothing to write it with" : selected() == nullptr ? "no row is selected" : "";
        };
        moves_.push_back(
            {"copy.json",
             {key(U'Y')},
             "copy this row as JSON",
             "",
             [this](const Scene& scene, Effects& effects) { effects.copy = Copy{"JSON", scene.writers->json(*selected())}; },
             off});
        moves_.push_back({"export",
                          {key(U'x')},
                          "write the list, or the marked rows, to a file…",
                          "",
                          [this](const Scene& scene, Effects& effects) {
                              effects.open.push_back(make_export_dialog(export_source(scene), scene.now.wall));
                          },
                          off});
    }
}

// Rows in memory, for a list that is there as a whole, and for marked ones.
template <class Row>
ExportWalk walk_rows(std::vector<Row> rows, std::shared_ptr<const RowWriters> writers) {
    return [rows = std::move(rows), writers = std::move(writers)](
               Engine&, const TaskContext& context, const std::function<Status(std::string_view)>& take) -> Status {
        for (const Row& row : rows) {
            if (context.stop.stop_requested()) return fail(ErrorCode::kCancelled, "Stopped.");
            if (Status taken = take(writers->json(row)); !taken) return taken;
        }
        return {};
    };
}

template <class Row>
ExportSource ListView<Row>::export_source(const Scene& scene) const {
    ExportSource out;
    out.noun = noun();
    out.shown = scope_and_order(scene);
    if (!filter().empty()) out.shown += fmt::format(" · filter \"{}\"", scene.safe(filter()));
    out.writers = scene.writers;
    out.listed = rows_in_all(scene);
    out.marks = static_cast<std::int64_t>(marks_.size());
    if constexpr (requires(const RowWriters& writers, const Row& row) { writers.json(row); }) {
        if (has_marks()) out.marked = walk_rows(marks_.rows(), scene.writers);
        out.list = walk_rows(window_.rows(), scene.writers);
        if constexpr (std::is_same_v<Id, std::int64_t>) {
            out.list = [list = lister(), writers = scene.writers](Engine& engine, const TaskContext& context,
                                                                  const auto& take) -> Status {
                constexpr std::int64_t kPage = 1'000;
                std::optional<std::int64_t> after;
                while (true) {
                    if (context.stop.stop_requested()) return fail(ErrorCode::kCancelled, "Stopped.");
                    const auto page = list(engine, PageQuery{kPage, after, false});
                    if (!page) return fail(page);
                    for (const Row& row : *page) {
                        if (Status taken = take(writers->json(row)); !taken) return taken;
                    }
                    if (std::cmp_less(page->size(), kPage)) return {};
                    after = row_id(page->back());
                }
            };
        }
    }
    return out;
}

template <class Row>
void ListView<Row>::toggle_mark(Effects& effects) {
    if (!marks_.toggle(*selected()))
        effects.toasts.push_back(
            fmt::format("{} rows are marked: no more at once", grouped(std::int64_t{Marks<Row>::kMost})));
}

template <class Row>
void ListView<Row>::add_marks(const std::vector<Row>& rows, Effects& effects) {
    const std::size_t before = marks_.size();
    const bool all = std::ranges::all_of(rows, [this](const Row& row) { return marks_.add(row); });
    const auto more = static_cast<std::int64_t>(marks_.size() - before);
    std::string text = fmt::format("{} more {} marked", grouped(more), more == 1 ? one() : noun());
    if (!all) text += fmt::format("; {} is the most at once, the rest is not", Marks<Row>::kMost);
    effects.toasts.push_back(std::move(text));
}

// What lies between may be far from what is in memory: then it is read in the background.
template <class Row>
void ListView<Row>::mark_range(Effects& effects) {
    const auto& rows = window_.rows();
    const auto from = std::ranges::find_if(rows, [this](const Row& row) { return row_id(row) == *marks_.last(); });
    const auto here = rows.begin() + static_cast<std::ptrdiff_t>(window_.selected_index());
    if (from != rows.end()) {
        // The end at which the cursor stands comes last: the next range goes on from it.
        std::vector<Row> between(std::min(from, here), std::max(from, here) + 1);
        if (here < from) std::ranges::reverse(between);
        return add_marks(between, effects);
    }
    if constexpr (std::is_same_v<Id, std::int64_t>) {
        effects.toasts.push_back(fmt::format("reading the {} between…", noun()));
        effects.tasks.push_back(data_task(
            fmt::format("mark the {} between", noun()),
            [list = lister(), from = *marks_.last(), to = row_id(*here)](Engine& engine, const TaskContext& context) {
                return read_range<Row>(
                    from, to, Marks<Row>::kMost, [&](const PageQuery& page) { return list(engine, page); },
                    [&] { return context.stop.stop_requested(); });
            },
            [this](const Result<std::vector<Row>>& between, const Scene& scene, Effects& more) {
                if (between) return add_marks(*between, more);
                more.toasts.push_back("Not marked: " + scene.safe(between.error().message));
            }));
    } else {
        effects.toasts.emplace_back("The last mark is not in this list");
    }
}

}  // namespace keydeck::ui
