// The engine's verbs on wallets.
#include <utility>

#include "engine/custody/open_vault.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<std::vector<Wallet>> Engine::create_wallets(const Session& session, const CreateWallets& request,
                                                   const Progress& progress) {
    return custody::create_wallets(*vault_, session, request, progress);
}
Result<Wallet> Engine::import_wallet(const Session& session, ImportWallet request) {
    return custody::import_wallet(*vault_, session, std::move(request));
}
Result<std::vector<Wallet>> Engine::list_wallets(const Session& session, const WalletQuery& query) {
    return custody::list_wallets(*vault_, session, query);
}
Result<Wallet> Engine::wallet(const Session& session, std::string_view wallet) {
    return custody::show_wallet(*vault_, session, wallet);
}
Result<Wallet> Engine::label_wallet(const Session& session, std::string_view wallet, std::string_view label) {
    return custody::label_wallet(*vault_, session, wallet, label);
}
Status Engine::remove_wallet(const Session& session, std::string_view wallet) {
    return custody::remove_wallet(*vault_, session, wallet);
}
Result<Wallet> Engine::restore_wallet(const Session& session, std::string_view wallet) {
    return custody::restore_wallet(*vault_, session, wallet);
}

Status Engine::destroy_wallet(const Session& session, std::string_view wallet, std::int64_t acknowledge) {
    return custody::destroy_wallet(*vault_, session, wallet, acknowledge);
}
Result<SecretBytes> Engine::export_mnemonic(const Session& session, std::string_view wallet) {
    return custody::export_mnemonic(*vault_, session, wallet);
}
Result<SecretBytes> Engine::export_private_key(const Session& session, std::string_view wallet) {
    return custody::export_private_key(*vault_, session, wallet);
}
Result<std::string> Engine::export_keystore(const Session& session, std::string_view wallet, const SecretBytes& passphrase) {
    return custody::export_keystore(*vault_, session, wallet, passphrase);
}

}  // namespace keydeck
