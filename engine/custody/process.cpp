#include "engine/custody/process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

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

/// "pid:[4026531836]"; empty where there is no telling.
std::string pid_namespace() {
    std::error_code error;
    const std::filesystem::path link = std::filesystem::read_symlink("/proc/self/ns/pid", error);
    return error ? std::string() : link.string();
}

std::string identity(std::string_view pid) {
    const std::string started = start_time(pid);
    return started.empty() ? std::string() : fmt::format("{} {} {} {}", boot_id(), pid, started, pid_namespace());
}

/// A mark's words: boot id, pid, start time, PID namespace (not in marks of older versions).
std::array<std::string_view, 4> words_of(std::string_view mark) {
    std::array<std::string_view, 4> words;
    for (std::string_view& word : words) {
        const std::size_t end = mark.find(' ');
        word = mark.substr(0, end);
        mark.remove_prefix(end == std::string_view::npos ? mark.size() : end + 1);
    }
    return words;
}

}  // namespace

std::string this_process() { return identity(std::to_string(::getpid())); }

bool is_running(std::string_view process) {
    const auto [boot, pid, started, space] = words_of(process);
    if (pid.empty() || pid.find_first_not_of("0123456789") != std::string_view::npos) return false;
    if (!space.empty() && space != pid_namespace()) return false;
    return boot == boot_id() && !started.empty() && started == start_time(pid);
}

bool is_elsewhere(std::string_view process) {
    const auto [boot, pid, started, space] = words_of(process);
    return !space.empty() && space != pid_namespace() && boot == boot_id();
}

}  // namespace keydeck::custody
