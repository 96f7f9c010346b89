// The columns of an application's database: found by name, and how their cells are read and replaced.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::migration {

/// A column of an ordinary table. Names are as the schema spells them.
struct AppColumn {
    std::string table;
    std::string column;
    std::vector<std::string> key;    ///< the declared PRIMARY KEY, in its order; empty: the rowid tells rows apart
    std::vector<std::string> place;  ///< what rows are read in the order of and found by: the rowid, else the PRIMARY KEY

    [[nodiscard]] std::string name() const { return table + "." + column; }
};

/// How the columns are called, each TABLE.COLUMN, in any case of letters, twice the same once. Errors: invalid_input (no
/// column at all); not_found, with the names there are, the nearest first; rejected for a view, a virtual table, a generated
/// column, one of the PRIMARY KEY, and a table whose rows cannot be told apart.
[[nodiscard]] Result<std::vector<AppColumn>> find_columns(sqlite::Database& database, std::span<const std::string> names);

/// Every column that find_columns() would not refuse, Keydeck's own journal left out.
[[nodiscard]] Result<std::vector<AppColumn>> all_columns(sqlite::Database& database);

// The statements of a column. Rows are given as their place, then their key, then the value.

/// Parameters: how many rows.
[[nodiscard]] std::string sql_of_first_rows(const AppColumn& column);
/// Parameters: the place of the last row that was read, then how many.
[[nodiscard]] std::string sql_of_next_rows(const AppColumn& column);
/// The value alone. Parameters: the place, then the key.
[[nodiscard]] std::string sql_of_one_value(const AppColumn& column);
/// Compare and swap. Parameters: the new value, the old one, the place, then the key.
[[nodiscard]] std::string sql_of_replacing(const AppColumn& column);
/// Whatever begins as a Fernet token does. No parameters.
[[nodiscard]] std::string sql_of_likely_tokens(const AppColumn& column);
[[nodiscard]] std::string sql_of_row_count(const AppColumn& column);

}  // namespace keydeck::custody::migration
