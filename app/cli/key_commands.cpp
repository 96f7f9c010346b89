#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/counted.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct CreateArgs {
    std::string spec = "SYMMETRIC_DEFAULT";
    std::string usage;
    std::string alias;
    std::string description;
};

struct ListArgs {
    std::string tag;
    std::string state;
};

struct KeyArgs {
    std::string key;
};

struct AliasArgs {
    std::string key;
    std::string name;
};

struct TagArgs {
    std::string key;
    std::string tag;
};

struct RotateArgs {
    std::string key;
    std::string every;
    bool off = false;
};

struct DeletionArgs {
    std::string key;
    std::string days = "30";
    std::string acknowledge;
};

constexpr auto kKeyHelp = "Key id, ARN or alias/NAME";

void declare_create(CLI::App& command, CreateArgs& args) {
    command.add_option("--spec", args.spec, "AWS's key spec (default: SYMMETRIC_DEFAULT)")
        ->type_name("SYMMETRIC_DEFAULT|ECC_SECG_P256K1");
    command.add_option("--usage", args.usage, "AWS's key usage (default: what the spec implies)")
        ->type_name("ENCRYPT_DECRYPT|SIGN_VERIFY");
    command.add_option("--alias", args.alias, "A name for it")->type_name("NAME");
    command.add_option("--description", args.description, "A description");
}

void declare_list(CLI::App& command, ListArgs& args) {
    command.add_option("--tag", args.tag, "With this tag")->type_name("K=V");
    command.add_option("--state", args.state, "In this state")->type_name("Enabled|Disabled|PendingDeletion|Unreadable");
}

void declare_key(CLI::App& command, KeyArgs& args) { command.add_option("KEY", args.key, kKeyHelp)->required(); }

void declare_alias(CLI::App& command, AliasArgs& args) {
    command.add_option("KEY", args.key, kKeyHelp)->required();
    command.add_option("NAME", args.name, "The name, with or without alias/")->required();
}

void declare_tag(CLI::App& command, TagArgs& args) {
    command.add_option("KEY", args.key, kKeyHelp)->required();
    command.add_option("TAG", args.tag, "The tag as K=V")->type_name("K=V")->required();
}

void declare_rotate(CLI::App& command, RotateArgs& args) {
    command.add_option("KEY", args.key, kKeyHelp)->required();
    command.add_option("--every", args.every, "By itself, every so many days from now on, 90 to 2560")->type_name("DAYS");
    command.add_flag("--off", args.off, "Not by itself any more");
}

void declare_deletion(CLI::App& command, DeletionArgs& args) {
    command.add_option("KEY", args.key, kKeyHelp)->required();
    command.add_option("--days", args.days, "Days until it is destroyed, 7 to 30 (default: 30)")->type_name("N");
    command.add_option("--acknowledge", args.acknowledge, "How many wallets and secrets are lost with it")->type_name("N");
}

Result<std::pair<std::string, std::string>> parse_tag(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        return fail(ErrorCode::kInvalidInput, fmt::format("The tag \"{}\" is not K=V.", text));
    }
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Outcome create(Context& context, const CreateArgs& args) {
    return change(context, [&](Engine& engine) {
        return engine.create_key(
            context.session(),
            {.spec = args.spec, .usage = args.usage, .alias = args.alias, .description = args.description});
    });
}

constexpr std::array<std::string_view, 4> kStates = {"Enabled", "Disabled", "PendingDeletion", "Unreadable"};

Status check_state(const std::string& state) {
    const auto is_this = [&](std::string_view name) {
        return std::ranges::equal(
            name, state, {}, [](unsigned char c) { return std::tolower(c); },
            [](unsigned char c) { return std::tolower(c); });
    };
    if (state.empty() || std::ranges::any_of(kStates, is_this)) return {};
    return fail(ErrorCode::kInvalidInput, fmt::format("There is no key state \"{}\".", state),
                fmt::format("It is one of: {}.", fmt::join(kStates, ", ")));
}

Outcome list(Context& context, const ListArgs& args) {
    if (Status known = check_state(args.state); !known) return fail(known);
    KeyQuery query{.tag = std::nullopt, .state = args.state};
    if (!args.tag.empty()) {
        auto tag = parse_tag(args.tag);
        if (!tag) return fail(tag);
        query.tag = std::move(*tag);
    }
    auto keys = look(context, [&](Engine& engine) { return engine.list_keys(context.session(), query); });
    if (!keys) return fail(keys);
    List<KeyInfo> rows(context.out());
    for (const KeyInfo& key : *keys) rows.add(key);
    rows.finish();
    return 0;
}

Outcome show_key(Context& context, const KeyArgs& args) {
    return answer(context, look(context, [&](Engine& engine) { return engine.key(context.session(), args.key); }));
}

Outcome alias(Context& context, const AliasArgs& args) {
    return change(context, [&](Engine& engine) { return engine.alias_key(context.session(), args.key, args.name); });
}

Outcome tag(Context& context, const TagArgs& args) {
    auto pair = parse_tag(args.tag);
    if (!pair) return fail(pair);
    return change(context,
                  [&](Engine& engine) { return engine.tag_key(context.session(), args.key, pair->first, pair->second); });
}

Outcome enable(Context& context, const KeyArgs& args) {
    return change(context, [&](Engine& engine) { return engine.enable_key(context.session(), args.key); });
}

Outcome disable(Context& context, const KeyArgs& args) {
    return change(context, [&](Engine& engine) { return engine.disable_key(context.session(), args.key); });
}

