// One frame without a terminal.
#pragma once

#include "ui/desk.hpp"
#include "ui/task_pool.hpp"

namespace keydeck::ui {

/// Runs the desk until nothing is under way and draws it. Error: unavailable when something still is after `patience` (a KMS
/// that does not answer).
[[nodiscard]] Result<Frame> settled_frame(Desk& desk, TaskPool& pool, Size size, const Clock& clock,
                                          std::chrono::milliseconds patience);

}  // namespace keydeck::ui
