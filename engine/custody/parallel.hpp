// Many KMS calls at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// How many threads get the most out of the vault's KMS: as many as calls may be in flight where each takes a network's
/// time, as many as there are cores where the KMS is embedded.
[[nodiscard]] std::size_t calls_at_once(OpenVault& vault);

/// Calls `work` with each number below `count`, on at most `threads` threads; returns when all calls have returned. Once
/// `stop` is requested no further one begins, and the KMS calls under way end with `cancelled`.
void for_each_in_parallel(std::size_t count, std::size_t threads, const std::stop_token& stop,
                          const std::function<void(std::size_t)>& work);

}  // namespace keydeck::custody
