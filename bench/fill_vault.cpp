// Fills a vault with users and wallets that only lists ever show: no KMS is asked, so a million of them take a minute.
//
//   fill_vault VAULT WALLETS KEY...
//
// Half as many users as wallets; the wallets stand under the keys in turn. What their rows hold instead of sealed keys opens
// to nothing.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/rows.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/store.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck {
namespace {

using bench::must;

constexpr std::int64_t kBatch = 1'000;

void fill(sqlite::Database& db, std::int64_t wallets, const std::vector<std::string>& keys) {
    std::vector<std::int64_t> users;
    auto setup = sqlite::DbTransaction::begin_write(db);
    must(setup);
    for (std::int64_t n = 0; n < std::max<std::int64_t>(wallets / 2, 1); ++n) {
        const auto user = store::insert_user(db, bench::numbered("u", n), bench::kNow);
        must(user);
        users.push_back(user->id);
    }
    must(setup->commit());
    for (std::int64_t done = 0; done < wallets; done += kBatch) {
        const std::int64_t count = std::min(kBatch, wallets - done);
        auto batch = sqlite::DbTransaction::begin_write(db);
        must(batch);
        const auto first = store::reserve_wallet_ids(db, count);
        must(first);
        for (std::int64_t i = 0; i < count; ++i) {
            const std::string& key = keys[static_cast<std::size_t>(done + i) % keys.size()];
            const std::int64_t user = users[static_cast<std::size_t>(done + i) % users.size()];
            must(store::insert_wallet(db, bench::wallet_of(*first + i, done + i, user, key)));
        }
        must(batch->commit());
    }
}

}  // namespace
}  // namespace keydeck

int main(int count, char** arguments) {
    using namespace keydeck;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words.size() < 3) {
        std::fputs("fill_vault VAULT WALLETS KEY...\n", stderr);
        return 2;
    }
    auto store = store::Store::open(std::filesystem::path(words[0]) / "keydeck.db", false);
    must(store);
    auto lease = (*store)->lease();
    must(lease);
    fill(**lease, std::strtoll(words[1].c_str(), nullptr, 10), {words.begin() + 2, words.end()});
    return 0;
}
