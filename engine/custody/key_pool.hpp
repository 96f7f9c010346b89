// The key pool: the symmetric keys that data keys, and the private keys of key pairs, are encrypted under.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/envelope.hpp"
#include "engine/custody/key_pair.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/store/key_journal.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

/// The enabled keys of the pool that are not retiring, to draw from. Thread-safe.
class KeyPool {
public:
    struct Key {
        std::string id;
        std::int64_t version = 1;  ///< as the store knew it: what is sealed now is sealed under that one or a newer one
    };

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
        Key key;
    };
    struct Pair {
        MadeKeyPair pair;
        Key key;
    };
    /// Seals under a key drawn with the CSPRNG. A key that the KMS refuses because of its state is left out from then on and
    /// another is drawn.
    [[nodiscard]] Result<Sealed> seal(const EnvelopePlace& place, const WalletSecret& secret);
    /// Has a key pair made under a key drawn likewise.
    [[nodiscard]] Result<Pair> make_pair(const EnvelopePlace& place);
    /// Calls `work` with a drawn key until it succeeds, or fails for another reason than the key's state. Answers the key.
    [[nodiscard]] Result<Key> under_a_key(const std::function<Status(kms::Kms& kms, const std::string& key_id)>& work);

private:
    KeyPool(OpenVault& vault, std::vector<Key> keys) : vault_(&vault), keys_(std::move(keys)) {}
    [[nodiscard]] Result<Key> draw();
    void leave_out(std::string_view key_id);

    OpenVault* vault_;
    std::mutex mutex_;
    std::vector<Key> keys_;
};

/// Makes the pool or tops it up to `size` keys that can still be used. An empty prefix: the vault's own pool, or the
/// configured one.
[[nodiscard]] Result<PoolStatus> init_pool(OpenVault& vault, const Session& session, int size,
                                           std::string_view alias_prefix);
[[nodiscard]] Result<PoolStatus> add_pool_keys(OpenVault& vault, const Session& session, int count);
[[nodiscard]] Result<PoolStatus> pool_status(OpenVault& vault, const Session& session);

/// Error: rejected when one of the keys is not Enabled, or is retiring, as the store knows it: somebody changed it since it
/// was drawn. Called in the DbTransaction that records what was sealed under them.
[[nodiscard]] Status require_enabled(sqlite::Database& database, const std::vector<std::string>& key_ids);

/// Records a pool key that exists in the KMS: row, alias, audit event, journal closed.
[[nodiscard]] Status record_pool_key(OpenVault& vault, const Session& session, std::string_view action,
                                     const kms::KeyMetadata& metadata, store::KeyJournalEntry entry);

}  // namespace keydeck::custody
