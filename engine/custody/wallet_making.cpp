#include "engine/custody/wallet_making.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_pool.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

std::vector<std::string> distinct_keys(const std::vector<store::NewWallet>& rows) {
    std::vector<std::string> keys;
    keys.reserve(rows.size());
    for (const store::NewWallet& row : rows) keys.push_back(row.key_id);
    std::ranges::sort(keys);
    const auto repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    return keys;
}

}  // namespace

AuditEvent created_event(const Making& making, const store::NewWallet& row) {
    AuditEvent event = event_of(making.vault, making.session, "CreateWallet", checksum_address(row.address));
    event.user = making.user.name;
    event.key_id = row.key_id;
    oversight::Detail detail;
    detail.text("custody", to_string(row.custody));
    if (!row.label.empty()) detail.text("label", row.label);
    if (row.has_mnemonic) detail.number("words", making.request.words).text("path", row.path);
    event.detail = detail.done();
    return event;
}

Status collect(Making& making, std::int64_t first_id, std::size_t count) {
    WalletQuery query;
    query.user = making.user.name;
    query.page.after = first_id - 1;
    query.page.limit = static_cast<std::int64_t>(count);
    Result<std::vector<Wallet>> wallets =
        ask_store(making.vault, [&](Database& database) { return store::list_wallets(database, query); });
    if (!wallets) return fail(wallets);
    std::ranges::move(*wallets, std::back_inserter(making.done));
    if (making.progress.report) making.progress.report(making.all_done(), making.request.count);
    return {};
}

std::unexpected<Error> stopped(const Making& making) {
    return fail(ErrorCode::kCancelled,
                "Stopped: " + std::to_string(making.all_done()) + " of " + std::to_string(making.request.count) +
                    " wallets were made, and those are complete.",
                "The same command again makes the rest.");
}

Status with_count_done(const Making& making, Status status) {
    if (status) return status;
    if (status.error().code == ErrorCode::kCancelled) {
        const Status asked = making.may_go_on();
        return asked ? stopped(making) : asked;
    }
    if (making.all_done() > 0) {
        status.error().message += " (" + std::to_string(making.all_done()) + " of " + std::to_string(making.request.count) +
                                  " wallets were made; the same command again makes the rest.)";
    }
    return status;
}

Status commit_sealed(Making& making, std::vector<store::NewWallet> rows) {
    if (making.progress.stop.stop_requested()) return stopped(making);
    std::vector<AuditEvent> events;
    events.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].label = making.label(making.all_done() + static_cast<std::int64_t>(i));
        events.push_back(created_event(making, rows[i]));
    }
    const std::vector<std::string> keys = distinct_keys(rows);
    Status written = making.vault.write(
        [&](Database& database) -> Status {
            if (Status enabled = require_enabled(database, keys); !enabled) return enabled;
            for (const store::NewWallet& row : rows) {
                if (Status inserted = store::insert_wallet(database, row); !inserted) return inserted;
            }
            return making.count(database, rows.size());
        },
        events);
    if (!written) return written;
    if (making.job) making.job->committed();
    if (Status collected = collect(making, rows.front().id, rows.size()); !collected) return collected;
    return making.may_go_on();
}

}  // namespace keydeck::custody
