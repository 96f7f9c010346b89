#include "engine/store/recipients.hpp"

#include <algorithm>

#include "engine/base/clock.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::size_t kMaxLookAlikes = 10;

Result<bool> has_row(Statement& statement) { return statement.step(); }

/// The addresses of one table between two bounds, whose ends are alike. Both tables have an index on the address.
Status add_look_alikes(Statement statement, const AddressBytes& address, std::vector<AddressBytes>& out) {
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
        AddressBytes other{};
        if (found.size() != other.size()) continue;
        std::ranges::copy(found, other.begin());
        if (other != address && std::ranges::find(out, other) == out.end()) out.push_back(other);
    }
    return {};
}

}  // namespace

Result<bool> is_known_address(Database& database, const AddressBytes& address) {
    auto statement = database.prepare(
        "SELECT 1 FROM recipients WHERE address = ?1 UNION ALL SELECT 1 FROM wallets WHERE address = ?1 LIMIT 1");
    statement.bind(1, ByteView(address));
    return has_row(statement);
}

Status note_recipients(Database& database, std::span<const AddressBytes> addresses, Timestamp now) {
    auto insert = database.prepare("INSERT OR IGNORE INTO recipients (address, first_at) VALUES (?, ?)");
    for (const AddressBytes& address : addresses) {
        if (const auto done = insert.bind(1, ByteView(address)).bind(2, to_micros(now)).run(); !done) return fail(done);
    }
    return {};
}

Result<std::vector<AddressBytes>> look_alikes(Database& database, const AddressBytes& address) {
    std::vector<AddressBytes> found;
    auto recipients = add_look_alikes(
        database.prepare("SELECT address FROM recipients WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"),
        address, found);
    if (!recipients) return fail(recipients);
    auto wallets = add_look_alikes(
        database.prepare("SELECT address FROM wallets WHERE address BETWEEN ?1 AND ?2 AND substr(address, 19) = ?3"),
        address, found);
    if (!wallets) return fail(wallets);
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
