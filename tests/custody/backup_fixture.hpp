// A vault with wallets, and what is done with backups of it.
#pragma once

#include <algorithm>
#include <set>

#include "engine/backup.hpp"
#include "engine/custody/backup/restoring.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {

class BackupTest : public TwoUsersTest {
protected:
    static constexpr std::string_view kPassphrase = "correct horse battery staple";

    BackupOptions backup_options(const std::filesystem::path& file) {
        BackupOptions options;
        options.file = file;
        options.passphrase = SecretBytes::copy_of(kPassphrase);
        options.scrypt_n = 16;
        return options;
    }
    BackupManifest back_up(const std::filesystem::path& file) {
        const auto made = engine_->back_up(operator_, backup_options(file));
        EXPECT_TRUE(made) << why(made);
        return made ? *made : BackupManifest{};
    }
    RestoreOptions restore_options(const std::filesystem::path& file, const std::filesystem::path& directory) {
        RestoreOptions options;
        options.file = file;
        options.directory = directory;
        options.passphrase = SecretBytes::copy_of(kPassphrase);
        return options;
    }
    /// With the test's clock: nothing that is due by the real one happens.
    Result<RestoreReport> restore(const RestoreOptions& options) {
        return custody::backup::restore(operator_, options, {}, clock_, random_);
    }
    static Result<BackupManifest> verify(const std::filesystem::path& file) {
        return Engine::verify_backup(file, SecretBytes::copy_of(kPassphrase));
    }
    static void write_all(const std::filesystem::path& path, std::string_view content) {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file << content;
    }
    /// Everything that is below the test's directory, by name.
    std::set<std::string> everything() {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(base_)) {
            const std::string name = entry.path().string();
            // What SQLite makes and removes beside a database that is open.
            if (!name.ends_with("-wal") && !name.ends_with("-shm")) names.insert(name);
        }
        return names;
    }
    /// Moves the vault and its key file away, as if the machine were gone.
    void lose_vault() {
        engine_.reset();
        std::filesystem::rename(directory_, base_ / "lost-vault");
        if (std::filesystem::exists(base_ / "key")) std::filesystem::rename(base_ / "key", base_ / "lost-key");
    }
    /// Every wallet of the vault that is open signs, and the signature is its own.
    void expect_every_wallet_signs() {
        const auto wallets = engine_->list_wallets(operator_, {});
        ASSERT_TRUE(wallets) << why(wallets);
        EXPECT_FALSE(wallets->empty());
        for (const Wallet& wallet : *wallets) {
            const auto signature = engine_->sign_message(operator_, name_of(wallet), as_bytes(std::string_view("m")));
            ASSERT_TRUE(signature) << why(signature);
            EXPECT_EQ(signature->address, wallet.address);
        }
    }
};

}  // namespace keydeck
