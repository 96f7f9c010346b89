// The making of the pool: journaled, one process at a time, completed where it was cut short.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/key_journal.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

/// The keys with this alias prefix, destroyed ones left out; empty: of every pool.
[[nodiscard]] Result<std::vector<store::KeyRecord>> keys_of_pool(OpenVault& vault, std::string_view prefix);
/// The vault's pool keys: those with the configured prefix, or, where there are none, whatever pool was made under another.
[[nodiscard]] Result<std::vector<store::KeyRecord>> pool_of_vault(OpenVault& vault);
/// That pool's prefix; the configured one where there is no pool.
[[nodiscard]] Result<std::string> prefix_of_vault(OpenVault& vault);
/// The journal's pool keys of which nobody knows yet whether they came to be.
[[nodiscard]] Result<std::vector<store::KeyJournalEntry>> unfinished_of_pool(OpenVault& vault, std::string_view prefix);

/// Errors: invalid_input.
[[nodiscard]] Status check_pool_size(int size);
[[nodiscard]] Status check_prefix(std::string_view prefix);

/// Finishes what a crash left: a journaled pool key that exists is recorded, one that was never made is forgotten.
/// Called under the exclusive lock, so that an open row means a dead process.
[[nodiscard]] Status finish_interrupted_pool(OpenVault& vault, const Session& session, std::string_view prefix);

/// Makes `count` more keys. Called under the exclusive lock.
[[nodiscard]] Status make_pool_keys(OpenVault& vault, const Session& session, std::string_view prefix, int count);

/// Brings the pool to `size` keys that are neither pending deletion nor retiring. Takes the exclusive lock: two processes
/// make one pool, not two. Errors: rejected where the vault's pool has another prefix.
[[nodiscard]] Status complete_pool(OpenVault& vault, const Session& session, std::string_view prefix, int size);

}  // namespace keydeck::custody
