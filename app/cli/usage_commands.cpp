#include <algorithm>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/counted.hpp"
#include "app/cli/json_object.hpp"
#include "app/cli/prices.hpp"
#include "app/cli/time_argument.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct MetricsArgs {
    std::string since;
    std::string until;
    std::string key;
    std::string operation;
    bool by_minute = false;
    [[nodiscard]] bool asks() const {
        return by_minute || !since.empty() || !until.empty() || !key.empty() || !operation.empty();
    }
};

void declare_metrics(CLI::App& command, MetricsArgs& args) {
    command.add_option("--since", args.since, "From then on: a time, or 90m, 24h, 7d ago (default: 24h; kept: 30d)")
        ->type_name("TIME");
    command.add_option("--until", args.until, "Up to then (default: now)")->type_name("TIME");
    command.add_option("--key", args.key, "Of this key")->type_name("KEY");
    command.add_option("--operation", args.operation, "Of this operation")->type_name("Decrypt|Sign");
    command.add_flag("--by-minute", args.by_minute, "A row a minute");
}

/// Nothing for an empty text.
Result<std::optional<Timestamp>> optional_time(const std::string& text, std::string_view option) {
    if (text.empty()) return std::optional<Timestamp>();
    const auto time = parse_time(text, option, SystemClock().now());
    if (!time) return fail(time);
    return std::optional(*time);
}

Result<MetricsQuery> parse_query(Context& context, const MetricsArgs& args) {
    MetricsQuery query;
    const auto since = optional_time(args.since, "--since");
    if (!since) return fail(since);
    const auto until = optional_time(args.until, "--until");
    if (!until) return fail(until);
    query.since = *since;
    query.until = *until;
    query.operation = args.operation;
    query.by_minute = args.by_minute;
    if (args.key.empty()) return query;
    auto key = known_key_id(context, args.key, [&](const std::string& id) -> Result<bool> {
        MetricsQuery any;
        any.key = id;
        any.since = SystemClock().now() - std::chrono::days(31);
        auto found = look(context, [&](Engine& engine) { return engine.metrics(context.session(), any); });
        if (!found) return fail(found);
        return !found->empty();
    });
    if (!key) return fail(key);
    query.key = std::move(*key);
    return query;
}

std::string metric_json(const Metric& metric) {
    // The names come from the database, so they are quoted; JsonObject takes those of its members as they are.
    std::string errors = "{";
    for (const auto& [name, count] : metric.stats.errors) {
        if (errors.size() > 1) errors += ',';
        append_json_string(errors, name);
        errors += fmt::format(":{}", count);
    }
    errors += '}';
    JsonObject json;
    if (metric.minute) json.time("minute", *metric.minute);
    return json.text_or_null("key_id", metric.key_id)
        .text("operation", metric.operation)
        .number("calls", metric.stats.calls)
        .number("failures", metric.stats.failures)
        .raw("errors", errors)
        .number("p50_us", metric.stats.p50.count())
        .number("p95_us", metric.stats.p95.count())
        .number("p99_us", metric.stats.p99.count())
        .finish();
}

std::vector<std::string> metric_cells(const Metric& metric) {
    std::string errors;
    for (const auto& [name, count] : metric.stats.errors)
        errors += fmt::format("{}{} {}", errors.empty() ? "" : ", ", name, count);
    std::vector<std::string> cells{metric.key_id.empty() ? "-" : metric.key_id,
                                   metric.operation,
                                   std::to_string(metric.stats.calls),
                                   std::to_string(metric.stats.failures),
                                   shown_latency(metric.stats.p50),
                                   shown_latency(metric.stats.p95),
                                   shown_latency(metric.stats.p99),
                                   errors.empty() ? "-" : errors};
    if (metric.minute) cells.insert(cells.begin(), shown_time(*metric.minute).substr(0, 16));
    return cells;
}

