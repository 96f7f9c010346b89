#include "ui/views/audit_filter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ui/nearest.hpp"
#include "ui/time_words.hpp"

namespace keydeck::ui {
namespace {

constexpr std::array<std::pair<std::string_view, std::string AuditQuery::*>, 6> kFields{{
    {"actor", &AuditQuery::actor},
    {"action", &AuditQuery::action},
    {"target", &AuditQuery::target},
    {"user", &AuditQuery::user},
    {"key", &AuditQuery::key},
    {"result", &AuditQuery::result},
}};

// Addresses are kept with their EIP-55 checksum; a person may type them in any case.
std::string as_target(std::string_view text) {
    const auto address = parse_address_text(text);
    return address ? checksum_address(*address) : std::string(text);
}

std::string take_since(AuditQuery& query, std::string_view value, Timestamp now) {
    if (query.since) return "since: stands there twice";
    if (value.empty()) return "";
    const auto since = parse_time(value, "since:", now);
    if (!since) return "since: takes today, 2h, 7d or 2026-11-23";
    query.since = *since;
    return "";
}

std::string no_field(std::string_view name) {
    std::vector<std::string> names{"since"};
    for (const auto& [field, member] : kFields) names.emplace_back(field);
    const std::string nearest = nearest_name(name, names);
    if (!nearest.empty()) return fmt::format("no field {}: — did you mean {}:?", name, nearest);
    return fmt::format("no field {}: — actor action target user key result since", name);
}

// A filter that nothing can match would look as if nothing had happened.
std::string result_problem(std::string_view value) {
    static const std::vector<std::string> kResults = [] {
        std::vector<std::string> all{"ok"};
        for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code)
            all.emplace_back(to_string(static_cast<ErrorCode>(code)));
        return all;
    }();
    if (value.empty() || std::ranges::find(kResults, value) != kResults.end()) return "";
    const std::string nearest = nearest_name(value, kResults);
    return nearest.empty() ? fmt::format("result: is {}", fmt::join(kResults, " "))
                           : fmt::format("no result {} — did you mean {}?", value, nearest);
}

// Events name keys by id: an alias may have been another key's then.
std::string key_problem(std::string_view value) {
    return value.starts_with("alias/") ? "key: takes a key's id; in Keys a shows its events" : "";
}

std::string take_word(AuditQuery& query, std::string_view word, Timestamp now) {
    std::string_view name = word.starts_with("0x") ? "target" : "user";
    std::string_view value = word;
    if (const std::size_t colon = word.find(':'); colon != std::string_view::npos) {
        name = word.substr(0, colon);
        value = word.substr(colon + 1);
    }
    for (const auto& [field, member] : kFields) {
        if (field != name) continue;
        if (!(query.*member).empty()) return fmt::format("{}: stands there twice", field);
        query.*member = field == "target" ? as_target(value) : std::string(value);
        return field == "result" ? result_problem(value) : field == "key" ? key_problem(value) : std::string();
    }
    return name == "since" ? take_since(query, value, now) : no_field(name);
}

}  // namespace

AuditFilter read_audit_filter(std::string_view text, Timestamp now) {
    AuditFilter out;
    while (out.problem.empty()) {
        const std::size_t start = text.find_first_not_of(' ');
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        const std::string_view word = text.substr(0, text.find(' '));
        out.problem = take_word(out.query, word, now);
        text.remove_prefix(word.size());
    }
    return out;
}

std::string audit_filter_problem(const std::string& text) { return read_audit_filter(text, {}).problem; }

}  // namespace keydeck::ui
