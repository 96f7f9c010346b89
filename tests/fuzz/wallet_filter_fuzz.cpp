// Any text typed as a filter: the list is what the plain definition says, whichever index was used.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/store.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace {

using namespace keydeck;

template <class T>
T must(Result<T> result) {
    if (!result) std::abort();
    return std::move(*result);
}

struct Vault {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::Lease> lease;
    std::vector<Wallet> all;
};

Vault make_vault() {
    std::string directory = (std::filesystem::temp_directory_path() / "keydeck-fuzz-XXXXXX").string();
    if (mkdtemp(directory.data()) == nullptr) std::abort();
    const auto path = std::filesystem::path(directory) / "keydeck.db";
    store::VaultRecord record;
    record.id = "fuzz";
    if (!store::Store::create(path, record)) std::abort();
    Vault vault;
    vault.store = must(store::Store::open(path, false));
    vault.lease = std::make_unique<store::Lease>(must(vault.store->lease()));
    std::filesystem::remove_all(directory);  // the open connection keeps it
    auto& db = **vault.lease;
    store::KeyRecord key;
    key.key_id = "k";
    key.state = "Enabled";
    if (!store::record_key(db, key)) std::abort();
    const std::string labels[] = {"",     "main",  "50% \"off\" _x\\y*", "ÄÖÜ straße", "王小明 savings", "a", "aa", "aaa",
                                  "Aaab", "' OR 1"};
    const std::string users[] = {"alice", "Bob %", "Ömer", "x", "\"*\""};
    std::int64_t id = 0;
    for (const auto& name : users) {
        const auto user = must(store::insert_user(db, name, {}));
        for (const auto& label : labels) {
            store::NewWallet wallet;
            wallet.id = ++id;
            wallet.user_id = user.id;
            wallet.key_id = "k";
            wallet.label = label.empty() ? label : label + std::to_string(user.id);
            wallet.public_key = Bytes(65);
            for (std::size_t i = 0; i < wallet.address.size(); ++i)
                wallet.address[i] = static_cast<std::uint8_t>(id * 37 + static_cast<std::int64_t>(i));
            if (!store::insert_wallet(db, wallet)) std::abort();
        }
    }
    vault.all = must(store::list_wallets(db, {}));
    return vault;
}

bool belongs(const Wallet& wallet, const std::string& filter) {
    const std::string part = ascii_lower(filter);
    if (part.starts_with("0x")) return to_hex_0x(wallet.address).starts_with(part);
    if (!is_utf8(filter)) return false;
    return ascii_lower(wallet.label).find(part) != std::string::npos ||
           ascii_lower(wallet.user).find(part) != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static Vault vault = make_vault();
    WalletQuery query;
    query.filter.assign(reinterpret_cast<const char*>(data), size);
    const auto found = store::list_wallets(**vault.lease, query);
    if (!found) std::abort();
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> expected;
    for (const auto& wallet : *found) ids.push_back(wallet.id);
    for (const auto& wallet : vault.all) {
        if (belongs(wallet, query.filter)) expected.push_back(wallet.id);
    }
    if (ids != expected) std::abort();
    static_cast<void>(store::find_wallet(**vault.lease, query.filter));
    return 0;
}
