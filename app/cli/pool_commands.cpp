#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/job_progress.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/time_argument.hpp"
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

struct RewrapArgs {
    std::string from;
    std::string to;
    std::vector<std::string> wallets;
    bool fresh_data_keys = false;
    std::string older_than;
};

struct RetireArgs {
    std::string key;
};

void declare_init(CLI::App& command, InitArgs& args) {
    command.add_option("--size", args.size, "How many keys it shall have (default: KMS_KEY_POOL_SIZE, 10)")->type_name("N");
    command.add_option("--alias-prefix", args.alias_prefix, "Their names: alias/PREFIX-1 and so on")->type_name("PREFIX");
}

void declare_add(CLI::App& command, AddArgs& args) {
    command.add_option("N", args.count, "How many keys to add (default: 1)");
}

void declare_rewrap(CLI::App& command, RewrapArgs& args) {
    command.add_option("--from", args.from, "Move what is under this pool key: id, ARN or alias/NAME")->type_name("KEY");
    command.add_option("--to", args.to, "To this pool key (default: each to one drawn from the others)")->type_name("KEY");
    command.add_option("--wallet", args.wallets, "Only this wallet; may be given several times")->type_name("WALLET");
    command.add_flag("--fresh-data-keys", args.fresh_data_keys,
                     "New data keys: the only cure for one that has leaked. Given again after it was stopped, it first does "
                     "what was left, then again what was done before: a leak may be newer. To go on with the old job alone: "
                     "keydeck job resume ID");
    command
        .add_option(
            "--older-than", args.older_than,
            "With --fresh-data-keys: only data keys from before this moment, as of a leak whose time is known. Given "
            "again, the same moment goes on where it was stopped")
        ->type_name("TIME");
}

void declare_retire(CLI::App& command, RetireArgs& args) {
    command.add_option("KEY", args.key, "Pool key: id, ARN or alias/NAME")->required();
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

/// What a rewrap does, for a question.
std::string described(const RewrapArgs& args) {
    std::string what = "Whatever is sealed under an old version of its key";
    if (args.fresh_data_keys) what = "Every wallet sealed under the pool";
    if (!args.older_than.empty()) what += " with a data key from before " + safe_text(args.older_than);
    if (!args.from.empty()) what = "What is sealed under " + safe_text(args.from);
    if (!args.wallets.empty()) what = fmt::format("{} named wallet(s)", args.wallets.size());
    const std::string to = args.to.empty() ? "" : " to " + safe_text(args.to);
    return fmt::format("{} is {}{}. Each is opened once before its old ciphertext goes; addresses stay.", what,
                       args.fresh_data_keys ? "sealed under new data keys" : "re-encrypted", to);
}

Outcome rewrap(Context& context, const RewrapArgs& args) {
    Rewrap request{.from = args.from,
                   .to = args.to,
                   .wallets = args.wallets,
                   .fresh_data_keys = args.fresh_data_keys,
                   .older_than = std::nullopt};
    if (!args.older_than.empty()) {
        const auto moment = parse_time(args.older_than, "--older-than", SystemClock().now());
        if (!moment) return fail(moment);
        request.older_than = *moment;
    }
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    if (Status agreed = context.ask_first(described(args), "Rewrap?"); !agreed) return fail(agreed);
    JobProgress progress(context, **engine, "rewrap");
    auto job = (*engine)->rewrap(context.session(), request, progress.progress());
    progress.end_line();
    return finish_job(context, job);
}

Outcome retire(Context& context, const RetireArgs& args) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    Status agreed = context.ask_first(
        fmt::format("Everything sealed under {} moves to other keys of the pool; then the key is disabled. Deleting it is a "
                    "step of its own.",
                    safe_text(args.key)),
        "Retire it?");
    if (!agreed) return fail(agreed);
    JobProgress progress(context, **engine, "rewrap");
    auto key = (*engine)->retire_pool_key(context.session(), args.key, progress.progress());
    progress.end_line();
    if (!key) return fail(key);
    show(context.out(), *key);
    if (!context.json()) {
        context.out().line(fmt::format("Nothing depends on it any more. To delete it: keydeck key schedule-deletion {}",
                                       safe_text(key->id)));
    }
    return 0;
}

}  // namespace

void register_pool(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "pool", "The keys that wallets' data keys are encrypted under");
    add_command(group, context, "init", "Make the pool, or top it up", declare_init, init);
    add_command(group, context, "status", "Show the pool", status);
    add_command(group, context, "add", "Add keys to the pool", declare_add, add);
    add_command(group, context, "rewrap", "Move wallets to other pool keys, or to the newest version of theirs",
                declare_rewrap, rewrap);
    add_command(group, context, "retire", "Move everything off a pool key and disable it", declare_retire, retire);
}

}  // namespace keydeck::cli
