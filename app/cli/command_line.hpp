// The command line: its words, and what they do.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace CLI {
class App;
}

namespace keydeck::cli {

class Context;

/// The tree of commands and options: all groups, or those that are wanted by name.
std::unique_ptr<CLI::App> make_command_line(Context& context, const std::function<bool(std::string_view)>& wanted = {});

/// Understands the arguments, runs what they ask for and returns the exit status of CLI.md.
int run(int argc, const char* const* argv);

}  // namespace keydeck::cli
