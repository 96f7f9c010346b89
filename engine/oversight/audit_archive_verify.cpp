#include <fmt/format.h>

#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "engine/oversight/audit_archive.hpp"
#include "engine/oversight/audit_chain.hpp"
#include "engine/oversight/cloudtrail.hpp"

namespace keydeck::oversight {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;

/// Where the vault's keys are, as each line says it; no hash holds it.
struct Place {
    std::string region;
    std::string account;
};

/// Walks along the lines of one archive after the other.
class ArchiveWalk {
public:
    ArchiveWalk(const AuditSeal& seal, Place place, const std::optional<Hash32>& expected_head)
        : seal_(seal),
          place_(std::move(place)),
          expected_(expected_head),
          at_{0, audit_genesis(seal.vault_id)},
          met_expected_(!expected_head || *expected_head == at_.hash) {}

    Status read(const fs::path& file) {
        std::error_code error;
        std::ifstream in(file, std::ios::binary);
        if (!in && !fs::exists(file, error))
            return fail(ErrorCode::kNotFound, fmt::format("There is no archive {}.", file.string()));
        if (!in) return fail(ErrorCode::kDenied, fmt::format("The archive {} may not be read.", file.string()));
        const std::int64_t before = at_.events;
        std::string line;
        while (reason_.empty() && std::getline(in, line)) check(line, file);
        if (in.bad()) return fail(ErrorCode::kUnavailable, fmt::format("Cannot read {}.", file.string()));
        if (reason_.empty() && at_.events == before) stop(before + 1, "is missing", file);
        return {};
    }
    [[nodiscard]] bool good() const { return reason_.empty(); }
    /// True where none is looked for, too.
    [[nodiscard]] bool met_expected() const { return met_expected_; }
    [[nodiscard]] const ChainPlace& at() const { return at_; }

    /// Where the archives end the log must go on.
    void check_end(std::int64_t base) {
        if (at_.events < base) {
            first_bad_ = at_.events + 1;
            reason_ = fmt::format("Events {} to {} are in none of the archives.", at_.events + 1, base);
        } else if (at_.events > base) {
            reason_ = fmt::format(
                "The archives hold events up to {}, but the log was archived only up to {}: the newest archive was left by "
                "an "
                "archiving that was cut short, or belongs to another state of the vault.",
                at_.events, base);
        }
    }
    void check_hash(const Hash32& hash) {
        if (hash == at_.hash) return;
        first_bad_ = at_.events;
        reason_ = fmt::format("Event {} is not the one the log goes on from: the archives were written anew.", at_.events);
    }
    [[nodiscard]] AuditVerification result(AuditVerification log) const {
        log.valid = reason_.empty();
        log.first_bad = first_bad_;
        log.reason = reason_;
        return log;
    }

private:
    void stop(std::int64_t id, std::string_view what, const fs::path& file) {
        first_bad_ = id;
        reason_ = fmt::format("Event {} {} in {}.", id, what, file.string());
    }
    void check(std::string_view line, const fs::path& file) {
        const std::int64_t expected = at_.events + 1;
        const auto read = from_cloudtrail_json(line);
        if (!read || read->vault_id != seal_.vault_id || read->region != place_.region || read->account != place_.account)
            return stop(expected, "was changed", file);
        const AuditEvent& event = read->event;
        if (event.id < expected) return stop(event.id, "was added, or stands twice,", file);
        if (event.id > expected) return stop(expected, "is missing", file);
        const Hash32 hash = audit_hash(at_.hash, event);
        if (hash != event.hash || event.previous != at_.hash)
            return stop(event.id, "was changed, or is not where it was,", file);
        at_ = {event.id, hash};
        met_expected_ = met_expected_ || expected_ == hash;
    }

    /// The first events may be older than the answer that told the account; from then on it stands in each.
    bool takes_account(const std::string& account) {
        if (account == place_.account) account_known_ = true;
        return account == place_.account || (account.empty() && !account_known_);
    }

    const AuditSeal& seal_;
    Place place_;
    std::optional<Hash32> expected_;
    bool account_known_ = false;
    ChainPlace at_;
    bool met_expected_;
    std::optional<std::int64_t> first_bad_;
    std::string reason_;
};

Result<Place> place_of(Database& database) {
    auto row = database.prepare("SELECT region, account FROM vault WHERE id = 1");
    const auto found = row.step();
    if (!found) return fail(found);
    return *found ? Place{std::string(row.text(0)), std::string(row.text(1))} : Place{};
}

}  // namespace

Result<AuditVerification> verify_audit_archives(Database& database, const AuditSeal& seal,
                                                std::span<const std::filesystem::path> files,
                                                const std::optional<Hash32>& expected_head) {
    auto place = place_of(database);
    if (!place) return fail(place);
    ArchiveWalk walk(seal, std::move(*place), expected_head);
    for (const fs::path& file : files) {
        if (Status read = walk.read(file); !read) return fail(read);
        if (!walk.good()) break;
    }
    const auto base = read_base(database, seal);
    if (!base) return fail(base);
    auto log = verify_audit(database, seal, std::nullopt);
    if (!log) return fail(log);
    if (!*base || (!log->valid && walk.good())) return log;
    if (walk.good()) walk.check_end((*base)->events);
    if (walk.good()) walk.check_hash((*base)->hash);
    if (!walk.good() || walk.met_expected()) return walk.result(std::move(*log));
    auto with_head = verify_audit(database, seal, expected_head);
    if (with_head && !with_head->valid && !with_head->first_bad) {
        with_head->reason =
            "The noted head is neither in these archives nor in the log, though both are whole: it is another vault's, or "
            "this "
            "one is older than the note.";
    }
    return with_head;
}

}  // namespace keydeck::oversight
