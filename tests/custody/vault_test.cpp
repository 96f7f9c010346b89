// Making and opening vaults, and what a damaged one says.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <set>

#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

std::set<std::string> names_in(const fs::path& directory) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename());
    return names;
}

class CreationTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "keydeck-creation-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        base_ = pattern;
        creation_.directory = base_ / "vault";
        creation_.key_file = base_ / "key";
        creation_.scrypt_n = 1024;
    }
    void TearDown() override { fs::remove_all(base_); }

    Status make() { return Engine::create_vault(creation_); }
    /// Fails, and leaves the directory as it was.
    void expect_nothing_made(ErrorCode code) {
        const std::set<std::string> before = names_in(base_);
        EXPECT_TRUE(fails_with(code, make()));
        EXPECT_EQ(names_in(base_), before);
    }

    fs::path base_;
    VaultCreation creation_;
};

TEST_F(CreationTest, MakesPrivateFilesAndTheKeyFile) {
    ASSERT_TRUE(make());
    EXPECT_EQ(names_in(creation_.directory), (std::set<std::string>{"kms.db", "keydeck.db"}));
    EXPECT_EQ(mode_of(creation_.directory), 0700U);
    EXPECT_EQ(mode_of(creation_.directory / "keydeck.db"), 0600U);
    EXPECT_EQ(mode_of(creation_.directory / "kms.db"), 0600U);
    EXPECT_EQ(mode_of(creation_.key_file), 0600U);
    EXPECT_EQ(fs::file_size(creation_.key_file), 32U);
    const auto engine = Engine::open({.directory = creation_.directory});
    ASSERT_TRUE(engine) << why(engine);
    const auto info = (*engine)->vault();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->key_file, creation_.key_file.string());
    EXPECT_EQ(info->id.size(), 36U);
    EXPECT_EQ(info->kms, "local");
    EXPECT_FALSE(info->needs_passphrase);
}

TEST_F(CreationTest, KeepsTheKeyFilesAbsolutePath) {
    const fs::path here = fs::current_path();
    fs::current_path(base_);
    creation_.directory = "vault";
    creation_.key_file = "key";
    ASSERT_TRUE(make());
    fs::current_path(here);
    const auto engine = Engine::open({.directory = base_ / "vault"});
    ASSERT_TRUE(engine) << why(engine);
    EXPECT_EQ((*engine)->vault()->key_file, (fs::canonical(base_) / "key").string());
}

TEST_F(CreationTest, UsesAKeyFileThatIsThere) {
    std::ofstream(creation_.key_file) << std::string(32, 'k');
    fs::permissions(creation_.key_file, fs::perms::owner_read | fs::perms::owner_write);
    ASSERT_TRUE(make());
    EXPECT_EQ(read_all(creation_.key_file), std::string(32, 'k'));
}

TEST_F(CreationTest, RefusesAKeyFileOfAnotherLengthOrThatOthersMayRead) {
    for (const std::size_t length : {0U, 31U, 33U, 64U}) {
        std::ofstream(creation_.key_file, std::ios::trunc) << std::string(length, 'k');
        fs::permissions(creation_.key_file, fs::perms::owner_read | fs::perms::owner_write);
        expect_nothing_made(ErrorCode::kInvalidInput);
    }
    std::ofstream(creation_.key_file, std::ios::trunc) << std::string(32, 'k');
    for (const fs::perms wide : {fs::perms::group_read, fs::perms::others_read, fs::perms::owner_exec}) {
        fs::permissions(creation_.key_file, fs::perms::owner_read | fs::perms::owner_write | wide);
        expect_nothing_made(ErrorCode::kDenied);
    }
}

TEST_F(CreationTest, RefusesWhatIsNoVaultDescription) {
    creation_.passphrase = SecretBytes::copy_of("both");
    expect_nothing_made(ErrorCode::kInvalidInput);
    creation_.passphrase = {};
    creation_.key_file.clear();
    expect_nothing_made(ErrorCode::kInvalidInput);
    creation_.key_file = base_ / "key";
    for (const char* account : {"", "12345678901", "1234567890123", "12345678901x"}) {
        creation_.account = account;
        expect_nothing_made(ErrorCode::kInvalidInput);
    }
    creation_.account = "000000000000";
    for (const char* region : {"", "US-EAST-1", "us east", "../x"}) {
        creation_.region = region;
        expect_nothing_made(ErrorCode::kInvalidInput);
    }
    creation_.region = "us-east-1";
    creation_.key_file = base_ / "no" / "such" / "directory" / "key";
    expect_nothing_made(ErrorCode::kInvalidInput);
    creation_.key_file = base_ / "key";
    std::ofstream(creation_.directory) << "a file";
    expect_nothing_made(ErrorCode::kInvalidInput);
}

