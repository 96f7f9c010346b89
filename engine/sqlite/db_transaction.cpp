#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::sqlite {

Result<DbTransaction> DbTransaction::begin_write(Database& database) {
    if (Status in_place = database.require_in_place(); !in_place) return fail(in_place);
    const Status begun = database.prepare("BEGIN IMMEDIATE").run();
    if (!begun) return fail(begun);
    return DbTransaction(database, true);
}

Result<DbTransaction> DbTransaction::begin_read(Database& database) {
    const Status begun = database.prepare("BEGIN").run();
    if (!begun) return fail(begun);
    DbTransaction transaction(database, false);
    // The snapshot is taken by the first read, not by BEGIN.
    const Status read = database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").run();
    if (!read) return fail(read);
    return transaction;
}

DbTransaction::~DbTransaction() {
    // It fails when SQLite has rolled back by itself (disk full): then there is nothing left to do.
    if (database_ != nullptr) static_cast<void>(database_->prepare("ROLLBACK").run());
}

Status DbTransaction::commit() {
    if (database_ == nullptr) return fail(ErrorCode::kInternal, "A database transaction was committed twice.");
    // Again, because what a KMS was asked for in between may have taken long. A read changes nothing, wherever it reads.
    Status committed = writes_ ? database_->require_in_place() : Status{};
    if (committed) committed = database_->prepare("COMMIT").run();
    if (!committed) static_cast<void>(database_->prepare("ROLLBACK").run());
    database_ = nullptr;
    return committed;
}

}  // namespace keydeck::sqlite
