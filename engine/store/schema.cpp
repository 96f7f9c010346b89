#include "engine/store/schema.hpp"

#include <array>
#include <string_view>

namespace keydeck::store {
namespace {

// STRICT, so that a value cannot change its type behind the audit log's back. Sealed columns come last: lists never read
// that far. Users and keys carry counts and what a list shows of wallets, so that no list has to count or to look a wallet
// up.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE vault (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    uuid       TEXT NOT NULL,
    kms        TEXT NOT NULL,
    region     TEXT NOT NULL,
    account    TEXT NOT NULL,
    key_file   TEXT NOT NULL,
    is_demo    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('users', 0), ('wallets', 0), ('keys', 0), ('last_wallet_id', 0);

CREATE TABLE users (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    locked          INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    removed_at      INTEGER,
    wallets         INTEGER NOT NULL DEFAULT 0,
    default_address BLOB,
    last_signed_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX users_name ON users (name) WHERE removed_at IS NULL;
CREATE INDEX users_order ON users (name COLLATE NOCASE, id) WHERE removed_at IS NULL;

CREATE TABLE keys (
    id            INTEGER PRIMARY KEY,
    key_id        TEXT NOT NULL UNIQUE,
    arn           TEXT NOT NULL,
    alias         TEXT NOT NULL,
    spec          TEXT NOT NULL,
    usage         TEXT NOT NULL,
    state         TEXT NOT NULL,
    region        TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    pool_prefix   TEXT NOT NULL,
    pool_index    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    deletion_date INTEGER,
    last_used_at  INTEGER,
    wallets       INTEGER NOT NULL DEFAULT 0,
    secrets       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX keys_pool ON keys (pool_prefix, pool_index) WHERE pool_index > 0;
CREATE INDEX keys_alias ON keys (alias) WHERE alias <> '';

CREATE TABLE wallets (
    id              INTEGER PRIMARY KEY,
    user_id         INTEGER NOT NULL REFERENCES users (id),
    key_ref         INTEGER NOT NULL REFERENCES keys (id),
    label           TEXT NOT NULL,
    address         BLOB NOT NULL,
    custody         TEXT NOT NULL,
    region          TEXT NOT NULL,
    path            TEXT NOT NULL,
    has_mnemonic    INTEGER NOT NULL,
    imported        INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    removed_at      INTEGER,
    last_signed_at  INTEGER,
    signatures      INTEGER NOT NULL DEFAULT 0,
    public_key      BLOB NOT NULL,
    sealed_data_key BLOB NOT NULL,
    sealed_secret   BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX wallets_address ON wallets (address);
CREATE UNIQUE INDEX wallets_label ON wallets (label) WHERE label <> '' AND removed_at IS NULL;
CREATE INDEX wallets_user ON wallets (user_id, id);
CREATE INDEX wallets_key ON wallets (key_ref, id, user_id);

CREATE VIRTUAL TABLE wallet_search USING fts5 (
    text, content = '', columnsize = 0, detail = none, tokenize = 'trigram'
);
CREATE VIRTUAL TABLE wallet_terms USING fts5vocab (wallet_search, row);

CREATE TABLE key_journal (
    id          INTEGER PRIMARY KEY,
    journal_id  TEXT NOT NULL UNIQUE,
    purpose     TEXT NOT NULL,
    spec        TEXT NOT NULL,
    alias       TEXT NOT NULL,
    user_id     INTEGER NOT NULL,
    wallet_id   INTEGER NOT NULL,
    label       TEXT NOT NULL,
    pool_prefix TEXT NOT NULL,
    pool_index  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    key_id      TEXT NOT NULL DEFAULT '',
    finished_at INTEGER
) STRICT;
CREATE INDEX key_journal_unfinished ON key_journal (id) WHERE finished_at IS NULL;
CREATE INDEX key_journal_key ON key_journal (key_id) WHERE key_id <> '';

CREATE TABLE recipients (
    address  BLOB PRIMARY KEY,
    first_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chains (
    chain_id TEXT PRIMARY KEY,
    first_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    time    INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    surface TEXT NOT NULL,
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    user    TEXT NOT NULL,
    key_id  TEXT NOT NULL,
    result  TEXT NOT NULL,
    digest  TEXT NOT NULL,
    detail  TEXT NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
CREATE INDEX audit_target ON audit (target, id);
CREATE INDEX audit_user ON audit (user, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_key ON audit (key_id, id) WHERE key_id <> '';
CREATE INDEX audit_failed ON audit (result, id) WHERE result <> 'ok';

CREATE TABLE audit_head (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    events INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    seal   BLOB NOT NULL
) STRICT;
)sql";

// Where an AWS vault's KMS is, beside its region; and the jobs.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE vault ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE vault ADD COLUMN endpoint_url TEXT NOT NULL DEFAULT '';

CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    request    TEXT NOT NULL,
    actor      TEXT NOT NULL,
    total      INTEGER NOT NULL,
    done       INTEGER NOT NULL,
    state      TEXT NOT NULL,
    owner      TEXT NOT NULL,
    error      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_unfinished ON jobs (kind, request) WHERE state IN ('running', 'paused');
)sql";

// The life of a key: versions, what is sealed under which, jobs that move it, usage, alerts, an audit log that is archived.
// New columns of wallets follow the sealed ones, where only what moves wallets reads them.
constexpr std::string_view kVersion3 = R"sql(
ALTER TABLE keys ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE keys ADD COLUMN rotation_period INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN next_rotation_at INTEGER;
ALTER TABLE keys ADD COLUMN rotated_at INTEGER;
ALTER TABLE keys ADD COLUMN pending_since INTEGER;
ALTER TABLE keys ADD COLUMN retiring INTEGER NOT NULL DEFAULT 0;

ALTER TABLE wallets ADD COLUMN key_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE wallets ADD COLUMN sealed_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE jobs ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN wish TEXT NOT NULL DEFAULT '';
CREATE TABLE job_failures (
    job   INTEGER NOT NULL REFERENCES jobs (id),
    item  TEXT NOT NULL,
    error TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (job, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (
    minute    INTEGER NOT NULL,
    key_id    TEXT NOT NULL,
    operation TEXT NOT NULL,
    calls     INTEGER NOT NULL,
    failures  INTEGER NOT NULL,
    latency   BLOB NOT NULL,
    errors    TEXT NOT NULL,
    PRIMARY KEY (minute, key_id, operation)
) STRICT, WITHOUT ROWID;
CREATE INDEX metrics_key ON metrics (key_id, minute);
CREATE TABLE usage_months (
    month     TEXT NOT NULL,
    key_id    TEXT NOT NULL,
    operation TEXT NOT NULL,
    calls     INTEGER NOT NULL,
    PRIMARY KEY (month, key_id, operation)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    id              INTEGER PRIMARY KEY,
    rule            TEXT NOT NULL,
    subject         TEXT NOT NULL,
    sentence        TEXT NOT NULL,
    command         TEXT NOT NULL,
    raised_at       INTEGER NOT NULL,
    cleared_at      INTEGER,
    acknowledged_at INTEGER,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    silenced_until  INTEGER
) STRICT;
CREATE UNIQUE INDEX alerts_firing ON alerts (rule, subject) WHERE cleared_at IS NULL;

CREATE TABLE audit_base (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    events INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    seal   BLOB NOT NULL
) STRICT;
)sql";

// Secrets and their versions. The user 0 is the vault itself. Versions are never taken out one by one, so that their number
// is the newest; what is sealed comes last here too.
constexpr std::string_view kVersion4 = R"sql(
INSERT INTO counters (name, value) VALUES ('last_secret_id', 0);

CREATE TABLE secrets (
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL,
    environment TEXT NOT NULL,
    name        TEXT NOT NULL,
    versions    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    removed_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX secrets_name ON secrets (name, environment, user_id) WHERE removed_at IS NULL;
CREATE INDEX secrets_user ON secrets (user_id, name);

CREATE TABLE secret_versions (
    id              INTEGER PRIMARY KEY,
    secret_id       INTEGER NOT NULL REFERENCES secrets (id),
    version         INTEGER NOT NULL,
    key_ref         INTEGER NOT NULL REFERENCES keys (id),
    key_version     INTEGER NOT NULL,
    size            INTEGER NOT NULL,
    context         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    sealed_at       INTEGER NOT NULL,
    sealed_data_key BLOB NOT NULL,
    sealed_value    BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX secret_versions_order ON secret_versions (secret_id, version);
CREATE INDEX secret_versions_key ON secret_versions (key_ref, id, secret_id);
)sql";

// What the screens need: the address book, which a preview asks exactly or by the first digits; what a first screen says of
// the keys without counting them; lists by last signature and by number of wallets, where never is 0, so that NULL needs no
// range of its own.
constexpr std::string_view kVersion5 = R"sql(
CREATE TABLE contacts (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    address    BLOB NOT NULL,
    note       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX contacts_name ON contacts (name COLLATE NOCASE);
CREATE UNIQUE INDEX contacts_address ON contacts (address);

INSERT INTO counters (name, value)
    SELECT 'keys_enabled', count(*) FROM keys WHERE state = 'Enabled' UNION ALL
    SELECT 'keys_disabled', count(*) FROM keys WHERE state = 'Disabled' UNION ALL
    SELECT 'keys_pending', count(*) FROM keys WHERE state = 'PendingDeletion';
CREATE INDEX keys_ending ON keys (deletion_date, id) WHERE state = 'PendingDeletion';

CREATE INDEX users_signed ON users (ifnull(last_signed_at, 0), id) WHERE removed_at IS NULL;
CREATE INDEX users_wallets ON users (wallets, id) WHERE removed_at IS NULL;
CREATE INDEX wallets_signed ON wallets (ifnull(last_signed_at, 0), id);
)sql";

// Signatures by the minute, each a row that the signature's own DbTransaction adds to: nobody has to count the audit log.
constexpr std::string_view kVersion6 = R"sql(
CREATE TABLE signature_minutes (
    minute     INTEGER PRIMARY KEY,
    signatures INTEGER NOT NULL
) STRICT;
)sql";

// Whom a user knows, for which chains, and what was signed before that nobody can decode: each user's own. What was known to
// a whole vault was made known by one of its users, and nobody can tell by whom unless there is only one: it then belongs to
// nobody (0), is known to no one, and is only what others may look like.
constexpr std::string_view kVersion7 = R"sql(
CREATE TABLE known_recipients (
    user_id    INTEGER NOT NULL,
    address    BLOB NOT NULL,
    is_trusted INTEGER NOT NULL,
    first_at   INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;
INSERT INTO known_recipients (user_id, address, is_trusted, first_at)
    SELECT CASE (SELECT count(*) FROM users) WHEN 1 THEN (SELECT id FROM users) ELSE 0 END, address, 0, first_at
    FROM recipients;
DROP TABLE recipients;

CREATE TABLE known_chains (
    user_id  INTEGER NOT NULL,
    chain_id TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, chain_id)
) STRICT, WITHOUT ROWID;
INSERT INTO known_chains (user_id, chain_id, first_at)
    SELECT CASE (SELECT count(*) FROM users) WHEN 1 THEN (SELECT id FROM users) ELSE 0 END, chain_id, first_at FROM chains;
DROP TABLE chains;

CREATE TABLE known_messages (
    user_id  INTEGER NOT NULL,
    kind     BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;

-- What the costs count.
CREATE INDEX wallets_key_pair ON wallets (id) WHERE custody = 'key-pair' AND removed_at IS NULL;
)sql";

// What a job is to be done to, where a query cannot find it again: marked rows.
constexpr std::string_view kVersion8 = R"sql(
CREATE TABLE job_items (
    job      INTEGER NOT NULL REFERENCES jobs (id),
    position INTEGER NOT NULL,
    item     TEXT NOT NULL,
    PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<sqlite::Migration, kSchemaVersion> kSteps{{{1, kVersion1},
                                                                {2, kVersion2},
                                                                {3, kVersion3},
                                                                {4, kVersion4},
                                                                {5, kVersion5},
                                                                {6, kVersion6},
                                                                {7, kVersion7},
                                                                {8, kVersion8}}};

}  // namespace

std::span<const sqlite::Migration> schema_steps() { return kSteps; }

}  // namespace keydeck::store
