// Secrets handed out: the one place where a key leaves the vault.
#include <span>
#include <string>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/wallet_secret.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/ethereum/keystore.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "engine/store/users.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kNothingExported = "nothing was exported";

Status has_any_secret(const Wallet& wallet) {
    if (wallet.custody != Custody::kKmsKey) return {};
    return fail(ErrorCode::kRejected,
                "The key of wallet " + checksum_address(wallet.address) + " is in the KMS and never leaves it.");
}

/// Told before anything is opened.
Status has_mnemonic(const Wallet& wallet) {
    if (Status any = has_any_secret(wallet); !any || wallet.has_mnemonic) return any;
    const std::string why = wallet.custody == Custody::kKeyPair
                                ? "The KMS made the key of this wallet as a pair (custody key-pair)"
                                : "This wallet was imported as a bare private key";
    return fail(ErrorCode::kRejected, why + ": it has no mnemonic.", "Export the private key: --private-key");
}

/// Of a hidden wallet its state tells nothing else: its user is asked for, and its key's state by the KMS when it is opened.
Status require_exportable(OpenVault& vault, Wallet wallet, bool also_hidden) {
    if (also_hidden && wallet.state == WalletState::kRemoved) {
        const Result<User> user =
            ask_store(vault, [&](sqlite::Database& database) { return store::user_by_id(database, wallet.user_id); });
        if (!user) return fail(user);
        wallet.state = user->locked ? WalletState::kUserLocked : WalletState::kReady;
    }
    return require_ready(wallet, kNothingExported);
}

using FindWallet = Result<Wallet> (*)(sqlite::Database&, const Session&, std::string_view);

/// Finds, authorises and opens the wallet; `turn` makes of its secret what goes out; then the event is made durable, then
/// the answer given.
template <class Turn>
auto export_secret(OpenVault& vault, const Session& session, std::string_view action, std::string_view reference,
                   FindWallet find, Status (*has_it)(const Wallet&), Turn turn)
    -> std::invoke_result_t<Turn, const WalletSecret&> {
    AuditEvent event = event_of(vault, session, action, reference);
    return audited(vault, event, [&]() -> std::invoke_result_t<Turn, const WalletSecret&> {
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        Result<Wallet> wallet =
            ask_store(vault, [&](sqlite::Database& database) { return find(database, session, reference); });
        if (!wallet) return fail(wallet);
        about(event, *wallet);
        if (Status there = has_it(*wallet); !there) return fail(there);
        wallet = with_current_state(vault, std::move(*wallet));
        if (!wallet) return fail(wallet);
        if (Status ready = require_exportable(vault, *wallet, find == find_wallet_or_hidden); !ready) return fail(ready);
        const Result<WalletSecret> secret = open_wallet_secret(vault, *wallet, kNothingExported);
        if (!secret) return fail(secret);
        auto exported = turn(*secret);
        if (!exported) return exported;
        if (Status written = vault.write({}, std::span(&event, 1)); !written) return fail(written);
        return exported;
    });
}

/// `0x` and 64 digits, made in locked memory (no std::string of it ever exists).
SecretBytes to_secret_hex(const SecretBytes& key) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    SecretBytes text(2 + 2 * key.size());
    std::uint8_t* out = text.data();
    *out++ = '0';
    *out++ = 'x';
    for (const std::uint8_t byte : key.view()) {
        *out++ = static_cast<std::uint8_t>(kDigits[byte >> 4U]);
        *out++ = static_cast<std::uint8_t>(kDigits[byte & 0x0FU]);
    }
    return text;
}

}  // namespace

Result<SecretBytes> export_mnemonic(OpenVault& vault, const Session& session, std::string_view reference) {
    return export_secret(vault, session, "ExportMnemonic", reference, find_wallet, has_mnemonic,
                         [](const WalletSecret& secret) -> Result<SecretBytes> {
                             return ethereum::mnemonic_from_entropy(secret.entropy.view());
                         });
}

Result<SecretBytes> export_private_key(OpenVault& vault, const Session& session, std::string_view reference) {
    return export_secret(
        vault, session, "ExportPrivateKey", reference, find_wallet, has_any_secret,
        [](const WalletSecret& secret) -> Result<SecretBytes> { return to_secret_hex(secret.private_key); });
}

Result<std::string> export_keystore(OpenVault& vault, const Session& session, std::string_view reference,
                                    const SecretBytes& passphrase) {
    return export_secret(vault, session, "ExportKeystore", reference, find_wallet_or_hidden, has_any_secret,
                         [&](const WalletSecret& secret) -> Result<std::string> {
                             if (passphrase.empty())
                                 return fail(ErrorCode::kInvalidInput, "A keystore file needs a passphrase.");
                             return ethereum::make_keystore(secret.private_key.view(), passphrase.view(), vault.random());
                         });
}

}  // namespace keydeck::custody
