#include "engine/custody/migration/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/base/text.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

constexpr std::size_t kMostNames = 8;

struct TableInfo {
    std::string name;
    std::string type;  // table, view, virtual, shadow
    bool without_rowid = false;
};

struct ColumnInfo {
    std::string name;
    std::int64_t key_part = 0;  // from 1; 0: not of the PRIMARY KEY
    bool generated = false;
};

/// In double quotes, which stand for nothing else behind a table's name and a dot.
std::string in_quotes(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) out.append(c == '"' ? 2 : 1, c);
    return out + '"';
}

std::string table_sql(const AppColumn& column) { return "\"main\"." + in_quotes(column.table); }
std::string column_sql(const AppColumn& column, std::string_view name) {
    return in_quotes(column.table) + "." + in_quotes(name);
}

std::string list_sql(const AppColumn& column, const std::vector<std::string>& names) {
    std::vector<std::string> terms;
    terms.reserve(names.size());
    for (const std::string& name : names) terms.push_back(column_sql(column, name));
    return fmt::format("{}", fmt::join(terms, ", "));
}

std::string marks(std::size_t count) {
    return fmt::format("{}", fmt::join(std::vector<std::string_view>(count, "?"), ", "));
}

std::string rows_sql(const AppColumn& column, const std::string& where) {
    std::vector<std::string> names = column.place;
    names.insert(names.end(), column.key.begin(), column.key.end());
    names.push_back(column.column);
    return fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT ?", list_sql(column, names), table_sql(column), where,
                       list_sql(column, column.place));
}

std::string this_row_sql(const AppColumn& column) {
    std::vector<std::string> terms;
    terms.reserve(column.place.size() + column.key.size());
    for (const std::string& name : column.place) terms.push_back(column_sql(column, name) + " = ?");
    // To the byte, whatever collation the key has: ciphertexts are bound to it so. The place above finds the row.
    for (const std::string& name : column.key) terms.push_back(column_sql(column, name) + " COLLATE BINARY IS ?");
    return fmt::format("{}", fmt::join(terms, " AND "));
}

/// How many letters must change.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

std::string nearest_first(std::vector<std::string> names, std::string_view wanted) {
    const std::string lower = ascii_lower(wanted);
    std::ranges::stable_sort(names, {}, [&](const std::string& name) { return distance(ascii_lower(name), lower); });
    const bool cut = names.size() > kMostNames;
    if (cut) names.resize(kMostNames);
    return fmt::format("{}{}", fmt::join(names, ", "), cut ? ", …" : ".");
}

Result<std::vector<TableInfo>> tables_of(Database& database) {
    auto row = database.prepare(
        "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " AND name NOT LIKE 'keydeck\\_migration%' ESCAPE '\\' ORDER BY name");
    std::vector<TableInfo> tables;
    auto more = row.step();
    for (; more && *more; more = row.step())
        tables.push_back({std::string(row.text(0)), std::string(row.text(1)), row.integer(2) != 0});
    if (!more) return fail(more);
    return tables;
}

Result<std::vector<ColumnInfo>> columns_of(Database& database, const std::string& table) {
    auto row = database.prepare("SELECT name, pk, hidden FROM pragma_table_xinfo(?, 'main')");
    row.bind(1, table);
    std::vector<ColumnInfo> columns;
    auto more = row.step();
    for (; more && *more; more = row.step())
        columns.push_back({std::string(row.text(0)), row.integer(1), row.integer(2) != 0});
    if (!more) return fail(more);
    return columns;
}

/// A name of the rowid that no column has taken.
std::optional<std::string> rowid_name(const std::vector<ColumnInfo>& columns) {
    for (const std::string_view name : {"rowid", "_rowid_", "oid"}) {
        const auto is_this = [&](const ColumnInfo& column) { return ascii_lower(column.name) == name; };
        if (std::ranges::none_of(columns, is_this)) return std::string(name);
    }
    return std::nullopt;
}

std::unexpected<Error> refuse(const std::string& name, std::string_view why) {
    return fail(ErrorCode::kRejected, fmt::format("{} cannot be migrated: {}.", name, why));
}

Result<AppColumn> describe(const TableInfo& table, const std::vector<ColumnInfo>& columns, const ColumnInfo& column) {
    AppColumn found{table.name, column.name, {}, {}};
    if (table.type == "view") return refuse(found.name(), "it is of a view; name the column of the table behind it");
    if (table.type != "table") return refuse(found.name(), "it is of a virtual table");
    if (column.generated) return refuse(found.name(), "its values are computed from other columns");
    if (column.key_part != 0) return refuse(found.name(), "it is of the table's primary key");
    std::vector<ColumnInfo> parts = columns;
    std::erase_if(parts, [](const ColumnInfo& part) { return part.key_part == 0; });
    std::ranges::sort(parts, {}, &ColumnInfo::key_part);
    for (const ColumnInfo& part : parts) found.key.push_back(part.name);
    if (table.without_rowid) {
        found.place = found.key;
        return found;
    }
    const std::optional<std::string> rowid = rowid_name(columns);
    if (!rowid)
        return refuse(found.name(), "columns of its table hide rowid, _rowid_ and oid, so rows cannot be told apart");
    found.place = {*rowid};
    return found;
}

bool same_name(std::string_view a, std::string_view b) { return ascii_lower(a) == ascii_lower(b); }

std::string file_of(const Database& database) { return database.path().filename().string(); }

Result<AppColumn> find_in(Database& database, const TableInfo& table, std::string_view column) {
    const Result<std::vector<ColumnInfo>> columns = columns_of(database, table.name);
    if (!columns) return fail(columns);
    std::vector<std::string> names;
    for (const ColumnInfo& info : *columns) {
        if (same_name(info.name, column)) return describe(table, *columns, info);
        names.push_back(info.name);
    }
    return fail(ErrorCode::kNotFound, fmt::format("The table {} has no column {}.", table.name, column),
                "It has: " + nearest_first(names, column));
}

/// Names may have dots of their own: each dot is tried, the first that names a table counts.
Result<AppColumn> find_column(Database& database, const std::vector<TableInfo>& tables, const std::string& name) {
    std::optional<Error> missing;
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
        const std::string table = name.substr(0, dot);
        const auto found = std::ranges::find_if(tables, [&](const TableInfo& info) { return same_name(info.name, table); });
        if (found == tables.end()) continue;
        Result<AppColumn> column = find_in(database, *found, name.substr(dot + 1));
        if (column || column.error().code != ErrorCode::kNotFound) return column;
        missing = column.error();
    }
    if (missing) return std::unexpected(std::move(*missing));
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size())
        return fail(ErrorCode::kInvalidInput, fmt::format("The column \"{}\" is not TABLE.COLUMN.", name));
    std::vector<std::string> names;
    names.reserve(tables.size());
    for (const TableInfo& table : tables) names.push_back(table.name);
    const std::string wanted = name.substr(0, dot);
    return fail(ErrorCode::kNotFound, fmt::format("There is no table {} in {}.", wanted, file_of(database)),
                names.empty() ? "It has no tables." : "It has: " + nearest_first(names, wanted));
}

}  // namespace

