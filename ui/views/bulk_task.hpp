// A bulk job as a task, and how its end is told.
#pragma once

#include "ui/views/bulk_dialog.hpp"

namespace keydeck::ui {

/// Shows on the Jobs screen while it runs; leaving pauses it. At its end: one sentence, an undo of what it changed, and a
/// message with what failed.
[[nodiscard]] Task bulk_task(Bulk bulk, const Session& session);
/// Goes on with such a job, whoever began it.
[[nodiscard]] Task resume_bulk_task(const JobInfo& job, const Session& session);
/// A new job of what failed in it.
[[nodiscard]] Task retry_bulk_task(const JobInfo& job, const Session& session);

}  // namespace keydeck::ui
