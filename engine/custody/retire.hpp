// A pool key's retirement: nothing new under it, everything off it, disabled. Its deletion is a step of its own.
#pragma once

#include <string_view>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Engine::retire_pool_key. Called again it goes on where it was stopped; on a key that is retired already it does nothing.
[[nodiscard]] Result<KeyInfo> retire_pool_key(OpenVault& vault, const Session& session, std::string_view key,
                                              const Progress& progress);

}  // namespace keydeck::custody
