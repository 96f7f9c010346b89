// The marked rows of a list: by id, so that they survive a filter, another order and others' changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ui/widgets/row_window.hpp"

namespace keydeck::ui {

/// Copies of the rows, as last seen: a marked row may be far from what is in memory. Never more than kMost.
template <class Row>
class Marks {
public:
    using Id = typename RowWindow<Row>::Id;
    static constexpr std::size_t kMost = 10'000;

    [[nodiscard]] bool contains(const Id& id) const { return rows_.contains(id); }
    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// What was marked last, and still is.
    [[nodiscard]] const std::optional<Id>& last() const { return last_; }
    [[nodiscard]] std::vector<Row> rows() const {
        std::vector<Row> out;
        out.reserve(rows_.size());
        for (const auto& [id, row] : rows_) out.push_back(row);
        return out;
    }

    /// Marks a row, or takes its mark away. False: there is no room for one more.
    [[nodiscard]] bool toggle(const Row& row) {
        if (rows_.contains(row_id(row))) {
            forget(row_id(row));
            return true;
        }
        return add(row);
    }
    /// False: there is no room for one more.
    [[nodiscard]] bool add(const Row& row) {
        if (!rows_.contains(row_id(row)) && rows_.size() >= kMost) return false;
        rows_.insert_or_assign(row_id(row), row);
        last_ = row_id(row);
        return true;
    }
    void forget(const Id& id) {
        rows_.erase(id);
        if (last_ == id) last_.reset();
    }
    template <class Goes>
    void forget_if(Goes goes) {
        std::erase_if(rows_, [&](const auto& each) { return goes(each.second); });
        if (last_ && !rows_.contains(*last_)) last_.reset();
    }
    void clear() {
        rows_.clear();
        last_.reset();
    }
    /// Rows as they are now.
    void see(const std::vector<Row>& rows) {
        if (rows_.empty()) return;
        for (const Row& row : rows) {
            if (const auto found = rows_.find(row_id(row)); found != rows_.end()) found->second = row;
        }
    }

private:
    std::map<Id, Row> rows_;
    std::optional<Id> last_;
};

/// The rows from one to another in the list's order, both of them in it: read a page at a time in both directions, for
/// nobody knows on which side the other lies. For a worker thread. Errors: `list`'s; rejected where more than `most` rows
/// lie between or the other is not in the list; cancelled.
template <class Row, class List, class Stop>
[[nodiscard]] Result<std::vector<Row>> read_range(std::int64_t from, std::int64_t to, std::size_t most, List&& list,
                                                  Stop&& stopped) {
    constexpr std::int64_t kPage = 500;
    struct Side {
        bool backwards = false;
        bool ended = false;
        std::vector<Row> rows{};
    };
    std::vector<Side> sides{{false}, {true}};
    while (!sides[0].ended || !sides[1].ended) {
        for (Side& side : sides) {
            if (side.ended) continue;
            if (stopped()) return fail(ErrorCode::kCancelled, "The rows between were not all read.");
            const std::int64_t after = side.rows.empty() ? from : row_id(side.rows.back());
            auto page = list(PageQuery{kPage, after, side.backwards});
            if (!page) return fail(page);
            if (side.backwards) std::ranges::reverse(*page);
            side.ended = std::cmp_less(page->size(), kPage);
            for (Row& row : *page) {
                const bool is_it = row_id(row) == to;
                side.rows.push_back(std::move(row));
                if (is_it) return std::move(side.rows);
            }
            side.ended = side.ended || side.rows.size() > most;
        }
    }
    return fail(ErrorCode::kRejected, "The last mark is too far away, or no longer there.");
}

}  // namespace keydeck::ui
