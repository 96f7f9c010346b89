// The filter of the audit screen: `actor:alice action:SignMessage result:denied 0x454a…`.
#pragma once

#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace keydeck::ui {

struct AuditFilter {
    AuditQuery query;     ///< without a page
    std::string problem;  ///< empty: the filter is understood
};

/// Words between blanks. `field:value` with the fields actor action target user key result since; a word beginning with 0x
/// is a target, any other word a user. `since:` takes `today`, `2h`, `7d` or a date, seen from `now`. The same field twice
/// is a problem.
[[nodiscard]] AuditFilter read_audit_filter(std::string_view text, Timestamp now);
[[nodiscard]] std::string audit_filter_problem(const std::string& text);

}  // namespace keydeck::ui
