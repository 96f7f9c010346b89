// The audit log as CloudTrail records, and the times that its commands take.
#pragma once

#include <string>

#include "app/cli/context.hpp"

namespace CLI {
class App;
}

namespace keydeck::cli {

struct TimeArgs {
    std::string since;
    std::string until;
};
void declare_times(CLI::App& command, TimeArgs& times);
/// Error: invalid_input.
Status take_times(const TimeArgs& times, AuditQuery& query);

void register_audit_export(CLI::App& group, Context& context);

}  // namespace keydeck::cli
