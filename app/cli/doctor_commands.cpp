#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct DoctorArgs {
    std::string adopt;
    std::string disable;
    bool confirm_clock = false;
};

void declare(CLI::App& command, DoctorArgs& args) {
    command.add_option("--adopt", args.adopt, "Record a key that the vault does not know")->type_name("KEY");
    command.add_option("--disable", args.disable, "Disable a key that the vault does not know")->type_name("KEY");
    command.add_flag("--confirm-clock", args.confirm_clock, "The clock is right: keys that are due may be destroyed");
}

Outcome confirm_clock(Context& context) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    Status agreed = context.confirm("Keys whose deletion is due by this clock will be destroyed.");
    if (!agreed) return fail(agreed);
    return finish(context, "confirmed", "clock", [&](Engine& e) { return e.confirm_clock(context.session()); });
}

void write_finding(Output& out, const DoctorFinding& finding) {
    const bool problem = finding.severity == "problem";
    out.line(fmt::format("{} {}", out.painted(problem ? "problem:" : "notice:", problem ? Paint::kBad : Paint::kWarn),
                         safe_text(finding.sentence)));
    if (!finding.command.empty()) out.line(fmt::format("  {}", safe_text(finding.command)));
}

Outcome examine(Context& context) {
    auto engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    auto findings = (*engine)->doctor(context.session());
    if (!findings) return fail(findings);
    Output& out = context.out();
    for (const DoctorFinding& finding : *findings) {
        out.json() ? out.line(to_json(finding)) : write_finding(out, finding);
    }
    if (findings->empty() && !out.json()) out.line("No problem found.");
    return 0;
}

Outcome doctor(Context& context, const DoctorArgs& args) {
    if (!args.adopt.empty() + !args.disable.empty() + args.confirm_clock > 1) {
        return fail(ErrorCode::kInvalidInput, "One thing at a time: --adopt, --disable or --confirm-clock.");
    }
    if (!args.adopt.empty()) {
        return change(context, [&](Engine& engine) { return engine.adopt_key(context.session(), args.adopt); });
    }
    if (!args.disable.empty()) {
        return change(context, [&](Engine& engine) { return engine.disable_key(context.session(), args.disable); });
    }
    return args.confirm_clock ? confirm_clock(context) : examine(context);
}

}  // namespace

void register_doctor(CLI::App& app, Context& context) {
    add_command(app, context, "doctor", "Look for what is wrong with the vault, and mend it", declare, doctor);
}

}  // namespace keydeck::cli
