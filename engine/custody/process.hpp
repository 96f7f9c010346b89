// Which process works on a job, and whether it still does.
#pragma once

#include <string>
#include <string_view>

namespace keydeck::custody {

/// This process as nobody else will ever be: "<boot id> <pid> <start time> <PID namespace>". pid_namespaces(7).
[[nodiscard]] std::string this_process();

/// Whether that process runs: same boot, and the pid was not given to another one since. proc(5). False for one that is
/// elsewhere.
[[nodiscard]] bool is_running(std::string_view process);

/// Whether that process belongs to another PID namespace (a container's) of the machine as it runs: its number says nothing
/// here, and whether it runs cannot be asked.
[[nodiscard]] bool is_elsewhere(std::string_view process);

}  // namespace keydeck::custody
