// Turning tokens into ciphertexts, pass by pass, until none is left that opens.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/custody/job_run.hpp"
#include "engine/custody/migration/cell_work.hpp"
#include "engine/custody/migration/journal.hpp"
#include "engine/custody/migration/plan.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody::migration {

/// What all of a run share; it outlives the passes. Of a migration or of its way back.
struct MigrationRun {
    OpenVault& vault;
    sqlite::Database& database;
    const MigrationPlan& plan;
    JobRun& job;
    const Progress& progress;
    const JournalHead& head;  ///< as this run wrote it
};

/// The passes of a run. `work` is what each thread does with a cell; each is replaced in the DbTransaction that journals it
/// as `state`, and then counts as `replaced`.
class Passes {
public:
    using Complete = std::function<Status(std::vector<Cell>&)>;
    Passes(MigrationRun& run, std::function<Outcome(Cell)> work, CellsLeftAlone& left_alone, CellState state,
           Verdict replaced)
        : run_(run), work_(std::move(work)), left_alone_(left_alone), state_(state), replaced_(replaced) {}
    void complete_with(Complete complete) { complete_ = std::move(complete); }
    /// How many cells are of the old form at one instant. Somebody may write such a cell behind the last pass.
    using CountOld = std::function<Result<std::int64_t>()>;
    void count_old_with(CountOld count_old) { count_old_ = std::move(count_old); }

    /// Goes on until a pass has changed nothing; its outcomes, and how many were replaced, are in the report. Errors:
    /// cancelled (stopped, or asked to by another process), already_exists (another run has taken over), unavailable
    /// (locked, disk full), the KMS's. What was committed stays, is journaled, and is counted.
    [[nodiscard]] Status run(FernetReport& report);

private:
    Status pass(Tally& tally);
    Status settle(std::vector<Outcome>& batch);
    Result<bool> write(std::vector<Outcome>& batch);
    Result<bool> write_one(Outcome& outcome);
    Result<Replaced> replace_carefully(const Outcome& outcome);
    Status count(const std::vector<Outcome>& batch);
    Result<bool> is_overtaken(std::int64_t version, const FernetReport& report);

    MigrationRun& run_;
    std::function<Outcome(Cell)> work_;
    Complete complete_;
    CountOld count_old_;
    CellsLeftAlone& left_alone_;
    CellState state_;
    Verdict replaced_;
    std::set<std::pair<const AppColumn*, std::string>> stale_;
    bool careful_ = false;  ///< a cell of this batch was refused: each now has a savepoint of its own
    std::int64_t changed_in_pass_ = 0;
    std::int64_t stale_in_pass_ = 0;
    std::int64_t changed_ = 0;
    std::int64_t again_ = 0;
};

/// What stopped a run, for whoever looks at the job or reads the error: how far it is, and how it goes on.
[[nodiscard]] Status with_place(const JobRun& job, Status stopped);

}  // namespace keydeck::custody::migration
