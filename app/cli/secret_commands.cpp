// Secrets: named values encrypted by a KMS key. They come from standard input, a file or a prompt; only `get` prints one.
#include <unistd.h>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/input.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/secret_output.hpp"
#include "app/cli/secret_records.hpp"
#include "app/cli/verbs.hpp"
#include "engine/secrets.hpp"

namespace keydeck::cli {
namespace {

struct NameArgs {
    std::string name;
    std::string user;
    std::string environment;
};

struct PutArgs {
    NameArgs secret;
    std::string key;
    std::string file;
    std::vector<std::string> context;
};

struct GetArgs {
    NameArgs secret;
    std::string version;
    std::string output;
};

struct ListArgs {
    std::string user;
    bool vault_only = false;
    std::string environment;
    std::string key;
    std::string filter;
    bool removed = false;
    PageArgs page;
};

struct RemoveArgs {
    NameArgs secret;
    bool destroy = false;
    std::string acknowledge;
};

void declare_name(CLI::App& command, NameArgs& args) {
    command.add_option("NAME", args.name, "The secret's name")->required();
    command.add_option("--user", args.user, "Whose it is (default: the vault's own)");
    command
        .add_option("--environment", args.environment, "production, staging, … (default: the setting secret_environment)")
        ->type_name("NAME");
}

void declare_put(CLI::App& command, PutArgs& args) {
    declare_name(command, args.secret);
    command.add_option(
        "--key", args.key,
        "The KMS key: id, ARN or alias/NAME (default: the environment's by the setting secret_keys, that of the "
        "version before, or one of the pool)");
    command.add_option("--context", args.context, "Bound to the ciphertext; not secret; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command.add_option("--file", args.file, "Read the value from a file (default: standard input), byte for byte")
        ->type_name("FILE");
}

void declare_get(CLI::App& command, GetArgs& args) {
    declare_name(command, args.secret);
    command.add_option("--version", args.version, "An earlier value (default: the newest)")->type_name("N");
    command.add_option("--output", args.output, "Write it into a new file, readable by you alone")->type_name("FILE");
}

void declare_list(CLI::App& command, ListArgs& args) {
    command.add_option("--user", args.user, "One user's");
    command.add_flag("--vault-only", args.vault_only, "The vault's own");
    command.add_option("--environment", args.environment, "Of one environment")->type_name("NAME");
    command.add_option("--key", args.key, "With a version under this key");
    command.add_option("--filter", args.filter, "Beginning of the name");
    command.add_flag("--removed", args.removed, "Removed ones too");
    add_page_options(command, args.page);
}

void declare_remove(CLI::App& command, RemoveArgs& args) {
    declare_name(command, args.secret);
    command.add_flag("--destroy", args.destroy, "Erase it and all its versions instead of hiding it");
    command.add_option("--acknowledge", args.acknowledge, "With --destroy: 1, the secret that is lost")->type_name("1");
}

Result<SecretName> name_of(Context& context, const NameArgs& args) {
    const auto settings = context.settings();
    if (!settings) return fail(settings);
    return SecretName{args.name, args.user, args.environment.empty() ? (*settings)->secret_environment : args.environment};
}

Result<std::vector<std::pair<std::string, std::string>>> parse_context(const std::vector<std::string>& words) {
    std::vector<std::pair<std::string, std::string>> context;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(ErrorCode::kInvalidInput, "--context is NAME=VALUE.");
        }
        context.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return context;
}

Result<SecretBytes> read_value(const PutArgs& args) {
    if (!args.file.empty()) return read_secret(args.file, kLargestSecret);
    if (isatty(STDIN_FILENO) == 1) return prompt_secret(fmt::format("Value of {}: ", args.secret.name));
    return read_secret("-", kLargestSecret);
}

Outcome put(Context& context, const PutArgs& args) {
    auto name = name_of(context, args.secret);
    if (!name) return fail(name);
    auto bound = parse_context(args.context);
    if (!bound) return fail(bound);
    // The vault first: a wrong one should be said before a secret is typed.
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto value = read_value(args);
    if (!value) return fail(value);
    const PutSecret request{std::move(*name), args.key, std::move(*bound)};
    return answer(context, (*engine)->put_secret(context.session(), request, *value));
}

Status print_json(Context& context, const SecretValue& secret) {
    const QuotedSecret quoted = quote_secret(secret.value);
    std::string head = JsonObject()
                           .text("name", secret.info.name)
                           .text_or_null("user", secret.info.owner)
                           .text("environment", secret.info.environment)
                           .number("version", secret.version.version)
                           .text("key_id", secret.version.key_id)
                           .finish();
    head.pop_back();
    head += quoted.is_text ? ",\"value\":" : ",\"value_hex\":";
    SecretBytes line = SecretBytes::copy_of(head);
    line.append(quoted.json.view());
    line.append(as_bytes("}\n"));
    return write_secret_bytes(context.out(), line.view());
}

Status print_plain(Context& context, const SecretBytes& value) {
    if (isatty(STDOUT_FILENO) != 1) return write_secret_bytes(context.out(), value.view());
    if (!is_plain_text(value.text())) {
        return fail(ErrorCode::kRejected, "The value is no plain text; a terminal would not show it as it is.",
                    "Write it into a file (--output FILE) or a pipe.");
    }
    if (Status printed = write_secret_bytes(context.out(), value.view()); !printed) return printed;
    return value.text().ends_with('\n') ? Status{} : write_secret_bytes(context.out(), as_bytes("\n"));
}

Outcome get(Context& context, const GetArgs& args) {
    std::int64_t version = 0;
    if (!args.version.empty()) {
        auto number = parse_number(args.version, "--version", 1, INT64_MAX);
        if (!number) return fail(number);
        version = *number;
    }
    auto name = name_of(context, args.secret);
    if (!name) return fail(name);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto secret = (*engine)->get_secret(context.session(), *name, version);
    if (!secret) return fail(secret);
    if (!args.output.empty()) {
        if (Status written = write_new_file(args.output, secret->value.text()); !written) return fail(written);
        secret->info.newest = secret->version;
        return answer(context, Result<SecretInfo>(std::move(secret->info)));
    }
    Status printed = context.json() ? print_json(context, *secret) : print_plain(context, secret->value);
    if (!printed) return fail(printed);
    return 0;
}

Outcome list(Context& context, const ListArgs& args) {
    auto range = parse_page(args.page);
    if (!range) return fail(range);
    if (args.vault_only && !args.user.empty()) {
        return fail(ErrorCode::kInvalidInput, "--vault-only and --user exclude each other.");
    }
    SecretQuery query;
    if (args.vault_only || !args.user.empty()) query.owner = args.user;
    query.environment = args.environment;
    query.prefix = args.filter;
    query.include_removed = args.removed;
    if (!args.key.empty()) {
        auto id = key_id(context, args.key);
        if (!id) return fail(id);
        query.key = std::move(*id);
    }
    auto engine = context.engine();
    if (!engine) return fail(engine);
    List<SecretInfo> secrets(context.out());
    Status walked = walk_pages(
        range->limit, range->after,
        [&](const PageQuery& page) {
            query.page = page;
            return (*engine)->list_secrets(context.session(), query);
        },
        [&](const SecretInfo& secret) { secrets.add(secret); });
    if (!walked) return fail(walked);
    secrets.finish();
    return 0;
}

Outcome versions(Context& context, const NameArgs& args) {
    auto name = name_of(context, args);
    if (!name) return fail(name);
    auto found = look(context, [&](Engine& engine) { return engine.secret_versions(context.session(), *name); });
    if (!found) return fail(found);
    List<SecretVersion> rows(context.out());
    for (const SecretVersion& version : *found) rows.add(version);
    rows.finish();
    return 0;
}

Outcome restore(Context& context, const NameArgs& args) {
    auto name = name_of(context, args);
    if (!name) return fail(name);
    return change(context, [&](Engine& engine) { return engine.restore_secret(context.session(), *name); });
}

Outcome remove(Context& context, const RemoveArgs& args) {
    auto name = name_of(context, args.secret);
    if (!name) return fail(name);
    if (!args.destroy) {
        if (!args.acknowledge.empty()) return fail(ErrorCode::kInvalidInput, "--acknowledge goes with --destroy.");
        return change(context, [&](Engine& engine) { return engine.remove_secret(context.session(), *name); });
    }
    auto lost = parse_number(args.acknowledge.empty() ? "0" : args.acknowledge, "--acknowledge", 0, 1);
    if (!lost) return fail(lost);
    // The same name may stand for several: of the vault, of users, of environments.
    const std::string whose = name->owner.empty() ? "the vault" : safe_text(name->owner);
    Status agreed = context.confirm(
        fmt::format("The secret {} of {}, environment {}, and all its versions are lost for ever.", safe_text(name->name),
                    whose, name->environment.empty() ? "default" : safe_text(name->environment)));
    if (!agreed) return fail(agreed);
    return finish_destroying(context, args.secret.name,
                             [&](Engine& engine) { return engine.destroy_secret(context.session(), *name, *lost); });
}

}  // namespace

void register_secret(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "secret", "Named values that a KMS key encrypts");
    add_command(group, context, "put", "Keep a value, or a new version of it", declare_put, put);
    add_command(group, context, "get", "Print a value", declare_get, get);
    add_command(group, context, "list", "List secrets, never their values", declare_list, list);
    add_command(group, context, "versions", "List the versions of a secret", declare_name, versions);
    add_command(group, context, "remove", "Hide a secret, or destroy it", declare_remove, remove);
    add_command(group, context, "restore", "Bring back a secret that was hidden", declare_name, restore);
}

}  // namespace keydeck::cli
