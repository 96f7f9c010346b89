// Backups of a running vault, and vaults made of them.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/custody/backup/snapshot.hpp"
#include "engine/custody/backup/staging.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/kms/local/schema.hpp"
#include "tests/custody/backup_fixture.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;

TEST_F(BackupTest, ARestoredVaultIsTheVault) {
    create("alice", Custody::kKmsKey, "own-key");
    create("bob", Custody::kKeyPair, "pair");
    const BackupManifest made = back_up(base_ / "b");
    EXPECT_EQ(made.users, 2);
    EXPECT_EQ(made.wallets, 4);
    EXPECT_EQ(made.kms, "local");
    EXPECT_EQ(made.vault_id, engine_->vault()->id);
    EXPECT_EQ(made.made_at, kStart);
    EXPECT_FALSE(made.keydeck_version.empty());
    EXPECT_TRUE(made.has_key_file);
    EXPECT_EQ(fs::status(base_ / "b").permissions(), fs::perms(0600));
    const auto head = engine_->verify_audit(operator_, std::nullopt);
    EXPECT_EQ(head->head, made.audit_head) << "the backup's own event is the last one in it";
    const auto verified = verify(base_ / "b");
    ASSERT_TRUE(verified) << why(verified);
    EXPECT_EQ(verified->audit_head, made.audit_head);
    EXPECT_EQ(verified->files.size(), 3U);

    lose_vault();
    const auto report = restore(restore_options(base_ / "b", directory_));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->key_file, base_ / "key") << "where it was";
    EXPECT_EQ(fs::status(base_ / "key").permissions(), fs::perms(0600));
    EXPECT_EQ(fs::status(directory_).permissions(), fs::perms(0700));
    for (const char* name : {"keydeck.db", "kms.db"})
        EXPECT_EQ(fs::status(directory_ / name).permissions(), fs::perms(0600));
    EXPECT_TRUE(report->keys_were_checked);
    EXPECT_TRUE(report->losses.empty());
    EXPECT_TRUE(report->notices.empty()) << report->notices.front();
    open();
    EXPECT_EQ(last_event().action, "RestoreVault");
    EXPECT_EQ(last_event().target, "b");
    expect_every_wallet_signs();
    const auto chain = engine_->verify_audit(operator_, made.audit_head);
    ASSERT_TRUE(chain) << why(chain);
    EXPECT_TRUE(chain->valid) << chain->reason;
    const auto findings = engine_->doctor(operator_);
    ASSERT_TRUE(findings) << why(findings);
    EXPECT_TRUE(findings->empty()) << findings->front().sentence;
}

TEST_F(BackupTest, LeavesNothingElseBehind) {
    const auto before = everything();
    back_up(base_ / "b");
    auto after = everything();
    EXPECT_EQ(after.erase((base_ / "b").string()), 1U);
    EXPECT_EQ(after, before);
}

TEST_F(BackupTest, IsInTheAuditLogAlsoWhenItFails) {
    back_up(base_ / "b");
    EXPECT_EQ(last_event().action, "BackUpVault");
    EXPECT_EQ(last_event().result, "ok");
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->back_up(operator_, backup_options(base_ / "b"))));
    EXPECT_EQ(last_event().action, "BackUpVault");
    EXPECT_EQ(last_event().result, "already_exists");
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->back_up(operator_, backup_options(base_ / "no" / "b"))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->back_up(alice_, backup_options(base_ / "c"))));
    BackupOptions without = backup_options(base_ / "c");
    without.passphrase.reset();
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->back_up(operator_, without)));
    EXPECT_FALSE(fs::exists(base_ / "c"));
    expect_sound_audit();
}

TEST_F(BackupTest, IsStoppedCleanly) {
    const auto before = everything();
    std::stop_source stop;
    const Progress progress{[&](std::int64_t, std::int64_t) { stop.request_stop(); }, stop.get_token()};
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, engine_->back_up(operator_, backup_options(base_ / "b"), progress)));
    EXPECT_EQ(everything(), before);
}

TEST_F(BackupTest, ProgressCountsToItsTotal) {
    std::vector<std::pair<std::int64_t, std::int64_t>> seen;
    const Progress progress{[&](std::int64_t done, std::int64_t total) { seen.emplace_back(done, total); }, {}};
    ASSERT_TRUE(engine_->back_up(operator_, backup_options(base_ / "b"), progress));
    ASSERT_FALSE(seen.empty());
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(seen.back().first, seen.back().second);
}

