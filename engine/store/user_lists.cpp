// Pages of users, out of a million, in any of their orders.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "engine/store/rows.hpp"
#include "engine/store/user_rows.hpp"
#include "engine/store/users.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

// The four shapes of a page, each one range of the index users_order. ?1 and ?2 bound the names, ?3 and ?4 are the row to go
// on from.
constexpr std::string_view kFirstPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE < ?2"
    " ORDER BY name COLLATE NOCASE, id LIMIT ?5";
constexpr std::string_view kNextPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?3 AND name COLLATE NOCASE < ?2"
    " AND (name COLLATE NOCASE > ?3 OR id > ?4)"
    " ORDER BY name COLLATE NOCASE, id LIMIT ?5";
constexpr std::string_view kLastPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE < ?2"
    " ORDER BY name COLLATE NOCASE DESC, id DESC LIMIT ?5";
constexpr std::string_view kPreviousPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE <= ?3"
    " AND (name COLLATE NOCASE < ?3 OR id < ?4)"
    " ORDER BY name COLLATE NOCASE DESC, id DESC LIMIT ?5";

// Order of SQLite's NOCASE: bytes, with A–Z taken as a–z.
bool name_before(std::string_view a, std::string_view b) {
    const auto folded = [](char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); };
    return std::ranges::lexicographical_compare(a, b, {}, folded, folded);
}

struct Cursor {
    std::string name;
    std::int64_t id = 0;
    std::int64_t wallets = 0;
    std::int64_t last_signed = 0;  ///< microseconds; 0: never
};

Result<Cursor> cursor_of(Database& database, std::int64_t id) {
    auto row = database.prepare("SELECT name, wallets, ifnull(last_signed_at, 0) FROM users WHERE id = ?");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kInvalidInput, fmt::format("There is no user with id {} to go on from.", id));
    return Cursor{string_at(row, 0), id, row.integer(1), row.integer(2)};
}

Result<std::vector<User>> rows_of(Statement& row) {
    std::vector<User> users;
    auto more = row.step();
    for (; more && *more; more = row.step()) users.push_back(read_user(row));
    if (!more) return fail(more);
    return users;
}

// `down`: towards smaller names.
Result<std::vector<User>> read_by_name(Database& database, const UserQuery& query, bool down) {
    // 0xFF is in no UTF-8 text, so this is just past every name with the prefix.
    const std::string past_prefix = query.prefix + '\xFF';
    bool from_cursor = false;
    Cursor cursor;
    if (query.page.after) {
        auto found = cursor_of(database, *query.page.after);
        if (!found) return fail(found);
        cursor = std::move(*found);
        // A cursor outside the prefix's range stands before its beginning or behind its end.
        const bool before_range = name_before(cursor.name, query.prefix);
        const bool behind_range = !name_before(cursor.name, past_prefix);
        if (down ? before_range : behind_range) return std::vector<User>{};
        from_cursor = down ? !behind_range : !before_range;
    }
    auto row = database.prepare(down ? (from_cursor ? kPreviousPage : kLastPage) : (from_cursor ? kNextPage : kFirstPage));
    // Parameter numbers a shape does not use are not bound: ?1 in kNextPage, ?2 in kPreviousPage, the cursor in the other
    // two.
    if (down || !from_cursor) row.bind(1, query.prefix);
    if (!down || !from_cursor) row.bind(2, past_prefix);
    if (from_cursor) row.bind(3, cursor.name).bind(4, cursor.id);
    row.bind(5, query.page.limit);
    return rows_of(row);
}

// By a value that many share: first what is left of those that share the cursor's, in the order of their ids, then what lies
// beyond it. Two ranges of one index; compared as one pair (value, id), SQLite would read all that share it.
enum class Part : std::uint8_t { kTies, kBeyond };

struct ValueOrder {
    std::string_view value;
    std::string_view index;
};
constexpr std::array<ValueOrder, 2> kValueOrders{
    {{"ifnull(last_signed_at, 0)", "users_signed"}, {"wallets", "users_wallets"}}};

// A prefix with more names than this is met often enough along the index of the order; the names of one with fewer are
// sorted.
constexpr std::int64_t kMostSorted = 20'000;

