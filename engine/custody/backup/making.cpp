#include "engine/custody/backup/making.hpp"

#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/file.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/backup/contents.hpp"
#include "engine/custody/backup/manifest.hpp"
#include "engine/custody/backup/snapshot.hpp"
#include "engine/custody/backup/staging.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/kms/local/schema.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/backup_rows.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLargestSettings = std::size_t{16} << 20;

/// One file of a backup to be: where its bytes are. What is small and secret is read once, into locked memory.
struct Source {
    fs::path path;
    SecretBytes bytes;
    bool is_read = false;
};

/// Hands a source's bytes out in pieces.
Status read_source(const Source& source, const std::function<Status(ByteView)>& each) {
    if (source.is_read) return each(source.bytes.view());
    Result<InputFile> file = InputFile::open(source.path);
    if (!file) return fail(file);
    SecretBytes piece(kChunkSize);
    do {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(file->left(), piece.size()));
        if (Status read = file->read(piece.span().first(size)); !read) return read;
        if (Status taken = each(piece.view().first(size)); !taken) return taken;
    } while (file->left() > 0);
    return {};
}

/// What goes into a backup, in the manifest's order.
class Collection {
public:
    Status add(std::string name, Source source) {
        BackupFile file{std::move(name), 0, {}};
        crypto::Sha256Pieces hash;
        Status read = read_source(source, [&](ByteView piece) -> Status {
            file.size += static_cast<std::int64_t>(piece.size());
            hash.update(piece);
            return {};
        });
        if (!read) return read;
        file.sha256 = hash.finish();
        manifest.files.push_back(std::move(file));
        sources_.push_back(std::move(source));
        return {};
    }
    Status write(SealedWriter& writer, ByteProgress& progress) const {
        if (Status written = write_manifest(writer, manifest); !written) return written;
        for (const Source& source : sources_) {
            Status written = read_source(source, [&](ByteView piece) {
                Status appended = writer.append(piece);
                return appended ? progress.add(piece.size()) : appended;
            });
            if (!written) return written;
        }
        return writer.finish();
    }
    BackupManifest manifest;

private:
    std::vector<Source> sources_;
};

Status add_secret_file(Collection& collection, std::string_view name, const fs::path& path) {
    Result<SecretBytes> bytes = read_key_file(path);
    if (!bytes) return fail(bytes);
    return collection.add(std::string(name), {path, std::move(*bytes), true});
}

Status add_settings(Collection& collection, const std::vector<fs::path>& settings) {
    for (const fs::path& path : settings) {
        // They are few and small; a wrong one is not to fill the memory.
        Result<SecretBytes> bytes = read_secret_file(path, kLargestSettings);
        if (!bytes) return fail(bytes);
        std::string name = name_of_settings(path.filename().string(), collection.manifest);
        if (Status added = collection.add(std::move(name), {path, std::move(*bytes), true}); !added) return added;
    }
    return {};
}

/// The figures, from the copy: what it holds is what they tell.
Status fill_figures(const fs::path& copy, BackupManifest& manifest) {
    Result<sqlite::Database> database = open_copy(copy, store::kApplicationId, false);
    if (!database) return fail(database);
    if (Status whole = database->quick_check(); !whole) return whole;
    const Result<store::Totals> totals = store::totals(*database);
    if (!totals) return fail(totals);
    const Result<std::int64_t> secrets = store::count_secrets(*database);
    if (!secrets) return fail(secrets);
    const Result<oversight::AuditHead> head = oversight::audit_head(*database);
    if (!head) return fail(head);
    manifest.users = totals->users;
    manifest.wallets = totals->wallets;
    manifest.secrets = *secrets;
    manifest.audit_events = head->events;
    manifest.audit_head = head->hash;
    return {};
}

/// Restoring refuses a damaged one, and by then there is no other.
Status check_kms(const fs::path& copy) {
    Result<sqlite::Database> kms = open_copy(copy, kms::local::kApplicationId, false);
    if (!kms) return fail(kms);
    return kms->quick_check();
}