TEST_F(BackupTest, TheWrongPassphraseIsSaidToBeOne) {
    back_up(base_ / "b");
    const auto verified = Engine::verify_backup(base_ / "b", SecretBytes::copy_of(std::string_view("another")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, verified));
    EXPECT_NE(verified.error().message.find("passphrase"), std::string::npos);
    RestoreOptions options = restore_options(base_ / "b", base_ / "new");
    options.passphrase = SecretBytes::copy_of(std::string_view("another"));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, restore(options)));
    EXPECT_FALSE(fs::exists(base_ / "new"));
}

TEST_F(BackupTest, NothingIsRestoredOverAVault) {
    back_up(base_ / "b");
    const std::string before = read_all(directory_ / "kms.db");
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, restore(restore_options(base_ / "b", directory_))));
    EXPECT_EQ(read_all(directory_ / "kms.db"), before);
    fs::create_directory(base_ / "used");
    write_all(base_ / "used" / "letter", "dear alice");
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, restore(restore_options(base_ / "b", base_ / "used"))));
    EXPECT_EQ(read_all(base_ / "used" / "letter"), "dear alice");
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, restore(restore_options(base_ / "b", base_ / "key"))));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, restore(restore_options(base_ / "nothing", base_ / "new"))));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, restore(restore_options(directory_, base_ / "new"))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, custody::backup::restore(alice_, restore_options(base_ / "b", base_ / "new"),
                                                                        {}, clock_, random_)));
}

TEST_F(BackupTest, RestoresIntoAnEmptyDirectoryALinkToOneAndFoldersThatAreMissing) {
    back_up(base_ / "b");
    fs::create_directory(base_ / "empty");
    fs::permissions(base_ / "empty", fs::perms(0755));
    fs::create_directory(base_ / "behind");
    fs::create_symlink(base_ / "behind", base_ / "link");
    for (const fs::path& directory : {base_ / "empty", base_ / "link", base_ / "a" / "b" / "c"}) {
        const auto report = restore(restore_options(base_ / "b", directory.string() + "/"));
        ASSERT_TRUE(report) << directory << why(report);
        EXPECT_TRUE(fs::exists(directory / "keydeck.db"));
        EXPECT_EQ(fs::status(directory).permissions(), fs::perms(0700));
    }
}

/// A mistyped --vault must not cost the backup itself.
TEST_F(BackupTest, WhatIsInTheWayOfAFolderStays) {
    back_up(base_ / "b");
    fs::create_symlink(base_ / "nowhere", base_ / "data");
    const auto before = everything();
    for (const fs::path& in_the_way : {base_ / "b", base_ / "data"}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, restore(restore_options(base_ / "b", in_the_way / "restored"))));
        EXPECT_EQ(everything(), before) << in_the_way;
    }
    EXPECT_TRUE(verify(base_ / "b"));
}

TEST_F(BackupTest, ASecondVaultOfThisIdIsTold) {
    back_up(base_ / "b");
    const auto report = restore(restore_options(base_ / "b", base_ / "second"));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->key_file, base_ / "key") << "the very same bytes are there";
    ASSERT_EQ(report->notices.size(), 1U);
    EXPECT_NE(report->notices.front().find(directory_.string()), std::string::npos) << report->notices.front();
}

TEST_F(BackupTest, TheKeyFileIsNeverOverwritten) {
    back_up(base_ / "b");
    lose_vault();
    write_all(base_ / "key", std::string(32, 'k'));
    fs::permissions(base_ / "key", fs::perms(0600));
    const auto refused = restore(restore_options(base_ / "b", directory_));
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, refused));
    EXPECT_NE(refused.error().hint.find("--key-file"), std::string::npos);
    EXPECT_FALSE(fs::exists(directory_));
    EXPECT_EQ(read_all(base_ / "key"), std::string(32, 'k'));

    RestoreOptions elsewhere = restore_options(base_ / "b", directory_);
    elsewhere.key_file = base_ / "no" / "key";
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, restore(elsewhere)));
    EXPECT_FALSE(fs::exists(directory_));
    elsewhere.key_file = base_ / "key-2";
    const auto report = restore(elsewhere);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->key_file, base_ / "key-2");
    open();
    EXPECT_EQ(engine_->vault()->key_file, (base_ / "key-2").string()) << "the vault knows where it is";
    expect_every_wallet_signs();
}

