// Completion scripts, from the same tree of commands that reads the line.
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace CLI {
class App;
}

namespace keydeck::cli {

/// The script for `bash`, `zsh` or `fish`. Error: invalid_input for another shell.
Result<std::string> completion_script(const CLI::App& app, std::string_view shell);

}  // namespace keydeck::cli
