// The rows of kms.db as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/kms/kms.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::kms::local {

/// What the file says of itself, and how its root key is sealed.
struct VaultRecord {
    FixedBytes<16> vault_id{};
    std::string region;
    std::string account;
    Timestamp created_at{};
    RootSecret::Kind secret_kind = RootSecret::Kind::kKeyFile;
    FixedBytes<32> salt{};
    std::uint64_t scrypt_n = 0;  ///< 0 with a key file
    Bytes secret_check{};        ///< tells a wrong secret from a damaged file
    Bytes sealed_root{};
};

/// One KMS key, without its description (which may be long and no call but DescribeKey wants).
struct KeyRecord {
    std::int64_t row = 0;
    std::string key_id;
    KeySpec spec = KeySpec::kSymmetricDefault;
    KeyUsage usage = KeyUsage::kEncryptDecrypt;
    bool enabled = true;
    Timestamp created_at{};
    std::optional<Timestamp> deletion_at{};
    std::int64_t version = 1;
    int rotation_period_days = 365;
    std::optional<Timestamp> next_rotation_at{};  ///< set while automatic rotation is on
    int on_demand_rotations = 0;
    Origin origin = Origin::kAwsKms;
    bool has_material = true;
    std::optional<Timestamp> material_valid_to{};  ///< when imported material expires

    [[nodiscard]] KeyState state() const {
        if (deletion_at) return KeyState::kPendingDeletion;
        if (!has_material) return KeyState::kPendingImport;
        return enabled ? KeyState::kEnabled : KeyState::kDisabled;
    }
};

/// What the guard against a wrong clock knows.
struct ClockRecord {
    Timestamp last_event_at{};
    bool scrub_pending = false;
    std::optional<Timestamp> earliest_deletion;  ///< of the keys pending deletion, and of imported material that expires
};

/// Errors: corrupt when the row is missing or its checksum is wrong; those of sqlite.
[[nodiscard]] Result<VaultRecord> read_vault(sqlite::Database& database);
[[nodiscard]] Status insert_vault(sqlite::Database& database, const VaultRecord& vault);

[[nodiscard]] Result<ClockRecord> read_clock(sqlite::Database& database);
[[nodiscard]] Status write_last_event(sqlite::Database& database, Timestamp at);
[[nodiscard]] Status write_scrub_pending(sqlite::Database& database, bool pending);

/// Nothing when there is no such key or alias.
[[nodiscard]] Result<std::optional<KeyRecord>> find_key(sqlite::Database& database, std::string_view key_id);
[[nodiscard]] Result<std::optional<KeyRecord>> find_key_of_alias(sqlite::Database& database, std::string_view alias);
[[nodiscard]] Result<std::string> read_description(sqlite::Database& database, std::int64_t row);
/// Sets `key.row`.
[[nodiscard]] Status insert_key(sqlite::Database& database, KeyRecord& key, std::string_view description,
                                std::string_view policy);

/// One version of a key's material, sealed.
struct VersionRecord {
    std::int64_t version = 1;
    Timestamp created_at{};
    bool on_demand = false;
    Bytes public_key{};  ///< X ‖ Y; empty for keys without one
    Bytes sealed{};
};
[[nodiscard]] Status insert_version(sqlite::Database& database, std::int64_t key_row, const VersionRecord& version);
[[nodiscard]] Result<std::optional<VersionRecord>> find_version(sqlite::Database& database, std::int64_t key_row,
                                                                std::int64_t version);

}  // namespace keydeck::kms::local