/// Copies into `directory` and lists everything there is to keep.
Result<Collection> collect(OpenVault& vault, const BackupOptions& options, const fs::path& directory) {
    if (Status copied = copy_databases(vault, directory); !copied) return fail(copied);
    Collection collection;
    BackupManifest& manifest = collection.manifest;
    const store::VaultRecord& record = vault.record();
    manifest.vault_id = record.id;
    manifest.kms = record.kms;
    manifest.directory = vault.options().directory.string();
    manifest.key_file = record.key_file;
    manifest.made_at = vault.now();
    manifest.keydeck_version = KEYDECK_VERSION;
    if (Status filled = fill_figures(database_path(directory), manifest); !filled) return fail(filled);
    const bool is_local = record.kms == kKmsLocal;
    if (Status whole = is_local ? check_kms(kms_path(directory)) : Status{}; !whole) return fail(whole);
    manifest.has_key_file = is_local && !record.key_file.empty() && !options.without_key_file;
    Status added = collection.add(std::string(kDatabaseName), {database_path(directory), {}, false});
    if (added && is_local) added = collection.add(std::string(kKmsName), {kms_path(directory), {}, false});
    if (added && !is_local) added = add_secret_file(collection, kSealName, seal_path(vault.options().directory));
    if (added && manifest.has_key_file) added = add_secret_file(collection, kKeyFileName, record.key_file);
    if (added) added = add_settings(collection, options.settings);
    if (!added) return fail(added);
    return collection;
}

/// From the disk again, with nothing but the passphrase: a backup that does not open is none.
Status read_back(const OutputFile& file, const BackupOptions& options, const BackupManifest& written,
                 ByteProgress& progress) {
    Result<InputFile> input = file.read_back();
    if (!input) return fail(input);
    Result<SealedReader> reader = SealedReader::begin(*input, options.passphrase, options.scrypt_n);
    if (!reader) return fail(reader);
    const Result<BackupManifest> read = read_contents(*reader, {}, progress);
    if (!read) return fail(read);
    if (to_json(*read) == to_json(written)) return {};
    return fail(ErrorCode::kCorrupt, "What was read back from the disk is not what was written.", "Use another disk.");
}

Result<BackupManifest> write_backup(OpenVault& vault, const BackupOptions& options, const Progress& progress) {
    Result<OutputFile> file = OutputFile::begin(options.file);
    if (!file) return fail(file);
    const Result<Staging> staging = Staging::make(vault.options().directory, kStagingOfBackup, vault.random());
    if (!staging) return fail(staging);
    Result<Collection> collection = collect(vault, options, staging->path());
    if (!collection) return fail(collection);
    BackupManifest& manifest = collection->manifest;
    ByteProgress done(progress, 2 * total_size(manifest));
    Result<SealedUnder> under = make_header(options.passphrase, options.scrypt_n, vault.random());
    if (!under) return fail(under);
    Result<SealedWriter> writer = SealedWriter::begin(*file, std::move(*under), vault.random());
    if (!writer) return fail(writer);
    if (Status written = collection->write(*writer, done); !written) return fail(written);
    if (Status synced = file->sync(); !synced) return fail(synced);
    if (Status same = read_back(*file, options, manifest, done); !same) return fail(same);
    if (Status named = file->finish(); !named) return fail(named);
    return std::move(manifest);
}

Status check_options(OpenVault& vault, const Session& session, const BackupOptions& options) {
    if (Status allowed = require_operator(session, "back the vault up"); !allowed) return allowed;
    if (Status writable = vault.require_writable(); !writable) return writable;
    if (options.file.filename().empty()) return fail(ErrorCode::kInvalidInput, "The backup needs a file's name.");
    if (options.passphrase.empty())
        return fail(ErrorCode::kInvalidInput, "A backup needs a passphrase: an empty one protects nothing.");
    if (!is_there(options.file)) return {};
    return fail(ErrorCode::kAlreadyExists, options.file.string() + " exists already; nothing was written.",
                "Name another file.");
}

}  // namespace

Result<BackupManifest> make_backup(OpenVault& vault, const Session& session, const BackupOptions& options,
                                   const Progress& progress) {
    AuditEvent event = event_of(vault, session, "BackUpVault", options.file.filename().string());
    return audited(vault, event, [&]() -> Result<BackupManifest> {
        if (Status allowed = check_options(vault, session, options); !allowed) return fail(allowed);
        const bool key_file = !vault.record().key_file.empty() && !options.without_key_file;
        event.detail = oversight::Detail().text("file", options.file.string()).boolean("key_file", key_file).done();
        if (Status written = vault.write({}, std::span(&event, 1)); !written) return fail(written);
        return write_backup(vault, options, progress);
    });
}

Result<BackupManifest> verify(const fs::path& file, const SecretBytes& passphrase, const Progress& progress) {
    Result<InputFile> input = InputFile::open(file);
    if (!input) return fail(input);
    Result<SealedReader> reader = SealedReader::begin(*input, passphrase, kLargestScryptN);
    if (!reader) return fail(reader);
    ByteProgress done(progress, 0);
    return read_contents(*reader, {}, done, [&](const BackupManifest& manifest) { done.expect(total_size(manifest)); });
}

}  // namespace keydeck::custody::backup
