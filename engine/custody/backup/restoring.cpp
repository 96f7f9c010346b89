#include "engine/custody/backup/restoring.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/backup/contents.hpp"
#include "engine/custody/backup/key_file_place.hpp"
#include "engine/custody/backup/losses.hpp"
#include "engine/custody/backup/manifest.hpp"
#include "engine/custody/backup/restored_files.hpp"
#include "engine/custody/backup/snapshot.hpp"
#include "engine/custody/backup/staging.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

/// The directory to be, free of links and trailing slashes. Errors: already_exists, invalid_input.
Result<fs::path> find_target(const fs::path& given) {
    std::error_code error;
    fs::path target = fs::absolute(given, error).lexically_normal();
    if (error || given.empty()) return fail(ErrorCode::kInvalidInput, "The vault needs a directory.");
    if (!target.has_filename()) target = target.parent_path();
    if (!is_there(target)) return target;
    target = fs::canonical(target, error);
    if (error || !fs::is_directory(target, error))
        return fail(ErrorCode::kInvalidInput, given.string() + " is not a directory.");
    if (fs::is_empty(target, error) && !error) return target;
    const bool is_vault = is_there(database_path(target)) || has_kms_part(target);
    return fail(ErrorCode::kAlreadyExists,
                is_vault ? "There is a vault in " + target.string() + " already: nothing is restored over it."
                         : "The directory " + target.string() + " is not empty.",
                "Choose another directory with --vault DIR.");
}

/// The directories that had to be made above the vault's; they go again unless the restore is finished.
class Parents {
public:
    Parents() = default;
    Parents(const Parents&) = delete;
    Parents& operator=(const Parents&) = delete;
    ~Parents() {
        std::error_code ignored;
        for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove(*path, ignored);
    }
    Status make(const fs::path& directory) {
        std::error_code error;
        if (fs::is_directory(directory, error)) return {};
        if (directory.has_parent_path() && directory.parent_path() != directory) {
            if (Status above = make(directory.parent_path()); !above) return above;
        }
        if (::mkdir(directory.c_str(), 0700) == 0) {
            made_.push_back(directory);
            return {};
        }
        if (errno != EEXIST) return system_failure(errno, "make", directory);
        // Somebody else's, and never to be removed: a folder made meanwhile, or a file or a link that is in the way.
        if (fs::is_directory(directory, error)) return {};
        return fail(ErrorCode::kInvalidInput, directory.string() + " is not a directory.",
                    "Choose another with --vault DIR.");
    }
    void keep() { made_.clear(); }

private:
    std::vector<fs::path> made_;
};

/// A key file that was written outside of the vault's directory goes again unless the restore is finished.
class WrittenKeyFile {
public:
    explicit WrittenKeyFile(fs::path path) : path_(std::move(path)) {}
    WrittenKeyFile(const WrittenKeyFile&) = delete;
    WrittenKeyFile& operator=(const WrittenKeyFile&) = delete;
    ~WrittenKeyFile() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove(path_, ignored);
    }
    void keep() { path_.clear(); }

private:
    fs::path path_;
};

/// The audit chain, as far as it can be looked at now. That it is broken does not speak against the restore: the backup is
/// what the vault was.
Status check_chain(const RestoredFiles& files, const Opener& opener, const Clock& clock, Random& random,
                   RestoreReport& report) {
    const Result<std::optional<SecretBytes>> seal_key = audit_seal_key(files, opener, clock, random);
    if (!seal_key) return fail(seal_key);
    if (!*seal_key) {
        report.notices.emplace_back(
            "The audit log's chain was not checked, for nothing at hand opens the vault. Check it: "
            "keydeck audit verify");
        return {};
    }
    const Result<std::string> broken = find_broken_chain(files, **seal_key);
    if (!broken) return fail(broken);
    if (!broken->empty())
        report.notices.push_back("The audit log's chain is broken, and was so when the backup was made: " + *broken);
    return {};
}

/// Another vault with this id would go on by itself, with a log of its own, and both would think the keys theirs.
void tell_of_twin(const RestoreReport& report, const fs::path& target, std::vector<std::string>& notices) {
    const fs::path old = report.manifest.directory;
    std::error_code error;
    if (old.empty() || old == target || !is_there(database_path(old))) return;
    Result<sqlite::Database> database = open_copy(database_path(old), store::kApplicationId, false);
    if (!database) return;
    const Result<store::VaultIdentity> identity = store::vault_identity(*database);
    if (!identity || identity->id != report.manifest.vault_id) return;
    notices.push_back("There is a second vault with this id in " + old.string() +
                      ": what is done in one is unknown to the other, and both use the same keys. Keep one of them.");
}

void tell_of_key_file(const KeyFilePlace& place, const BackupManifest& manifest, std::vector<std::string>& notices) {
    if (place.path.empty() || manifest.has_key_file || !place.bytes.empty()) return;
    notices.push_back("The backup was made without the key file, and it is not at " + place.path.string() +
                      ": put it there (mode 0600), for nothing opens without it.");
}

