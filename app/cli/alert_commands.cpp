#include <algorithm>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/time_argument.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct ListArgs {
    bool all = false;
};
struct AlertArgs {
    std::string id;
};
struct SilenceArgs {
    std::string id;
    std::string time = "1h";
};

void declare_list(CLI::App& command, ListArgs& args) { command.add_flag("--all", args.all, "Those that are over, too"); }

void declare_alert(CLI::App& command, AlertArgs& args) {
    command.add_option("ID", args.id, "The alert's number")->required();
}

void declare_silence(CLI::App& command, SilenceArgs& args) {
    command.add_option("ID", args.id, "The alert's number")->required();
    command.add_option("--for", args.time, "How long (default: 1h)")->type_name("TIME");
}

Result<std::int64_t> parse_id(const std::string& text) {
    return parse_number(text, "ID", 1, std::numeric_limits<std::int64_t>::max());
}

/// Looks, raises and clears where the vault can be written; read-only it is only looked at. Error: locked: the audit log is
/// not looked at then, and that nothing fires would be no answer.
Result<std::vector<Alert>> check(Context& context) {
    auto engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    return (*engine)->check_alerts(context.session(), !context.options.read_only);
}

/// The same, but a locked vault is looked at as far as it goes, which a note says.
Result<std::vector<Alert>> check_what_can_be(Context& context) {
    auto engine = context.engine();
    if (!engine) return fail(engine);
    if (auto unlocked = context.unlocked_engine(); !unlocked) {
        if (unlocked.error().code != ErrorCode::kLocked) return fail(unlocked);
        context.out().note("The vault is locked: the audit log was not looked at, and nothing new is kept.");
    }
    return (*engine)->check_alerts(context.session(), !context.options.read_only);
}

void write_all(Output& out, const std::vector<Alert>& alerts, std::string_view nothing) {
    for (const Alert& alert : alerts) {
        if (out.json()) {
            out.line(to_json(alert));
            continue;
        }
        const std::string state = state_of(alert);
        const Paint paint = alert.firing() && !alert.acknowledged_at ? Paint::kBad : Paint::kMuted;
        out.line(fmt::format("{} {} {}", out.painted(fmt::format("{:>4}", alert.id), Paint::kTitle),
                             out.painted(fmt::format("{:<12} {}:", state, safe_text(alert.rule)), paint),
                             safe_text(alert.sentence)));
        if (alert.firing() && !alert.command.empty()) out.line(fmt::format("     {}", safe_text(alert.command)));
    }
    if (alerts.empty() && !out.json()) out.line(nothing);
}

Outcome list(Context& context, const ListArgs& args) {
    auto alerts = check_what_can_be(context);
    if (alerts && args.all) {
        auto engine = context.engine();
        if (!engine) return fail(engine);
        auto kept = (*engine)->list_alerts(context.session(), true);
        if (!kept) return fail(kept);
        // What a look alone has found stands nowhere yet.
        std::erase_if(*alerts, [](const Alert& alert) { return alert.id != 0; });
        alerts->insert(alerts->end(), kept->begin(), kept->end());
    }
    if (!alerts) return fail(alerts);
    write_all(context.out(), *alerts, "Nothing fires.");
    return 0;
}

/// For cron: 1 where something fires that nobody has acknowledged or silenced.
Outcome check_now(Context& context) {
    auto alerts = check(context);
    if (!alerts) return fail(alerts);
    write_all(context.out(), *alerts, "Nothing fires.");
    const Timestamp now = SystemClock().now();
    const auto wants_attention = [now](const Alert& alert) {
        return !alert.acknowledged_at && (!alert.silenced_until || *alert.silenced_until <= now);
    };
    return std::ranges::any_of(*alerts, wants_attention) ? 1 : 0;
}

Outcome acknowledge(Context& context, const AlertArgs& args) {
    auto id = parse_id(args.id);
    if (!id) return fail(id);
    return change(context, [&](Engine& engine) { return engine.acknowledge_alert(context.session(), *id); });
}

Outcome silence(Context& context, const SilenceArgs& args) {
    auto id = parse_id(args.id);
    if (!id) return fail(id);
    auto time = parse_duration(args.time, "--for");
    if (!time) return fail(time);
    return change(context, [&](Engine& engine) { return engine.silence_alert(context.session(), *id, *time); });
}

}  // namespace

void register_alerts(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "alerts", "What needs somebody's attention");
    add_command(group, context, "list", "Check, and list what fires", declare_list, list);
    add_command(group, context, "check",
                "The same for cron: exit status 1 while something fires that nobody has acknowledged", check_now);
    add_command(group, context, "acknowledge", "Say that you have seen it", declare_alert, acknowledge);
    add_command(group, context, "silence", "Be told nothing of it, and of its like, for a while", declare_silence, silence);
}

}  // namespace keydeck::cli
