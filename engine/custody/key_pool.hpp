// The key pool: the symmetric keys that data keys are encrypted under.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/envelope.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/store/key_journal.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

/// The enabled keys of the pool, to draw from. Thread-safe.
class KeyPool {
public:
    /// The vault's pool; made (journaled, with aliases) when there is none, completed when its making was cut short.
    /// Errors: rejected when no key of it is enabled; the KMS's.
    [[nodiscard]] static Result<KeyPool> usable(OpenVault& vault, const Session& session);

    KeyPool(KeyPool&& other) noexcept : vault_(other.vault_), keys_(std::move(other.keys_)) {}
    KeyPool(const KeyPool&) = delete;
    KeyPool& operator=(const KeyPool&) = delete;
    KeyPool& operator=(KeyPool&&) = delete;
    ~KeyPool() = default;

    struct Sealed {
        SealedWallet wallet;
        std::string key_id;
    };
    /// Seals under a key drawn with the CSPRNG. A key that the KMS refuses because of its state is left out from then on and
    /// another is drawn.
    [[nodiscard]] Result<Sealed> seal(const EnvelopePlace& place, const WalletSecret& secret);

private:
    KeyPool(OpenVault& vault, std::vector<std::string> keys) : vault_(&vault), keys_(std::move(keys)) {}
    [[nodiscard]] Result<std::string> draw();
    void leave_out(std::string_view key_id);

    OpenVault* vault_;
    std::mutex mutex_;
    std::vector<std::string> keys_;
};

/// Makes the pool or tops it up to `size` keys that can still be used. An empty prefix: the vault's own pool, or the
/// configured one.
[[nodiscard]] Result<PoolStatus> init_pool(OpenVault& vault, const Session& session, int size,
                                           std::string_view alias_prefix);
[[nodiscard]] Result<PoolStatus> add_pool_keys(OpenVault& vault, const Session& session, int count);
[[nodiscard]] Result<PoolStatus> pool_status(OpenVault& vault, const Session& session);

/// Error: rejected when one of the keys is not Enabled as the store knows it: somebody disabled it since it was drawn.
/// Called in the DbTransaction that records what was sealed under them.
[[nodiscard]] Status require_enabled(sqlite::Database& database, const std::vector<std::string>& key_ids);

/// Records a pool key that exists in the KMS: row, alias, audit event, journal closed.
[[nodiscard]] Status record_pool_key(OpenVault& vault, const Session& session, std::string_view action,
                                     const kms::KeyMetadata& metadata, store::KeyJournalEntry entry);

}  // namespace keydeck::custody