Result<std::vector<AppColumn>> find_columns(Database& database, std::span<const std::string> names) {
    if (names.empty())
        return fail(ErrorCode::kInvalidInput, "No column was named.", "Name each: --column TABLE.COLUMN; --discover looks.");
    const Result<std::vector<TableInfo>> tables = tables_of(database);
    if (!tables) return fail(tables);
    std::vector<AppColumn> found;
    for (const std::string& name : names) {
        Result<AppColumn> column = find_column(database, *tables, name);
        if (!column) return fail(column);
        const bool is_new = std::ranges::none_of(
            found, [&](const AppColumn& other) { return other.table == column->table && other.column == column->column; });
        if (is_new) found.push_back(std::move(*column));
    }
    return found;
}

Result<std::vector<AppColumn>> all_columns(Database& database) {
    const Result<std::vector<TableInfo>> tables = tables_of(database);
    if (!tables) return fail(tables);
    std::vector<AppColumn> all;
    for (const TableInfo& table : *tables) {
        if (table.type != "table") continue;
        const Result<std::vector<ColumnInfo>> columns = columns_of(database, table.name);
        if (!columns) return fail(columns);
        for (const ColumnInfo& column : *columns) {
            if (Result<AppColumn> usable = describe(table, *columns, column); usable) all.push_back(std::move(*usable));
        }
    }
    return all;
}

std::string sql_of_first_rows(const AppColumn& column) { return rows_sql(column, ""); }

std::string sql_of_next_rows(const AppColumn& column) {
    const std::string after = fmt::format(" WHERE ({}) > ({})", list_sql(column, column.place), marks(column.place.size()));
    return rows_sql(column, after);
}

std::string sql_of_one_value(const AppColumn& column) {
    return fmt::format("SELECT {} FROM {} WHERE {}", column_sql(column, column.column), table_sql(column),
                       this_row_sql(column));
}

std::string sql_of_replacing(const AppColumn& column) {
    // Byte by byte, whatever collation the column has: two tokens may differ in the case of letters alone.
    return fmt::format("UPDATE {} SET {} = ? WHERE {} COLLATE BINARY IS ? AND {}", table_sql(column),
                       in_quotes(column.column), column_sql(column, column.column), this_row_sql(column));
}

std::string sql_of_likely_tokens(const AppColumn& column) {
    const std::string value = column_sql(column, column.column);
    return fmt::format(
        "SELECT {} FROM {} WHERE typeof({}) IN ('text', 'blob') AND substr(ltrim(CAST({} AS TEXT), ' ' || char(9, 10, 13)), "
        "1, 5) = 'gAAAA'",
        value, table_sql(column), value, value);
}

std::string sql_of_row_count(const AppColumn& column) { return "SELECT count(*) FROM " + table_sql(column); }

}  // namespace keydeck::custody::migration
