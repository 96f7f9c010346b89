#include "engine/custody/migration/outcome.hpp"

#include <utility>

namespace keydeck::custody::migration {

Tally::Tally(std::span<const AppColumn> columns) : columns_(columns) {
    for (const AppColumn& column : columns) {
        FernetColumnReport row;
        row.column = column.name();
        counted_.columns.push_back(std::move(row));
    }
}

void Tally::add(const Outcome& outcome) {
    FernetColumnReport& row = counted_.columns[static_cast<std::size_t>(outcome.cell.column - columns_.data())];
    ++row.rows;
    switch (outcome.verdict) {
        case Verdict::kEmpty:
            ++row.empty;
            break;
        case Verdict::kToken:
            ++row.tokens;
            break;
        case Verdict::kMigrated:
            ++row.migrated;
            break;
        case Verdict::kUndecryptable:
            ++row.undecryptable;
            break;
        case Verdict::kOther:
            ++row.other;
            break;
    }
    if (!outcome.reason.empty()) add_problem({row.column, outcome.cell.shown_row(), outcome.reason});
}

void Tally::add_problem(FernetProblem problem) {
    ++counted_.problem_count;
    if (counted_.problems.size() < FernetReport::kMostProblems) counted_.problems.push_back(std::move(problem));
}

void Tally::move_into(FernetReport& report) {
    report.columns = std::move(counted_.columns);
    report.problems = std::move(counted_.problems);
    report.problem_count = counted_.problem_count;
}

}  // namespace keydeck::custody::migration
