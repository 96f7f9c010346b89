#include <filesystem>

#include <fmt/format.h>

#include "app/cli/audit_export.hpp"
#include "app/cli/audit_filters.hpp"
#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/message_source.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/time_argument.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct ListArgs {
    PageArgs page;
    AuditQuery query;
    TimeArgs times;
};

struct VerifyArgs {
    std::string head;
    std::vector<std::string> archives;
};

struct ArchiveArgs {
    std::string before;
    std::string file;
};

void declare_list(CLI::App& command, ListArgs& args) {
    command.add_option("--actor", args.query.actor, "By this user, or operator");
    command.add_option("--action", args.query.action, "Of this kind")->type_name("SignMessage|SignTransaction|CreateWallet");
    command.add_option("--target", args.query.target, "On this address, user or key");
    command.add_option("--user", args.query.user, "On this user's wallets");
    command.add_option("--key", args.query.key, "With this key")->type_name("KEY");
    command.add_option("--result", args.query.result, "With this result: ok, or an error's code");
    declare_times(command, args.times);
    command.add_flag("--newest-first", args.query.newest_first, "The newest first");
    add_page_options(command, args.page);
}

void declare_verify(CLI::App& command, VerifyArgs& args) {
    command
        .add_option(
            "--head", args.head,
            "The head noted earlier: also tells a whole older vault put back. With --archive it may be in one of them")
        ->type_name("HASH");
    command
        .add_option("--archive", args.archives, "Also that archives and log make one chain; each of them, the oldest first")
        ->type_name("FILE");
}

void declare_archive(CLI::App& command, ArchiveArgs& args) {
    command.add_option("--before", args.before, "What is older than this time, or than so many days")
        ->type_name("TIME")
        ->required();
    command.add_option("--file", args.file, "The new file they go to")->type_name("FILE")->required();
}

Outcome list(Context& context, const ListArgs& args) {
    auto range = parse_page(args.page);
    if (!range) return fail(range);
    auto engine = context.engine();
    if (!engine) return fail(engine);
    List<AuditEvent> events(context.out());
    auto query = checked_filters(context, args.query);
    if (!query) return fail(query);
    if (Status taken = take_times(args.times, *query); !taken) return fail(taken);
    Status walked = walk_pages(
        range->limit, range->after,
        [&](const PageQuery& page) {
            query->page = page;
            return (*engine)->list_audit(context.session(), *query);
        },
        [&](const AuditEvent& event) { events.add(event); });
    if (!walked) return fail(walked);
    events.finish();
    return 0;
}

Result<std::optional<Hash32>> parse_head(const std::string& text) {
    if (text.empty()) return std::optional<Hash32>();
    auto bytes = parse_hex(text, "--head");
    if (!bytes) return fail(bytes);
    Hash32 head{};
    if (bytes->size() != head.size()) return fail(ErrorCode::kInvalidInput, "--head must be 32 bytes of hex.");
    std::copy(bytes->begin(), bytes->end(), head.begin());
    return std::optional<Hash32>(head);
}

Result<AuditVerification> verified(Context& context, Engine& engine, const VerifyArgs& args) {
    auto head = parse_head(args.head);
    if (!head) return fail(head);
    if (args.archives.empty()) return engine.verify_audit(context.session(), *head);
    const std::vector<std::filesystem::path> files(args.archives.begin(), args.archives.end());
    return engine.verify_audit_archives(context.session(), files, *head);
}

Outcome verify(Context& context, const VerifyArgs& args) {
    if (auto head = parse_head(args.head); !head) return fail(head);
    auto engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    auto found = verified(context, **engine, args);
    if (!found) return fail(found);
    Output& out = context.out();
    if (out.json()) {
        JsonObject json;
        json.boolean("valid", found->valid).number("events", found->events);
        found->first_bad ? json.number("first_bad", *found->first_bad) : json.null("first_bad");
        json.bytes("head", found->head).number("archived", found->archived);
        out.line(json.text_or_null("reason", found->reason).finish());
    } else {
        out.line(found->valid ? out.painted("The chain is whole.", Paint::kGood)
                              : out.painted(fmt::format("The chain is BROKEN. {}", safe_text(found->reason)), Paint::kBad));
        write_details(out, {{"Events", std::to_string(found->events)},
                            {"In archives", found->archived == 0 ? "" : std::to_string(found->archived)},
                            {"First bad", found->first_bad ? std::to_string(*found->first_bad) : ""},
                            {"Head", hex_text(found->head)}});
    }
    return found->valid ? 0 : exit_status(ErrorCode::kCorrupt);
}

/// A number alone is so many days.
Result<Timestamp> parse_before(std::string_view text) {
    const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    return parse_time(is_number ? std::string(text) + "d" : std::string(text), "--before", SystemClock().now());
}

Outcome archive(Context& context, const ArchiveArgs& args) {
    auto before = parse_before(args.before);
    if (!before) return fail(before);
    return change(context, [&](Engine& engine) { return engine.archive_audit(context.session(), *before, args.file); });
}

}  // namespace

void register_audit(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "audit", "The log of everything that was done");
    add_command(group, context, "list", "List events", declare_list, list);
    add_command(group, context, "verify", "Check the hash chain", declare_verify, verify);
    register_audit_export(group, context);
    add_command(group, context, "archive", "Move old events into a file, so that the chain stays whole", declare_archive,
                archive);
}

}  // namespace keydeck::cli
