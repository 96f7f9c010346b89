// The walk of a rewrap over its rows: read ahead, worked on by many threads, committed in order by one.
#pragma once

#include "engine/custody/job_run.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/rewrap_plan.hpp"
#include "engine/custody/rewrap_targets.hpp"

namespace keydeck::custody {

/// What all of a walk share; it outlives it.
struct RewrapWalk {
    OpenVault& vault;
    const Session& session;
    const RewrapPlan& plan;
    RewrapTargets& targets;
    JobRun& job;
    const Progress& progress;
    std::int64_t key_pairs_moved = 0;  ///< out: rows without a data key
};

/// Goes on from the job's position until nothing is left. Errors: cancelled (stopped, or asked to by another process);
/// rejected where the key that is to be emptied, or the one named, is not usable any more; what else stops it. What was
/// committed stays, and is counted.
[[nodiscard]] Status walk_rows(RewrapWalk& walk);

}  // namespace keydeck::custody
