// The command line: its words, and what they do.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace keydeck::cli {

class Context;

/// The tree of all commands and options.
std::unique_ptr<CLI::App> make_command_line(Context& context);

/// Understands the arguments, runs what they ask for and returns the exit status of CLI.md.
int run(int argc, const char* const* argv);

}  // namespace keydeck::cli
