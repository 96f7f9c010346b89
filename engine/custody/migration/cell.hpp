// One cell of the application's database, and what stands in it as far as that shows without a KMS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/crypto/fernet.hpp"
#include "engine/custody/migration/columns.hpp"
#include "engine/custody/migration/journal.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::migration {

/// A cell as it was read. Its column outlives it.
struct Cell {
    const AppColumn* column = nullptr;
    std::vector<sqlite::Value> place;
    std::vector<sqlite::Value> key;
    sqlite::Value value;
    std::optional<JournalCell> journal;  ///< what the journal says of it
    std::optional<std::string> backup;   ///< the token that the backup has in its place (rollback)

    /// The bytes of a TEXT or BLOB; none else.
    [[nodiscard]] std::string_view text() const;
    /// What the journal hashes: those bytes.
    [[nodiscard]] Hash32 hash() const;
    /// Whether its value is what the migration left there.
    [[nodiscard]] bool is_as_journaled() const { return journal && journal->new_hash == hash(); }
    /// Whether its value is a ciphertext that the migration made or found.
    [[nodiscard]] bool is_known_ciphertext() const {
        return journal && journal->state != CellState::kRolledBack && is_as_journaled();
    }

    /// How the journal calls its row: the key's values (without a key, the rowid) as SQL literals, with commas between.
    [[nodiscard]] std::string journal_row() const;
    /// How people and encryption contexts call its row: an integer in decimal, a text as it is, a blob in lower-case hex;
    /// several, as a JSON array of such strings (integers as numbers).
    [[nodiscard]] std::string shown_row() const;
    /// `table`, `column`, `row` as above. Error: rejected where the table declares no PRIMARY KEY, or where a part of the
    /// key is NULL, a REAL (which has many spellings) or no UTF-8.
    [[nodiscard]] Result<kms::EncryptionContext> context() const;

    /// Text for a text, a blob for a blob.
    [[nodiscard]] sqlite::Value in_its_class(std::string_view content) const;
};

enum class CellKind : std::uint8_t {
    kEmpty,          ///< NULL, nothing, or spaces and line ends
    kToken,          ///< a whole Fernet token
    kBrokenToken,    ///< begins like one
    kKmsCiphertext,  ///< base64 (or, in a BLOB, the bytes) of what a KMS makes
    kOther
};

/// What a value looks like; where the journal knows it as a ciphertext, that, whatever it looks like.
struct Look {
    CellKind kind = CellKind::kOther;
    std::optional<crypto::FernetToken> token;
    Bytes ciphertext;  ///< of kKmsCiphertext
    std::string why;   ///< of kBrokenToken, a sentence
};
[[nodiscard]] Look look_at(const Cell& cell);
/// Whether a text begins and is as long as the base64 of what a KMS makes. Nothing is decoded: it may be a secret.
[[nodiscard]] bool reads_like_a_ciphertext(std::string_view text);

/// Rows after `after` (null: from the first), at most `most`, fewer where they are large; none: that was the last. What the
/// journal says is read with them where `journaled`.
[[nodiscard]] Result<std::vector<Cell>> read_cells(sqlite::Database& database, const AppColumn& column, const Cell* after,
                                                   std::int64_t most, bool journaled);
/// The value that stands in the same row of this database now; empty where there is no such row.
[[nodiscard]] Result<std::optional<sqlite::Value>> read_again(sqlite::Database& database, const Cell& cell);

enum class Replaced : std::uint8_t {
    kDone,
    kChanged,  ///< something else stands there meanwhile, or the row is gone
    kUndone    ///< a trigger of the application prevented it, or changed it again: roll back
};
/// Puts `content` where the cell's value still stands, in the caller's DbTransaction, and looks whether it stands there
/// then.
[[nodiscard]] Result<Replaced> replace(sqlite::Database& database, const Cell& cell, std::string_view content);

}  // namespace keydeck::custody::migration
