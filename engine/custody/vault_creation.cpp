#include "engine/custody/vault_creation.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "engine/base/file.hpp"
#include "engine/base/hex.hpp"
#include "engine/custody/arn.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/store/store.hpp"

namespace keydeck::custody {
namespace fs = std::filesystem;
namespace {

/// Removes what was made so far unless the vault was finished; newest first. Only its own staging folder goes with its
/// content: another process may have made its vault in the same directory meanwhile. A key file stays: that process may use
/// it already.
class Cleanup {
public:
    Cleanup() = default;
    Cleanup(const Cleanup&) = delete;
    Cleanup& operator=(const Cleanup&) = delete;
    ~Cleanup() {
        if (!staging_.empty()) fs::remove_all(staging_, ignored_);
        for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove(*path, ignored_);
    }
    void on_failure_remove(fs::path path) { made_.push_back(std::move(path)); }
    void on_failure_remove_staging(fs::path path) { staging_ = std::move(path); }
    void keep_everything() {
        made_.clear();
        staging_.clear();
    }

private:
    std::error_code ignored_;
    fs::path staging_;
    std::vector<fs::path> made_;
};

std::unexpected<Error> cannot_create(const fs::path& path, int error) {
    const bool denied = error == EACCES || error == EPERM || error == EROFS;
    return fail(denied ? ErrorCode::kDenied : ErrorCode::kUnavailable,
                "The directory " + path.string() + " cannot be made: " + std::generic_category().message(error) + ".");
}

/// Makes the directory (0700) with its parents; notes each one it made.
Status make_directory(const fs::path& directory, Cleanup& cleanup) {
    std::error_code error;
    if (fs::is_directory(directory, error)) return {};
    if (fs::exists(directory, error)) return fail(ErrorCode::kInvalidInput, directory.string() + " is not a directory.");
    if (directory.has_parent_path() && directory.parent_path() != directory) {
        if (Status parent = make_directory(directory.parent_path(), cleanup); !parent) return parent;
    }
    if (::mkdir(directory.c_str(), 0700) != 0) {
        if (errno == EEXIST) return {};
        return cannot_create(directory, errno);
    }
    cleanup.on_failure_remove(directory);
    return {};
}

fs::path absolute_path(const fs::path& path) {
    std::error_code error;
    fs::path absolute = fs::absolute(path, error).lexically_normal();
    if (!absolute.has_filename()) absolute = absolute.parent_path();  // a trailing slash
    return absolute;
}

Status check_creation(const VaultCreation& creation) {
    if (creation.directory.empty()) return fail(ErrorCode::kInvalidInput, "The vault needs a directory.");
    if (creation.kms == kKmsAws) {
        if (creation.key_file.empty() && creation.passphrase.empty()) return {};
        return fail(ErrorCode::kInvalidInput,
                    "A key file or a passphrase is for the embedded KMS: with AWS there is neither.");
    }
    if (creation.kms != kKmsLocal) return fail(ErrorCode::kInvalidInput, "There is no KMS \"" + creation.kms + "\".");
    if (creation.key_file.empty() == creation.passphrase.empty()) {
        return fail(ErrorCode::kInvalidInput, "A vault is opened by a key file or by a passphrase: exactly one of both.",
                    "Name one with --key-file FILE, or a passphrase with --passphrase-file FILE.");
    }
    const auto is_region_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (creation.region.empty() || creation.region.size() > 32 ||
        !std::ranges::all_of(creation.region, is_region_character)) {
        return fail(ErrorCode::kInvalidInput, "The region must look like us-east-1.");
    }
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (creation.account.size() != 12 || !std::ranges::all_of(creation.account, is_digit)) {
        return fail(ErrorCode::kInvalidInput, "The account must be 12 digits.");
    }
    return {};
}

Status check_vacant(const fs::path& directory) {
    for (const fs::path& file : {database_path(directory), kms_path(directory), seal_path(directory)}) {
        if (is_there(file)) {
            return fail(ErrorCode::kAlreadyExists, "There is a vault in " + directory.string() + " already.",
                        "Choose another directory with --vault DIR.");
        }
    }
    return {};
}

/// Clears what a creation that was cut short has left. Called under the exclusive lock, so that its process is dead; the
/// staging folder goes last, because it is what tells a half-made vault from one that has lost its keydeck.db.
Status clear_half_made(const fs::path& directory) {
    std::error_code error;
    if (is_half_made(directory)) {
        const std::string kms = kms_path(directory).string();
        for (const fs::path& file : {fs::path(kms), fs::path(kms + "-wal"), fs::path(kms + "-shm"), seal_path(directory)}) {
            fs::remove(file, error);
            if (error) return fail(ErrorCode::kDenied, "What is left of a vault in " + directory.string() + " stays there.");
        }
    }
    if (has_kms_part(directory) || is_there(database_path(directory))) return {};
    for (const fs::path& staging : stagings_in(directory)) fs::remove_all(staging, error);
    return {};
}

/// The 32 bytes of the key file, made first where it is missing.
Result<SecretBytes> key_file_secret(const fs::path& path, Random& random) {
    if (is_there(path)) return read_key_file(path);
    SecretBytes key(kKeyFileSize);
    random.fill(key.span());
    if (Status made = create_private_file(path, key.view()); !made) {
        if (made.error().code == ErrorCode::kNotFound) {
            return fail(ErrorCode::kInvalidInput,
                        "The key file's directory " + path.parent_path().string() + " does not exist.");
        }
        return fail(made);
    }
    return key;
}

/// An empty directory that was there already becomes 0700 too; one with other things in it is left as its owner wants it.
void tighten_if_empty(const fs::path& directory) {
    std::error_code error;
    if (fs::is_empty(directory, error) && !error) fs::permissions(directory, fs::perms::owner_all, error);
}

store::VaultRecord record_of(const VaultCreation& creation, const Clock& clock, Random& random) {
    store::VaultRecord record;
    record.id = random.uuid();
    record.kms = creation.kms;
    record.region = creation.region;
    record.account = creation.account;
    record.is_demo = creation.is_demo;
    record.created_at = clock.now();
    return record;
}

/// keydeck.db in `staging`, with the audit log's first row; closed when it returns.
Status make_database(const fs::path& staging, const store::VaultRecord& record, const SecretBytes& seal_key) {
    const oversight::AuditSeal seal{record.id, seal_key.view()};
    return store::Store::create(database_path(staging), record,
                                [&](sqlite::Database& database) { return oversight::start_audit_log(database, seal); });
}

/// The root secret of the embedded KMS; `key_file` receives the file's absolute path where it is a file.
Result<kms::RootSecret> root_secret(const VaultCreation& creation, Random& random, fs::path& key_file) {
    if (creation.key_file.empty()) return kms::RootSecret{kms::RootSecret::Kind::kPassphrase, creation.passphrase.clone()};
    key_file = absolute_path(creation.key_file);
    Result<SecretBytes> key = key_file_secret(key_file, random);
    if (!key) return fail(key);
    return kms::RootSecret{kms::RootSecret::Kind::kKeyFile, std::move(*key)};
}

Status make_local_vault(const fs::path& staging, const VaultCreation& creation, const Clock& clock, Random& random) {
    fs::path key_file;
    const Result<kms::RootSecret> root = root_secret(creation, random, key_file);
    if (!root) return fail(root);
    const kms::LocalKmsOptions options{creation.region, creation.account, creation.scrypt_n};
    if (Status made = kms::LocalKms::create(kms_path(staging), *root, options, clock, random); !made) return made;
    Result<std::unique_ptr<kms::LocalKms>> local = kms::LocalKms::open(kms_path(staging), clock, random);
    if (!local) return fail(local);
    if (Status unlocked = (*local)->unlock(*root); !unlocked) return unlocked;
    const Result<SecretBytes> seal_key = (*local)->derive_key(kAuditSealLabel);
    if (!seal_key) return fail(seal_key);
    store::VaultRecord record = record_of(creation, clock, random);
    record.key_file = key_file.string();
    return make_database(staging, record, *seal_key);
}

/// Asks AWS one cheap question, so that missing credentials, a wrong region or endpoint are found out now and not by the
/// first wallet. It may well answer that there are no keys.
Status make_aws_vault(const fs::path& staging, const VaultCreation& creation, const Clock& clock, Random& random) {
    kms::aws::AwsKmsOptions options;
    options.region = creation.region;
    options.profile = creation.profile;
    options.endpoint = creation.endpoint_url;
    const Result<std::unique_ptr<kms::aws::AwsKms>> aws = kms::aws::AwsKms::open(std::move(options), clock, random);
    if (!aws) return fail(aws);
    const Result<kms::Page<kms::KeyListEntry>> keys = (*aws)->list_keys({.limit = 1, .marker = {}});
    if (!keys) return fail(keys);
    store::VaultRecord record = record_of(creation, clock, random);
    record.region = (*aws)->region();
    record.profile = creation.profile;
    record.endpoint_url = creation.endpoint_url;
    record.account = keys->items.empty() ? std::string() : account_of(keys->items.front().arn);
    SecretBytes seal_key(kKeyFileSize);
    random.fill(seal_key.span());
    if (Status made = create_private_file(seal_path(staging), seal_key.view()); !made) return made;
    return make_database(staging, record, seal_key);
}

/// Moves the finished files to their place, keydeck.db last: a vault is there when that file is.
Status move_into_place(const fs::path& staging, const fs::path& directory, Cleanup& cleanup) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(staging, error)) files.push_back(entry.path().filename());
    std::ranges::stable_partition(files, [&](const fs::path& name) { return name != database_path({}).filename(); });
    for (const fs::path& name : files) {
        cleanup.on_failure_remove(directory / name);
        fs::rename(staging / name, directory / name, error);
        if (error)
            return fail(ErrorCode::kUnavailable, "The vault's files could not be moved into " + directory.string() + ".");
    }
    fs::remove(staging, error);
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        const bool synced = ::fsync(descriptor) == 0;
        ::close(descriptor);
        if (!synced)
            return fail(ErrorCode::kUnavailable, "The directory " + directory.string() + " could not be synced to disk.");
    }
    return {};
}

}  // namespace

