#include "engine/custody/migration/remains.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "engine/custody/migration/backup.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

std::int64_t free_pages(Database& database) {
    auto row = database.prepare("PRAGMA freelist_count");
    const auto found = row.step();
    return found && *found ? row.integer(0) : 0;
}

}  // namespace

void clear_remains(Database& database, bool vacuum, FernetReport& report) {
    const std::string file = database.path().filename().string();
    if (vacuum) {
        if (const Status done = database.execute("VACUUM"); !done) {
            report.notices.push_back(fmt::format("VACUUM was not possible: {} The migration itself is complete without it.",
                                                 done.error().message));
        }
    } else if (const std::int64_t pages = free_pages(database); pages > 0) {
        report.notices.push_back(fmt::format(
            "{} free pages of {} were freed before and may hold older tokens; --vacuum takes them out.", pages, file));
    }
    if (!database.checkpoint_truncate()) {
        report.notices.push_back(
            fmt::format("Somebody reads an older state of {0}: old tokens stay in {0}-wal until a later checkpoint.", file));
    }
    for (const std::filesystem::path& copy : copies_beside(database)) {
        if (copy == report.backup) continue;
        report.notices.push_back(fmt::format("{} is of an earlier run and holds old tokens too.", copy.string()));
    }
    if (!report.backup.empty()) {
        report.notices.push_back(fmt::format(
            "The backup {} still holds the old tokens: keep it, and the Fernet keys, until you are content; then delete it.",
            report.backup.string()));
    }
}

}  // namespace keydeck::custody::migration