TEST_F(CreationTest, NeverTouchesAVaultThatIsThere) {
    ASSERT_TRUE(make());
    const std::string database = read_all(creation_.directory / "keydeck.db");
    const std::string kms = read_all(creation_.directory / "kms.db");
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, make()));
    EXPECT_EQ(read_all(creation_.directory / "keydeck.db"), database);
    EXPECT_EQ(read_all(creation_.directory / "kms.db"), kms);
}

TEST_F(CreationTest, KeepsWhatElseIsInTheDirectory) {
    fs::create_directory(creation_.directory);
    std::ofstream(creation_.directory / "notes.txt") << "mine";
    creation_.key_file = creation_.directory / "key";
    ASSERT_TRUE(make());
    EXPECT_EQ(names_in(creation_.directory), (std::set<std::string>{"kms.db", "keydeck.db", "key", "notes.txt"}));
}

/// Where a crash between the two renames leaves the files: kms.db in its place, keydeck.db still in the staging folder.
class HalfMadeTest : public CreationTest {
protected:
    void SetUp() override {
        CreationTest::SetUp();
        ASSERT_TRUE(make());
        staging_ = creation_.directory / ".keydeck-new-0123456789abcdef";
        fs::create_directory(staging_);
        fs::rename(creation_.directory / "keydeck.db", staging_ / "keydeck.db");
    }
    fs::path staging_;
};

TEST_F(HalfMadeTest, IsNoVaultAndIsMadeAnew) {
    const auto opened = Engine::open({.directory = creation_.directory});
    ASSERT_TRUE(fails_with(ErrorCode::kNotFound, opened));
    EXPECT_NE(opened.error().hint.find("keydeck init"), std::string::npos);
    std::ofstream(creation_.directory / "notes.txt") << "mine";
    const std::string old_kms = read_all(creation_.directory / "kms.db");
    const Status made = make();
    ASSERT_TRUE(made) << why(made);
    EXPECT_EQ(names_in(creation_.directory), (std::set<std::string>{"kms.db", "keydeck.db", "notes.txt"}));
    EXPECT_NE(read_all(creation_.directory / "kms.db"), old_kms);
    EXPECT_TRUE(Engine::open({.directory = creation_.directory}));
}

TEST_F(HalfMadeTest, OneThatLostItsDatabaseIsLeftAlone) {
    const std::string kms = read_all(creation_.directory / "kms.db");
    fs::remove_all(staging_);  // a whole vault once, whose keydeck.db somebody has mislaid
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, make()));
    // Nor is it this creation's half, when the staging folder still has a kms.db of its own.
    fs::create_directory(staging_);
    for (const char* name : {"keydeck.db", "kms.db"}) std::ofstream(staging_ / name) << "another";
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, make()));
    EXPECT_EQ(read_all(creation_.directory / "kms.db"), kms);
    EXPECT_TRUE(fs::exists(staging_ / "keydeck.db"));
}

TEST_F(HalfMadeTest, AStagingFolderAloneIsCleared) {
    fs::rename(creation_.directory / "kms.db", staging_ / "kms.db");
    ASSERT_TRUE(make());
    EXPECT_EQ(names_in(creation_.directory), (std::set<std::string>{"kms.db", "keydeck.db"}));
}

TEST_F(CreationTest, LeavesNothingBehindOnAFullDisk) {
    // A limit on the size of files stands for a disk that is full: the writes fail in the same way.
    struct rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    for (const rlim_t limit : {0UL, 4096UL, 20'000UL, 60'000UL}) {
        const struct rlimit small{limit, before.rlim_max};
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
        const Status made = make();
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
        ASSERT_FALSE(made) << limit;
        EXPECT_EQ(code_of(made), ErrorCode::kUnavailable) << why(made);
        // The key file stays once it is whole: another process may be using it by now.
        for (const std::string& name : names_in(base_)) EXPECT_EQ(name, "key") << limit;
    }
    std::signal(SIGXFSZ, handler);
    EXPECT_TRUE(make());
}

class PassphraseTest : public VaultTest {
protected:
    void describe_vault(VaultCreation& creation) override { creation.passphrase = SecretBytes::copy_of("correct horse"); }
};

