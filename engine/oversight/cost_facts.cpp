#include "engine/oversight/cost_facts.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/store/keys.hpp"
#include "engine/store/store.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kAllOthers = "(all others)";
constexpr std::string_view kAllKeys =
    "SELECT key_id, created_at, pending_since, state, version, rotated_at, purpose FROM keys WHERE ?1 = '' OR key_id = ?1";
constexpr std::string_view kOneKey =
    "SELECT key_id, created_at, pending_since, state, version, rotated_at, purpose FROM keys WHERE key_id = ?1";

std::optional<Timestamp> time_at(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return from_micros(row.integer(column));
}

/// Calls `take` for each row.
template <class F>
Status for_each_row(Statement& row, F&& take) {
    while (true) {
        const Result<bool> found = row.step();
        if (!found) return fail(found);
        if (!*found) return {};
        take(row);
    }
}

// CROSS JOIN, because SQLite would begin with the wallets, of which there may be a million.

/// Signing keys by whose wallet they sign for. Hidden wallets too: their keys cost.
Result<std::unordered_map<std::string, std::string>> owners_of_keys(Database& database) {
    Statement row = database.prepare(
        "SELECT k.key_id, u.name FROM keys k CROSS JOIN wallets w ON w.key_ref = k.id JOIN users u ON u.id = w.user_id"
        " WHERE k.purpose = 'wallet'");
    std::unordered_map<std::string, std::string> owners;
    const Status read =
        for_each_row(row, [&](const Statement& at) { owners.emplace(std::string(at.text(0)), std::string(at.text(1))); });
    if (!read) return fail(read);
    return owners;
}

using SigningKeys = std::unordered_map<std::int64_t, std::int64_t>;  ///< wallets with one of their own, by user id

/// Through the keys, of which there are few: their wallets' rows alone are read.
Result<SigningKeys> signing_keys_by_user(Database& database) {
    Statement row = database.prepare(
        "SELECT w.user_id, COUNT(*) FROM keys k CROSS JOIN wallets w ON w.key_ref = k.id"
        " WHERE k.purpose = 'wallet' AND w.custody = 'kms-key' AND w.removed_at IS NULL GROUP BY w.user_id");
    SigningKeys out;
    const Status read = for_each_row(row, [&](const Statement& at) { out.emplace(at.integer(0), at.integer(1)); });
    if (!read) return fail(read);
    return out;
}

/// The envelopes are the rest: nobody has to count the many.
Status count_wallets(Database& database, const SigningKeys& signing, CostFacts& facts) {
    const Result<store::Totals> totals = store::totals(database);
    if (!totals) return fail(totals);
    for (const auto& [user, wallets] : signing) facts.kms_key_wallets += wallets;
    Statement row = database.prepare("SELECT COUNT(*) FROM wallets WHERE custody = 'key-pair' AND removed_at IS NULL");
    const Result<bool> counted = row.step();
    if (!counted) return fail(counted);
    facts.key_pair_wallets = row.integer(0);
    facts.envelope_wallets = std::max<std::int64_t>(totals->wallets - facts.kms_key_wallets - facts.key_pair_wallets, 0);
    return {};
}

/// Those with the most wallets by name; beyond ten thousand of them the others are one.
Status read_users(Database& database, const SigningKeys& signing, CostFacts& facts) {
    constexpr std::int64_t kMostUsers = 10'000;
    // A user's counter has all wallets; those with signing keys of their own are few, and the rest is the pool's.
    Statement row = database.prepare(
        "SELECT id, name, wallets FROM users WHERE removed_at IS NULL AND wallets > 0 ORDER BY wallets DESC, id DESC LIMIT "
        "?");
    row.bind(1, kMostUsers);
    UserWallets others{std::string(kAllOthers), facts.envelope_wallets + facts.key_pair_wallets,
                       facts.envelope_wallets + facts.key_pair_wallets + facts.kms_key_wallets};
    Status read = for_each_row(row, [&](const Statement& at) {
        const auto own = signing.find(at.integer(0));
        const std::int64_t all = std::max<std::int64_t>(at.integer(2), 0);
        const std::int64_t with_keys = own == signing.end() ? 0 : own->second;
        facts.users.push_back({std::string(at.text(1)), std::max<std::int64_t>(all - with_keys, 0), all});
        others.in_pool -= facts.users.back().in_pool;
        others.all -= all;
    });
    if (!read) return read;
    std::ranges::sort(facts.users, {}, &UserWallets::user);
    if (std::ssize(facts.users) == kMostUsers && others.all > 0) {
        others.in_pool = std::max<std::int64_t>(others.in_pool, 0);
        facts.users.push_back(std::move(others));
    }
    return {};
}

}  // namespace

Result<std::vector<BilledKey>> read_billed_keys(Database& database, std::string_view key_id) {
    Statement row = database.prepare(key_id.empty() ? kAllKeys : kOneKey);
    row.bind(1, key_id);
    std::vector<BilledKey> keys;
    const Status read = for_each_row(row, [&](const Statement& at) {
        BilledKey& key = keys.emplace_back();
        key.key_id = at.text(0);
        key.created_at = from_micros(at.integer(1));
        key.pending_since = time_at(at, 2);
        key.is_destroyed = at.text(3) == store::kKeyDestroyed;
        key.rotations = std::max<std::int64_t>(at.integer(4) - 1, 0);
        key.rotated_at = time_at(at, 5);
        key.is_in_pool = at.text(6) == "pool";
    });
    if (!read) return fail(read);
    return keys;
}

Result<CostFacts> read_cost_facts(Database& database) {
    CostFacts facts;
    Statement vault = database.prepare("SELECT created_at FROM vault");
    const Result<bool> there = vault.step();
    if (!there) return fail(there);
    if (*there) facts.vault_created_at = from_micros(vault.integer(0));
    Result<std::vector<BilledKey>> keys = read_billed_keys(database, {});
    if (!keys) return fail(keys);
    facts.keys = std::move(*keys);
    const auto owners = owners_of_keys(database);
    if (!owners) return fail(owners);
    for (BilledKey& key : facts.keys) {
        if (const auto owner = owners->find(key.key_id); owner != owners->end()) key.user = owner->second;
    }
    const Result<SigningKeys> signing = signing_keys_by_user(database);
    if (!signing) return fail(signing);
    if (Status counted = count_wallets(database, *signing, facts); !counted) return fail(counted);
    if (Status read = read_users(database, *signing, facts); !read) return fail(read);
    return facts;
}

}  // namespace keydeck::oversight