Outcome list_metrics(Context& context, const MetricsArgs& args) {
    const auto query = parse_query(context, args);
    if (!query) return fail(query);
    auto metrics = look(context, [&](Engine& engine) { return engine.metrics(context.session(), *query); });
    if (!metrics) return fail(metrics);
    Output& out = context.out();
    if (out.json()) {
        for (const Metric& metric : *metrics) out.line(metric_json(metric));
        return 0;
    }
    std::vector<Column> columns{{"KEY"},       {"OPERATION"}, {"CALLS", true}, {"FAILED", true},
                                {"P50", true}, {"P95", true}, {"P99", true},   {"ERRORS"}};
    if (query->by_minute) columns.insert(columns.begin(), {"MINUTE"});
    Table table(out, std::move(columns));
    for (const Metric& metric : *metrics) table.row(metric_cells(metric));
    table.finish("No calls of the KMS in that time.");
    return 0;
}

Outcome metrics(Context& context, const MetricsArgs& args) {
    if (context.json() || args.asks()) return list_metrics(context, args);
    auto text = look(context, [&](Engine& engine) { return engine.metrics_text(context.session()); });
    if (!text) return fail(text);
    context.out().line(std::string_view(*text).substr(0, text->size() - 1));
    return 0;
}

struct CostArgs {
    std::string users;
    std::string wallets;
    std::string signs;
    std::string pool_size;
    [[nodiscard]] bool asks() const { return !users.empty() || !wallets.empty() || !signs.empty() || !pool_size.empty(); }
};

void declare_cost(CLI::App& command, CostArgs& args) {
    command.add_option("--users", args.users, "What if: that many users")->type_name("N");
    command.add_option("--wallets", args.wallets, "What if: so many wallets each (default: 1)")->type_name("N");
    command.add_option("--signs", args.signs, "What if: so many signatures a month, of all users together")->type_name("N");
    command.add_option("--pool-size", args.pool_size, "What if: so many pool keys (default: KMS_KEY_POOL_SIZE, 10)")
        ->type_name("N");
}

std::string money(MicroDollars amount) { return "$" + dollars(amount); }

std::string line_json(const CostLine& line) {
    return JsonObject()
        .text("name", line.name)
        .number("count", line.count)
        .text("month_so_far", dollars(line.month_so_far))
        .text("forecast", dollars(line.forecast))
        .finish();
}

std::string lines_json(const std::vector<CostLine>& lines) {
    std::string json = "[";
    for (const CostLine& line : lines) {
        if (json.size() > 1) json += ',';
        json += line_json(line);
    }
    return json + ']';
}

std::string report_json(const CostReport& report) {
    return JsonObject()
        .text("month", report.month)
        .text("currency", "USD")
        .boolean("billed", report.is_billed)
        .number("keys", report.total.count)
        .text("month_so_far", dollars(report.total.month_so_far))
        .text("forecast", dollars(report.total.forecast))
        .raw("by_kind", lines_json(report.by_kind))
        .raw("by_user", lines_json(report.by_user))
        .raw("by_custody", lines_json(report.by_custody))
        .finish();
}

void write_lines(Output& out, std::string_view what, std::string_view counted, const std::vector<CostLine>& lines) {
    if (lines.empty()) return;
    Table table(out, {{what}, {counted, true}, {"SO FAR", true}, {"WHOLE MONTH", true}});
    for (const CostLine& line : lines)
        table.row({line.name, std::to_string(line.count), money(line.month_so_far), money(line.forecast)});
    table.finish("");
    out.line("");
}

void write_report(Output& out, const CostReport& report) {
    if (!report.is_billed) {
        out.line(out.painted("Nothing is billed: the keys are in the embedded KMS. In AWS it would be:", Paint::kGood));
        out.line("");
    }
    write_lines(out, "COST OF " + report.month, "COUNT", report.by_kind);
    write_lines(out, "USER", "WALLETS", report.by_user);
    write_lines(out, "CUSTODY", "WALLETS", report.by_custody);
    out.line(fmt::format("{} so far, {} by the end of {} at this rate{}.", money(report.total.month_so_far),
                         money(report.total.forecast), report.month, report.is_billed ? "" : " (in AWS)"));
}

