#include "engine/custody/process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace keydeck::custody {
namespace {

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

/// In clock ticks after boot; empty where there is no such process, or it has ended and only waits to be buried by its
/// parent. Fields 22 and 3 of stat, counted behind the name, which may hold blanks and brackets.
std::string start_time(std::string_view pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string stat;
    std::getline(file, stat);
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream fields(stat.substr(name_end + 1));
    std::string field;
    constexpr int kFieldsBehindName = 20;
    for (int i = 0; i < kFieldsBehindName; ++i) {
        if (!(fields >> field)) return {};
        if (i == 0 && (field == "Z" || field == "X")) return {};
    }
    return field;
}

std::string identity(std::string_view pid) {
    const std::string started = start_time(pid);
    return started.empty() ? std::string() : fmt::format("{} {} {}", boot_id(), pid, started);
}

}  // namespace

std::string this_process() { return identity(std::to_string(::getpid())); }

bool is_running(std::string_view process) {
    const std::size_t first = process.find(' ');
    if (first == std::string_view::npos) return false;
    const std::string_view rest = process.substr(first + 1);
    const std::string_view pid = rest.substr(0, rest.find(' '));
    if (pid.empty() || pid.find_first_not_of("0123456789") != std::string_view::npos) return false;
    return identity(pid) == process;
}

}  // namespace keydeck::custody
