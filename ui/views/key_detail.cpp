#include "ui/views/key_detail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "ui/format.hpp"
#include "ui/widgets/bar.hpp"
#include "ui/widgets/sparkline.hpp"

namespace keydeck::ui {
namespace {

using std::chrono::days;

Timestamp first_day(Timestamp now) { return std::chrono::floor<days>(now) - days(KeyDetail::kDays - 1); }

}  // namespace

void add_days(KeyDetail& detail, const std::vector<Metric>& by_minute, Timestamp now) {
    for (const Metric& metric : by_minute) {
        if (!metric.minute || *metric.minute < first_day(now)) continue;
        const auto day = std::chrono::floor<days>(*metric.minute - first_day(now)).count();
        if (day >= static_cast<std::int64_t>(KeyDetail::kDays)) continue;
        detail.calls[static_cast<std::size_t>(day)] += metric.stats.calls;
        detail.failures[static_cast<std::size_t>(day)] += metric.stats.failures;
    }
}

Result<KeyDetail> read_key_detail(Engine& engine, const Session& session, const KeyInfo& key, Timestamp now) {
    KeyDetail out;
    MetricsQuery query;
    query.since = first_day(now);
    query.key = key.id;
    query.by_minute = true;
    const auto metrics = engine.metrics(session, query);
    if (!metrics) return fail(metrics);
    add_days(out, *metrics, now);
    if (!key.deletion_date) return out;
    AuditQuery events;
    events.key = key.id;
    events.action = "ScheduleKeyDeletion";
    events.result = "ok";
    events.newest_first = true;
    events.page.limit = 1;
    auto asked = engine.list_audit(session, events);
    if (!asked) return fail(asked);
    if (!asked->empty()) out.scheduled = std::move(asked->front());
    return out;
}

std::string deletion_bar(const KeyInfo& key, const KeyDetail& detail, const Scene& scene, int cols) {
    if (!key.deletion_date || !detail.scheduled || detail.scheduled->time >= *key.deletion_date) return "";
    const auto window = *key.deletion_date - detail.scheduled->time;
    const auto gone = std::clamp(scene.now.wall - detail.scheduled->time, Timestamp::duration::zero(), window);
    return fmt::format("{} scheduled {} by {}, window {} d", bar_of(gone.count(), window.count(), cols, scene.charset),
                       date_of(detail.scheduled->time), scene.safe(detail.scheduled->actor),
                       std::chrono::round<days>(window).count());
}

void draw_days(Frame& frame, Area area, const KeyDetail& detail) {
    const std::int64_t most = *std::ranges::max_element(detail.calls);
    frame.rule(area.row, area.col, area.cols,
               fmt::format("Requests per day, to look at it too, 30 d (max {})", grouped(most)));
    draw_sparkline(frame, area.row + 1, area.col + 2, area.cols - 3, detail.calls);
    if (area.rows < 3) return;
    std::string marks;
    for (const std::int64_t failed : detail.failures) marks += failed > 0 ? "×" : " ";
    const int used = frame.put(area.row + 2, area.col + 2, marks, {Role::kDanger});
    if (marks.contains("×")) frame.put(area.row + 2, area.col + 4 + used, "× calls failed", {Role::kDanger});
}

}  // namespace keydeck::ui
