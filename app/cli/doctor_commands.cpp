#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"
#include "ui/ui.hpp"

namespace keydeck::cli {
namespace {

struct DoctorArgs {
    const CLI::App* terminal = nullptr;  ///< `doctor terminal`
    std::string adopt;
    std::string disable;
    bool confirm_clock = false;
};

void declare(CLI::App& command, DoctorArgs& args) {
    args.terminal = command.add_subcommand("terminal", "What the screens find in this terminal, and what to do about it");
    command.add_option("--adopt", args.adopt, "Record a key that the vault does not know")->type_name("KEY");
    command.add_option("--disable", args.disable, "Disable a key that the vault does not know (one the doctor named)")
        ->type_name("KEY");
    command.add_flag("--confirm-clock", args.confirm_clock, "The clock is right: keys that are due may be destroyed");
}

Outcome confirm_clock(Context& context) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    Status agreed = context.confirm("Keys whose deletion is due by this clock will be destroyed.");
    if (!agreed) return fail(agreed);
    return finish(context, "confirmed", "clock", [&](Engine& e) { return e.confirm_clock(context.session()); });
}

bool is_problem(const DoctorFinding& finding) { return finding.severity == "problem"; }

Paint paint_of(std::string_view severity) {
    if (severity == "ok") return Paint::kGood;
    return severity == "problem" ? Paint::kBad : Paint::kWarn;
}

void write_finding(Output& out, const DoctorFinding& finding) {
    out.line(
        fmt::format("{} {}", out.painted(finding.severity + ":", paint_of(finding.severity)), safe_text(finding.sentence)));
    if (!finding.command.empty()) out.line(fmt::format("  {}", safe_text(finding.command)));
}

/// Exit status 1 while there is a problem.
Outcome tell(Output& out, const std::vector<DoctorFinding>& findings) {
    for (const DoctorFinding& finding : findings) {
        out.json() ? out.line(to_json(finding)) : write_finding(out, finding);
    }
    return std::ranges::any_of(findings, is_problem) ? 1 : 0;
}

Outcome examine(Context& context) {
    auto engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    auto findings = (*engine)->doctor(context.session());
    if (!findings) return fail(findings);
    Output& out = context.out();
    if (findings->empty() && !out.json()) out.line("No problem found.");
    return tell(out, *findings);
}

/// Disables an orphan. A key that the vault does know has wallets on it, perhaps: that is `key disable`.
Outcome disable(Context& context, const std::string& name) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto key = (*engine)->key(context.session(), name);
    if (!key) return fail(key);
    auto findings = (*engine)->doctor(context.session());
    if (!findings) return fail(findings);
    const bool orphan = std::ranges::any_of(
        *findings, [&](const DoctorFinding& finding) { return finding.check == "orphan-key" && finding.key_id == key->id; });
    if (!orphan) {
        return fail(ErrorCode::kRejected, fmt::format("The doctor does not find the key {} to be an orphan.", key->id),
                    fmt::format("`keydeck key disable {}` disables a key that the vault knows.", key->id));
    }
    return answer(context, (*engine)->disable_key(context.session(), key->id));
}

Outcome doctor(Context& context, const DoctorArgs& args) {
    if (args.terminal->parsed()) return tell(context.out(), ui::examine_terminal());
    if (!args.adopt.empty() + !args.disable.empty() + args.confirm_clock > 1) {
        return fail(ErrorCode::kInvalidInput, "One thing at a time: --adopt, --disable or --confirm-clock.");
    }
    if (!args.adopt.empty()) {
        return change(context, [&](Engine& engine) { return engine.adopt_key(context.session(), args.adopt); });
    }
    if (!args.disable.empty()) return disable(context, args.disable);
    return args.confirm_clock ? confirm_clock(context) : examine(context);
}

}  // namespace

void register_doctor(CLI::App& app, Context& context) {
    add_command(app, context, "doctor",
                "Look for what is wrong with the vault, and mend it; exit status 1 while there is a problem", declare,
                doctor);
}

}  // namespace keydeck::cli
