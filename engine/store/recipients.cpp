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

struct Table {
    LookAlike::KnownAs known_as;
    std::string_view select;  ///< ?1 and ?2 the bounds, ?3 the last two bytes, ?4 the user
};

/// The addresses of one table between two bounds, whose ends are alike. Each table has an index on the address.
Status add_look_alikes(Statement statement, const AddressBytes& address, LookAlike::KnownAs known_as,
                       std::vector<LookAlike>& out) {
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

Result<std::vector<LookAlike>> look_alikes_in(Database& database, std::span<const Table> tables, std::int64_t user_id,
                                              const AddressBytes& address) {
    AddressBytes first = address;
    std::fill(first.begin() + 2, first.end(), std::uint8_t{0x00});
    AddressBytes last = address;
    std::fill(last.begin() + 2, last.end(), std::uint8_t{0xFF});
    std::vector<LookAlike> found;
    for (const Table& table : tables) {
        Statement statement = database.prepare(table.select);
        statement.bind(1, ByteView(first)).bind(2, ByteView(last)).bind(3, ByteView(address).last(2));
        if (table.select.find("?4") != std::string_view::npos) statement.bind(4, user_id);
        if (Status added = add_look_alikes(std::move(statement), address, table.known_as, found); !added) return fail(added);
    }
    return found;
}

constexpr std::string_view kContactsAlike =
    "SELECT address, name FROM contacts WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3";

}  // namespace

Result<Standing> standing_of(Database& database, std::int64_t user_id, const AddressBytes& address) {
    // One statement, a look into one index of each table.
    auto row = database.prepare(
        "SELECT c.name, w.user_id, u.name, w.label, r.address IS NOT NULL, w.removed_at IS NOT NULL, ifnull(r.is_trusted, 0)"
        " FROM (SELECT ?1 AS address) a LEFT JOIN contacts c ON c.address = a.address"
        " LEFT JOIN wallets w ON w.address = a.address"
        " LEFT JOIN users u ON u.id = w.user_id"
        " LEFT JOIN known_recipients r ON r.user_id = ?2 AND r.address = a.address");
    row.bind(1, ByteView(address)).bind(2, user_id);
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
    standing.was_trusted = row.integer(6) != 0;
    standing.is_own = standing.is_wallet && !standing.is_removed && standing.wallet_user == user_id;
    return standing;
}

Status note_recipients(Database& database, std::int64_t user_id, std::span<const Recipient> recipients, Timestamp now) {
    auto insert = database.prepare(
        "INSERT INTO known_recipients (user_id, address, is_trusted, first_at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET is_trusted = 1 WHERE excluded.is_trusted = 1 AND is_trusted = 0");
    for (const Recipient& recipient : recipients) {
        insert.bind(1, user_id).bind(2, ByteView(recipient.address)).bind(3, std::int64_t{recipient.is_trusted});
        if (const auto done = insert.bind(4, to_micros(now)).run(); !done) return fail(done);
    }
    return {};
}

Result<std::vector<LookAlike>> look_alikes(Database& database, std::int64_t user_id, const AddressBytes& address) {
    static constexpr std::array<Table, 4> kTables{{
        {LookAlike::KnownAs::kContact, kContactsAlike},
        {LookAlike::KnownAs::kWallet,
         "SELECT address FROM wallets WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"
         " AND +user_id = ?4 AND removed_at IS NULL"},
        {LookAlike::KnownAs::kRecipient,
         "SELECT address FROM known_recipients WHERE user_id = ?4 AND address BETWEEN ?1 AND ?2"
         " AND substr(address, 19) = ?3"},
        {LookAlike::KnownAs::kRecipient,
         "SELECT address FROM known_recipients WHERE user_id = 0 AND address BETWEEN ?1 AND ?2"
         " AND substr(address, 19) = ?3"},
    }};
    return look_alikes_in(database, kTables, user_id, address);
}

Result<std::vector<LookAlike>> named_look_alikes(Database& database, const AddressBytes& address) {
    static constexpr std::array<Table, 2> kTables{{
        {LookAlike::KnownAs::kContact, kContactsAlike},
        {LookAlike::KnownAs::kWallet,
         "SELECT address FROM wallets WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"},
    }};
    return look_alikes_in(database, kTables, 0, address);
}

Result<bool> chain_was_used(Database& database, std::int64_t user_id, std::string_view chain_id) {
    auto statement = database.prepare("SELECT 1 FROM known_chains WHERE user_id = ? AND chain_id = ?");
    statement.bind(1, user_id).bind(2, chain_id);
    return has_row(statement);
}

Result<bool> any_chain_was_used(Database& database) {
    auto statement = database.prepare("SELECT 1 FROM known_chains LIMIT 1");
    return has_row(statement);
}

Status note_chain(Database& database, std::int64_t user_id, std::string_view chain_id, Timestamp now) {
    auto insert = database.prepare("INSERT OR IGNORE INTO known_chains (user_id, chain_id, first_at) VALUES (?, ?, ?)");
    return insert.bind(1, user_id).bind(2, chain_id).bind(3, to_micros(now)).run();
}

Result<bool> message_was_signed(Database& database, std::int64_t user_id, const Hash32& kind) {
    auto statement = database.prepare("SELECT 1 FROM known_messages WHERE user_id = ? AND kind = ?");
    statement.bind(1, user_id).bind(2, ByteView(kind));
    return has_row(statement);
}

Status note_message(Database& database, std::int64_t user_id, const Hash32& kind, Timestamp now) {
    auto insert = database.prepare("INSERT OR IGNORE INTO known_messages (user_id, kind, first_at) VALUES (?, ?, ?)");
    return insert.bind(1, user_id).bind(2, ByteView(kind)).bind(3, to_micros(now)).run();
}

}  // namespace keydeck::store
