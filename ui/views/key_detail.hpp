// What the Keys screen tells of one key beside what the list has: its use day by day, and since when it waits for its end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

struct KeyDetail {
    static constexpr std::size_t kDays = 30;
    std::array<std::int64_t, kDays> calls{};     ///< a UTC day each, oldest first; today comes last
    std::array<std::int64_t, kDays> failures{};  ///< of them
    std::optional<AuditEvent> scheduled;         ///< when its deletion was asked for, where it is pending
};

[[nodiscard]] Result<KeyDetail> read_key_detail(Engine& engine, const Session& session, const KeyInfo& key, Timestamp now);
/// The same from its metrics by the minute.
void add_days(KeyDetail& detail, const std::vector<Metric>& by_minute, Timestamp now);

/// "████░░░░ scheduled 2026-09-04 by ops, window 30 d"; empty where it is not known since when.
[[nodiscard]] std::string deletion_bar(const KeyInfo& key, const KeyDetail& detail, const Scene& scene, int cols);
/// A rule and the line of blocks, days on which calls failed marked below; two or three rows.
void draw_days(Frame& frame, Area area, const KeyDetail& detail);

}  // namespace keydeck::ui
