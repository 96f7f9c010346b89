// How a command group declares its commands.
#pragma once

#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli/context.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {

/// A group of commands (`wallet`): one of them must follow.
inline CLI::App& add_group(CLI::App& app, const char* name, const char* help) {
    CLI::App* group = app.add_subcommand(name, help);
    group->require_subcommand(1);
    return *group;
}

/// A command. `declare` ties its options to an `Args`; `run` is called once the whole line was understood.
template <class Args>
CLI::App& add_command(CLI::App& group, Context& context, const char* name, const char* help,
                      void (*declare)(CLI::App&, Args&), Outcome (*run)(Context&, const Args&)) {
    CLI::App* command = group.add_subcommand(name, help);
    auto args = std::make_shared<Args>();
    declare(*command, *args);
    command->callback([&context, args, run] { context.chosen = [&context, args, run] { return run(context, *args); }; });
    return *command;
}

/// A command that takes nothing.
inline CLI::App& add_command(CLI::App& group, Context& context, const char* name, const char* help,
                             Outcome (*run)(Context&)) {
    CLI::App* command = group.add_subcommand(name, help);
    command->callback([&context, run] { context.chosen = [&context, run] { return run(context); }; });
    return *command;
}

inline void add_page_options(CLI::App& command, PageArgs& page) {
    command.add_option("--limit", page.limit, "At most so many rows, 1 to 100000 (default: all)")->type_name("N");
    command.add_option("--after", page.after, "Go on after the row with this id")->type_name("CURSOR");
}

}  // namespace keydeck::cli