TEST_F(BackupTest, WithoutTheKeyFileItIsNeeded) {
    BackupOptions options = backup_options(base_ / "b");
    options.without_key_file = true;
    const auto made = engine_->back_up(operator_, options);
    ASSERT_TRUE(made) << why(made);
    EXPECT_FALSE(made->has_key_file);
    const std::string key = read_all(base_ / "key");
    lose_vault();

    auto report = restore(restore_options(base_ / "b", directory_));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->key_file, fs::path());
    EXPECT_TRUE(std::ranges::any_of(report->notices, [&](const std::string& notice) {
        return notice.find((base_ / "key").string()) != std::string::npos;
    }));
    open();
    EXPECT_TRUE(
        fails_with(ErrorCode::kNotFound, engine_->sign_message(operator_, "alice-main", as_bytes(std::string_view("m")))));
    engine_.reset();
    fs::remove_all(directory_);

    RestoreOptions wrong = restore_options(base_ / "b", directory_);
    wrong.key_file = base_ / "wrong";
    write_all(base_ / "wrong", std::string(32, 'k'));
    fs::permissions(base_ / "wrong", fs::perms(0600));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, restore(wrong)));
    EXPECT_FALSE(fs::exists(directory_));

    RestoreOptions right = restore_options(base_ / "b", directory_);
    right.key_file = base_ / "lost-key";
    report = restore(right);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->key_file, base_ / "lost-key");
    EXPECT_TRUE(report->notices.empty()) << report->notices.front();
    open();
    expect_every_wallet_signs();
}

TEST_F(BackupTest, SettingsComeBackBesideTheVault) {
    fs::create_directory(base_ / "other");
    write_all(base_ / "config.toml", "pool_size = 3\n");
    write_all(base_ / "other" / "config.toml", "");
    write_all(base_ / "kms.db", "not what its name says");
    BackupOptions options = backup_options(base_ / "b");
    options.settings = {base_ / "config.toml", base_ / "other" / "config.toml", base_ / "kms.db"};
    ASSERT_TRUE(engine_->back_up(operator_, options));
    const auto report = restore(restore_options(base_ / "b", base_ / "new"));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->settings, (std::vector<std::string>{"config.toml", "2-config.toml", "2-kms.db"}));
    EXPECT_EQ(read_all(base_ / "new" / "restored-settings" / "config.toml"), "pool_size = 3\n");
    EXPECT_EQ(read_all(base_ / "new" / "restored-settings" / "2-config.toml"), "");
    EXPECT_EQ(read_all(base_ / "new" / "restored-settings" / "2-kms.db"), "not what its name says");
    EXPECT_EQ(fs::status(base_ / "new" / "restored-settings").permissions(), fs::perms(0700));
}

TEST_F(BackupTest, ABrokenChainIsRestoredAndTold) {
    meddle("UPDATE audit SET actor = 'nobody' WHERE id = 2");
    back_up(base_ / "b");
    const auto report = restore(restore_options(base_ / "b", base_ / "new"));
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(std::ranges::any_of(report->notices,
                                    [](const std::string& notice) { return notice.find("broken") != std::string::npos; }));
}

TEST_F(BackupTest, ADamagedDatabaseIsNotBackedUp) {
    engine_.reset();
    std::string content = read_all(directory_ / "keydeck.db");
    ASSERT_GT(content.size(), 5 * 4096U);
    std::fill_n(content.begin() + std::ptrdiff_t{3} * 4096, 2 * 4096, 'x');
    write_all(directory_ / "keydeck.db", content);
    open();
    const auto made = engine_->back_up(operator_, backup_options(base_ / "b"));
    EXPECT_FALSE(made) << "a backup that cannot be restored is none";
    EXPECT_FALSE(fs::exists(base_ / "b"));
}

