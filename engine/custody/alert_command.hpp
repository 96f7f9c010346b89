// Telling somebody outside of an alert.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace keydeck::custody {

/// Runs the command once for each alert, all at the same time, by /bin/sh -c in a session of its own, and waits until they
/// have ended or the time is over; then they are killed with all their process groups. Each has the alert in its
/// environment: KEYDECK_ALERT_RULE, _SUBJECT, _SENTENCE, _ID, _VAULT (the vault's directory). Of ours they get PATH, HOME,
/// USER, LOGNAME, SHELL, TZ, LANG and LC_* alone, which hold no secret; no descriptor; nothing to read; and nowhere to
/// print. The alerts, by their place, whose command did not end with status 0.
[[nodiscard]] std::vector<std::size_t> run_alert_commands(const std::string& command, std::span<const Alert> alerts,
                                                          const std::string& vault, std::chrono::milliseconds time_limit);

}  // namespace keydeck::custody
