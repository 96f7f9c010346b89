#include "app/cli/migrate_records.hpp"

#include <chrono>
#include <functional>

#include <fmt/format.h>

#include "app/cli/counted.hpp"
#include "app/cli/json_object.hpp"
#include "app/cli/safe_text.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kMostShown = 50;

template <class T, class ToJson>
std::string array_of(const std::vector<T>& items, ToJson to_item) {
    std::string json = "[";
    for (const T& item : items) {
        if (json.size() > 1) json += ',';
        json += to_item(item);
    }
    return json + ']';
}

std::string json_of(const FernetColumnReport& column) {
    return JsonObject()
        .text("column", column.column)
        .number("rows", column.rows)
        .number("tokens", column.tokens)
        .number("migrated", column.migrated)
        .number("undecryptable", column.undecryptable)
        .number("other", column.other)
        .number("empty", column.empty)
        .finish();
}

std::string json_of(const FernetProblem& problem) {
    return JsonObject().text("column", problem.column).text("row", problem.row).text("reason", problem.reason).finish();
}

std::string quoted(const std::string& text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

double seconds_of(const FernetReport& report) { return std::chrono::duration<double>(report.time).count(); }

/// Cells a second; 0 where nothing was changed.
double rate_of(const FernetReport& report) {
    const double seconds = seconds_of(report);
    return seconds > 0 ? static_cast<double>(report.changed) / seconds : 0;
}

std::string column_line(const FernetColumnReport& column) {
    return fmt::format("{}: {}: {}, {} migrated, {} undecryptable, {} other, {} empty", safe_text(column.column),
                       counted(column.rows, "row"), counted(column.tokens, "token"), column.migrated, column.undecryptable,
                       column.other, column.empty);
}

void problem_lines(const FernetReport& report, const std::function<void(const std::string&)>& line) {
    std::size_t shown = 0;
    for (const FernetProblem& problem : report.problems) {
        if (++shown > kMostShown) break;
        line(fmt::format("  {} {}: {}", safe_text(problem.column), safe_text(problem.row), safe_text(problem.reason)));
    }
    const auto told = static_cast<std::int64_t>(std::min(report.problems.size(), kMostShown));
    if (report.problem_count > told) line(fmt::format("  and {} more", report.problem_count - told));
}

std::string outcome_of(const FernetReport& report, std::string_view mode) {
    const std::string problems = report.is_complete() ? "" : fmt::format("; cells with a problem: {}", report.problem_count);
    if (mode == "verify") return report.is_complete() ? "every cell opens under the key" : "not complete" + problems;
    if (mode == "check") return "nothing was changed" + problems;
    const std::string_view done = mode == "rollback" ? "turned back to Fernet" : "migrated";
    const std::string again =
        report.migrated_again > 0 ? fmt::format(", {} of them changed meanwhile", report.migrated_again) : "";
    return fmt::format("{} cells {}{} in {:.1f} s ({:.0f}/s){}", report.changed, done, again, seconds_of(report),
                       rate_of(report), problems);
}

}  // namespace

std::string to_json(const FernetColumn& column) {
    return JsonObject()
        .text("table", column.table)
        .text("column", column.column)
        .number("rows", column.rows)
        .number("tokens", column.tokens)
        .finish();
}

std::string to_json(const FernetReport& report, std::string_view mode) {
    return JsonObject()
        .text("mode", mode)
        .boolean("complete", report.is_complete())
        .text("key_id", report.key_id)
        .number("changed", report.changed)
        .number("migrated_again", report.migrated_again)
        .raw("seconds", fmt::format("{:.3f}", seconds_of(report)))
        .raw("cells_per_second", fmt::format("{:.1f}", rate_of(report)))
        .text_or_null("backup", report.backup.string())
        .raw("columns", array_of(report.columns, [](const FernetColumnReport& column) { return json_of(column); }))
        .number("problem_count", report.problem_count)
        .raw("problems", array_of(report.problems, [](const FernetProblem& problem) { return json_of(problem); }))
        .raw("notices", array_of(report.notices, quoted))
        .finish();
}

void show(Output& out, const FernetReport& report, std::string_view mode) {
    if (out.json()) return out.line(to_json(report, mode));
    Table table(out, {{"COLUMN"},
                      {"ROWS", true},
                      {"TOKENS", true},
                      {"MIGRATED", true},
                      {"UNDECRYPTABLE", true},
                      {"OTHER", true},
                      {"EMPTY", true}});
    for (const FernetColumnReport& column : report.columns) {
        table.row({column.column, std::to_string(column.rows), std::to_string(column.tokens),
                   std::to_string(column.migrated), std::to_string(column.undecryptable), std::to_string(column.other),
                   std::to_string(column.empty)});
    }
    table.finish("No columns.");
    write_details(out, {{"Key", report.key_id}, {"Outcome", outcome_of(report, mode)}, {"Backup", report.backup.string()}});
    problem_lines(report, [&](const std::string& text) { out.line(text); });
    for (const std::string& notice : report.notices) out.line(safe_text(notice));
}

void note_check(Output& out, const FernetReport& report) {
    for (const FernetColumnReport& column : report.columns) out.note(column_line(column));
    problem_lines(report, [&](const std::string& text) { out.note(text); });
}

}  // namespace keydeck::cli
