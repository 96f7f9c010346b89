#include "engine/custody/archiving.hpp"

#include <span>
#include <system_error>

#include "engine/base/hex.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/oversight/audit_archive.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

std::string detail_of(const AuditArchive& archive) {
    return oversight::Detail()
        .text("file", archive.file)
        .number("first", archive.first)
        .number("last", archive.last)
        .text("head", to_hex_0x(archive.head))
        .done();
}

/// Takes the events out. Whether the log has lost them is asked of the log itself: a file that holds what is nowhere else
/// must stay whatever else went wrong.
Status remove_from_log(OpenVault& vault, const oversight::AuditSeal& seal, const AuditArchive& archive, AuditEvent& event) {
    Status removed = vault.write([&](Database& database) { return oversight::remove_archived(database, seal, archive); },
                                 std::span(&event, 1));
    if (removed) return removed;
    const Result<std::int64_t> archived =
        ask_store(vault, [&](Database& database) { return oversight::archived_events(database, seal); });
    if (!archived || *archived >= archive.last) return removed;
    removed.error().hint += removed.error().hint.empty() ? "" : " ";
    removed.error().hint += "The log still has all events; the same command goes on from the file.";
    return removed;
}

}  // namespace

Result<AuditArchive> archive_audit(OpenVault& vault, const Session& session, const VaultInfo& info, Timestamp before,
                                   const std::filesystem::path& file) {
    AuditEvent event = event_of(vault, session, "ArchiveAudit", file.filename().string());
    return audited(vault, event, [&]() -> Result<AuditArchive> {
        if (Status allowed = require_operator(session, "archive the audit log"); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        std::error_code error;
        const std::filesystem::path path = std::filesystem::absolute(file, error).lexically_normal();
        if (error || path.filename().empty())
            return fail(ErrorCode::kInvalidInput, "The archive needs a file's name.", "--file FILE");
        const Result<std::shared_ptr<const SecretBytes>> key = vault.seal_key();
        if (!key) return fail(key);
        const oversight::AuditSeal seal{vault.record().id, (*key)->view()};
        Result<AuditArchive> archive = ask_store(
            vault, [&](Database& database) { return oversight::write_audit_archive(database, seal, info, before, path); });
        if (!archive) return archive;
        event.detail = detail_of(*archive);
        if (Status removed = remove_from_log(vault, seal, *archive, event); !removed) return fail(removed);
        return archive;
    });
}

}  // namespace keydeck::custody
