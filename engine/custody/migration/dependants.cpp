#include "engine/custody/migration/dependants.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "engine/custody/migration/migrate.hpp"

namespace keydeck::custody::migration {

Result<std::vector<MigratedDatabase>> migrated_to(sqlite::Database& database, std::string_view key_id) {
    auto jobs = database.prepare(
        "SELECT json_extract(request, '$.database'), kind, CASE state WHEN 'done' THEN done ELSE total END, "
        "state = 'done' AND failed = 0 FROM jobs "
        "WHERE CASE WHEN kind IN (?1, ?2) THEN json_extract(request, '$.to') LIKE '%:key/' || ?3 END ORDER BY id");
    jobs.bind(1, kMigrateFernetKind).bind(2, kRollBackFernetKind).bind(3, key_id);
    std::map<std::string, std::int64_t> values;
    while (true) {
        const Result<bool> row = jobs.step();
        if (!row) return fail(row);
        if (!*row) break;
        std::int64_t& under_it = values[std::string(jobs.text(0))];
        if (jobs.text(1) == kMigrateFernetKind) {
            under_it = std::max(under_it, jobs.integer(2));  // a later run counts what earlier ones did too
        } else if (jobs.integer(3) != 0) {
            under_it = 0;
        }
    }
    std::vector<MigratedDatabase> out;
    for (const auto& [path, count] : values) {
        if (count > 0) out.push_back({path, count});
    }
    return out;
}

}  // namespace keydeck::custody::migration
