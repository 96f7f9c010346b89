#include "engine/kms/local/schema.hpp"

#include <array>

namespace keydeck::kms::local {
namespace {

// `vault` and `clock` hold one row each. AUTOINCREMENT keeps a destroyed key's number from being given again.
// A key's state: pending deletion while `deletion_at` is set, else by `enabled`.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE vault (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    vault_id     BLOB NOT NULL,
    region       TEXT NOT NULL,
    account      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    secret_kind  INTEGER NOT NULL,
    salt         BLOB NOT NULL,
    scrypt_n     INTEGER NOT NULL,
    secret_check BLOB NOT NULL,
    sealed_root  BLOB NOT NULL,
    checksum     BLOB NOT NULL
) STRICT;
CREATE TABLE clock (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    last_event_at INTEGER NOT NULL,
    scrub_pending INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE keys (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id               TEXT NOT NULL UNIQUE,
    spec                 TEXT NOT NULL,
    usage                TEXT NOT NULL,
    enabled              INTEGER NOT NULL DEFAULT 1,
    created_at           INTEGER NOT NULL,
    deletion_at          INTEGER,
    version              INTEGER NOT NULL DEFAULT 1,
    rotation_period_days INTEGER NOT NULL DEFAULT 365,
    next_rotation_at     INTEGER,
    on_demand_rotations  INTEGER NOT NULL DEFAULT 0,
    description          TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX keys_by_deletion ON keys (deletion_at) WHERE deletion_at IS NOT NULL;
CREATE TABLE key_versions (
    key        INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    on_demand  INTEGER NOT NULL,
    public_key BLOB,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (key, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE aliases (
    name TEXT PRIMARY KEY,
    key  INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_key ON aliases (key, name);
CREATE TABLE tags (
    key   INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key, name)
) STRICT, WITHOUT ROWID;
)sql";

// Imported key material (a key of origin EXTERNAL has none until then), key policies, and the access keys that requests to
// the KMS's server are signed with. `material_check` tells whether material imported again is the same.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE keys ADD COLUMN origin TEXT NOT NULL DEFAULT 'AWS_KMS';
ALTER TABLE keys ADD COLUMN has_material INTEGER NOT NULL DEFAULT 1;
ALTER TABLE keys ADD COLUMN material_valid_to INTEGER;
ALTER TABLE keys ADD COLUMN material_check BLOB;
ALTER TABLE keys ADD COLUMN policy TEXT NOT NULL DEFAULT '';
CREATE INDEX keys_by_expiry ON keys (material_valid_to) WHERE material_valid_to IS NOT NULL;
CREATE TABLE access_keys (
    id         TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    has_token  INTEGER NOT NULL,
    sealed     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array kMigrations = {sqlite::Migration{1, kVersion1}, sqlite::Migration{2, kVersion2}};

}  // namespace

std::span<const sqlite::Migration> migrations() { return kMigrations; }

}  // namespace keydeck::kms::local
