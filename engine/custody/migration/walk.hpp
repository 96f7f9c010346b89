// The walk over all cells of some columns: read ahead, worked on by many threads, settled in order by one.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/custody/migration/outcome.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody::migration {

struct CellWalk {
    OpenVault& vault;
    sqlite::Database& database;
    std::span<const AppColumn> columns;  ///< outlive it
    std::stop_token stop;
    bool journaled = false;  ///< the journal is read with each cell
    /// Completes the cells just read, on the thread that walks; may be empty.
    std::function<Status(std::vector<Cell>&)> complete;
    /// On many threads at a time.
    std::function<Outcome(Cell)> work;
    /// On the thread that walks, with some hundreds of cells in their order. It may write to the database.
    std::function<Status(std::vector<Outcome>&)> settle;
};

/// Errors: cancelled once a stop was requested; the first of `settle`, `complete` or the database; an outcome's `stop`. What
/// had been worked on before is settled in each case.
[[nodiscard]] Status walk_cells(const CellWalk& walk);

}  // namespace keydeck::custody::migration
