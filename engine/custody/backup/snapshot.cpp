#include "engine/custody/backup/snapshot.hpp"

#include "engine/custody/vault_files.hpp"
#include "engine/kms/local/schema.hpp"
#include "engine/store/store.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

Status strip_wal(const fs::path& path, std::int32_t application_id) {
    Result<sqlite::Database> copy = open_copy(path, application_id, true);
    if (!copy) return fail(copy);
    return make_self_contained(*copy);
}

}  // namespace

Result<sqlite::Database> open_copy(const fs::path& path, std::int32_t application_id, bool writing) {
    sqlite::OpenOptions options;
    options.mode = writing ? sqlite::OpenMode::kReadWrite : sqlite::OpenMode::kReadOnly;
    options.application_id = application_id;
    options.secure_delete = true;
    return sqlite::Database::open(path, options);
}

Status make_self_contained(sqlite::Database& database) { return database.execute("PRAGMA journal_mode = DELETE"); }

Status copy_database(OpenVault& vault, const fs::path& path) {
    Status copied = ask_store(vault, [&](sqlite::Database& database) { return database.backup_to(path); });
    return copied ? strip_wal(path, store::kApplicationId) : copied;
}

Status copy_databases(OpenVault& vault, const fs::path& directory) {
    const fs::path& from = vault.options().directory;
    if (Status copied = copy_database(vault, database_path(directory)); !copied) return copied;
    if (vault.local_kms() == nullptr) return {};
    Result<sqlite::Database> kms = open_copy(kms_path(from), kms::local::kApplicationId, false);
    if (!kms) return fail(kms);
    if (Status copied = kms->backup_to(kms_path(directory)); !copied) return copied;
    return strip_wal(kms_path(directory), kms::local::kApplicationId);
}

}  // namespace keydeck::custody::backup