TEST_F(PassphraseTest, IsLockedUntilThePassphraseComes) {
    EXPECT_TRUE(engine_->needs_unlock());
    EXPECT_TRUE(engine_->vault()->needs_passphrase);
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->add_user(operator_, "alice")));
    EXPECT_TRUE(engine_->list_users(operator_, {}));
    EXPECT_TRUE(engine_->list_wallets(operator_, {}));
    EXPECT_TRUE(engine_->list_keys(operator_, {}));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->unlock(SecretBytes::copy_of("wrong horse"))));
    EXPECT_TRUE(engine_->needs_unlock());
    ASSERT_TRUE(engine_->unlock(SecretBytes::copy_of("correct horse")));
    EXPECT_FALSE(engine_->needs_unlock());
    add_user("alice");
    const Wallet wallet = create("alice");
    EXPECT_TRUE(engine_->sign_message(operator_, "alice", as_bytes("hello")));

    engine_->lock();
    EXPECT_TRUE(engine_->needs_unlock());
    EXPECT_EQ(vault_->open_wallets().size(), 0U);
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->sign_message(operator_, "alice", as_bytes("hello"))));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->verify_audit(operator_, std::nullopt)));
    EXPECT_EQ(engine_->wallet(operator_, "alice")->address, wallet.address);
}

class OpeningTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        add_user("alice");
        create("alice");
        engine_.reset();
    }
    Result<std::unique_ptr<Engine>> try_open(bool read_only = false) {
        EngineOptions wanted = options();
        wanted.read_only = read_only;
        return Engine::open(wanted);
    }
    fs::path file(const std::string& name) { return directory_ / name; }
};

TEST_F(OpeningTest, NoVaultNamesTheCommandThatMakesOne) {
    EngineOptions nowhere = options();
    nowhere.directory = base_ / "nowhere";
    const auto opened = Engine::open(nowhere);
    ASSERT_TRUE(fails_with(ErrorCode::kNotFound, opened));
    EXPECT_NE(opened.error().hint.find("keydeck init"), std::string::npos);
    EXPECT_FALSE(fs::exists(nowhere.directory));
}

TEST_F(OpeningTest, EitherFileMissingIsCorrupt) {
    for (const std::string name : {"keydeck.db", "kms.db"}) {
        fs::rename(file(name), base_ / name);
        const auto opened = try_open();
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, opened));
        EXPECT_NE(opened.error().message.find(name), std::string::npos);
        EXPECT_FALSE(fs::exists(file(name)));
        fs::rename(base_ / name, file(name));
    }
    EXPECT_TRUE(try_open());
}

TEST_F(OpeningTest, DamagedAndTruncatedFilesAreCorruptAndStayAsTheyAre) {
    for (const std::string name : {"keydeck.db", "kms.db"}) {
        const std::string whole = read_all(file(name));
        std::string garbled = whole;
        garbled.replace(0, 200, std::string(200, '\x5A'));
        for (const std::string& damaged :
             {std::string(), whole.substr(0, 50), whole.substr(0, 5000), std::string(8192, '\0'), garbled}) {
            std::ofstream(file(name), std::ios::binary | std::ios::trunc) << damaged;
            const auto opened = try_open();
            EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, opened)) << name << ", " << damaged.size() << " bytes";
            EXPECT_EQ(read_all(file(name)), damaged) << name;
        }
        std::ofstream(file(name), std::ios::binary | std::ios::trunc) << whole;
    }
    EXPECT_TRUE(try_open());
}

TEST_F(OpeningTest, ANewerSchemaIsRefused) {
    for (const std::string name : {"keydeck.db", "kms.db"}) {
        std::string bytes = read_all(file(name));
        const std::string whole = bytes;
        bytes[63] = 99;  // user_version, big-endian at offset 60: https://www.sqlite.org/fileformat.html
        std::ofstream(file(name), std::ios::binary | std::ios::trunc) << bytes;
        EXPECT_TRUE(fails_with(ErrorCode::kRejected, try_open())) << name;
        EXPECT_EQ(read_all(file(name)), bytes);
        std::ofstream(file(name), std::ios::binary | std::ios::trunc) << whole;
    }
}

