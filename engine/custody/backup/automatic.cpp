#include "engine/custody/backup/automatic.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "engine/base/file.hpp"
#include "engine/custody/backup/files.hpp"
#include "engine/custody/backup/making.hpp"
#include "engine/custody/backup/snapshot.hpp"
#include "engine/custody/backup/staging.hpp"
#include "engine/custody/vault_files.hpp"

namespace keydeck::custody {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kBegins = "keydeck-";
constexpr std::string_view kBetween = "-before-";
constexpr std::string_view kEnds = ".db";
constexpr std::size_t kTimeLength = 16;  // 20261130T162230Z

fs::path folder_of(const fs::path& directory) { return directory / "backups"; }

/// `2026-11-30T16:22:30.123456Z` as `20261130T162230Z`.
std::string compact_time(Timestamp time) {
    std::string text = to_rfc3339(time).substr(0, 19) + 'Z';
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

/// The other way. Empty for what is no time.
std::optional<Timestamp> time_of(std::string_view compact) {
    std::string text(compact);
    for (const std::size_t at : {13U, 11U}) text.insert(at, ":");
    for (const std::size_t at : {6U, 4U}) text.insert(at, "-");
    const Result<Timestamp> time = from_rfc3339(text);
    return time ? std::optional(*time) : std::nullopt;
}

bool is_automatic(std::string_view name) {
    return name.starts_with(kBegins) && name.ends_with(kEnds) &&
           name.size() > kBegins.size() + kTimeLength + kBetween.size() + kEnds.size() &&
           name.substr(kBegins.size() + kTimeLength).starts_with(kBetween);
}

/// `keydeck.db.v3.bak`, `kms.db.v1.2.bak`: what an upgrade leaves beside the database (sqlite::migrate).
bool is_of_upgrade(std::string_view name) {
    constexpr std::string_view kUpgradeEnds = ".bak";
    for (const std::string_view begins : {"keydeck.db.v", "kms.db.v"}) {
        if (!name.starts_with(begins) || !name.ends_with(kUpgradeEnds)) continue;
        const std::string_view version = name.substr(begins.size(), name.size() - begins.size() - kUpgradeEnds.size());
        return !version.empty() && version.find_first_not_of("0123456789.") == std::string_view::npos;
    }
    return false;
}

std::vector<fs::path> copies_of_upgrades(const fs::path& directory) {
    std::vector<fs::path> copies;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
        if (is_of_upgrade(entry.path().filename().string()) && entry.is_regular_file(error)) copies.push_back(entry.path());
    }
    return copies;
}

/// By time, and of one second the one with the longer number later.
bool is_older(const fs::path& a, const fs::path& b) {
    const std::string left = a.filename().string();
    const std::string right = b.filename().string();
    const std::size_t prefix = kBegins.size() + kTimeLength;
    if (const int order = left.compare(0, prefix, right, 0, prefix); order != 0) return order < 0;
    return left.size() != right.size() ? left.size() < right.size() : left < right;
}

Status make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return backup::system_failure(errno, "make", folder);
}

/// Gives the copy the first name of its second that is free, and answers with it.
Result<fs::path> name_copy(const fs::path& copy, const fs::path& folder, const std::string& name) {
    constexpr int kMost = 100;
    for (int number = 1; number <= kMost; ++number) {
        const std::string suffix = number == 1 ? std::string() : "-" + std::to_string(number);
        fs::path path = folder / (name + suffix);
        path += kEnds;
        Status named = rename_to_free_name(copy, path);
        if (named) return path;
        if (named.error().code != ErrorCode::kAlreadyExists) return fail(named);
    }
    return fail(ErrorCode::kUnavailable, "There are too many copies of this second in " + folder.string() + ".");
}

Result<fs::path> make_copy(OpenVault& vault, std::string_view reason) {
    const fs::path& directory = vault.options().directory;
    const Result<backup::Staging> staging = backup::Staging::make(directory, backup::kStagingOfBackup, vault.random());
    if (!staging) return fail(staging);
    const fs::path copy = database_path(staging->path());
    if (Status copied = backup::copy_database(vault, copy); !copied) return fail(copied);
    if (Status made = make_folder(folder_of(directory)); !made) return fail(made);
    std::string name(kBegins);
    name.append(compact_time(vault.now())).append(kBetween).append(reason);
    return name_copy(copy, folder_of(directory), name);
}

/// The one just made stays whatever its name says: the clock may have been set back.
void drop_oldest(const fs::path& made, std::size_t kept) {
    std::vector<fs::path> others = automatic_copies(made.parent_path().parent_path());
    std::erase(others, made);
    std::error_code ignored;  // a copy that stays is not worth a failure
    for (std::size_t i = 0; i + kept < others.size() + 1; ++i) fs::remove(others[i], ignored);
}

}  // namespace

Status back_up_before(OpenVault& vault, std::string_view reason) {
    const int kept = vault.options().backups_kept;
    if (kept <= 0) return {};
    const Result<fs::path> made = make_copy(vault, reason);
    if (!made) {
        Error error = made.error();
        error.message = "The copy of keydeck.db before the " + std::string(reason) +
                        " could not be made, and nothing was changed: " + error.message;
        error.hint = "Make room, or do without such copies: backup_keep = 0 in config.toml.";
        return std::unexpected(std::move(error));
    }
    drop_oldest(*made, static_cast<std::size_t>(kept));
    return {};
}

std::vector<fs::path> automatic_copies(const fs::path& directory) {
    std::vector<fs::path> copies;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_of(directory), error)) {
        if (is_automatic(entry.path().filename().string()) && entry.is_regular_file(error)) copies.push_back(entry.path());
    }
    std::ranges::sort(copies, is_older);
    return copies;
}

std::optional<Timestamp> newest_automatic_copy(const fs::path& directory) {
    const std::vector<fs::path> copies = automatic_copies(directory);
    if (copies.empty()) return std::nullopt;
    return time_of(copies.back().filename().string().substr(kBegins.size(), kTimeLength));
}

std::string warn_of_old_copies(const fs::path& directory, std::string_view what) {
    const std::vector<fs::path> automatic = automatic_copies(directory);
    const std::vector<fs::path> of_upgrades = copies_of_upgrades(directory);
    const std::size_t count = automatic.size() + of_upgrades.size();
    if (count == 0) return {};
    const std::string still_hold = std::string(count == 1 ? " still holds " : " still hold ").append(what);
    const std::string others = " once it is needed no more, and whatever older backups you have.";
    if (count == 1) {
        const fs::path& only = automatic.empty() ? of_upgrades.front() : automatic.front();
        return only.string() + still_hold + ": remove it" + others;
    }
    std::string places;
    if (!automatic.empty()) places = (folder_of(directory) / "keydeck-*-before-*.db").string();
    if (!of_upgrades.empty()) places += (places.empty() ? "" : " and ") + (directory / "*.db.v*.bak").string();
    return std::to_string(count) + " older copies" + still_hold + ": remove " + places + others;
}

}  // namespace keydeck::custody