Result<CostQuestion> parse_question(const CostArgs& args, int pool_size) {
    // At AWS's prices these come to sums that 64 bits of micro-dollars hold.
    constexpr std::int64_t kMost = 1'000'000'000;
    constexpr std::int64_t kMostWallets = 1'000'000'000'000;
    constexpr std::int64_t kMostSigns = 1'000'000'000'000'000;
    CostQuestion question;
    const auto users = parse_number(args.users.empty() ? "1" : args.users, "--users", 0, kMost);
    if (!users) return fail(users);
    const auto wallets = parse_number(args.wallets.empty() ? "1" : args.wallets, "--wallets", 0, kMost);
    if (!wallets) return fail(wallets);
    const auto signs = parse_number(args.signs.empty() ? "0" : args.signs, "--signs", 0, kMostSigns);
    if (!signs) return fail(signs);
    if (*users > 0 && *wallets > kMostWallets / *users)
        return fail(ErrorCode::kInvalidInput, fmt::format("--users times --wallets must be at most {}.", kMostWallets));
    const auto pool =
        parse_number(args.pool_size.empty() ? std::to_string(pool_size) : args.pool_size, "--pool-size", 1, 1'000);
    if (!pool) return fail(pool);
    question.users = *users;
    question.wallets_per_user = *wallets;
    question.signs = *signs;
    question.pool_size = static_cast<int>(*pool);
    return question;
}

std::string estimate_json(const CostEstimate& estimate) {
    return JsonObject()
        .text("custody", to_string(estimate.custody))
        .text("currency", "USD")
        .number("keys", estimate.keys)
        .number("making_requests", estimate.making_requests)
        .text("making", dollars(estimate.making))
        .text("keys_month", dollars(estimate.keys_month))
        .text("signs_month", dollars(estimate.signs_month))
        .text("month", dollars(estimate.month()))
        .finish();
}

/// Needs no vault.
Outcome what_if(Context& context, const CostArgs& args) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    const auto prices = load_prices();
    if (!prices) return fail(prices);
    const auto question = parse_question(args, (*settings)->pool_size);
    if (!question) return fail(question);
    const std::vector<CostEstimate> estimates = Engine::estimate_cost(*question, *prices);
    Output& out = context.out();
    if (out.json()) {
        for (const CostEstimate& estimate : estimates) out.line(estimate_json(estimate));
        return 0;
    }
    out.line(fmt::format("{} of {}, {} a month, in AWS:", counted(question->users * question->wallets_per_user, "wallet"),
                         counted(question->users, "user"), counted(question->signs, "signature")));
    out.line("");
    Table table(out, {{"CUSTODY"},
                      {"KEYS", true},
                      {"CALLS TO MAKE", true},
                      {"MAKING, ONCE", true},
                      {"KEYS A MONTH", true},
                      {"SIGNING A MONTH", true},
                      {"A MONTH", true}});
    for (const CostEstimate& estimate : estimates) {
        table.row({std::string(to_string(estimate.custody)), std::to_string(estimate.keys),
                   std::to_string(estimate.making_requests), money(estimate.making), money(estimate.keys_month),
                   money(estimate.signs_month), money(estimate.month())});
    }
    table.finish("");
    return 0;
}

Outcome cost(Context& context, const CostArgs& args) {
    if (args.asks()) return what_if(context, args);
    if (const auto prices = load_prices(); !prices) return fail(prices);
    auto report = look(context, [&](Engine& engine) { return engine.cost(context.session()); });
    if (!report) return fail(report);
    if (context.json()) {
        context.out().line(report_json(*report));
    } else {
        write_report(context.out(), *report);
    }
    return 0;
}

}  // namespace

void register_metrics(CLI::App& app, Context& context) {
    add_command(app, context, "metrics",
                "Calls of the KMS: for Prometheus, or with --json or a filter as rows by key and operation", declare_metrics,
                metrics);
}

void register_cost(CLI::App& app, Context& context) {
    add_command(app, context, "cost",
                "What the month costs in AWS, so far and to its end; or with --users, --signs … what it would cost",
                declare_cost, cost);
}

}  // namespace keydeck::cli
