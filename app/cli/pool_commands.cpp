#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

constexpr std::int64_t kMostKeys = 1'000;

struct InitArgs {
    std::string size;
    std::string alias_prefix;
};

struct AddArgs {
    std::string count = "1";
};

void declare_init(CLI::App& command, InitArgs& args) {
    command.add_option("--size", args.size, "How many keys it shall have (default: KMS_KEY_POOL_SIZE, 10)")->type_name("N");
    command.add_option("--alias-prefix", args.alias_prefix, "Their names: alias/PREFIX-1 and so on")->type_name("PREFIX");
}

void declare_add(CLI::App& command, AddArgs& args) {
    command.add_option("N", args.count, "How many keys to add (default: 1)");
}

Outcome init(Context& context, const InitArgs& args) {
    auto size = parse_number(args.size.empty() ? "0" : args.size, "--size", args.size.empty() ? 0 : 1, kMostKeys);
    if (!size) return fail(size);
    return change(context, [&](Engine& engine) {
        return engine.init_pool(context.session(), static_cast<int>(*size), args.alias_prefix);
    });
}

Outcome status(Context& context) {
    return answer(context, look(context, [&](Engine& engine) { return engine.pool_status(context.session()); }));
}

Outcome add(Context& context, const AddArgs& args) {
    auto count = parse_number(args.count, "N", 1, kMostKeys);
    if (!count) return fail(count);
    return change(context,
                  [&](Engine& engine) { return engine.add_pool_keys(context.session(), static_cast<int>(*count)); });
}

}  // namespace

void register_pool(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "pool", "The keys that wallets' data keys are encrypted under");
    add_command(group, context, "init", "Make the pool, or top it up", declare_init, init);
    add_command(group, context, "status", "Show the pool", status);
    add_command(group, context, "add", "Add keys to the pool", declare_add, add);
}

}  // namespace keydeck::cli
