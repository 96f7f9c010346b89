#include "engine/custody/migration/cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>

#include "engine/base/base64.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/crypto/hash.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;
using sqlite::Value;

// A page of rows may be this large, and one cell more: then no page of large blobs fills the memory.
constexpr std::size_t kBytesARead = std::size_t{4} << 20;
constexpr std::size_t kMostCiphertext = 6144;
constexpr std::size_t kLeastCiphertext = 48;

std::string sql_literal(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:.17g}", *real);
    if (const auto* blob = std::get_if<Bytes>(&value)) return "x'" + to_hex(*blob) + "'";
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return "NULL";
    std::string out = "'";
    for (const char c : *text) out.append(c == '\'' ? 2 : 1, c);
    return out + '\'';
}

std::string plain(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* blob = std::get_if<Bytes>(&value)) return to_hex(*blob);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    const auto* integer = std::get_if<std::int64_t>(&value);
    return integer == nullptr ? "NULL" : std::to_string(*integer);
}

/// AWS's blobs begin 01 0x 0x 00 78, the embedded KMS's with its mark.
bool begins_like_a_ciphertext(ByteView bytes) {
    constexpr std::array<std::uint8_t, 4> kEmbedded = {'K', 'D', 'C', 0x01};
    if (bytes.size() < kLeastCiphertext || bytes.size() > kMostCiphertext) return false;
    if (std::ranges::equal(bytes.first(kEmbedded.size()), kEmbedded)) return true;
    return bytes[0] == 1 && (bytes[1] == 1 || bytes[1] == 2) && bytes[2] >= 1 && bytes[2] <= 3 && bytes[3] == 0 &&
           bytes[4] == 0x78;
}

constexpr std::string_view kIt = "it";

Look of_ciphertext(Bytes bytes) {
    Look look;
    look.kind = CellKind::kKmsCiphertext;
    look.ciphertext = std::move(bytes);
    return look;
}

/// Base64, as the migration writes it, or the bytes themselves, as it may find them in a BLOB.
Look of_known_ciphertext(const Cell& cell) {
    Result<Bytes> bytes = from_base64(trimmed(cell.text()), kIt);
    return of_ciphertext(bytes ? std::move(*bytes) : to_bytes(as_bytes(cell.text())));
}

void bind_row(sqlite::Statement& statement, int at, const Cell& cell) {
    for (const Value& value : cell.place) statement.bind_value(at++, value);
    for (const Value& value : cell.key) statement.bind_value(at++, value);
}

Cell cell_of(const sqlite::Statement& row, const AppColumn& column) {
    Cell cell;
    cell.column = &column;
    int at = 0;
    for (std::size_t i = 0; i < column.place.size(); ++i) cell.place.push_back(row.value(at++));
    for (std::size_t i = 0; i < column.key.size(); ++i) cell.key.push_back(row.value(at++));
    cell.value = row.value(at);
    return cell;
}

}  // namespace

std::string_view Cell::text() const {
    if (const auto* string = std::get_if<std::string>(&value)) return *string;
    if (const auto* blob = std::get_if<Bytes>(&value)) return as_text(*blob);
    return {};
}

Hash32 Cell::hash() const { return crypto::sha256(as_bytes(text())); }

std::string Cell::journal_row() const {
    std::string out;
    for (const Value& part : key.empty() ? place : key) out += (out.empty() ? "" : ",") + sql_literal(part);
    return out;
}

std::string Cell::shown_row() const {
    const std::vector<Value>& parts = key.empty() ? place : key;
    if (parts.size() == 1) return plain(parts.front());
    std::string out = "[";
    for (const Value& part : parts) {
        if (out.size() > 1) out += ',';
        if (std::holds_alternative<std::int64_t>(part)) {
            out += plain(part);
        } else {
            json::append_quoted(out, plain(part));
        }
    }
    return out + ']';
}

Result<kms::EncryptionContext> Cell::context() const {
    if (key.empty())
        return fail(ErrorCode::kRejected, "The rows of " + column->table + " have no primary key to bind a ciphertext to.");
    for (const Value& part : key) {
        const auto* text_part = std::get_if<std::string>(&part);
        const bool is_text = text_part != nullptr && is_utf8(*text_part);
        if (is_text || std::holds_alternative<std::int64_t>(part) || std::holds_alternative<Bytes>(part)) continue;
        return fail(ErrorCode::kRejected, "Its primary key is NULL, a REAL or no text, and nothing can be bound to that.");
    }
    return kms::EncryptionContext{{"table", column->table}, {"column", column->column}, {"row", shown_row()}};
}