/// The event goes into the log that was restored: whoever reads it sees where time has jumped.
Status record_restore(OpenVault& vault, const Session& session, const RestoreOptions& options,
                      const BackupManifest& manifest) {
    if (vault.needs_unlock() && !options.vault_passphrase.empty()) {
        if (Status unlocked = vault.unlock(options.vault_passphrase); !unlocked) return unlocked;
    }
    AuditEvent event = event_of(vault, session, "RestoreVault", options.file.filename().string());
    event.detail = oversight::Detail()
                       .text("file", options.file.string())
                       .text("made_at", to_rfc3339(manifest.made_at))
                       .text("by", manifest.keydeck_version)
                       .text("from", manifest.directory)
                       .done();
    return vault.write({}, std::span(&event, 1));
}

/// What comes after the vault is there.
void finish_in_vault(const Session& session, const RestoreOptions& options, const Progress& progress, const Clock& clock,
                     Random& random, RestoreReport& report) {
    EngineOptions engine;
    engine.directory = report.directory;
    engine.clock = &clock;
    engine.random = &random;
    Result<std::unique_ptr<OpenVault>> vault = OpenVault::open(engine);
    if (!vault) {
        report.notices.push_back("The vault is there, and does not open yet: " + vault.error().message);
        return;
    }
    if (Status recorded = record_restore(**vault, session, options, report.manifest); !recorded) {
        report.notices.push_back("The restore is not in the vault's audit log: " + recorded.error().message);
    }
    Result<Losses> losses = find_losses(**vault, progress.stop);
    if (!losses) {
        report.notices.push_back("Which wallets still open was not found out: " + losses.error().message);
        return;
    }
    report.losses = std::move(losses->found);
    report.keys_were_checked = !losses->unasked;
    if (losses->unasked) {
        report.notices.push_back("The KMS was not asked which keys are still there (" + losses->unasked->message +
                                 ") Ask it later: keydeck doctor");
    }
}

/// From the sound backup to the folder beside the target that needs only its name.
Result<KeyFilePlace> prepare(SealedReader& reader, const RestoreOptions& options, const fs::path& target,
                             const fs::path& folder, ByteProgress& progress, const Clock& clock, Random& random,
                             RestoreReport& report) {
    Result<RestoredFiles> files = write_files(reader, report.manifest, folder, progress);
    if (!files) return fail(files);
    if (Status sound = check_files(*files, report.manifest); !sound) return fail(sound);
    Result<KeyFilePlace> place = place_key_file(*files, report.manifest, target, options.key_file);
    if (!place) return place;
    const Opener opener{&place->bytes, &options.vault_passphrase};
    if (Status checked = check_chain(*files, opener, clock, random, report); !checked) return fail(checked);
    if (Status right = put_right(*files, place->path); !right) return fail(right);
    tell_of_key_file(*place, report.manifest, report.notices);
    report.settings = std::move(files->settings);
    return place;
}

}  // namespace

Result<RestoreReport> restore(const Session& session, const RestoreOptions& options, const Progress& progress,
                              const Clock& clock, Random& random) {
    harden_process();
    if (Status allowed = require_operator(session, "restore a vault"); !allowed) return fail(allowed);
    const Result<fs::path> target = find_target(options.directory);
    if (!target) return fail(target);
    Result<InputFile> input = InputFile::open(options.file);
    if (!input) return fail(input);
    Result<SealedReader> reader = SealedReader::begin(*input, options.passphrase, options.largest_scrypt_n);
    if (!reader) return fail(reader);
    ByteProgress done(progress, 0);
    Result<BackupManifest> manifest =
        read_contents(*reader, {}, done, [&](const BackupManifest& found) { done.expect(2 * total_size(found)); });
    if (!manifest) return fail(manifest);

    RestoreReport report;
    report.manifest = std::move(*manifest);
    report.directory = *target;
    Parents parents;
    if (Status made = parents.make(target->parent_path()); !made) return fail(made);
    Result<Staging> staging = Staging::make(target->parent_path(), kStagingOfRestore, random);
    if (!staging) return fail(staging);
    const Result<KeyFilePlace> place = prepare(*reader, options, *target, staging->path(), done, clock, random, report);
    if (!place) return fail(place);
    if (Status written = write_key_file(*place, staging->path()); !written) return fail(written);
    WrittenKeyFile key_file(place->is_written && !place->is_in_the_vault ? place->path : fs::path());
    if (Status renamed = staging->rename_to(*target); !renamed) return fail(renamed);
    key_file.keep();
    parents.keep();

    report.key_file = place->bytes.empty() ? fs::path() : place->path;
    tell_of_twin(report, *target, report.notices);
    finish_in_vault(session, options, progress, clock, random, report);
    return report;
}

}  // namespace keydeck::custody::backup
