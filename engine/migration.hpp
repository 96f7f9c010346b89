// The migration of an application's database from Fernet to KMS ciphertexts, as it crosses the engine's public surface.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/types.hpp"

namespace keydeck {

/// What is to be migrated, and how. The same request goes on with a migration that was interrupted.
struct FernetMigration {
    std::filesystem::path database;    ///< the application's SQLite database
    std::vector<std::string> columns;  ///< TABLE.COLUMN, TEXT or BLOB
    std::vector<SecretBytes> keys;  ///< Fernet keys (44 characters of base64url), tried in this order, as MultiFernet does
    std::string to;                 ///< a symmetric KMS key: key id, ARN or alias/NAME; empty: the one it was begun with
    /// The encryption context is `table`, `column` and `row`, the names as the schema spells them, the row by its declared
    /// PRIMARY KEY: an integer in decimal, a text as it is, a blob in lower-case hex; several parts as a JSON array without
    /// spaces, integers as numbers and the others as strings. Else there is no context.
    bool bind = false;
    bool vacuum = false;                         ///< at the end, so that no free page keeps an old token
    bool force = false;                          ///< roll_back_fernet(): also where cells were written since
    std::chrono::milliseconds patience{10'000};  ///< how long another program may hold the database locked
};

/// A column that holds Fernet tokens, as far as that can be seen without a key.
struct FernetColumn {
    std::string table;
    std::string column;
    std::int64_t rows = 0;
    std::int64_t tokens = 0;
};

/// How one column stands. Each row is counted once: rows = tokens + migrated + undecryptable + other + empty.
struct FernetColumnReport {
    std::string column;  ///< TABLE.COLUMN
    std::int64_t rows = 0;
    std::int64_t tokens = 0;         ///< still Fernet, and one of the keys opens them
    std::int64_t migrated = 0;       ///< KMS ciphertexts under the expected key
    std::int64_t undecryptable = 0;  ///< look like Fernet tokens or KMS ciphertexts, and nothing opens them
    std::int64_t other = 0;          ///< neither: left alone, and a problem too
    std::int64_t empty = 0;          ///< NULL or no characters
};

/// A cell that was left as it is, and why; no value is in it.
struct FernetProblem {
    std::string column;  ///< TABLE.COLUMN
    std::string row;     ///< its primary key, or rowid, as text
    std::string reason;
};

struct FernetReport {
    std::vector<FernetColumnReport> columns;
    std::vector<FernetProblem> problems;  ///< the first kMostProblems of them
    std::int64_t problem_count = 0;
    std::int64_t changed = 0;         ///< cells that this run replaced
    std::int64_t migrated_again = 0;  ///< of those, cells that the application had changed meanwhile
    std::string key_id;               ///< what they are encrypted under
    std::filesystem::path backup;     ///< the database as it was before; it still holds the old tokens
    std::chrono::microseconds time{};
    std::vector<std::string> notices;  ///< what else is to be known, one sentence each
    static constexpr std::size_t kMostProblems = 1000;
    [[nodiscard]] bool is_complete() const { return problem_count == 0; }
};

}  // namespace keydeck
