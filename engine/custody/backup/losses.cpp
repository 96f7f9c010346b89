#include "engine/custody/backup/losses.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/custody/key_view.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/store/backup_rows.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody::backup {
namespace {

using sqlite::Database;

constexpr std::int64_t kFirstWallets = 100;

/// The answer for one key: its state, or `Unreadable` where the KMS refuses to speak of this one.
constexpr std::string_view kUnreadable = "Unreadable";

Result<std::vector<AddressBytes>> first_wallets_of(OpenVault& vault, const std::string& key_id) {
    WalletQuery query;
    query.key = key_id;
    query.page.limit = kFirstWallets;
    query.include_removed = true;
    const Result<std::vector<Wallet>> wallets =
        ask_store(vault, [&](Database& database) { return store::list_wallets(database, query); });
    if (!wallets) return fail(wallets);
    std::vector<AddressBytes> addresses;
    addresses.reserve(wallets->size());
    for (const Wallet& wallet : *wallets) addresses.push_back(wallet.address);
    return addresses;
}

Status add_unsealed(OpenVault& vault, std::vector<RestoreLoss>& found) {
    const auto rows = ask_store(
        vault, [](Database& database) { return store::wallets_without_key(database, std::size_t{kFirstWallets}); });
    if (!rows) return fail(rows);
    for (const store::WalletsWithoutKey& row : *rows) found.push_back({row.key_id, "NoDataKey", row.wallets, 0, row.first});
    return {};
}

/// Whether an error is not about this one key: the KMS is out of reach, or it is not the one that has these keys.
bool is_of_all(const Error& error) { return error.kms_error != "AccessDeniedException"; }

/// Asks about the first key alone: where nobody answers, ten thousand questions need not be asked.
std::optional<Error> ask_all(OpenVault& vault, const std::vector<store::KeyRecord>& keys, std::vector<std::string>& states,
                             const std::stop_token& stop) {
    states.assign(keys.size(), std::string(kUnreadable));
    if (keys.empty()) return std::nullopt;
    std::vector<std::optional<Error>> errors(keys.size());
    const auto ask = [&](std::size_t i) {
        Result<std::string> state = refresh_key_state(vault, keys[i].key_id);
        if (!state) {
            errors[i] = state.error();
            return;
        }
        states[i] = std::move(*state);
    };
    ask(0);
    if (errors[0] && is_of_all(*errors[0])) return std::move(errors[0]);
    for_each_in_parallel(keys.size() - 1, vault.has_remote_kms() ? calls_at_once(vault) : 1, stop,
                         [&](std::size_t i) { ask(i + 1); });
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Cancelled.", "", ""};
    for (std::optional<Error>& error : errors) {
        if (error && is_of_all(*error)) return std::move(error);
    }
    // Who may see none of the keys has been told nothing about them.
    const bool all_refused = std::ranges::all_of(errors, [](const auto& error) { return error.has_value(); });
    return all_refused ? std::move(errors[0]) : std::nullopt;
}

}  // namespace

Result<Losses> find_losses(OpenVault& vault, const std::stop_token& stop) {
    Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return fail(keys);
    std::erase_if(*keys, [](const store::KeyRecord& key) { return key.wallets + key.secrets == 0; });
    Losses losses;
    if (Status added = add_unsealed(vault, losses.found); !added) return fail(added);
    std::vector<std::string> states;
    losses.unasked = ask_all(vault, *keys, states, stop);
    if (losses.unasked) return losses;
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const store::KeyRecord& key = (*keys)[i];
        if (states[i] == "Enabled") continue;
        Result<std::vector<AddressBytes>> wallets = first_wallets_of(vault, key.key_id);
        if (!wallets) return fail(wallets);
        losses.found.push_back({key.key_id, states[i], key.wallets, key.secrets, std::move(*wallets)});
    }
    return losses;
}

}  // namespace keydeck::custody::backup
