#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/input.hpp"
#include "app/cli/job_progress.hpp"
#include "app/cli/migrate_records.hpp"
#include "app/cli/safe_text.hpp"
#include "engine/migration.hpp"

namespace keydeck::cli {
namespace {

constexpr std::int64_t kWorthShowing = 200;

struct FernetArgs {
    std::string database;
    std::vector<std::string> columns;
    std::vector<std::string> key_files;
    std::string to;
    bool discover = false;
    bool dry_run = false;
    bool verify = false;
    bool rollback = false;
    bool force = false;
    bool bind = false;
    bool vacuum = false;
};

void declare_fernet(CLI::App& command, FernetArgs& args) {
    command.add_option("--database", args.database, "The application's SQLite database")->type_name("FILE")->required();
    command.add_option("--column", args.columns, "A column of Fernet tokens; may be given several times")
        ->type_name("TABLE.COLUMN");
    command
        .add_option("--key-file", args.key_files,
                    "Fernet keys, one a line; may be given several times (default: ENCRYPTION_KEY, ENCRYPTION_KEY_LEGACY)")
        ->type_name("FILE");
    command.add_option("--to", args.to, "The KMS key: id, ARN or alias/NAME (default: AWS_KMS_KEY_ID)")->type_name("KEY");
    auto* const discover = command.add_flag("--discover", args.discover, "List the columns that hold Fernet tokens");
    auto* const dry_run = command.add_flag("--dry-run", args.dry_run, "Check everything and change nothing");
    auto* const verify = command.add_flag("--verify", args.verify, "Open every cell under the KMS key");
    auto* const rollback = command.add_flag("--rollback", args.rollback, "Back to Fernet, from the backup");
    for (auto* one : {discover, dry_run, verify, rollback}) {
        for (auto* other : {discover, dry_run, verify, rollback}) {
            if (one != other) one->excludes(other);
        }
    }
    command.add_flag("--force", args.force, "With --rollback: also what was written since, as new tokens")->needs(rollback);
    command.add_flag("--bind", args.bind, "An encryption context of table, column and row, for readers that supply it");
    command.add_flag("--vacuum", args.vacuum, "Rewrite the database at the end, without its free pages");
}

/// A part of a list, without blanks around it.
template <class Each>
void each_part(std::string_view text, char separator, Each each) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        std::string_view part = text.substr(0, end);
        while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) part.remove_prefix(1);
        while (!part.empty() && (part.back() == ' ' || part.back() == '\t' || part.back() == '\r')) part.remove_suffix(1);
        if (!part.empty()) each(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

Status keys_from_file(const std::string& path, std::vector<SecretBytes>& keys) {
    auto content = read_secret(path);
    if (!content) return fail(content);
    const std::size_t before = keys.size();
    each_part(content->text(), '\n', [&](std::string_view key) { keys.push_back(SecretBytes::copy_of(key)); });
    if (keys.size() > before) return {};
    return fail(ErrorCode::kInvalidInput, fmt::format("The key file {} is empty.", path));
}

/// Straight from the environment or from the env file into locked memory.
Status keys_from_settings(const Context& context, std::vector<SecretBytes>& keys) {
    for (const char* name : {"ENCRYPTION_KEY", "ENCRYPTION_KEY_LEGACY"}) {
        auto value = secret_setting(context.options.settings, name);
        if (!value) return fail(value);
        each_part(value->text(), ',', [&](std::string_view key) { keys.push_back(SecretBytes::copy_of(key)); });
    }
    return {};
}

Result<FernetMigration> request_of(Context& context, const FernetArgs& args) {
    FernetMigration request;
    request.database = args.database;
    request.columns = args.columns;
    request.bind = args.bind;
    request.vacuum = args.vacuum;
    request.force = args.force;
    for (const std::string& file : args.key_files) {
        if (Status read = keys_from_file(file, request.keys); !read) return fail(read);
    }
    if (args.key_files.empty()) {
        if (Status read = keys_from_settings(context, request.keys); !read) return fail(read);
    }
    request.to = args.to;
    if (request.to.empty()) {
        auto known = context.settings();
        if (!known) return fail(known);
        request.to = (*known)->kms_key;
    }
    return request;
}

Outcome answer_with(Context& context, const Result<FernetReport>& report, std::string_view mode) {
    if (!report) return fail(report);
    show(context.out(), *report, mode);
    return report->is_complete() ? 0 : 1;
}

Outcome discover(Context& context, const FernetArgs& args) {
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto columns = (*engine)->discover_fernet(context.session(), args.database);
    if (!columns) return fail(columns);
    Output& out = context.out();
    if (out.json()) {
        for (const FernetColumn& column : *columns) out.line(to_json(column));
        return 0;
    }
    Table table(out, {{"COLUMN"}, {"ROWS", true}, {"TOKENS", true}});
    for (const FernetColumn& column : *columns) {
        table.row({column.table + "." + column.column, std::to_string(column.rows), std::to_string(column.tokens)});
    }
    table.finish("No column holds Fernet tokens.");
    return 0;
}

/// Runs a verb that works on the whole database, with its progress.
template <class Verb>
Result<FernetReport> with_progress(Context& context, Engine& engine, std::string_view kind, Verb verb) {
    JobProgress progress(context, engine, kind, kWorthShowing);
    Result<FernetReport> report = verb(progress.progress());
    progress.end_line();
    return report;
}

Outcome look(Context& context, const FernetMigration& request, bool verify) {
    auto engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    auto report = with_progress(context, **engine, "", [&](const Progress& progress) {
        return verify ? (*engine)->verify_fernet(context.session(), request, progress)
                      : (*engine)->check_fernet(context.session(), request, progress);
    });
    return answer_with(context, report, verify ? "verify" : "check");
}

Outcome roll_back(Context& context, const FernetMigration& request) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    Status agreed = context.confirm_with(
        "ROLLBACK", fmt::format("{} goes back to the Fernet tokens of its backup.", safe_text(request.database.string())));
    if (!agreed) return fail(agreed);
    auto report = with_progress(context, **engine, "roll-back-fernet", [&](const Progress& progress) {
        return (*engine)->roll_back_fernet(context.session(), request, progress);
    });
    return answer_with(context, report, "rollback");
}

std::int64_t tokens_in(const FernetReport& report) {
    std::int64_t tokens = 0;
    for (const FernetColumnReport& column : report.columns) tokens += column.tokens;
    return tokens;
}

/// Looks first, and shows what it found before it asks.
Outcome migrate(Context& context, const FernetMigration& request) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto found = with_progress(context, **engine, "", [&](const Progress& progress) {
        return (*engine)->check_fernet(context.session(), request, progress);
    });
    if (!found) return fail(found);
    if (!context.json()) note_check(context.out(), *found);
    Status agreed = context.confirm_with(
        "MIGRATE", fmt::format("{} Fernet tokens of {} become ciphertexts under the KMS key {}. A backup is made first.",
                               tokens_in(*found), safe_text(request.database.string()), safe_text(found->key_id)));
    if (!agreed) return fail(agreed);
    auto report = with_progress(context, **engine, "migrate-fernet", [&](const Progress& progress) {
        return (*engine)->migrate_fernet(context.session(), request, progress);
    });
    return answer_with(context, report, "migrate");
}

Outcome fernet(Context& context, const FernetArgs& args) {
    if (args.discover) return discover(context, args);
    // Opened first: with a vault open, nobody dumps or traces what holds the Fernet keys.
    if (auto engine = context.engine(); !engine) return fail(engine);
    auto request = request_of(context, args);
    if (!request) return fail(request);
    if (args.dry_run || args.verify) return look(context, *request, args.verify);
    return args.rollback ? roll_back(context, *request) : migrate(context, *request);
}

}  // namespace

void register_migrate(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "migrate", "Move an application's secrets to the KMS");
    add_command(group, context, "fernet", "From Fernet to KMS ciphertexts, in place, in an SQLite database", declare_fernet,
                fernet);
}

}  // namespace keydeck::cli
