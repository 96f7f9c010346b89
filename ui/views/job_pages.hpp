// Pages of jobs in both directions, and how fast the running ones are, from what was seen of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/engine.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// Jobs newest first, for read_page(): the engine pages downwards by id only; upwards a span of ids is widened until enough
/// jobs were in it.
[[nodiscard]] Result<std::vector<JobInfo>> page_of_jobs(Engine& engine, const Session& session, const PageQuery& page);

/// Whether a process works on it now.
[[nodiscard]] bool is_running(const JobInfo& job);
[[nodiscard]] bool has_ended(const JobInfo& job);

/// What two looks at a running job tell: nothing is measured that was not committed.
class JobRates {
public:
    void look(const std::vector<JobInfo>& jobs, SteadyTime now);
    /// Items a second; none before a job was seen to move.
    [[nodiscard]] std::optional<double> rate(std::int64_t job) const;
    [[nodiscard]] std::optional<std::chrono::seconds> left(const JobInfo& job) const;

private:
    struct Look {
        SteadyTime at{};
        std::int64_t processed = 0;
        std::optional<double> rate;
    };
    std::map<std::int64_t, Look> looks_;
};

}  // namespace keydeck::ui