Value Cell::in_its_class(std::string_view content) const {
    if (std::holds_alternative<Bytes>(value)) return to_bytes(as_bytes(content));
    return std::string(content);
}

Look look_at(const Cell& cell) {
    Look look;
    const bool is_blob = std::holds_alternative<Bytes>(cell.value);
    if (!is_blob && !std::holds_alternative<std::string>(cell.value)) {
        look.kind = std::holds_alternative<std::monostate>(cell.value) ? CellKind::kEmpty : CellKind::kOther;
        return look;
    }
    const std::string_view text = trimmed(cell.text());
    if (text.empty()) {
        look.kind = CellKind::kEmpty;
        return look;
    }
    // A KMS that is none of those known may make blobs of any shape.
    if (cell.is_known_ciphertext()) return of_known_ciphertext(cell);
    if (is_blob && begins_like_a_ciphertext(as_bytes(cell.text()))) return of_ciphertext(to_bytes(as_bytes(cell.text())));
    Result<crypto::FernetToken> token = crypto::FernetToken::parse(text);
    if (token) {
        look.kind = CellKind::kToken;
        look.token = std::move(*token);
        return look;
    }
    if (crypto::FernetToken::is_likely(text)) {
        look.kind = CellKind::kBrokenToken;
        look.why = token.error().message;
        return look;
    }
    if (text.size() > (kMostCiphertext + 2) / 3 * 4) return look;
    Result<Bytes> bytes = from_base64(text, kIt);
    if (bytes && begins_like_a_ciphertext(*bytes)) return of_ciphertext(std::move(*bytes));
    return look;
}

bool reads_like_a_ciphertext(std::string_view text) {
    constexpr std::size_t kLeast = kLeastCiphertext / 3 * 4;
    constexpr std::size_t kMost = (kMostCiphertext + 2) / 3 * 4;
    if (text.size() < kLeast || text.size() > kMost || text.size() % 4 != 0) return false;
    if (text.starts_with("S0RDA")) return true;  // "KDC", 01
    return text.starts_with("AQ") && (text[2] == 'E' || text[2] == 'I') && text[3] >= 'B' && text[3] <= 'D' &&
           text.substr(4, 2) == "AH" && text[6] >= 'g' && text[6] <= 'j';
}

Result<std::vector<Cell>> read_cells(Database& database, const AppColumn& column, const Cell* after, std::int64_t most,
                                     bool journaled) {
    std::vector<Cell> cells;
    {
        auto row = database.prepare(after == nullptr ? sql_of_first_rows(column) : sql_of_next_rows(column));
        int at = 1;
        if (after != nullptr) {
            for (const Value& value : after->place) row.bind_value(at++, value);
        }
        row.bind(at, most);
        std::size_t bytes = 0;
        auto more = row.step();
        for (; more && *more; more = row.step()) {
            cells.push_back(cell_of(row, column));
            bytes += cells.back().text().size();
            if (bytes > kBytesARead) break;
        }
        if (!more) return fail(more);
    }
    if (!journaled) return cells;
    for (Cell& cell : cells) {
        Result<std::optional<JournalCell>> known = journal_cell(database, column, cell.journal_row());
        if (!known) return fail(known);
        cell.journal = *known;
    }
    return cells;
}

Result<std::optional<Value>> read_again(Database& database, const Cell& cell) {
    auto row = database.prepare(sql_of_one_value(*cell.column));
    bind_row(row, 1, cell);
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<Value>();
    return std::optional(row.value(0));
}

Result<Replaced> replace(Database& database, const Cell& cell, std::string_view content) {
    const Value wanted = cell.in_its_class(content);
    {
        auto update = database.prepare(sql_of_replacing(*cell.column));
        update.bind_value(1, wanted).bind_value(2, cell.value);
        bind_row(update, 3, cell);
        if (Status updated = update.run(); !updated) return fail(updated);
    }
    const bool changed = database.changes() > 0;
    const Result<std::optional<Value>> now = read_again(database, cell);
    if (!now) return fail(now);
    if (!changed) return *now && **now == cell.value ? Replaced::kUndone : Replaced::kChanged;
    return *now && **now == wanted ? Replaced::kDone : Replaced::kUndone;
}

}  // namespace keydeck::custody::migration
