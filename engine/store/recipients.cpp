#include "engine/store/recipients.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/clock.hpp"
#include "engine/store/rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::size_t kMaxLookAlikes = 10;

Result<bool> has_row(Statement& statement) { return statement.step(); }

/// The addresses of one table between two bounds, whose ends are alike. Each table has an index on the address.
Status add_look_alikes(Statement statement, const AddressBytes& address, LookAlike::KnownAs known_as,
                       std::vector<LookAlike>& out) {
    AddressBytes first = address;
    std::fill(first.begin() + 2, first.end(), std::uint8_t{0x00});
    AddressBytes last = address;
    std::fill(last.begin() + 2, last.end(), std::uint8_t{0xFF});
    statement.bind(1, ByteView(first)).bind(2, ByteView(last)).bind(3, ByteView(address).last(2));
    while (out.size() < kMaxLookAlikes) {
        const auto row = statement.step();
        if (!row) return fail(row);
        if (!*row) break;
        const ByteView found = statement.blob(0);
        LookAlike other;
        other.known_as = known_as;
        if (found.size() != other.address.size()) continue;
        std::ranges::copy(found, other.address.begin());
        if (known_as == LookAlike::KnownAs::kContact) other.name = statement.text(1);
        const bool is_new = std::ranges::find(out, other.address, &LookAlike::address) == out.end();
        if (other.address != address && is_new) out.push_back(std::move(other));
    }
    return {};
}

}  // namespace

Result<Standing> standing_of(Database& database, const AddressBytes& address) {
    // One statement, a look into one index of each table.
    auto row = database.prepare(
        "SELECT c.name, w.user_id, u.name, w.label, r.address IS NOT NULL, w.removed_at IS NOT NULL"
        " FROM (SELECT ?1 AS address) a LEFT JOIN contacts c ON c.address = a.address"
        " LEFT JOIN wallets w ON w.address = a.address"
        " LEFT JOIN users u ON u.id = w.user_id LEFT JOIN recipients r ON r.address = a.address");
    row.bind(1, ByteView(address));
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kInternal, "An address could not be looked up.");
    Standing standing;
    standing.contact = string_at(row, 0);
    standing.is_wallet = !row.is_null(1);
    standing.wallet_user = row.integer(1);
    standing.user = string_at(row, 2);
    standing.label = string_at(row, 3);
    standing.was_recipient = row.integer(4) != 0;
    standing.is_removed = row.integer(5) != 0;
    return standing;
}

Status note_recipients(Database& database, std::span<const AddressBytes> addresses, Timestamp now) {
    auto insert = database.prepare("INSERT OR IGNORE INTO recipients (address, first_at) VALUES (?, ?)");
    for (const AddressBytes& address : addresses) {
        if (const auto done = insert.bind(1, ByteView(address)).bind(2, to_micros(now)).run(); !done) return fail(done);
    }
    return {};
}

Result<std::vector<LookAlike>> look_alikes(Database& database, const AddressBytes& address) {
    struct Table {
        LookAlike::KnownAs known_as;
        std::string_view select;
    };
    static constexpr std::array<Table, 3> kTables{{
        {LookAlike::KnownAs::kContact,
         "SELECT address, name FROM contacts WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"},
        {LookAlike::KnownAs::kWallet,
         "SELECT address FROM wallets WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"},
        {LookAlike::KnownAs::kRecipient,
         "SELECT address FROM recipients WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"},
    }};
    std::vector<LookAlike> found;
    for (const Table& table : kTables) {
        const Status added = add_look_alikes(database.prepare(table.select), address, table.known_as, found);
        if (!added) return fail(added);
    }
    return found;
}

Result<bool> chain_was_used(Database& database, std::string_view chain_id) {
    auto statement = database.prepare("SELECT 1 FROM chains WHERE chain_id = ?");
    statement.bind(1, chain_id);
    return has_row(statement);
}

Result<bool> any_chain_was_used(Database& database) {
    auto statement = database.prepare("SELECT 1 FROM chains LIMIT 1");
    return has_row(statement);
}

Status note_chain(Database& database, std::string_view chain_id, Timestamp now) {
    auto insert = database.prepare("INSERT OR IGNORE INTO chains (chain_id, first_at) VALUES (?, ?)");
    return insert.bind(1, chain_id).bind(2, to_micros(now)).run();
}

}  // namespace keydeck::store