Outcome rotate(Context& context, const RotateArgs& args) {
    if (args.off && !args.every.empty()) return fail(ErrorCode::kInvalidInput, "It is either --every DAYS or --off.");
    if (!args.off && args.every.empty()) {
        return change(context, [&](Engine& engine) { return engine.rotate_key(context.session(), args.key); });
    }
    auto days = parse_number(args.off ? "0" : args.every, "--every", args.off ? 0 : 90, 2560);
    if (!days) return fail(days);
    return change(context, [&](Engine& engine) {
        return engine.set_key_rotation(context.session(), args.key, static_cast<int>(*days));
    });
}

Outcome cancel_deletion(Context& context, const KeyArgs& args) {
    return change(context, [&](Engine& engine) { return engine.cancel_key_deletion(context.session(), args.key); });
}

/// What keeps everything: where it can be moved, moving it.
std::string instead_of_deleting(const KeyInfo& key) {
    if (key.purpose != "pool") return fmt::format("`keydeck key disable {}` can be undone.", key.id);
    return fmt::format("`keydeck pool rewrap --from {}` moves them to other keys; `keydeck key disable {}` can be undone.",
                       key.id, key.id);
}

/// What a person must see before a key goes: who loses what.
void show_impact(Output& out, const DeletionImpact& impact) {
    out.note(fmt::format("{} of {} and {} depend on {}:", counted(impact.wallets, "wallet"), counted(impact.users, "user"),
                         counted(impact.secrets, "secret"), safe_text(key_name(impact.key))));
    for (const MigratedDatabase& each : impact.databases) {
        out.note(fmt::format("  {} migrated to it, in {}", counted(each.values, "value"), safe_text(each.database)));
    }
    for (const Wallet& wallet : impact.first_wallets) {
        out.note(
            fmt::format("  {}  {}  {}", checksum_address(wallet.address), safe_text(wallet.user), safe_text(wallet.label)));
    }
    const auto listed = static_cast<std::int64_t>(impact.first_wallets.size());
    if (impact.wallets > listed) out.note(fmt::format("  and {} more", impact.wallets - listed));
    const std::string last_used = shown_time(impact.key.last_used_at);
    out.note(last_used.empty() ? "It was never used to sign." : fmt::format("It was last used at {} UTC.", last_used));
    if (impact.wallets > 0) out.note(instead_of_deleting(impact.key));
}

std::string last_used_words(const KeyInfo& key) {
    return key.last_used_at ? fmt::format(" (last used {})", shown_time(*key.last_used_at).substr(0, 10)) : "";
}

Outcome schedule_deletion(Context& context, const DeletionArgs& args) {
    auto days = parse_number(args.days, "--days", 7, 30);
    if (!days) return fail(days);
    auto lost = parse_number(args.acknowledge.empty() ? "0" : args.acknowledge, "--acknowledge", 0, 1'000'000'000);
    if (!lost) return fail(lost);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto impact = (*engine)->deletion_impact(context.session(), args.key);
    if (!impact) return fail(impact);
    // Also before the refusal: whoever forgot the number must see what it counts.
    if (!context.json() && impact->total() > 0) show_impact(context.out(), *impact);
    if (impact->total() != *lost) {
        // A number too high is as wrong as one too low: the person thinks of another key.
        return fail(ErrorCode::kRejected,
                    fmt::format("{}, {} and {} depend on the key {}{}, and {} were acknowledged. Nothing was scheduled.",
                                counted(impact->wallets, "wallet"), counted(impact->secrets, "secret"),
                                counted(impact->migrated_values(), "migrated value"), key_name(impact->key),
                                last_used_words(impact->key), *lost),
                    fmt::format("{} To lose them: --acknowledge {}.", instead_of_deleting(impact->key), impact->total()));
    }
    const std::string until = shown_time(
        std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now() + std::chrono::days(*days)));
    const std::string name = safe_text(key_name(impact->key));
    Status agreed =
        context.confirm(fmt::format("The key {} will be destroyed in {} days.", name, *days),
                        fmt::format("Until {} UTC `keydeck key cancel-deletion {}` cancels it; then nothing does.",
                                    until.substr(0, 16), safe_text(impact->key.id)));
    if (!agreed) return fail(agreed);
    return answer(context,
                  (*engine)->schedule_key_deletion(context.session(), impact->key.id, static_cast<int>(*days), *lost));
}

}  // namespace

void register_key(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "key", "The keys inside the KMS");
    add_command(group, context, "create", "Create a key", declare_create, create);
    add_command(group, context, "list", "List keys", declare_list, list);
    add_command(group, context, "show", "Show one key", declare_key, show_key);
    add_command(group, context, "alias", "Give a key a name, or move a name to it", declare_alias, alias);
    add_command(group, context, "tag", "Tag a key", declare_tag, tag);
    add_command(group, context, "enable", "Enable a key", declare_key, enable);
    add_command(group, context, "disable", "Disable a key: nothing is signed or opened with it", declare_key, disable);
    add_command(group, context, "rotate", "Give a symmetric key new material, now or regularly; the old still opens",
                declare_rotate, rotate);
    add_command(group, context, "schedule-deletion", "Destroy a key after a waiting time", declare_deletion,
                schedule_deletion);
    add_command(group, context, "cancel-deletion", "Keep a key after all; it comes back disabled", declare_key,
                cancel_deletion);
}

}  // namespace keydeck::cli
