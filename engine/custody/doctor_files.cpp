#include <filesystem>
#include <string>
#include <system_error>

#include "engine/base/file.hpp"
#include "engine/custody/backup/restoring.hpp"
#include "engine/custody/backup/snapshot.hpp"
#include "engine/custody/backup/staging.hpp"
#include "engine/custody/doctor_checks.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/store/backup_rows.hpp"
#include "engine/store/store.hpp"

namespace keydeck::custody {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;

/// Reading every index entry against its row takes minutes in a file of gigabytes; the pages, their order and their cells
/// are looked at in any.
constexpr std::uintmax_t kLookedAtWhole = std::uintmax_t{512} << 20;

std::string octal(unsigned mode) {
    std::string digits = "0000";
    for (std::size_t i = 0; i < digits.size(); ++i) digits[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7U));
    return digits;
}

/// A path as a word of a shell's command: between single quotes where it holds more than plain characters.
std::string shell_word(const fs::path& path) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%";
    std::string text = path.string();
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'') {
            word += "'\\''";
        } else {
            word += c;
        }
    }
    return word + '\'';
}

/// Whether it is as it should be, or not there.
bool check_mode(const fs::path& path, unsigned allowed, Findings& findings) {
    const Result<unsigned> mode = file_mode(path);
    if (!mode || (*mode & ~allowed) == 0) return true;
    findings.push_back(
        problem("file-mode",
                path.string() + " has mode " + octal(*mode) + ": others may get at it. It should be " + octal(allowed) + ".",
                "chmod " + octal(allowed) + " " + shell_word(path)));
    return false;
}

/// SQLite gives a database's -wal and -shm its own mode.
void check_modes_of_database(const fs::path& path, Findings& findings) {
    if (!check_mode(path, 0600, findings)) return;
    for (const char* suffix : {"-wal", "-shm"}) check_mode(fs::path(path) += suffix, 0600, findings);
}

bool is_of_an_index(std::string_view line) { return line.find("index") != std::string_view::npos; }

/// SQLite's first complaint; empty where it has none.
Result<std::string> complaint_of(Database& database, bool whole) {
    auto row = database.prepare(whole ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
    const auto found = row.step();
    if (!found) return fail(found);
    std::string line(*found ? row.text(0) : std::string_view());
    return line == "ok" ? std::string() : line;
}

void tell_damage(const fs::path& path, const std::string& complaint, Findings& findings) {
    if (complaint.empty()) return;
    // An index is made of its table again; for anything else there is only a backup.
    const bool mendable = is_of_an_index(complaint);
    findings.push_back(problem(
        "damaged-database",
        path.string() + " is damaged: " + complaint + "." +
            (mendable ? "" : " Keep a copy of the vault, and put a backup of the file in its place."),
        mendable ? "sqlite3 " + shell_word(path) + " REINDEX"
                 : "cp -a " + shell_word(path.parent_path()) + " " + shell_word(path.parent_path().string() + ".damaged")));
}

bool holds_vault(const fs::path& folder, const std::string& id) {
    if (!is_there(kms_path(folder))) return false;
    Result<Database> database = backup::open_copy(database_path(folder), store::kApplicationId, false);
    if (!database) return false;
    const Result<store::VaultIdentity> identity = store::vault_identity(*database);
    return identity && identity->id == id;
}

}  // namespace

void find_leftovers(OpenVault& vault, Findings& findings) {
    std::error_code error;
    const fs::path directory = fs::canonical(vault.options().directory, error);
    if (error) return;
    for (const fs::path& folder : backup::abandoned(directory.parent_path(), backup::kStagingOfRestore)) {
        if (!holds_vault(folder, vault.record().id)) continue;
        findings.push_back(problem(
            "restore-leftover", folder.string() + " was left by a restore that was cut short: this vault's keys are in it.",
            "rm -r " + shell_word(folder)));
    }
}

void find_open_files(OpenVault& vault, Findings& findings) {
    const fs::path& directory = vault.options().directory;
    check_mode(directory, 0700, findings);
    check_modes_of_database(database_path(directory), findings);
    check_modes_of_database(kms_path(directory), findings);
    check_mode(seal_path(directory), 0600, findings);
    if (!vault.record().key_file.empty()) check_mode(vault.record().key_file, 0600, findings);
}

Status find_damage(OpenVault& vault, Findings& findings) {
    const fs::path path = database_path(vault.options().directory);
    std::error_code error;
    const bool whole = fs::file_size(path, error) <= kLookedAtWhole && !error;
    const Result<std::string> complaint =
        ask_store(vault, [&](Database& database) { return complaint_of(database, whole); });
    if (!complaint && complaint.error().code != ErrorCode::kCorrupt) return fail(complaint);
    tell_damage(path, complaint ? *complaint : complaint.error().message, findings);
    kms::LocalKms* local = vault.local_kms();
    if (local == nullptr) return {};
    const Result<std::string> of_keys = local->find_damage();
    if (!of_keys && of_keys.error().code != ErrorCode::kCorrupt) return fail(of_keys);
    tell_damage(kms_path(vault.options().directory), of_keys ? *of_keys : of_keys.error().message, findings);
    return {};
}

/// Takes what destroyed wallets may have left in the WAL, should somebody have held an old snapshot when they were
/// destroyed.
Status finish_purge(OpenVault& vault, Findings& findings) {
    if (vault.options().read_only) return {};
    Status purged = vault.store().purge();
    if (purged || purged.error().code != ErrorCode::kUnavailable) return purged;
    findings.push_back({"unpurged",
                        "notice",
                        "Another program is reading an older state of keydeck.db: until that ends and the doctor is called "
                        "again, sealed keys of wallets destroyed "
                        "since then may still stand in keydeck.db-wal.",
                        "keydeck doctor",
                        {}});
    return {};
}

}  // namespace keydeck::custody
