#include "engine/custody/wallets.hpp"

#include <optional>
#include <span>
#include <string>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

using Finder = Result<Wallet> (*)(Database&, const Session&, std::string_view);

/// A change of one wallet, with its audit event in the same DbTransaction. `change` gets the database and the wallet as it
/// was.
template <class Change>
Status change_wallet(OpenVault& vault, AuditEvent& event, const Session& session, std::string_view reference, Finder finder,
                     Change change) {
    return vault.write(
        [&](Database& database) -> Status {
            const Result<Wallet> wallet = finder(database, session, reference);
            if (!wallet) return fail(wallet);
            about(event, *wallet);
            // Asked of the user: a hidden wallet's state is kRemoved whatever its user's is.
            const Result<User> user = store::user_by_id(database, wallet->user_id);
            if (!user) return fail(user);
            if (!session.is_operator() && user->locked) {
                return fail(ErrorCode::kLocked, wallet->user + " is locked; nothing was changed.",
                            "The operator unlocks: keydeck user unlock " + wallet->user);
            }
            return change(database, *wallet);
        },
        std::span(&event, 1));
}

/// A key inside the KMS outlives its row, goes on controlling the address, and cannot be given a row again.
Status require_key_gone(Database& database, const Wallet& wallet) {
    if (wallet.custody != Custody::kKmsKey) return {};
    const Result<std::optional<store::KeyRecord>> key = store::key_by_id(database, wallet.key_id);
    if (!key) return fail(key);
    if (!*key || (*key)->state == store::kKeyPendingDeletion || (*key)->state == store::kKeyDestroyed) return {};
    return fail(
        ErrorCode::kRejected,
        "The key of this wallet is a KMS key, which stays and controls the address: without its row nothing here would "
        "sign for that address ever again. Nothing was destroyed.",
        "Schedule the deletion of the key first: keydeck key schedule-deletion " + wallet.key_id +
            "; or hide the wallet: the same without --destroy");
}

}  // namespace

Result<std::vector<Wallet>> list_wallets(OpenVault& vault, const Session& session, WalletQuery query) {
    return ask_store(vault, [&](Database& database) -> Result<std::vector<Wallet>> {
        if (!session.is_operator()) {
            const Result<User> user = find_user(database, session, query.user.empty() ? *session.user() : query.user);
            if (!user) return fail(user);
            query.user = user->name;
        }
        return store::list_wallets(database, query);
    });
}

Result<Wallet> show_wallet(OpenVault& vault, const Session& session, std::string_view reference) {
    return ask_store(vault, [&](Database& database) { return find_wallet(database, session, reference); });
}

Result<Wallet> label_wallet(OpenVault& vault, const Session& session, std::string_view reference, std::string_view label) {
    AuditEvent event = event_of(vault, session, "LabelWallet", reference);
    return audited(vault, event, [&]() -> Result<Wallet> {
        Result<Wallet> relabelled;
        Status written = change_wallet(
            vault, event, session, reference, find_wallet, [&](Database& database, const Wallet& wallet) -> Status {
                event.detail = oversight::Detail().text("label", label).text("previous_label", wallet.label).done();
                if (label != wallet.label) {
                    if (Status free = require_free_label(database, session, label); !free) return free;
                }
                if (Status set = store::set_wallet_label(database, wallet.id, label); !set) return set;
                relabelled = store::wallet_by_id(database, wallet.id);
                if (!relabelled) return fail(relabelled);
                return {};
            });
        if (!written) return fail(written);
        return relabelled;
    });
}

Status remove_wallet(OpenVault& vault, const Session& session, std::string_view reference) {
    AuditEvent event = event_of(vault, session, "RemoveWallet", reference);
    return audited(vault, event, [&]() -> Status {
        return change_wallet(vault, event, session, reference, find_wallet, [&](Database& database, const Wallet& wallet) {
            vault.open_wallets().forget(wallet.id);
            return store::hide_wallet(database, wallet.id, vault.now());
        });
    });
}

Result<Wallet> restore_wallet(OpenVault& vault, const Session& session, std::string_view reference) {
    AuditEvent event = event_of(vault, session, "RestoreWallet", reference);
    return audited(vault, event, [&]() -> Result<Wallet> {
        Result<Wallet> restored;
        Status written = change_wallet(vault, event, session, reference, find_wallet_or_hidden,
                                       [&](Database& database, const Wallet& wallet) -> Status {
                                           if (Status shown = store::unhide_wallet(database, wallet.id); !shown)
                                               return shown;
                                           restored = store::wallet_by_id(database, wallet.id);
                                           if (!restored) return fail(restored);
                                           event.detail = oversight::Detail().text("label", restored->label).done();
                                           return {};
                                       });
        if (!written) return fail(written);
        return restored;
    });
}

Status destroy_wallet(OpenVault& vault, const Session& session, std::string_view reference, std::int64_t acknowledge) {
    AuditEvent event = event_of(vault, session, "DestroyWallet", reference);
    return audited(vault, event, [&]() -> Status {
        Status written = change_wallet(
            vault, event, session, reference, find_wallet_or_hidden,
            [&](Database& database, const Wallet& wallet) -> Status {
                if (acknowledge != 1) {
                    return fail(ErrorCode::kRejected, "Destroying a wallet erases its key for ever: 1 wallet would be lost.",
                                "Acknowledge that number: --acknowledge 1");
                }
                if (Status gone = require_key_gone(database, wallet); !gone) return gone;
                event.detail =
                    oversight::Detail().text("label", wallet.label).text("custody", to_string(wallet.custody)).done();
                vault.open_wallets().forget(wallet.id);
                return store::destroy_wallet(database, wallet.id);
            });
        if (!written) return written;
        // The row is gone. While another process reads an old snapshot its bytes stay in the WAL; the doctor, or the next
        // checkpoint, takes them.
        Status purged = vault.store().purge();
        return !purged && purged.error().code == ErrorCode::kUnavailable ? Status{} : purged;
    });
}

}  // namespace keydeck::custody
