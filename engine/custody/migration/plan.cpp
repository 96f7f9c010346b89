#include "engine/custody/migration/plan.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/base/json.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

Result<std::vector<crypto::FernetKey>> parse_keys(const std::vector<SecretBytes>& texts) {
    std::vector<crypto::FernetKey> keys;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        Result<crypto::FernetKey> key = crypto::FernetKey::parse(texts[i].text());
        if (!key) {
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("Fernet key {} of {} is malformed. {}", i + 1, texts.size(), key.error().message),
                        key.error().hint);
        }
        keys.push_back(std::move(*key));
    }
    return keys;
}

std::string way_to_enable(const kms::KeyMetadata& key) {
    if (key.state == kms::KeyState::kPendingDeletion)
        return "Cancel the deletion: keydeck key cancel-deletion " + key.key_id;
    return key.state == kms::KeyState::kDisabled ? "Enable it: keydeck key enable " + key.key_id : "";
}

Result<kms::KeyMetadata> usable_key(OpenVault& vault, const std::string& reference) {
    if (reference.empty()) {
        return fail(ErrorCode::kInvalidInput, "No KMS key was named to migrate to.",
                    "Name it with --to KEY or AWS_KMS_KEY_ID; `keydeck key create` makes one.");
    }
    Result<kms::KeyMetadata> key = vault.kms().describe_key(reference);
    if (!key) return fail(key);
    if (key->spec != kms::KeySpec::kSymmetricDefault) {
        return fail(ErrorCode::kRejected, fmt::format("The key {} is not symmetric: it cannot encrypt.", reference),
                    "keydeck key list shows the keys there are.");
    }
    if (key->state == kms::KeyState::kEnabled) return key;
    return fail(ErrorCode::kRejected,
                fmt::format("The key {} is {}; nothing was changed.", reference, kms::to_string(key->state)),
                way_to_enable(*key));
}

Status check_against(const std::optional<JournalHead>& journal, const kms::KeyMetadata& key, bool bind) {
    if (!is_under_way(journal)) return {};
    if (journal->key_arn != key.arn) {
        return fail(ErrorCode::kRejected,
                    fmt::format("This database was migrated to the key {}, not to {}.", journal->key_arn, key.arn),
                    "Name that key, or roll the migration back first.");
    }
    if (journal->bind == bind) return {};
    return fail(ErrorCode::kRejected,
                fmt::format("This database was migrated {} --bind.", journal->bind ? "with" : "without"),
                journal->bind ? "Add --bind." : "Leave out --bind, or roll the migration back first.");
}

Status check_keys_of_rows(const std::vector<AppColumn>& columns, const FernetMigration& request) {
    for (const AppColumn& column : columns) {
        if (!column.key.empty()) continue;
        if (request.bind) {
            return fail(ErrorCode::kRejected,
                        fmt::format("The table {} declares no PRIMARY KEY, and a rowid is nothing to bind a ciphertext to.",
                                    column.table),
                        "Leave out --bind, or give the table a primary key.");
        }
        if (request.vacuum) {
            return fail(ErrorCode::kRejected,
                        fmt::format("The table {} declares no PRIMARY KEY: VACUUM may number its rows anew, and the journal "
                                    "of the migration would not know them any more.",
                                    column.table),
                        "Leave out --vacuum; run VACUUM yourself once you will not roll back any more.");
        }
    }
    return {};
}

Result<MigrationPlan> plan_without_kms(Database& database, const FernetMigration& request) {
    MigrationPlan plan;
    plan.database = database.path();
    Result<std::vector<crypto::FernetKey>> keys = parse_keys(request.keys);
    if (!keys) return fail(keys);
    plan.keys = std::move(*keys);
    Result<std::vector<AppColumn>> columns = find_columns(database, request.columns);
    if (!columns) return fail(columns);
    plan.columns = std::move(*columns);
    return plan;
}

}  // namespace

std::string MigrationPlan::text() const {
    std::string names = "[";
    for (const AppColumn& column : columns) {
        if (names.size() > 1) names += ',';
        json::append_quoted(names, column.name());
    }
    oversight::Detail detail;
    detail.text("database", database.string()).raw("columns", names + ']').text("to", key_arn);
    return detail.boolean("bind", bind).done();
}

Result<kms::EncryptionContext> MigrationPlan::context_of(const Cell& cell) const {
    if (!bind) return kms::EncryptionContext{};
    return cell.context();
}

Result<Database> open_app_database(const FernetMigration& request, bool read_only) {
    sqlite::ForeignOptions options;
    options.read_only = read_only;
    options.busy_timeout_ms = static_cast<int>(request.patience.count());
    return Database::open_foreign(request.database, options);
}

Result<MigrationPlan> plan_migration(OpenVault& vault, Database& database, const FernetMigration& request,
                                     const std::optional<JournalHead>& journal) {
    Result<MigrationPlan> plan = plan_without_kms(database, request);
    if (!plan) return fail(plan);
    plan->bind = request.bind;
    if (Status rows = check_keys_of_rows(plan->columns, request); !rows) return fail(rows);
    const bool begun = request.to.empty() && is_under_way(journal);
    const Result<kms::KeyMetadata> key = usable_key(vault, begun ? journal->key_arn : request.to);
    if (!key) return fail(key);
    plan->key_id = key->key_id;
    plan->key_arn = key->arn;
    if (Status same = check_against(journal, *key, plan->bind); !same) return fail(same);
    return plan;
}

Result<MigrationPlan> plan_rollback(Database& database, const FernetMigration& request, const JournalHead& journal) {
    Result<MigrationPlan> plan = plan_without_kms(database, request);
    if (!plan) return fail(plan);
    plan->bind = journal.bind;
    plan->key_arn = journal.key_arn;
    plan->key_id = journal.key_arn.substr(journal.key_arn.rfind('/') + 1);
    return plan;
}

}  // namespace keydeck::custody::migration