using ValueTexts = std::array<std::array<std::array<std::array<std::string, 2>, 2>, 2>, 2>;

// Of an order, a part, a direction (down: 1), and whether the prefix's names are sorted. Put together once, from constants
// alone. ?1 and ?2 bound the names, ?3 is the value and ?4 the id to go on from, ?5 the limit.
const ValueTexts& value_texts() {
    static const ValueTexts kTexts = [] {
        ValueTexts texts;
        for (std::size_t order = 0; order < 2; ++order) {
            for (const std::size_t part : {0U, 1U}) {
                for (const std::size_t down : {0U, 1U}) {
                    for (const std::size_t sorted : {0U, 1U}) {
                        const auto& [value, index] = kValueOrders[order];
                        const bool is_tie = part == static_cast<std::size_t>(Part::kTies);
                        texts[order][part][down][sorted] = fmt::format(
                            "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users"
                            " INDEXED BY {} WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1"
                            " AND name COLLATE NOCASE < ?2 AND {} {} ?3{} ORDER BY {} LIMIT ?5",
                            sorted != 0 ? "users_order" : index, value, is_tie ? "=" : (down != 0 ? "<" : ">"),
                            is_tie ? (down != 0 ? " AND id < ?4" : " AND id > ?4") : "",
                            is_tie ? (down != 0 ? "id DESC" : "id")
                                   : fmt::format("{0}{1}, id{1}", value, down != 0 ? " DESC" : ""));
                    }
                }
            }
        }
        return texts;
    }();
    return kTexts;
}

Result<bool> has_few(Database& database, const std::string& prefix, const std::string& past_prefix) {
    if (prefix.empty()) return false;
    auto row = database.prepare(
        "SELECT count(*) FROM (SELECT 1 FROM users INDEXED BY users_order WHERE removed_at IS NULL"
        " AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE < ?2 LIMIT ?3)");
    const auto found = row.bind(1, prefix).bind(2, past_prefix).bind(3, kMostSorted + 1).step();
    if (!found) return fail(found);
    return row.integer(0) <= kMostSorted;
}

// `down`: towards smaller values.
Result<std::vector<User>> read_by_value(Database& database, const UserQuery& query, bool down) {
    const std::string past_prefix = query.prefix + '\xFF';
    const auto sorted = has_few(database, query.prefix, past_prefix);
    if (!sorted) return fail(sorted);
    const std::size_t order = query.order == UserOrder::kLastSigned ? 0 : 1;
    std::int64_t value = down ? std::numeric_limits<std::int64_t>::max() : -1;
    std::int64_t id = 0;
    std::vector<User> users;
    const auto read = [&](Part part) -> Status {
        auto row = database.prepare(value_texts()[order][static_cast<std::size_t>(part)][down ? 1 : 0][*sorted ? 1 : 0]);
        row.bind(1, query.prefix).bind(2, past_prefix).bind(3, value);
        if (part == Part::kTies) row.bind(4, id);
        auto more = rows_of(row.bind(5, query.page.limit - static_cast<std::int64_t>(users.size())));
        if (!more) return fail(more);
        users.insert(users.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
        return {};
    };
    if (query.page.after) {
        const auto cursor = cursor_of(database, *query.page.after);
        if (!cursor) return fail(cursor);
        value = order == 0 ? cursor->last_signed : cursor->wallets;
        id = cursor->id;
        if (const Status done = read(Part::kTies); !done) return fail(done);
    }
    if (std::cmp_less(users.size(), query.page.limit)) {
        if (const Status done = read(Part::kBeyond); !done) return fail(done);
    }
    return users;
}

}  // namespace

Result<std::vector<User>> list_users(Database& database, const UserQuery& query) {
    if (query.page.limit < 1) return fail(ErrorCode::kInvalidInput, "The limit must be at least 1.");
    const bool down = query.page.backwards != query.descending;
    auto users =
        query.order == UserOrder::kName ? read_by_name(database, query, down) : read_by_value(database, query, down);
    if (users && query.page.backwards) std::ranges::reverse(*users);
    return users;
}

}  // namespace keydeck::store
