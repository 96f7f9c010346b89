// Work that takes long, done by this program: it shows on the Jobs screen, and leaving pauses it.
#pragma once

#include <string>

#include "ui/effects.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// What becomes of a job when the program ends: Task::when_quitting.
[[nodiscard]] std::string job_when_quitting(const Session& session);

[[nodiscard]] Task rewrap_task(const Rewrap& request, const std::string& what, const Session& session);
[[nodiscard]] Task retire_task(const KeyInfo& key, const Session& session);
[[nodiscard]] Task resume_task(const JobInfo& job, const Session& session);

/// The Jobs screen, the cursor on the job that is about to begin.
[[nodiscard]] Place place_of_new_job();

}  // namespace keydeck::ui
