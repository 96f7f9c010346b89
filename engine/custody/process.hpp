// Which process works on a job, and whether it still does.
#pragma once

#include <string>
#include <string_view>

namespace keydeck::custody {

/// This process as nobody else will ever be: "<boot id> <pid> <start time>".
[[nodiscard]] std::string this_process();

/// Whether that process runs: same boot, and the pid was not given to another one since. proc(5).
[[nodiscard]] bool is_running(std::string_view process);

}  // namespace keydeck::custody
