#include "ui/views/bulk_actions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/format.hpp"

namespace keydeck::ui {
namespace {

std::string safe(std::string_view text) { return safe_text(text, Charset::kUnicode); }

TextLine line(std::string name, std::string value) { return {std::move(name), std::move(value), {}, false, false}; }

Bulk words_of(BulkAction action) {
    switch (action) {
        case BulkAction::kLockUsers:
            return {.action = action, .verb = "lock", .done = "locked", .one = "user", .many = "users"};
        case BulkAction::kUnlockUsers:
            return {.action = action, .verb = "unlock", .done = "unlocked", .one = "user", .many = "users"};
        case BulkAction::kRemoveWallets:
            return {.action = action, .verb = "remove", .done = "removed", .one = "wallet", .many = "wallets"};
        case BulkAction::kRestoreWallets:
            return {.action = action, .verb = "restore", .done = "restored", .one = "wallet", .many = "wallets"};
        case BulkAction::kDisableKeys:
            return {.action = action, .verb = "disable", .done = "disabled", .one = "key", .many = "keys"};
        case BulkAction::kEnableKeys:
            break;
    }
    return {.action = BulkAction::kEnableKeys, .verb = "enable", .done = "enabled", .one = "key", .many = "keys"};
}

BulkAction opposite_of(BulkAction action) {
    switch (action) {
        case BulkAction::kLockUsers:
            return BulkAction::kUnlockUsers;
        case BulkAction::kUnlockUsers:
            return BulkAction::kLockUsers;
        case BulkAction::kRemoveWallets:
            return BulkAction::kRestoreWallets;
        case BulkAction::kRestoreWallets:
            return BulkAction::kRemoveWallets;
        case BulkAction::kDisableKeys:
            return BulkAction::kEnableKeys;
        case BulkAction::kEnableKeys:
            break;
    }
    return BulkAction::kDisableKeys;
}

void ask_about_keys(const std::vector<KeyInfo>& keys, bool disable, BulkDone done, Effects& effects) {
    Bulk bulk = bulk_of(disable ? BulkAction::kDisableKeys : BulkAction::kEnableKeys);
    std::int64_t wallets = 0;
    for (const KeyInfo& key : keys) {
        if (key.state != (disable ? "Enabled" : "Disabled")) continue;
        const std::string amount = counted(key.wallets, "wallet", "wallets");
        bulk.items.push_back({key.id, fmt::format("{}  {}", safe(key_name(key.alias, key.id)), amount)});
        wallets += key.wallets;
    }
    bulk.consequences.push_back(
        line("Then", fmt::format("{} that depend on {} {}.", counted(wallets, "wallet", "wallets"),
                                 bulk.items.size() == 1 ? "it" : "them",
                                 disable ? "cannot sign until they are enabled again" : "can sign again")));
    const std::int64_t unread = std::ranges::count(keys, "Unreadable", &KeyInfo::state);
    if (unread > 0)
        bulk.consequences.push_back(line("Left out", counted(unread, "key", "keys") + " that could not be read"));
    if (const auto others = static_cast<std::int64_t>(keys.size() - bulk.items.size()) - unread; others > 0) {
        bulk.consequences.push_back(
            line("Left out", fmt::format("{} marked that {} not {}", counted(others, "key", "keys"),
                                         others == 1 ? "is" : "are", disable ? "enabled" : "disabled")));
    }
    bulk.on_done = std::move(done);
    ask_bulk(std::move(bulk), effects);
}

}  // namespace

Bulk bulk_of(BulkAction action) {
    Bulk out = words_of(action);
    out.undo = std::make_shared<const Bulk>(words_of(opposite_of(action)));
    return out;
}

std::string bulk_id(const User& user) { return user.name; }
std::string bulk_id(const Wallet& wallet) { return checksum_address(wallet.address); }
std::string bulk_id(const KeyInfo& key) { return key.id; }

std::string line_of(const Wallet& wallet) {
    return fmt::format("{}  {}{}", checksum_address(wallet.address), safe(wallet.user),
                       wallet.label.empty() ? "" : "  " + safe(wallet.label));
}

void ask_lock_users(const std::vector<User>& users, BulkDone done, Effects& effects) {
    const bool lock = !std::ranges::all_of(users, &User::locked);
    Bulk bulk = bulk_of(lock ? BulkAction::kLockUsers : BulkAction::kUnlockUsers);
    std::int64_t wallets = 0;
    for (const User& user : users) {
        if (user.locked == lock) continue;
        bulk.items.push_back(
            {user.name, fmt::format("{}  {}", safe(user.name), counted(user.wallets, "wallet", "wallets"))});
        wallets += user.wallets;
    }
    bulk.consequences.push_back(line("Then", fmt::format("{} of theirs {}.", counted(wallets, "wallet", "wallets"),
                                                         lock ? "cannot sign until they are unlocked" : "can sign again")));
    if (const auto others = static_cast<std::int64_t>(users.size() - bulk.items.size()); others > 0)
        bulk.consequences.push_back(line("Left out", counted(others, "user is", "users are") + " locked already"));
    bulk.on_done = std::move(done);
    ask_bulk(std::move(bulk), effects);
}

void ask_remove_wallets(const std::vector<Wallet>& wallets, BulkDone done, Effects& effects) {
    Bulk bulk = bulk_of(BulkAction::kRemoveWallets);
    for (const Wallet& wallet : wallets) bulk.items.push_back({bulk_id(wallet), line_of(wallet)});
    bulk.consequences = {line("Then", "No longer in lists, and cannot sign. What is sealed stays in the vault."),
                         line("Back", "z brings them back for a minute, `keydeck wallet restore ADDRESS` at any time.")};
    bulk.on_done = std::move(done);
    ask_bulk(std::move(bulk), effects);
}

void ask_disable_keys(const std::vector<KeyInfo>& keys, BulkDone done, Effects& effects) {
    ask_about_keys(keys, true, std::move(done), effects);
}

void ask_enable_keys(const std::vector<KeyInfo>& keys, BulkDone done, Effects& effects) {
    ask_about_keys(keys, false, std::move(done), effects);
}

}  // namespace keydeck::ui
