#include "engine/custody/backup/restored_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/base/file.hpp"
#include "engine/custody/backup/manifest.hpp"
#include "engine/custody/backup/snapshot.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/local/schema.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/schema.hpp"
#include "engine/store/store.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

using sqlite::Database;

/// Writes one file after the other, as their pieces come.
class Writer {
public:
    explicit Writer(RestoredFiles& files) : files_(&files) {}

    Status take(const BackupFile& file, ByteView piece) {
        if (file.name == kKeyFileName) {
            files_->key_file.append(piece);
            return {};
        }
        if (file.name != name_) {
            if (Status ended = end(); !ended) return ended;
            if (Status begun = begin(file.name); !begun) return begun;
        }
        return file_->append(piece);
    }
    Status end() {
        Status finished = file_ ? file_->finish() : Status{};
        file_.reset();
        name_.clear();
        return finished;
    }

private:
    Status begin(const std::string& name) {
        fs::path path = files_->folder / name;
        if (!is_of_vault(name)) {
            const fs::path folder = files_->folder / kSettingsFolder;
            if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_failure(errno, "make", folder);
            path = folder / name;
            files_->settings.push_back(name);
        }
        Result<OutputFile> file = OutputFile::begin(path);
        if (!file) return fail(file);
        file_.emplace(std::move(*file));
        name_ = name;
        return {};
    }

    RestoredFiles* files_;
    std::optional<OutputFile> file_;
    std::string name_;
};

std::unexpected<Error> not_one_vault() {
    return fail(ErrorCode::kCorrupt, "The files in this backup are not those of one vault.", "Use another copy of it.");
}

/// Whole, and not of a newer program's.
Status check_database(Database& database, const fs::path& path, std::int32_t newest) {
    const Result<std::int32_t> version = database.user_version();
    if (!version) return fail(version);
    if (*version > newest) {
        return fail(ErrorCode::kRejected,
                    "The backup's " + path.filename().string() + " was written by a newer Keydeck (its schema is " +
                        std::to_string(*version) + ", this one knows up to " + std::to_string(newest) + ").",
                    "Install that version or a later one.");
    }
    return database.quick_check();
}

Status check_kms(const fs::path& path) {
    Result<Database> kms = open_copy(path, kms::local::kApplicationId, false);
    if (!kms) return fail(kms);
    return check_database(*kms, path, kms::local::migrations().back().version);
}

Result<std::optional<SecretBytes>> local_seal_key(const RestoredFiles& files, const Opener& opener, const Clock& clock,
                                                  Random& random) {
    const bool has_key_file = opener.key_file != nullptr && !opener.key_file->empty();
    const bool has_passphrase = opener.passphrase != nullptr && !opener.passphrase->empty();
    if (!has_key_file && !has_passphrase) return std::optional<SecretBytes>();
    // For reading only: nothing that is due is destroyed in a vault that is not there yet.
    const Result<std::unique_ptr<kms::LocalKms>> kms = kms::LocalKms::open(kms_path(files.folder), clock, random, true);
    if (!kms && kms.error().code == ErrorCode::kRejected) return std::optional<SecretBytes>();  // an older schema
    if (!kms) return fail(kms);
    const auto kind = has_key_file ? kms::RootSecret::Kind::kKeyFile : kms::RootSecret::Kind::kPassphrase;
    if ((*kms)->secret_kind() != kind) return std::optional<SecretBytes>();
    Status unlocked = (*kms)->unlock({kind, has_key_file ? opener.key_file->clone() : opener.passphrase->clone()});
    if (!unlocked) return fail(unlocked);
    Result<SecretBytes> key = (*kms)->derive_key(kAuditSealLabel);
    if (!key) return fail(key);
    return std::optional(std::move(*key));
}

}  // namespace

Result<RestoredFiles> write_files(SealedReader& reader, const BackupManifest& expected, const fs::path& folder,
                                  ByteProgress& progress) {
    RestoredFiles files;
    files.folder = folder;
    Writer writer(files);
    const Result<BackupManifest> read =
        read_contents(reader, [&](const BackupFile& file, ByteView piece) { return writer.take(file, piece); }, progress);
    if (!read) return fail(read);
    if (Status ended = writer.end(); !ended) return fail(ended);
    if (to_json(*read) != to_json(expected)) {
        return fail(ErrorCode::kCorrupt, "The backup was replaced by another one while it was read.");
    }
    return files;
}

Status check_files(RestoredFiles& files, const BackupManifest& manifest) {
    const fs::path path = database_path(files.folder);
    Result<Database> database = open_copy(path, store::kApplicationId, false);
    if (!database) return fail(database);
    if (Status sound = check_database(*database, path, store::kSchemaVersion); !sound) return sound;
    Result<store::VaultIdentity> identity = store::vault_identity(*database);
    if (!identity) return fail(identity);
    files.identity = std::move(*identity);
    const Result<oversight::AuditHead> head = oversight::audit_head(*database);
    if (!head) return fail(head);
    if (files.identity.id != manifest.vault_id || files.identity.kms != manifest.kms ||
        head->events != manifest.audit_events || head->hash != manifest.audit_head)
        return not_one_vault();
    return files.identity.kms == kKmsLocal ? check_kms(kms_path(files.folder)) : Status{};
}

Result<std::optional<SecretBytes>> audit_seal_key(const RestoredFiles& files, const Opener& opener, const Clock& clock,
                                                  Random& random) {
    if (files.identity.kms == kKmsLocal) return local_seal_key(files, opener, clock, random);
    Result<SecretBytes> key = read_key_file(seal_path(files.folder));
    if (!key) return fail(key);
    return std::optional(std::move(*key));
}

Result<std::string> find_broken_chain(const RestoredFiles& files, const SecretBytes& seal_key) {
    Result<Database> database = open_copy(database_path(files.folder), store::kApplicationId, false);
    if (!database) return fail(database);
    const Result<AuditVerification> verified =
        oversight::verify_audit(*database, {files.identity.id, seal_key.view()}, std::nullopt);
    if (!verified) return fail(verified);
    return verified->valid ? std::string() : verified->reason;
}

Status put_right(const RestoredFiles& files, const fs::path& key_file) {
    Result<Database> database = open_copy(database_path(files.folder), store::kApplicationId, true);
    if (!database) return fail(database);
    {
        Result<sqlite::DbTransaction> db_transaction = sqlite::DbTransaction::begin_write(*database);
        if (!db_transaction) return fail(db_transaction);
        if (Status set = store::set_key_file(*database, key_file.string()); !set) return set;
        if (Status released = store::release_jobs(*database); !released) return released;
        if (Status committed = db_transaction->commit(); !committed) return committed;
    }
    return make_self_contained(*database);
}

}  // namespace keydeck::custody::backup
