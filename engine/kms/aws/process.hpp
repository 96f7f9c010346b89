// Running a program for what it prints.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::kms::aws {

/// The words of a command line as a shell would take them apart (blanks, quotes, backslashes); nothing where quotes do not
/// end or where a shell is needed ($, |, ;, *, …).
[[nodiscard]] std::optional<std::vector<std::string>> split_command(std::string_view command);

/// Runs a command without a shell where possible and gives its standard output, at most 64 KiB, in locked memory. It has no
/// input, and its complaints go nowhere: they would be drawn over the screen.
/// Errors: unavailable (cannot be started, takes too long, ends with another status than 0), invalid_input (too much
/// output), cancelled. The command and everything in its process group is ended then.
[[nodiscard]] Result<SecretBytes> run_command(const std::string& command, std::chrono::milliseconds timeout,
                                              const std::stop_token& stop);

}  // namespace keydeck::kms::aws
