#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct NameArgs {
    std::string name;
};

struct RenameArgs {
    std::string name;
    std::string new_name;
};

struct ListArgs {
    PageArgs page;
    std::string filter;
};

void declare_name(CLI::App& command, NameArgs& args) {
    command.add_option("NAME", args.name, "The user's name")->required();
}

void declare_rename(CLI::App& command, RenameArgs& args) {
    command.add_option("NAME", args.name, "The user's name")->required();
    command.add_option("NEW", args.new_name, "The new name")->required();
}

void declare_list(CLI::App& command, ListArgs& args) {
    command.add_option("--filter", args.filter, "Beginning of the name");
    add_page_options(command, args.page);
}

Outcome add(Context& context, const NameArgs& args) {
    return change(context, [&](Engine& engine) { return engine.add_user(context.session(), args.name); });
}

Outcome show_user(Context& context, const NameArgs& args) {
    return answer(context, look(context, [&](Engine& engine) { return engine.user(context.session(), args.name); }));
}

Outcome rename(Context& context, const RenameArgs& args) {
    return change(context, [&](Engine& engine) { return engine.rename_user(context.session(), args.name, args.new_name); });
}

Outcome lock(Context& context, const NameArgs& args) {
    return change(context, [&](Engine& engine) { return engine.lock_user(context.session(), args.name); });
}

Outcome unlock(Context& context, const NameArgs& args) {
    return change(context, [&](Engine& engine) { return engine.unlock_user(context.session(), args.name); });
}

Outcome remove(Context& context, const NameArgs& args) {
    return finish(context, "removed", args.name,
                  [&](Engine& engine) { return engine.remove_user(context.session(), args.name); });
}

Outcome list(Context& context, const ListArgs& args) {
    auto range = parse_page(args.page);
    if (!range) return fail(range);
    auto engine = context.engine();
    if (!engine) return fail(engine);
    List<User> users(context.out());
    UserQuery query{.page = {}, .prefix = args.filter};
    Status walked = walk_pages(
        range->limit, range->after,
        [&](const PageQuery& page) {
            query.page = page;
            return (*engine)->list_users(context.session(), query);
        },
        [&](const User& user) { users.add(user); });
    if (!walked) return fail(walked);
    users.finish();
    return 0;
}

}  // namespace

void register_user(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "user", "The people who own wallets");
    add_command(group, context, "add", "Add a user", declare_name, add);
    add_command(group, context, "list", "List users", declare_list, list);
    add_command(group, context, "show", "Show one user", declare_name, show_user);
    add_command(group, context, "rename", "Give a user another name", declare_rename, rename);
    add_command(group, context, "lock", "Lock a user: nothing is signed until the unlock", declare_name, lock);
    add_command(group, context, "unlock", "Unlock a user", declare_name, unlock);
    add_command(group, context, "remove", "Remove a user without wallets", declare_name, remove);
}

}  // namespace keydeck::cli
