#include "engine/store/signature_minutes.hpp"

namespace keydeck::store {
namespace {

std::int64_t minute_of(Timestamp time) { return to_micros(std::chrono::floor<std::chrono::minutes>(time)); }

}  // namespace

Status count_signatures(sqlite::Database& database, std::int64_t count, Timestamp at) {
    const std::int64_t minute = minute_of(at);
    {
        auto add = database.prepare(
            "UPDATE signature_minutes SET signatures ="
            " CASE WHEN signatures BETWEEN 0 AND 1000000000000000000 THEN signatures ELSE 0 END + ?2"
            " WHERE minute = ?1 RETURNING 1");
        const auto found = add.bind(1, minute).bind(2, count).step();
        if (!found) return fail(found);
        if (*found) return {};
    }
    auto begin = database.prepare("INSERT INTO signature_minutes (minute, signatures) VALUES (?, ?)");
    if (Status done = begin.bind(1, minute).bind(2, count).run(); !done) return done;
    auto old = database.prepare("DELETE FROM signature_minutes WHERE minute < ?");
    return old.bind(1, minute_of(at - kSignatureMinutesKept)).run();
}

Result<std::vector<std::pair<Timestamp, std::int64_t>>> signatures_since(sqlite::Database& database, Timestamp since) {
    auto row = database.prepare(
        "SELECT minute, signatures FROM signature_minutes WHERE minute >= ? AND signatures > 0 ORDER BY minute");
    row.bind(1, minute_of(since));
    std::vector<std::pair<Timestamp, std::int64_t>> minutes;
    while (true) {
        const auto found = row.step();
        if (!found) return fail(found);
        if (!*found) return minutes;
        minutes.emplace_back(from_micros(row.integer(0)), row.integer(1));
    }
}

}  // namespace keydeck::store
