// What is known of a cell once it was looked at or worked on, and how that adds up to a report.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/custody/migration/cell.hpp"
#include "engine/migration.hpp"

namespace keydeck::custody::migration {

enum class Verdict : std::uint8_t { kEmpty, kToken, kMigrated, kUndecryptable, kOther };

struct Outcome {
    Cell cell;
    Verdict verdict = Verdict::kOther;
    std::string reason;         ///< why the cell is a problem, a sentence; empty: it is none
    std::string content;        ///< what is to stand there; empty: what does
    bool is_found = false;      ///< a ciphertext under the key that the journal did not know
    std::optional<Error> stop;  ///< the failure is not the cell's: nothing more is begun

    // Since it was committed.
    bool is_replaced = false;
    bool is_stale = false;  ///< the application has changed it meanwhile
};

/// Counts outcomes by column.
class Tally {
public:
    explicit Tally(std::span<const AppColumn> columns);
    void add(const Outcome& outcome);
    void add_problem(FernetProblem problem);
    /// Moves the columns and the problems into a report.
    void move_into(FernetReport& report);

private:
    std::span<const AppColumn> columns_;
    FernetReport counted_;
};

}  // namespace keydeck::custody::migration
