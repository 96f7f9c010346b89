#include "engine/sqlite/failure.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

namespace keydeck::sqlite {
namespace {

std::string file_of(sqlite3* connection) {
    const char* name = connection == nullptr ? nullptr : sqlite3_db_filename(connection, "main");
    return name == nullptr || *name == 0 ? "the database" : name;
}

Error constraint_error(sqlite3* connection, int outcome) {
    const std::string why = sqlite3_errmsg(connection);
    switch (outcome) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return {ErrorCode::kAlreadyExists, fmt::format("There is such a row already ({}).", why), {}, {}};
        case SQLITE_CONSTRAINT_FOREIGNKEY:
        case SQLITE_CONSTRAINT_TRIGGER:
            return {ErrorCode::kRejected, fmt::format("The database forbids this change ({}).", why), {}, {}};
        default:
            return {ErrorCode::kInternal, fmt::format("A row breaks a rule of the database ({}).", why), {}, {}};
    }
}

Error cannot_open(const std::string& file) {
    if (access(file.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return {ErrorCode::kNotFound, fmt::format("There is no file {}.", file), {}, {}};
    }
    return {ErrorCode::kDenied,
            fmt::format("Cannot open {}.", file),
            "Check the permissions of the file and of its directory.",
            {}};
}

Error damaged(const std::string& file) {
    return {ErrorCode::kCorrupt, fmt::format("{} is damaged.", file), "Put a backup in its place.", {}};
}

Error io_error(const std::string& file, int outcome) {
    if (outcome == SQLITE_IOERR_CORRUPTFS || outcome == SQLITE_IOERR_DATA) return damaged(file);
    return {ErrorCode::kUnavailable,
            fmt::format("Reading or writing {} failed (disk error {}).", file, outcome),
            "Check the disk, and that there is space on it.",
            {}};
}

}  // namespace

Error error_of(sqlite3* connection, int outcome, std::string file) {
    if (file.empty()) file = file_of(connection);
    switch (outcome & 0xff) {
        case SQLITE_CONSTRAINT:
            return constraint_error(connection, outcome);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return {ErrorCode::kUnavailable,
                    fmt::format("{} is in use by another program.", file),
                    "Try again in a moment.",
                    {}};
        case SQLITE_FULL:
            return {ErrorCode::kUnavailable,
                    fmt::format("There is no space left to write {}; nothing was changed.", file),
                    "Free some disk space and try again.",
                    {}};
        case SQLITE_IOERR:
            return io_error(file, outcome);
        case SQLITE_NOMEM:
            return {ErrorCode::kUnavailable, "There is not enough memory for the database.", {}, {}};
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {ErrorCode::kDenied,
                    fmt::format("{} cannot be written.", file),
                    "Check the permissions of the file and of its directory.",
                    {}};
        case SQLITE_CANTOPEN:
            return cannot_open(file);
        case SQLITE_CORRUPT:
            return damaged(file);
        case SQLITE_NOTADB:
            return {ErrorCode::kCorrupt, fmt::format("{} is not a database, or it is damaged.", file), {}, {}};
        case SQLITE_TOOBIG:
            return {ErrorCode::kInvalidInput, "A value is too large for the database.", {}, {}};
        case SQLITE_INTERRUPT:
            return {ErrorCode::kCancelled, "The database work was stopped.", {}, {}};
        default:
            return {ErrorCode::kInternal,
                    fmt::format("The database refused a statement ({}, code {}).", sqlite3_errmsg(connection), outcome),
                    {},
                    {}};
    }
}

}  // namespace keydeck::sqlite
