// What the Home screen lists, as rows that know where they lead; and the sentences of its state.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/overview.hpp"
#include "ui/effects.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// Something that needs a person.
struct AttentionRow {
    std::string id;     ///< the same as long as it is the same trouble
    std::string text;   ///< a mark and a sentence; safe
    std::string opens;  ///< what Enter shows: "the wallets of pool-7"
    Role role = Role::kWarn;
    Place place;
};

/// What is worst comes first: keys that end, alerts, failures of the last hour, jobs that were interrupted; in a user's
/// session what keeps that user from signing.
[[nodiscard]] std::vector<AttentionRow> attention_rows(const Overview& overview, const Scene& scene);

/// The last hour's calls of the KMS.
struct HourOfCalls {
    static constexpr std::size_t kMinutes = 60;
    std::array<std::int64_t, kMinutes> slowest_p95{};  ///< oldest first; microseconds; of the slowest operation
    std::int64_t all = 0;
    std::int64_t failures = 0;
};
[[nodiscard]] HourOfCalls hour_of_calls(const std::vector<Metric>& by_minute, Timestamp now);
/// The same minutes' signatures, oldest first.
[[nodiscard]] std::array<std::int64_t, HourOfCalls::kMinutes> hour_of_signatures(
    const std::vector<MinuteOfSignatures>& minutes, Timestamp now);

/// "412 MB"
[[nodiscard]] std::string bytes_of(std::int64_t bytes);
/// "48: 44 enabled, 2 disabled, 1 pending"
[[nodiscard]] std::string keys_line(const Overview& overview);
/// "local · ok, 31 calls in 60 min"
[[nodiscard]] std::string kms_line(const HourOfCalls& calls, const std::string& kms);

}  // namespace keydeck::ui