/// Where no call looks by itself: a table that is empty.
TEST_F(BackupTest, ADamagedKmsIsNotBackedUp) {
    engine_.reset();
    constexpr std::int64_t kPage = 4096;
    std::int64_t root = 0;
    {
        auto kms = custody::backup::open_copy(directory_ / "kms.db", kms::local::kApplicationId, false);
        ASSERT_TRUE(kms) << why(kms);
        auto row = kms->prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'access_keys'");
        ASSERT_TRUE(*row.step());
        root = row.integer(0);
    }
    std::string content = read_all(directory_ / "kms.db");
    ASSERT_GE(static_cast<std::int64_t>(content.size()), root * kPage);
    std::fill_n(content.begin() + (root - 1) * kPage, kPage, 'x');
    write_all(directory_ / "kms.db", content);
    open();
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->back_up(operator_, backup_options(base_ / "b"))))
        << "restoring would refuse it";
    EXPECT_FALSE(fs::exists(base_ / "b"));
}

/// Without a descriptor for it, as on a file system that does not lock.
TEST_F(BackupTest, AFolderThatCannotBeLockedDoesNotStay) {
    const auto before = everything();
    const int next = ::dup(STDERR_FILENO);
    ASSERT_GE(next, 0);
    ::close(next);
    struct rlimit usual{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
    struct rlimit none = usual;
    none.rlim_cur = static_cast<rlim_t>(next);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto made = custody::backup::Staging::make(base_, ".keydeck-test-", random_);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
    ASSERT_TRUE(fails_with(ErrorCode::kUnavailable, made));
    EXPECT_NE(made.error().message.find("open files"), std::string::npos) << "why is said: " << why(made);
    EXPECT_EQ(everything(), before);
}

TEST_F(BackupTest, AJobOfTheOldVaultIsNobodysInTheNewOne) {
    meddle(
        "INSERT INTO jobs (kind, request, actor, total, done, state, owner, error, created_at, updated_at)"
        " VALUES ('rewrap', '{}', 'operator', 5, 1, 'running', 'me', '', 0, 0)");
    back_up(base_ / "b");
    ASSERT_TRUE(restore(restore_options(base_ / "b", base_ / "new")));
    EngineOptions other = options();
    other.directory = base_ / "new";
    open_with(other);
    auto lease = vault_->store().lease();
    auto row = (**lease).prepare("SELECT owner FROM jobs");
    ASSERT_TRUE(*row.step());
    EXPECT_EQ(row.text(0), "");
}

/// Wallets under a key that is disabled or on its way out are told, with their number.
TEST_F(BackupTest, WhatDoesNotOpenAnyMoreIsTold) {
    const Wallet own = create("alice", Custody::kKmsKey, "own-key");
    const Wallet other = create("bob", Custody::kKmsKey, "other-key");
    ASSERT_TRUE(engine_->disable_key(operator_, own.key_id));
    const auto scheduled = engine_->schedule_key_deletion(operator_, other.key_id, 7, 1);
    ASSERT_TRUE(scheduled) << why(scheduled);
    back_up(base_ / "b");
    const auto report = restore(restore_options(base_ / "b", base_ / "new"));
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->keys_were_checked);
    ASSERT_EQ(report->losses.size(), 2U);
    EXPECT_EQ(report->losses[0].key_id, own.key_id);
    EXPECT_EQ(report->losses[0].key_state, "Disabled");
    EXPECT_EQ(report->losses[0].wallets, 1);
    EXPECT_EQ(report->losses[0].first_wallets, std::vector{own.address});
    EXPECT_EQ(report->losses[1].key_state, "PendingDeletion");
    EXPECT_EQ(report->losses[1].first_wallets, std::vector{other.address});
}

TEST_F(BackupTest, AWalletWithoutItsDataKeyIsTold) {
    meddle("UPDATE wallets SET sealed_data_key = x'' WHERE label = 'bob-main'");
    back_up(base_ / "b");
    const auto report = restore(restore_options(base_ / "b", base_ / "new"));
    ASSERT_TRUE(report) << why(report);
    ASSERT_EQ(report->losses.size(), 1U);
    EXPECT_EQ(report->losses[0].key_state, "NoDataKey");
    EXPECT_EQ(report->losses[0].first_wallets, std::vector{bobs_.address});
}

/// Killed at its Nth report, as a power cut would.
class BackupCrashTest : public BackupTest {
protected:
    template <class Work>
    void die_at(int report, Work work) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            int left = report;
            work(Progress{[&](std::int64_t, std::int64_t) {
                              if (--left == 0) std::raise(SIGKILL);
                          },
                          {}});
            _exit(0);
        }
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status)) << "it was finished before report " << report;
    }
};

