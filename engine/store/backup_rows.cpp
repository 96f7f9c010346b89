#include "engine/store/backup_rows.hpp"

#include <algorithm>

#include "engine/store/rows.hpp"

namespace keydeck::store {

using sqlite::Database;

Result<VaultIdentity> vault_identity(Database& database) {
    auto row = database.prepare("SELECT uuid, kms, key_file FROM vault WHERE id = 1");
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found || row.text(0).empty())
        return fail(ErrorCode::kCorrupt, "keydeck.db does not say which vault it belongs to.");
    return VaultIdentity{string_at(row, 0), string_at(row, 1), string_at(row, 2)};
}

Status set_key_file(Database& database, std::string_view key_file) {
    auto update = database.prepare("UPDATE vault SET key_file = ?1 WHERE key_file <> ?1");
    return update.bind(1, key_file).run();
}

Status release_jobs(Database& database) {
    auto update = database.prepare("UPDATE jobs SET owner = '' WHERE owner <> ''");
    return update.run();
}

Result<std::int64_t> count_secrets(Database& database) {
    auto row = database.prepare("SELECT COUNT(*) FROM secrets");
    const auto found = row.step();
    if (!found) return fail(found);
    return row.integer(0);
}

Result<std::vector<WalletsWithoutKey>> wallets_without_key(Database& database, std::size_t most) {
    std::vector<WalletsWithoutKey> all;
    auto row = database.prepare(
        "SELECT keys.key_id, wallets.address FROM wallets JOIN keys ON keys.id = wallets.key_ref"
        " WHERE (wallets.custody <> 'kms-key' AND length(wallets.sealed_data_key) = 0)"
        " OR (wallets.custody = 'envelope' AND length(wallets.sealed_secret) = 0) ORDER BY wallets.id");
    for (;;) {
        const auto found = row.step();
        if (!found) return fail(found);
        if (!*found) return all;
        auto group = std::ranges::find(all, row.text(0), &WalletsWithoutKey::key_id);
        if (group == all.end()) group = all.insert(all.end(), {string_at(row, 0), 0, {}});
        ++group->wallets;
        AddressBytes address{};
        const ByteView bytes = row.blob(1);
        if (group->first.size() >= most || bytes.size() != address.size()) continue;
        std::ranges::copy(bytes, address.begin());
        group->first.push_back(address);
    }
}

}  // namespace keydeck::store
