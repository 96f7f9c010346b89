// How a vault is made: whole, or not at all.
#pragma once

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/engine.hpp"

namespace keydeck::custody {

/// Makes a vault and nothing else; a failure leaves nothing behind.
[[nodiscard]] Status create_vault(const VaultCreation& creation, const Clock& clock, Random& random);

}  // namespace keydeck::custody
