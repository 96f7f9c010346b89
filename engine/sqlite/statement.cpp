#include <sqlite3.h>

#include <utility>

#include "engine/sqlite/database.hpp"
#include "engine/sqlite/failure.hpp"

namespace keydeck::sqlite {
namespace {

// A null address would bind NULL instead of an empty value.
const void* address_of(ByteView bytes) { return bytes.empty() ? "" : static_cast<const void*>(bytes.data()); }
const char* address_of(std::string_view text) { return text.empty() ? "" : text.data(); }

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      error_(std::move(other.error_)),
      failed_(other.failed_),
      stepped_(other.stepped_) {}

Statement::~Statement() {
    if (statement_ == nullptr) return;
    if (in_use_ == nullptr) {
        sqlite3_finalize(statement_);
        return;
    }
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    *in_use_ = false;
}

void Statement::ready_to_bind() {
    if (stepped_) reset();
}

Statement& Statement::bound(int outcome) {
    if (outcome != SQLITE_OK && !failed_) {
        error_ = error_of(sqlite3_db_handle(statement_), outcome);
        failed_ = true;
    }
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_int64(statement_, parameter, value));
}

Statement& Statement::bind(int parameter, std::string_view text) {
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_text64(statement_, parameter, address_of(text), text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

// SQLITE_TRANSIENT is a C cast that spells "copy it".
Statement& Statement::bind(int parameter, std::string&& text) {
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_text64(statement_, parameter, address_of(std::string_view(text)), text.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::bind(int parameter, ByteView blob) {
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_blob64(statement_, parameter, address_of(blob), blob.size(), SQLITE_STATIC));
}

Statement& Statement::bind_copy(int parameter, ByteView blob) {
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_blob64(statement_, parameter, address_of(blob), blob.size(), SQLITE_TRANSIENT));
}

Statement& Statement::bind_null(int parameter) {
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_null(statement_, parameter));
}

Statement& Statement::bind(int parameter, const std::optional<std::int64_t>& value) {
    return value ? bind(parameter, *value) : bind_null(parameter);
}

Statement& Statement::bind(int parameter, const std::optional<std::string>& value) {
    return value ? bind(parameter, std::string(*value)) : bind_null(parameter);  // a copy: the optional may be a temporary
}

Statement& Statement::bind_value(int parameter, const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return bind(parameter, *integer);
    if (const auto* text = std::get_if<std::string>(&value)) return bind(parameter, std::string_view(*text));
    if (const auto* blob = std::get_if<Bytes>(&value)) return bind(parameter, ByteView(*blob));
    const auto* real = std::get_if<double>(&value);
    if (real == nullptr) return bind_null(parameter);
    if (failed_) return *this;
    ready_to_bind();
    return bound(sqlite3_bind_double(statement_, parameter, *real));
}

Result<bool> Statement::step() {
    if (failed_) return std::unexpected(error_);
    stepped_ = true;
    const int outcome = sqlite3_step(statement_);
    if (outcome == SQLITE_ROW) return true;
    if (outcome == SQLITE_DONE) return false;
    Error error = error_of(sqlite3_db_handle(statement_), outcome);
    reset();
    return std::unexpected(std::move(error));
}

Status Statement::run() {
    const Result<bool> row = step();
    if (!row) return fail(row);
    reset();
    return {};
}

void Statement::reset() {
    if (statement_ != nullptr) sqlite3_reset(statement_);
    stepped_ = false;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
    const auto* characters = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (characters == nullptr) return {};
    return {characters, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

ByteView Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Value Statement::value(int column) const {
    switch (sqlite3_column_type(statement_, column)) {
        case SQLITE_INTEGER:
            return integer(column);
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement_, column);
        case SQLITE_TEXT:
            return std::string(text(column));
        case SQLITE_BLOB:
            return to_bytes(blob(column));
        default:
            return std::monostate();
    }
}

}  // namespace keydeck::sqlite
