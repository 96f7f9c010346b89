#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/counted.hpp"
#include "app/cli/demo_command.hpp"
#include "app/cli/demo_story.hpp"
#include "app/cli/demo_vault.hpp"
#include "app/cli/demo_weather.hpp"
#include "app/cli/tui.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct DemoArgs {
    std::string kms;
    bool headless = false;
    bool fresh = false;
    bool clean = false;
    bool tour = false;
    WeatherArgs weather;
};

void declare(CLI::App& command, DemoArgs& args) {
    command.add_flag("--headless", args.headless, "Print the whole story instead of opening the screens");
    command.add_flag("--fresh", args.fresh, "Start over with a new demo vault");
    command.add_flag("--clean", args.clean, "Remove the demo vault; with AWS, schedule the deletion of its keys first");
    command.add_flag("--tour", args.tour, "Begin with the tour: six steps, a minute or two");
    command.add_option("--kms", args.kms, "Where the keys of a new demo live (default: local, the embedded KMS)")
        ->type_name("local|aws");
    command.add_option("--latency", args.weather.latency, "Weather: so long takes each call of the embedded KMS longer")
        ->type_name("300ms|2s");
    command
        .add_option("--throttle", args.weather.throttle, "Weather: this share of its calls is throttled, and tried again")
        ->type_name("5%|0.05");
    command.add_option("--fail", args.weather.fail, "Weather: this share of them fails, and is tried again")
        ->type_name("1%|0.01");
    command.add_option("--seed", args.weather.seed, "What the weather is drawn from (default: 1)")->type_name("N");
}

std::string_view guard_sentence(const Wallet& wallet) {
    return wallet.custody == Custody::kKmsKey ? "the private key is this KMS key and never leaves the KMS"
                                              : "the mnemonic is sealed under a data key, and that under this pool key";
}

std::string key_label(const Wallet& wallet) {
    return wallet.key_alias.empty() ? wallet.key_id : fmt::format("{} {}", wallet.key_alias, wallet.key_id);
}

void tell_part(Output& out, const DemoPart& part) {
    const Wallet& wallet = part.wallet;
    const auto mark = [&](bool good) { return good ? "verified" : "NOT VERIFIED"; };
    out.line("");
    out.line(out.painted(wallet.user, Paint::kTitle));
    write_details(out, {{"  Address", checksum_address(wallet.address)},
                        {"  Custody", fmt::format("{}: {}", to_string(wallet.custody), guard_sentence(wallet))},
                        {"  Key", key_label(wallet)},
                        {"  Message", part.message},
                        {"  Signature", hex_text(part.message_signature.signature)},
                        {"  Recovered",
                         fmt::format("{} {}", checksum_address(part.message_check.address), mark(part.message_check.valid))},
                        {"  Transaction", part.transaction_sentence},
                        {"  Raw", hex_text(part.transaction.raw)},
                        {"  Hash", hex_text(part.transaction.hash)},
                        {"  Sender", fmt::format("{} {}", checksum_address(part.transaction_sender),
                                                 mark(part.transaction_sender == wallet.address))}});
}

std::string fate_of(const KeyInfo& key) {
    if (key.deletion_date) return fmt::format("{} is destroyed on {} UTC", key_name(key), shown_time(key.deletion_date));
    return fmt::format("{}: its deletion was cancelled, it is {}", key_name(key), key.state);
}

void tell(Output& out, const DemoStory& story) {
    out.line(out.painted("The Keydeck demo", Paint::kTitle));
    write_details(
        out,
        {{"Vault", story.vault.path},
         {"KMS", fmt::format("{}, {}", story.vault.kms, story.vault.region)},
         {"Pool", fmt::format("{}, alias/{}-*", counted(std::ssize(story.pool.keys), "key"), story.pool.alias_prefix)}});
    for (const DemoPart& part : story.parts) tell_part(out, part);
    out.line("");
    write_details(out, {{"On its way out", fate_of(story.retired_key)},
                        {"Audit log", fmt::format("{}, {}", counted(story.audit.events, "event"),
                                                  story.audit.valid ? "the chain is whole" : "the chain is BROKEN")},
                        {"Head", hex_text(story.audit.head)}});
    out.line("");
    out.line(story.verified() ? out.painted(fmt::format("All {} signatures verified.", 2 * story.parts.size()), Paint::kGood)
                              : out.painted("NOT everything verified.", Paint::kBad));
}

void tell_part_json(Output& out, const DemoPart& part) {
    out.line(JsonObject().text("kind", "wallet").raw("wallet", to_json(part.wallet)).finish());
    out.line(JsonObject()
                 .text("kind", "message")
                 .text("user", part.wallet.user)
                 .text("message", part.message)
                 .address("address", part.wallet.address)
                 .bytes("digest", part.message_signature.digest)
                 .bytes("signature", part.message_signature.signature)
                 .address("recovered", part.message_check.address)
                 .boolean("verified", part.message_check.valid)
                 .finish());
    out.line(JsonObject()
                 .text("kind", "transaction")
                 .text("user", part.wallet.user)
                 .address("address", part.wallet.address)
                 .number("type", part.transaction.type)
                 .bytes("raw", part.transaction.raw)
                 .bytes("hash", part.transaction.hash)
                 .address("recovered", part.transaction_sender)
                 .boolean("verified", part.transaction_sender == part.wallet.address)
                 .finish());
}

