// What keys were used for, how well that went, and what it costs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Fills in KeyInfo::last_day and month_so_far (none with the embedded KMS), with a few queries for all. Where something
/// cannot be read they stay empty.
void add_usage(OpenVault& vault, std::span<KeyInfo> keys);

/// Operator only. Error: invalid_input (until not after since).
[[nodiscard]] Result<std::vector<Metric>> metrics(OpenVault& vault, const Session& session, const MetricsQuery& query);
[[nodiscard]] Result<std::string> metrics_text(OpenVault& vault, const Session& session);
[[nodiscard]] Result<CostReport> cost(OpenVault& vault, const Session& session);

/// The metrics, whoever asks: for what the engine watches itself. As Engine::metrics().
[[nodiscard]] Result<std::vector<Metric>> metrics_of(OpenVault& vault, const MetricsQuery& query);
/// The report, whoever asks.
[[nodiscard]] Result<CostReport> cost_of(OpenVault& vault);

}  // namespace keydeck::custody
