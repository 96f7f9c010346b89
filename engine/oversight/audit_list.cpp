#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "engine/oversight/audit_chain.hpp"
#include "engine/oversight/audit_log.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;
using sqlite::Statement;

// What a page is read along, the narrowest first: a target has fewer events than a user.
enum class Along : std::uint8_t { kTarget, kFailed, kKey, kUser, kAction, kActor, kId };
constexpr std::size_t kAlongCount = 7;

// ?1 and ?2 bound the ids (both excluded), ?3 is the limit; a filter that is not given is bound as NULL.
constexpr std::string_view kColumns =
    "SELECT a.id, a.time, a.actor, a.surface, a.action, a.target, a.user, a.key_id, a.result, a.digest, a.detail, a.hash,"
    " (SELECT p.hash FROM audit p WHERE p.id = a.id - 1) FROM audit a ";
constexpr std::array<std::string_view, kAlongCount> kSources{
    "INDEXED BY audit_target WHERE a.target = ?4",
    "INDEXED BY audit_failed WHERE a.result = ?5 AND a.result <> 'ok'",
    "INDEXED BY audit_key WHERE a.key_id = ?6 AND a.key_id <> ''",
    "INDEXED BY audit_user WHERE a.user = ?7",
    "INDEXED BY audit_action WHERE a.action = ?8",
    "INDEXED BY audit_actor WHERE a.actor = ?9",
    "NOT INDEXED WHERE 1",
};
constexpr std::string_view kConditions =
    " AND a.id > ?1 AND a.id < ?2 AND (?4 IS NULL OR a.target = ?4) AND (?5 IS NULL OR a.result = ?5)"
    " AND (?6 IS NULL OR a.key_id = ?6) AND (?7 IS NULL OR a.user = ?7) AND (?8 IS NULL OR a.action = ?8)"
    " AND (?9 IS NULL OR a.actor = ?9) AND (?10 IS NULL OR a.time >= ?10) AND (?11 IS NULL OR a.time < ?11)";
constexpr std::array<std::string_view, 2> kOrders{" ORDER BY a.id LIMIT ?3", " ORDER BY a.id DESC LIMIT ?3"};

using PageTexts = std::array<std::array<std::string, 2>, kAlongCount>;

// Put together once, from the constants above alone.
const PageTexts& page_texts() {
    static const PageTexts kTexts = [] {
        PageTexts texts;
        for (std::size_t along = 0; along < kAlongCount; ++along) {
            for (std::size_t order = 0; order < 2; ++order) {
                texts[along][order].append(kColumns).append(kSources[along]).append(kConditions).append(kOrders[order]);
            }
        }
        return texts;
    }();
    return kTexts;
}

Along narrowest(const AuditQuery& query) {
    if (!query.target.empty()) return Along::kTarget;
    if (!query.result.empty() && query.result != "ok") return Along::kFailed;
    if (!query.key.empty()) return Along::kKey;
    if (!query.user.empty()) return Along::kUser;
    if (!query.action.empty()) return Along::kAction;
    if (!query.actor.empty()) return Along::kActor;
    return Along::kId;
}

void bind_filter(Statement& row, int parameter, const std::string& filter) {
    if (filter.empty()) {
        row.bind_null(parameter);
    } else {
        row.bind(parameter, filter);
    }
}

// Whether the row of the event before this one is there to tell `previous`; else it is the base that does.
AuditEvent read_event(const Statement& row) {
    AuditEvent event = event_in_row(row);
    event.previous = hash_at(row, kHashColumn + 1);
    return event;
}

/// The end of a time range is excluded, as everywhere: a page for each day has each event once.
void bind_times(Statement& row, const AuditQuery& query) {
    row.bind(10, query.since ? std::optional(to_micros(*query.since)) : std::nullopt);
    row.bind(11, query.until ? std::optional(to_micros(*query.until)) : std::nullopt);
}

}  // namespace

Result<std::vector<AuditEvent>> list_audit(Database& database, const AuditQuery& query) {
    if (query.page.limit < 1) return fail(ErrorCode::kInvalidInput, "The limit must be at least 1.");
    const bool descending = query.newest_first != query.page.backwards;
    std::int64_t above = std::numeric_limits<std::int64_t>::min();
    std::int64_t below = std::numeric_limits<std::int64_t>::max();
    if (query.page.after) (descending ? below : above) = *query.page.after;
    auto row = database.prepare(page_texts()[static_cast<std::size_t>(narrowest(query))][descending ? 1 : 0]);
    row.bind(1, above).bind(2, below).bind(3, query.page.limit);
    bind_filter(row, 4, query.target);
    bind_filter(row, 5, query.result);
    bind_filter(row, 6, query.key);
    bind_filter(row, 7, query.user);
    bind_filter(row, 8, query.action);
    bind_filter(row, 9, query.actor);
    bind_times(row, query);
    std::vector<AuditEvent> events;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        events.push_back(read_event(row));
        if (!row.is_null(kHashColumn + 1)) continue;
        const auto base = read_unsealed_base(database);
        if (!base) return fail(base);
        if (events.back().id == base->events + 1) events.back().previous = base->hash;
    }
    if (!more) return fail(more);
    if (query.page.backwards) std::ranges::reverse(events);
    return events;
}

}  // namespace keydeck::oversight