void tell_json(Output& out, const DemoStory& story) {
    out.line(JsonObject().text("kind", "vault").raw("vault", to_json(story.vault)).finish());
    out.line(JsonObject().text("kind", "pool").raw("pool", to_json(story.pool)).finish());
    for (const DemoPart& part : story.parts) tell_part_json(out, part);
    out.line(JsonObject().text("kind", "key").raw("key", to_json(story.retired_key)).finish());
    out.line(JsonObject()
                 .text("kind", "audit")
                 .boolean("valid", story.audit.valid)
                 .number("events", story.audit.events)
                 .bytes("head", story.audit.head)
                 .finish());
    out.line(JsonObject()
                 .text("kind", "result")
                 .boolean("verified", story.verified())
                 .number("signatures", static_cast<std::int64_t>(2 * story.parts.size()))
                 .finish());
}

/// Says which keys of an AWS account are on their way out.
void tell_retired(Context& context, const std::vector<KeyInfo>& retired) {
    for (const KeyInfo& key : retired) {
        if (context.json()) {
            context.out().line(JsonObject().text("kind", "key").raw("key", to_json(key)).finish());
        } else {
            context.out().line(fmt::format("{} is destroyed on {} UTC", key_name(key), shown_time(key.deletion_date)));
        }
    }
}

/// Removes the demo vault; its keys in AWS cost money for as long as they are there, so they go first.
Status remove_demo(Context& context, const std::string& directory) {
    auto retired = retire_demo_keys(context, directory);
    if (!retired) return fail(retired);
    tell_retired(context, *retired);
    return remove_demo_vault(directory);
}

Outcome clean(Context& context, const std::string& directory) {
    Status removed = remove_demo(context, directory);
    if (!removed) return fail(removed);
    if (context.json()) {
        context.out().line(JsonObject().text("done", "removed").text("name", directory).finish());
    } else {
        context.out().line(fmt::format("There is no demo vault in {} any more.", directory));
    }
    return 0;
}

Outcome tell_headless(Context& context, Engine& engine) {
    auto story = tell_demo(engine);
    if (!story)
        return fail(story.error().code, story.error().message,
                    story.error().hint.empty() ? "`keydeck demo --fresh` starts over." : story.error().hint);
    context.json() ? tell_json(context.out(), *story) : tell(context.out(), *story);
    return story->verified() ? 0 : 1;
}

/// What cannot go together. `weather`: whether there is any.
Status check(const Context& context, const DemoArgs& args, bool weather) {
    if (!args.kms.empty() && args.kms != "local" && args.kms != "aws")
        return fail(ErrorCode::kInvalidInput, fmt::format("There is no KMS \"{}\".", args.kms));
    if (!context.options.as_user.empty())
        return fail(ErrorCode::kInvalidInput, "The demo is the operator's: leave out --as.");
    if (context.json() && !args.headless && !args.clean) {
        return fail(ErrorCode::kInvalidInput, "--json goes with --headless or --clean.");
    }
    if (context.options.read_only && (args.fresh || args.clean || args.headless)) {
        return fail(ErrorCode::kDenied, "This would change the demo vault, and --read-only forbids that.");
    }
    if (args.tour && (args.headless || args.clean || context.options.read_only)) {
        return fail(ErrorCode::kInvalidInput,
                    "--tour is on the screens, and something is signed and changed in it: leave out --headless, --clean and "
                    "--read-only.");
    }
    if (weather && (args.kms == "aws" || args.clean)) {
        return fail(ErrorCode::kInvalidInput, "--latency, --throttle and --fail are a demo's with the embedded KMS.",
                    "Leave them out: AWS has a weather of its own.");
    }
    return {};
}

/// The demo's engine, everything made. What the screens need first is made in fine weather, so that the demo always opens;
/// `--headless` tells its story in the weather that was asked for.
Result<Engine*> prepare(Context& context, const DemoArgs& args, const std::string& directory,
                        const std::optional<KmsWeather>& weather) {
    auto engine = open_demo_vault(context, directory, args.kms);
    if (!engine) return engine;
    if (!args.headless && !context.options.read_only) {
        auto complete = is_demo_complete(**engine);
        if (!complete) return fail(complete);
        if (!*complete) {
            auto story = tell_demo(**engine);
            if (!story) return fail(story);
        }
    }
    if (!weather) return engine;
    context.close_engine();
    return context.open_engine(directory, weather);
}

Outcome demo(Context& context, const DemoArgs& args) {
    const auto weather = parse_weather(args.weather);
    if (!weather) return fail(weather);
    if (Status possible = check(context, args, weather->has_value()); !possible) return fail(possible);
    if (!args.headless && !args.clean) {
        if (const Status fit = check_screen_options(context); !fit) return fail(fit);
    }
    auto directory = demo_directory(context);
    if (!directory) return fail(directory);
    if (args.clean) return clean(context, *directory);
    if (args.fresh) {
        Status removed = remove_demo(context, *directory);
        if (!removed) return fail(removed);
    }
    auto engine = prepare(context, args, *directory, *weather);
    if (!engine) return fail(engine);
    if (args.headless) return tell_headless(context, **engine);
    if (context.options.screens.once) {
        context.close_engine();
        context.options.only_looks = true;
        engine = context.open_engine(*directory, *weather);
        if (!engine) return fail(engine);
    }
    return open_tui(context, **engine, {*weather ? "DEMO/local " + in_words(**weather) : "", args.tour});
}

}  // namespace

Outcome open_demo(Context& context) { return demo(context, {}); }

void register_demo(CLI::App& app, Context& context) {
    add_command(app, context, "demo", "See it at work: alice, bob and charlie, then the screens", declare, demo);
}

}  // namespace keydeck::cli
