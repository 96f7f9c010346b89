// What the Health screen says of the calls to the KMS and of their cost, computed on a worker, drawn as it is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// The last hour's calls of one operation with whatever keys.
struct OperationFigures {
    std::string operation;
    std::int64_t calls = 0;
    std::int64_t failures = 0;
    std::int64_t throttled = 0;
    // Of the key where it was slowest: the percentile over all keys together is at most that.
    std::chrono::microseconds p50{};
    std::chrono::microseconds p95{};
    std::chrono::microseconds p99{};
};

struct CallFigures {
    static constexpr std::size_t kMinutes = 60;
    std::vector<OperationFigures> operations;               ///< most calls first
    std::array<std::int64_t, kMinutes> calls_per_minute{};  ///< oldest first
    std::array<std::int64_t, kMinutes> slowest_p95{};       ///< microseconds; of the slowest key and operation
};

[[nodiscard]] Result<CallFigures> read_call_figures(Engine& engine, const Session& session, Timestamp now);
/// The same from metrics: totals of the hour, and its minutes.
[[nodiscard]] CallFigures call_figures(const std::vector<Metric>& totals, const std::vector<Metric>& minutes, Timestamp now);

/// Draws the table, the lines of blocks and the cost into the area; what does not fit is left out, the table last.
void draw_figures(Frame& frame, Area area, const CallFigures* calls, const std::string& cost);

/// "Cost  2026-11: $1.23 so far, forecast $4.00"
[[nodiscard]] std::string cost_line(const CostReport& report);

}  // namespace keydeck::ui
