// The engine: each verb is a use case of this room. Vault, users, doctor.
#include "engine/engine.hpp"

#include <utility>

#include "engine/custody/connection.hpp"
#include "engine/custody/doctor.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/users.hpp"
#include "engine/custody/vault_creation.hpp"
#include "engine/custody/vault_files.hpp"

namespace keydeck {

Status Engine::create_vault(const VaultCreation& creation) {
    const SystemClock clock;
    SystemRandom random;
    return custody::create_vault(creation, clock, random);
}

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
    Result<std::unique_ptr<custody::OpenVault>> vault = custody::OpenVault::open(options);
    if (!vault) return fail(vault);
    return std::make_unique<Engine>(std::move(*vault));
}

Engine::Engine(std::unique_ptr<custody::OpenVault> vault) : vault_(std::move(vault)) {}
Engine::~Engine() = default;

Result<VaultInfo> Engine::vault() {
    const Result<store::Totals> totals =
        custody::ask_store(*vault_, [](sqlite::Database& database) { return store::totals(database); });
    if (!totals) return fail(totals);
    const store::VaultRecord& record = vault_->record();
    VaultInfo info;
    info.id = record.id;
    info.path = vault_->options().directory.string();
    info.kms = record.kms;
    info.region = record.region;
    info.account = record.account;
    info.key_file = record.key_file;
    info.needs_passphrase = record.kms == custody::kKmsLocal && record.key_file.empty();
    info.is_demo = record.is_demo;
    info.read_only = vault_->options().read_only;
    info.database_path = custody::database_path(vault_->options().directory).string();
    info.users = totals->users;
    info.wallets = totals->wallets;
    return info;
}

Result<KmsConnection> Engine::kms_connection(bool fetch) { return custody::kms_connection(*vault_, fetch); }

Result<std::string> Engine::iam_policy(const Session& session, std::vector<Custody> custodies) {
    return custody::iam_policy_for(*vault_, session, std::move(custodies));
}

bool Engine::needs_unlock() const { return vault_->needs_unlock(); }
Status Engine::unlock(const SecretBytes& passphrase) { return vault_->unlock(passphrase); }
void Engine::lock() { vault_->lock(); }

void Engine::forget_idle_wallets(std::chrono::seconds idle) {
    vault_->open_wallets().forget_unused_since(std::chrono::steady_clock::now() - idle);
}

Result<std::int64_t> Engine::change_counter() { return vault_->store().change_counter(); }

Result<User> Engine::add_user(const Session& session, std::string_view name) {
    return custody::add_user(*vault_, session, name);
}
Result<std::vector<User>> Engine::list_users(const Session& session, const UserQuery& query) {
    return custody::list_users(*vault_, session, query);
}
Result<User> Engine::user(const Session& session, std::string_view name) {
    return custody::show_user(*vault_, session, name);
}
Result<User> Engine::rename_user(const Session& session, std::string_view name, std::string_view new_name) {
    return custody::rename_user(*vault_, session, name, new_name);
}
Result<User> Engine::lock_user(const Session& session, std::string_view name) {
    return custody::set_user_locked(*vault_, session, name, true);
}
Result<User> Engine::unlock_user(const Session& session, std::string_view name) {
    return custody::set_user_locked(*vault_, session, name, false);
}
Status Engine::remove_user(const Session& session, std::string_view name) {
    return custody::remove_user(*vault_, session, name);
}

Result<std::vector<DoctorFinding>> Engine::doctor(const Session& session) { return custody::doctor(*vault_, session); }
Result<KeyInfo> Engine::adopt_key(const Session& session, std::string_view key) {
    return custody::adopt_key(*vault_, session, key);
}
Status Engine::confirm_clock(const Session& session) { return custody::confirm_clock(*vault_, session); }

}  // namespace keydeck
