// A window of a few pages on a list that may have a million rows, with a cursor that is an id and not a row number.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/types.hpp"

namespace keydeck::ui {

inline std::int64_t row_id(const User& row) { return row.id; }
inline std::int64_t row_id(const Wallet& row) { return row.id; }
inline std::int64_t row_id(const AuditEvent& row) { return row.id; }
inline const std::string& row_id(const KeyInfo& row) { return row.id; }
inline std::int64_t row_id(const JobInfo& row) { return row.id; }
/// What an alert is about, for it may be raised, cleared and raised again, and has no number where nothing can be written.
inline std::string row_id(const Alert& row) { return row.rule + ' ' + row.subject; }

/// Which rows to read.
enum class FetchKind : std::uint8_t { kFirst, kLast, kAround, kBefore, kAfter };

template <class Id>
struct Fetch {
    FetchKind kind = FetchKind::kFirst;
    std::optional<Id> anchor;
    std::int64_t page = 20;
    std::uint64_t generation = 0;
    bool to_edge = false;  ///< the cursor goes to the first or last row then
};

template <class Row>
struct RowPage {
    std::vector<Row> rows;
    bool more_before = false;
    bool more_after = false;
};

/// Reads the rows of a fetch through `list(PageQuery) -> Result<std::vector<Row>>`; for a worker thread.
template <class Row, class List>
[[nodiscard]] Result<RowPage<Row>> read_page(const Fetch<std::int64_t>& fetch, List&& list) {
    const auto query = [&](std::optional<std::int64_t> after, bool backwards, std::int64_t limit) {
        return list(PageQuery{limit, after, backwards});
    };
    RowPage<Row> out;
    const std::int64_t twice = 2 * fetch.page;
    const auto take = [&](Result<std::vector<Row>> rows, std::int64_t limit, bool& more) -> Status {
        if (!rows) return fail(rows);
        more = static_cast<std::int64_t>(rows->size()) >= limit;
        out.rows.insert(out.rows.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
        return {};
    };
    Status done;
    switch (fetch.kind) {
        case FetchKind::kFirst:
            done = take(query(std::nullopt, false, twice), twice, out.more_after);
            break;
        case FetchKind::kLast:
            done = take(query(std::nullopt, true, twice), twice, out.more_before);
            break;
        case FetchKind::kBefore:
            done = take(query(fetch.anchor, true, fetch.page), fetch.page, out.more_before);
            break;
        case FetchKind::kAfter:
            done = take(query(fetch.anchor, false, fetch.page), fetch.page, out.more_after);
            break;
        case FetchKind::kAround:
            done = take(query(fetch.anchor, true, fetch.page), fetch.page, out.more_before);
            if (!done) break;
            {
                const auto last = out.rows.empty() ? std::nullopt : std::optional(row_id(out.rows.back()));
                done = take(query(last, false, twice), twice, out.more_after);
            }
            break;
    }
    if (!done) return fail(done);
    return out;
}

/// The rows in memory, the cursor and the scroll position. It never loads: it says what to load, one request at a time, and
/// a request made meanwhile waits, the newest replacing the others, so that typing or a storm of changes never builds a
/// queue.
template <class Row>
class RowWindow {
public:
    using Id = std::decay_t<decltype(row_id(std::declval<Row>()))>;
    using Request = std::optional<Fetch<Id>>;

    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
    /// The row that an action would act on. None while the rows belong to an earlier query: a key typed right after a change
    /// of scope must not reach a row of the list before.
    [[nodiscard]] const Row* selected() const { return rows_.empty() || stale_ ? nullptr : &rows_[selected_]; }
    [[nodiscard]] std::size_t selected_index() const { return selected_; }
    [[nodiscard]] std::size_t top() const { return top_; }
    [[nodiscard]] bool loaded() const { return loaded_; }
    /// Whether what is shown belongs to an earlier query while the new one is being read.
    [[nodiscard]] bool stale() const { return stale_; }
    [[nodiscard]] bool loading() const { return pending_; }
    [[nodiscard]] bool more_before() const { return more_before_; }
    [[nodiscard]] bool more_after() const { return more_after_; }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

    void set_height(int rows) {
        height_ = std::max(rows, 1);
        keep_in_sight();
    }

    /// Another query: the rows stay, dimmed, until the first page of the new one comes.
    [[nodiscard]] Request reset() {
        ++generation_;
        stale_ = loaded_;
        return ask({FetchKind::kFirst, {}, page(), generation_, false});
    }
    /// Before a query of something else: what is shown has nothing to do with it.
    void clear() {
        ++generation_;
        rows_.clear();
        loaded_ = stale_ = more_before_ = more_after_ = false;
        aim_.reset();
        keep_in_sight();
    }
    /// Another query, with the cursor on a row that is known to be in it.
    [[nodiscard]] Request reset_to(Id id) {
        ++generation_;
        stale_ = loaded_;
        aim_ = id;
        return ask({FetchKind::kAround, std::move(id), page(), generation_, false});
    }
    /// The same rows in another order: the cursor stays on its row.
    [[nodiscard]] Request resort() {
        if (!aim_ && !stale_ && !rows_.empty()) aim_ = row_id(rows_[selected_]);
        return aim_ ? reset_to(*aim_) : reset();
    }
    /// The same query again: rows may have come, gone or changed.
    [[nodiscard]] Request refresh() {
        if (loaded_ && !rows_.empty()) return ask(refetch());
        if (waiting_) return std::nullopt;  // it will be read later than now anyway
        if (aim_) return ask({FetchKind::kAround, aim_, page(), generation_, false});
        return ask({FetchKind::kFirst, {}, page(), generation_, false});
    }
    void move(std::int64_t rows) {
        if (rows_.empty()) return;
        const auto last = static_cast<std::int64_t>(rows_.size()) - 1;
        selected_ = static_cast<std::size_t>(std::clamp(static_cast<std::int64_t>(selected_) + rows, std::int64_t{0}, last));
        keep_in_sight();
    }
    void move_pages(int halves) { move(static_cast<std::int64_t>(halves) * std::max(height_ / 2, 1)); }
    [[nodiscard]] Request to_first() {
        if (more_before_) return ask({FetchKind::kFirst, {}, page(), generation_, true});
        selected_ = 0;
        keep_in_sight();
        return std::nullopt;
    }
    [[nodiscard]] Request to_last() {
        if (more_after_) return ask({FetchKind::kLast, {}, page(), generation_, true});
        if (!rows_.empty()) selected_ = rows_.size() - 1;
        keep_in_sight();
        return std::nullopt;
    }
    bool select(const Id& id) {
        const auto found = index_of(rows_, id);
        if (found) selected_ = *found;
        keep_in_sight();
        return found.has_value();
    }
    /// What to read so that a page stands ready on both sides of what is in sight.
    [[nodiscard]] Request top_up() {
        if (!loaded_ || pending_ || stale_ || rows_.empty() || error_) return std::nullopt;
        const auto ahead = static_cast<std::int64_t>(rows_.size()) - static_cast<std::int64_t>(top_) - height_;
        if (more_after_ && ahead < page()) return ask({FetchKind::kAfter, row_id(rows_.back()), page(), generation_, false});
        if (more_before_ && static_cast<std::int64_t>(top_) < page()) {
            return ask({FetchKind::kBefore, row_id(rows_.front()), page(), generation_, false});
        }
        return std::nullopt;
    }

    struct Applied {
        Request next;           ///< what was asked for meanwhile
        bool vanished = false;  ///< the row under the cursor is gone; the cursor stands on a neighbour
    };
    Applied apply(const Fetch<Id>& fetch, const Result<RowPage<Row>>& page) {
        pending_ = false;
        Applied out;
        if (fetch.generation == generation_) {
            if (page && misses_cursor(fetch, *page)) {
                waiting_ = waiting_ ? waiting_ : refetch();
            } else if (page) {
                error_.reset();
                out.vanished = take(fetch, *page);
            } else {
                error_ = page.error();
                stale_ = false;
                loaded_ = true;
            }
        }
        if (waiting_) {
            Fetch<Id> next = std::move(*waiting_);
            waiting_.reset();
            if (next.kind == FetchKind::kAround && !aim_ && !rows_.empty()) next.anchor = row_id(rows_[selected_]);
            next.generation = generation_;
            out.next = ask(std::move(next));
        }
        return out;
    }

private:
    [[nodiscard]] std::int64_t page() const { return std::max(height_, 20); }
    [[nodiscard]] std::size_t most_rows() const { return static_cast<std::size_t>(4 * page()); }

    // A page read around a row that the cursor has left meanwhile says nothing about where the cursor is now.
    [[nodiscard]] bool misses_cursor(const Fetch<Id>& fetch, const RowPage<Row>& page) const {
        if (fetch.kind != FetchKind::kAround || fetch.to_edge || stale_ || aim_ || rows_.empty()) return false;
        const Id& id = row_id(rows_[selected_]);
        return id != fetch.anchor && !index_of(page.rows, id);
    }
    [[nodiscard]] Fetch<Id> refetch() const {
        return {FetchKind::kAround, row_id(rows_[selected_]), page(), generation_, false};
    }

    Request ask(Fetch<Id> fetch) {
        if (!pending_) {
            pending_ = true;
            return fetch;
        }
        const bool fetch_replaces_rows = fetch.kind != FetchKind::kBefore && fetch.kind != FetchKind::kAfter;
        const bool keeps_a_new_query = waiting_ && stale_ && !fetch.to_edge && fetch.kind == FetchKind::kAround && !aim_;
        if (fetch_replaces_rows && !keeps_a_new_query) waiting_ = std::move(fetch);
        return std::nullopt;
    }

    static std::optional<std::size_t> index_of(const std::vector<Row>& rows, const Id& id) {
        const auto found = std::ranges::find_if(rows, [&](const Row& row) { return row_id(row) == id; });
        if (found == rows.end()) return std::nullopt;
        return static_cast<std::size_t>(found - rows.begin());
    }

    bool take(const Fetch<Id>& fetch, const RowPage<Row>& page) {
        if (fetch.kind == FetchKind::kBefore || fetch.kind == FetchKind::kAfter) {
            extend(fetch.kind == FetchKind::kBefore, page);
            return false;
        }
        return replace(fetch, page);
    }

    // A row whose place in the order has changed since may come a second time.
    void extend(bool in_front, RowPage<Row> page) {
        std::erase_if(page.rows, [this](const Row& row) { return index_of(rows_, row_id(row)).has_value(); });
        if (in_front) {
            rows_.insert(rows_.begin(), page.rows.begin(), page.rows.end());
            selected_ += page.rows.size();
            top_ += page.rows.size();
            more_before_ = page.more_before;
            if (rows_.size() > most_rows()) {
                rows_.resize(std::max(most_rows(), selected_ + 1));
                more_after_ = true;
            }
            return;
        }
        rows_.insert(rows_.end(), page.rows.begin(), page.rows.end());
        more_after_ = page.more_after;
        if (rows_.size() <= most_rows()) return;
        const std::size_t surplus = std::min(rows_.size() - most_rows(), std::min(top_, selected_));
        rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(surplus));
        selected_ -= surplus;
        top_ -= surplus;
        if (surplus > 0) more_before_ = true;
    }

    bool replace(const Fetch<Id>& fetch, const RowPage<Row>& page) {
        const std::vector<Row> old = std::exchange(rows_, page.rows);
        const bool was_new_query = stale_ || !loaded_ || fetch.to_edge || fetch.kind != FetchKind::kAround;
        const bool stood_at_start = top_ == 0 && !more_before_;
        more_before_ = page.more_before;
        more_after_ = page.more_after;
        loaded_ = true;
        stale_ = false;
        const std::optional<Id> wanted = aim_          ? std::exchange(aim_, std::nullopt)
                                         : old.empty() ? std::nullopt
                                                       : std::optional<Id>(row_id(old[selected_]));
        const std::size_t distance = selected_ - std::min(top_, selected_);
        bool vanished = false;
        if (fetch.to_edge) {
            selected_ = fetch.kind == FetchKind::kLast && !rows_.empty() ? rows_.size() - 1 : 0;
        } else if (const auto found = wanted ? index_of(rows_, *wanted) : std::nullopt) {
            selected_ = *found;
        } else {
            vanished = !was_new_query && !old.empty();
            selected_ = was_new_query ? 0 : neighbour_in(old);
        }
        top_ = stood_at_start && !more_before_ ? 0 : selected_ - std::min(selected_, distance);
        keep_in_sight();
        return vanished;
    }

    // The row after the one that went, else the one before it.
    [[nodiscard]] std::size_t neighbour_in(const std::vector<Row>& old) const {
        for (std::size_t i = selected_ + 1; i < old.size(); ++i) {
            if (const auto found = index_of(rows_, row_id(old[i]))) return *found;
        }
        for (std::size_t i = std::min(selected_, old.size()); i > 0; --i) {
            if (const auto found = index_of(rows_, row_id(old[i - 1]))) return *found;
        }
        return 0;
    }

    void keep_in_sight() {
        if (rows_.empty()) {
            selected_ = top_ = 0;
            return;
        }
        const auto height = static_cast<std::size_t>(height_);
        selected_ = std::min(selected_, rows_.size() - 1);
        top_ = std::min(top_, rows_.size() > height && !more_after_ ? rows_.size() - height : rows_.size() - 1);
        if (rows_.size() <= height) top_ = 0;
        if (selected_ < top_) top_ = selected_;
        if (selected_ >= top_ + height) top_ = selected_ - height + 1;
    }

    std::vector<Row> rows_;
    std::size_t selected_ = 0;
    std::size_t top_ = 0;
    int height_ = 20;
    bool more_before_ = false;
    bool more_after_ = false;
    bool loaded_ = false;
    bool stale_ = false;
    bool pending_ = false;
    std::uint64_t generation_ = 1;
    Request waiting_;
    std::optional<Id> aim_;
    std::optional<Error> error_;
};

}  // namespace keydeck::ui
