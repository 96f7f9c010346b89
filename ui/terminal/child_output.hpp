// What another program says.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace keydeck::ui {

/// Runs a program found in PATH, its input and errors at /dev/null, and returns its output, at most 64 KiB. Nothing where it
/// is not there, fails, or is not done in time (it is killed then).
[[nodiscard]] std::optional<std::string> output_of(std::vector<std::string> words, std::chrono::milliseconds limit);

}  // namespace keydeck::ui
