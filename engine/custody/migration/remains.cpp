#include "engine/custody/migration/remains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/custody/migration/backup.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

std::int64_t free_pages(Database& database) {
    auto row = database.prepare("PRAGMA freelist_count");
    const auto found = row.step();
    return found && *found ? row.integer(0) : 0;
}

/// The names of the other copies, the first of them in full; empty: there are none.
std::string other_copies(const Database& database, const std::filesystem::path& backup) {
    constexpr std::size_t kMostListed = 5;
    std::vector<std::filesystem::path> copies = copies_beside(database);
    std::erase(copies, backup);
    std::string list;
    for (std::size_t i = 0; i < std::min(copies.size(), kMostListed); ++i) list += (i == 0 ? "" : ", ") + copies[i].string();
    if (copies.size() > kMostListed) return list + fmt::format(" and {} more.", copies.size() - kMostListed);
    return list.empty() ? list : list + '.';
}

}  // namespace

void clear_remains(Database& database, bool vacuum, FernetReport& report) {
    const std::string file = database.path().filename().string();
    // Rows that grew, moved or went left copies in pages that SQLite still uses: those are not overwritten.
    const Status done = vacuum ? database.execute("VACUUM") : Status();
    if (!done) {
        report.notices.push_back(fmt::format("VACUUM was not possible: {} The pages of {} may still hold older tokens.",
                                             done.error().message, file));
    } else if (!vacuum) {
        report.notices.push_back(
            fmt::format("{} free pages of {} and those in use may still hold older tokens; only --vacuum takes them out.",
                        free_pages(database), file));
    }
    report.notices.emplace_back(
        "What triggers of the application, exports and older backups copied elsewhere is not known here, and stays.");
    if (!database.checkpoint_truncate()) {
        report.notices.push_back(
            fmt::format("Somebody reads an older state of {0}: old tokens stay in {0}-wal until a later checkpoint.", file));
    }
    if (const std::string copies = other_copies(database, report.backup); !copies.empty())
        report.notices.push_back("Copies of earlier runs hold old tokens too: " + copies);
    if (!report.backup.empty()) {
        report.notices.push_back(fmt::format(
            "The backup {} still holds the old tokens: keep it, and the Fernet keys, until you are content; then delete it.",
            report.backup.string()));
    }
}

}  // namespace keydeck::custody::migration
