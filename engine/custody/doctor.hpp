// Finding what a crash or a wrong clock left, and mending it.
#pragma once

#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Looks; repairs nothing but the store's own memory (states as last seen, journal rows of keys that were never made).
[[nodiscard]] Result<std::vector<DoctorFinding>> doctor(OpenVault& vault, const Session& session);

/// Records a key that carries this vault's tag and that the store does not know: a signing key becomes the wallet it was
/// made for, a pool key joins the pool, a key made by hand is known again. Errors: already_exists, rejected (another
/// vault's, or its user is gone).
[[nodiscard]] Result<KeyInfo> adopt_key(OpenVault& vault, const Session& session, std::string_view key);

[[nodiscard]] Status confirm_clock(OpenVault& vault, const Session& session);

/// A key of this vault's that the store does not know, and that is to stay without a wallet: the store knows it from now on.
[[nodiscard]] Status settle_orphan(OpenVault& vault, const kms::KeyMetadata& metadata);

}  // namespace keydeck::custody
