// A bulk job as a task, and how its end is told.
#pragma once

#include "ui/views/bulk_dialog.hpp"

namespace keydeck::ui {

/// Shows on the Jobs screen while it runs; leaving pauses it. At its end: one sentence, an undo, and a list of what failed.
[[nodiscard]] Task bulk_task(Bulk bulk, const Session& session);

}  // namespace keydeck::ui