Status create_vault(const VaultCreation& creation, const Clock& clock, Random& random) {
    harden_process();
    if (Status sound = check_creation(creation); !sound) return sound;
    const fs::path directory = absolute_path(creation.directory);
    if (Status vacant = check_vacant(directory); !vacant && !is_half_made(directory)) return vacant;
    Cleanup cleanup;
    if (Status made = make_directory(directory, cleanup); !made) return made;
    const Result<VaultLock> lock = VaultLock::take(directory, VaultLock::Kind::kExclusive);
    if (!lock) return fail(lock);
    if (Status cleared = clear_half_made(directory); !cleared) return cleared;
    tighten_if_empty(directory);
    if (Status vacant = check_vacant(directory); !vacant) return vacant;  // now that nobody else makes one

    const fs::path staging = directory / (std::string(kStagingPrefix) + to_hex(random.bytes<8>()));
    cleanup.on_failure_remove_staging(staging);
    if (Status made = make_directory(staging, cleanup); !made) return made;
    Status made = creation.kms == kKmsAws ? make_aws_vault(staging, creation, clock, random)
                                          : make_local_vault(staging, creation, clock, random);
    if (!made) return made;
    if (Status moved = move_into_place(staging, directory, cleanup); !moved) return moved;
    cleanup.keep_everything();
    return {};
}

}  // namespace keydeck::custody