TEST_F(OpeningTest, ReadOnlyShowsEverythingAndChangesNothing) {
    auto engine = try_open(true);
    ASSERT_TRUE(engine) << why(engine);
    EXPECT_TRUE((*engine)->vault()->read_only);
    EXPECT_EQ((*engine)->list_wallets(operator_, {})->size(), 1U);
    EXPECT_EQ((*engine)->list_keys(operator_, {})->size(), 2U);
    EXPECT_TRUE((*engine)->preview_message(operator_, "alice", as_bytes("hello")));
    EXPECT_TRUE((*engine)->verify_audit(operator_, std::nullopt)->valid);
    EXPECT_TRUE((*engine)->doctor(operator_));
    const std::int64_t before = (*engine)->verify_audit(operator_, std::nullopt)->events;
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->add_user(operator_, "bob")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->create_wallets(operator_, for_user("alice"))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->sign_message(operator_, "alice", as_bytes("hello"))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->export_mnemonic(operator_, "alice")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->create_key(operator_, {})));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->init_pool(operator_, 5)));
    EXPECT_EQ((*engine)->verify_audit(operator_, std::nullopt)->events, before);
}

TEST_F(OpeningTest, WithoutWritePermissionSaysSo) {
    if (geteuid() == 0) GTEST_SKIP() << "the superuser may write everything";
    fs::permissions(file("keydeck.db"), fs::perms::owner_read);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, try_open()));
    fs::permissions(file("keydeck.db"), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OpeningTest, TheKeyFileIsReadAtTheFirstNeedOnly) {
    fs::rename(base_ / "key", base_ / "elsewhere");
    auto engine = try_open();
    ASSERT_TRUE(engine) << why(engine);
    EXPECT_TRUE((*engine)->list_wallets(operator_, {}));
    EXPECT_FALSE((*engine)->needs_unlock());
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, (*engine)->sign_message(operator_, "alice", as_bytes("hello"))));
    std::ofstream(base_ / "key") << std::string(32, 'x');
    fs::permissions(base_ / "key", fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, (*engine)->sign_message(operator_, "alice", as_bytes("hello"))));
    fs::rename(base_ / "elsewhere", base_ / "key");
    EXPECT_TRUE((*engine)->sign_message(operator_, "alice", as_bytes("hello")));
}

TEST_F(OpeningTest, CoreDumpsAreOffWhileAVaultIsOpen) {
    const auto engine = try_open();
    struct rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_CORE, &limit), 0);
    EXPECT_EQ(limit.rlim_cur, 0U);
}

// Somebody puts a copy back, or takes the vault away, while a program has it open: what that program would still write
// nobody would find again.
TEST_F(OpeningTest, NothingIsDoneInAVaultThatWasReplacedOrRemoved) {
    const fs::path copy = base_ / "copy";
    fs::copy(directory_, copy, fs::copy_options::recursive);
    for (const bool replaced : {true, false}) {
        auto engine = try_open();
        ASSERT_TRUE(engine) << why(engine);
        ASSERT_TRUE((*engine)->sign_message(operator_, "alice", as_bytes("before")));
        fs::remove_all(directory_);
        if (replaced) fs::copy(copy, directory_, fs::copy_options::recursive);
        const auto refuses = [](const auto& result) {
            return fails_with(ErrorCode::kUnavailable, result) && result.error().message.contains("replaced or removed");
        };
        for (int i = 0; i < 3; ++i) {  // also once no idle connection is left
            EXPECT_TRUE(refuses((*engine)->create_wallets(operator_, for_user("alice"))));
            EXPECT_TRUE(refuses((*engine)->sign_message(operator_, "alice", as_bytes("after"))));
            EXPECT_TRUE(refuses((*engine)->add_user(operator_, "bob")));
            EXPECT_TRUE(refuses((*engine)->list_wallets(operator_, {})));
            EXPECT_TRUE(refuses((*engine)->change_counter()));
        }
        engine->reset();
        if (!replaced) fs::copy(copy, directory_, fs::copy_options::recursive);
        auto again = try_open();
        ASSERT_TRUE(again) << why(again);
        EXPECT_EQ((*again)->vault()->wallets, 1);
        EXPECT_TRUE((*again)->verify_audit(operator_, std::nullopt)->valid);
        EXPECT_TRUE((*again)->sign_message(operator_, "alice", as_bytes("again")));
        again->reset();
        fs::remove_all(copy);
        fs::copy(directory_, copy, fs::copy_options::recursive);
    }
}

TEST_F(OpeningTest, TheChangeCounterSeesAnotherProcess) {
    auto here = try_open();
    auto there = try_open();
    ASSERT_TRUE(here && there);
    const auto before = (*here)->change_counter();
    EXPECT_EQ(*(*here)->change_counter(), *before);
    ASSERT_TRUE((*there)->add_user(operator_, "bob"));
    EXPECT_NE(*(*here)->change_counter(), *before);
}

}  // namespace
}  // namespace keydeck
