#include "engine/custody/migration/backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace keydeck::custody::migration {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;

constexpr int kMostCopies = 100;
constexpr std::string_view kMark = ".before-keydeck-";

std::string compact(Timestamp when) {
    std::string text = to_rfc3339(when).substr(0, 19);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + 'Z';
}

Status check(const fs::path& copy) {
    Result<Database> opened = open_backup(copy);
    return opened ? opened->quick_check() : fail(opened);
}

}  // namespace

Result<Database> open_backup(const fs::path& path) {
    sqlite::ForeignOptions options;
    options.immutable = true;
    return Database::open_foreign(path, options);
}

Result<fs::path> back_up(Database& database, Timestamp when) {
    const std::string name = fmt::format("{}{}{}", database.path().string(), kMark, compact(when));
    std::error_code ignored;
    for (int copy = 1; copy <= kMostCopies; ++copy) {
        fs::path path = copy == 1 ? name : fmt::format("{}-{}", name, copy);
        const Status made = database.backup_to(path);
        if (!made && made.error().code == ErrorCode::kAlreadyExists) continue;
        if (!made) return fail(made);
        if (const Status sound = check(path); !sound) {
            fs::remove(path, ignored);
            return fail(ErrorCode::kCorrupt,
                        fmt::format("{} is damaged, so that its backup is not sound; nothing was changed.",
                                    database.path().string()),
                        "`sqlite3 FILE \"PRAGMA integrity_check\"` tells more; mend it or put an older copy in its place.");
        }
        return path;
    }
    return fail(ErrorCode::kRejected, fmt::format("There are already {} backups of this second.", kMostCopies));
}

std::vector<fs::path> copies_beside(const Database& database) {
    const std::string start = database.path().filename().string() + std::string(kMark);
    std::vector<fs::path> found;
    std::error_code failed;
    fs::directory_iterator entry(database.path().parent_path(), failed);
    for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
        if (entry->path().filename().string().starts_with(start)) found.push_back(entry->path());
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace keydeck::custody::migration