TEST_F(BackupCrashTest, ABackupThatIsCutShortIsNotThere) {
    engine_.reset();
    for (const int report : {1, 2, 3, 4, 5, 6}) {
        die_at(report, [&](const Progress& progress) {
            open();
            (void)engine_->back_up(operator_, backup_options(base_ / "b"), progress).has_value();
        });
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(base_)) names.insert(entry.path().filename().string());
        EXPECT_EQ(names, (std::set<std::string>{"vault", "key"})) << report;
    }
    open();
    back_up(base_ / "b");
    for (const auto& entry : fs::directory_iterator(directory_))
        EXPECT_FALSE(entry.path().filename().string().starts_with(".keydeck-")) << entry.path() << " was not swept";
    EXPECT_TRUE(verify(base_ / "b"));
}

TEST_F(BackupCrashTest, ARestoreThatIsCutShortIsNotThere) {
    back_up(base_ / "b");
    lose_vault();
    for (const int report : {1, 3, 4, 5, 6}) {
        die_at(report, [&](const Progress& progress) {
            (void)custody::backup::restore(operator_, restore_options(base_ / "b", directory_), progress, clock_, random_)
                .has_value();
        });
        EXPECT_FALSE(fs::exists(directory_)) << report;
        EXPECT_FALSE(fs::exists(base_ / "key")) << report;
    }
    const auto report = restore(restore_options(base_ / "b", directory_));
    ASSERT_TRUE(report) << why(report);
    for (const auto& entry : fs::directory_iterator(base_))
        EXPECT_FALSE(entry.path().filename().string().starts_with(".keydeck-")) << entry.path() << " was not swept";
    open();
    expect_every_wallet_signs();
}

class PassphraseBackupTest : public BackupTest {
protected:
    static constexpr std::string_view kOfVault = "the vault's own";
    void describe_vault(VaultCreation& creation) override { creation.passphrase = SecretBytes::copy_of(kOfVault); }
    void SetUp() override {
        VaultTest::SetUp();
        ASSERT_TRUE(engine_->unlock(SecretBytes::copy_of(kOfVault)));
        add_user("alice");
        alices_ = create("alice", Custody::kEnvelope, "alice-main");
    }
};

TEST_F(PassphraseBackupTest, IsRestoredWithOrWithoutTheVaultsPassphrase) {
    const BackupManifest made = back_up(base_ / "b");
    EXPECT_FALSE(made.has_key_file);
    lose_vault();
    auto report = restore(restore_options(base_ / "b", directory_));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->notices.size(), 2U) << "neither checked nor recorded";
    EXPECT_TRUE(report->keys_were_checked);
    open();
    EXPECT_TRUE(engine_->needs_unlock());
    ASSERT_TRUE(engine_->unlock(SecretBytes::copy_of(kOfVault)));
    expect_every_wallet_signs();
    EXPECT_NE(last_event().action, "RestoreVault");
    engine_.reset();
    fs::remove_all(directory_);

    RestoreOptions with = restore_options(base_ / "b", directory_);
    with.vault_passphrase = SecretBytes::copy_of(std::string_view("wrong"));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, restore(with)));
    EXPECT_FALSE(fs::exists(directory_));
    with.key_file = base_ / "key";
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, restore(with))) << "it has none";
    with.key_file.clear();
    with.vault_passphrase = SecretBytes::copy_of(kOfVault);
    report = restore(with);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->notices.empty()) << report->notices.front();
    open();
    EXPECT_EQ(last_event().action, "RestoreVault");
}

TEST_F(PassphraseBackupTest, ALockedVaultIsNotBackedUp) {
    engine_->lock();
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->back_up(operator_, backup_options(base_ / "b"))));
    EXPECT_FALSE(fs::exists(base_ / "b"));
}

/// A key file that lies in the vault, as the demo's does, comes back with it wherever the vault goes.
class InsideKeyBackupTest : public BackupTest {
protected:
    void describe_vault(VaultCreation& creation) override {
        fs::create_directory(creation.directory);
        creation.key_file = creation.directory / "key.bin";
    }
};

TEST_F(InsideKeyBackupTest, TheKeyFileGoesWithTheVault) {
    back_up(base_ / "b");
    lose_vault();
    directory_ = base_ / "elsewhere";
    const auto report = restore(restore_options(base_ / "b", directory_));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->key_file, directory_ / "key.bin");
    open();
    expect_every_wallet_signs();
}

}  // namespace
}  // namespace keydeck
