#include "engine/store/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>
#include <thread>
#include <vector>

#include "engine/base/file.hpp"
#include "engine/store/contacts.hpp"
#include "engine/store/jobs.hpp"
#include "engine/store/recipients.hpp"
#include "engine/store/schema.hpp"
#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

namespace fs = std::filesystem;

fs::path new_directory() {
    std::string pattern = testing::TempDir() + "keydeck-store-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    return pattern;
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void overwrite(const fs::path& path, const std::string& content) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
}

using StoreFileTest = StoreTest;

TEST_F(StoreFileTest, KeepsTheVaultItWasMadeFor) {
    const VaultRecord& vault = store_->vault();
    EXPECT_EQ(vault.id, kVaultId);
    EXPECT_EQ(vault.kms, "local");
    EXPECT_EQ(vault.region, "us-east-1");
    EXPECT_EQ(vault.account, "000000000000");
    EXPECT_EQ(vault.key_file, "/somewhere/key");
    EXPECT_FALSE(vault.is_demo);
    EXPECT_EQ(vault.created_at, kNow);
    EXPECT_FALSE(store_->read_only());
    EXPECT_EQ(file_mode(path_).value(), 0600U);
}

TEST_F(StoreFileTest, IsNeverMadeOverAnother) {
    add_user("alice");
    EXPECT_EQ(code_of(Store::create(path_, vault_record())), ErrorCode::kAlreadyExists);
    EXPECT_TRUE(user_by_name(db(), "alice"));
}

TEST(StoreCreate, LeavesNothingBehindWhenItFails) {
    const auto directory = new_directory();
    const auto path = directory / "keydeck.db";
    const auto failed = Store::create(path, vault_record(), [](sqlite::Database& database) -> Status {
        if (auto user = insert_user(database, "alice", kNow); !user) return fail(user);
        return fail(ErrorCode::kLocked, "No.");
    });
    EXPECT_EQ(code_of(failed), ErrorCode::kLocked);
    EXPECT_TRUE(fs::is_empty(directory));
    EXPECT_EQ(code_of(Store::create(directory / "no" / "keydeck.db", vault_record())), ErrorCode::kNotFound);
    fs::remove_all(directory);
}

TEST(StoreCreate, RunsWhatElseBelongsToAVaultInTheSameDbTransaction) {
    const auto directory = new_directory();
    const auto created = Store::create(directory / "keydeck.db", vault_record(), [](sqlite::Database& database) -> Status {
        auto user = insert_user(database, "alice", kNow);
        return user ? Status() : fail(user);
    });
    ASSERT_TRUE(created) << why(created);
    const auto store = Store::open(directory / "keydeck.db", false);
    ASSERT_TRUE(store) << why(store);
    const auto lease = (*store)->lease();
    ASSERT_TRUE(lease);
    EXPECT_TRUE(user_by_name(**lease, "alice"));
    fs::remove_all(directory);
}

TEST_F(StoreFileTest, RefusesWhatIsNoVault) {
    lease_.reset();
    store_.reset();
    const std::string good = content_of(path_);
    ASSERT_GT(good.size(), 8192U);
    std::string other_application = good;
    other_application[68] = 'X';  // the application id, bytes 68 to 71 of the header
    std::string bad_magic = good;
    bad_magic[0] = 's';
    std::string bad_schema_page = good;
    for (std::size_t i = 100; i < 4096; ++i) bad_schema_page[i] = '\xAA';
    const std::string files[] = {"",
                                 "SQLite format 3",
                                 "not a database at all",
                                 std::string(100'000, '\0'),
                                 good.substr(0, 2000),
                                 good.substr(0, 4096),
                                 good.substr(0, good.size() / 2),
                                 other_application,
                                 bad_magic,
                                 bad_schema_page};
    for (std::size_t i = 0; i < std::size(files); ++i) {
        overwrite(path_, files[i]);
        fs::remove(path_.string() + "-wal");
        fs::remove(path_.string() + "-shm");
        for (const bool read_only : {false, true}) {
            const auto opened = Store::open(path_, read_only);
            ASSERT_FALSE(opened) << i;
            EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << i << " " << why(opened);
            EXPECT_FALSE(opened.error().message.empty());
        }
    }
    fs::remove(path_);
    EXPECT_EQ(code_of(Store::open(path_, false)), ErrorCode::kNotFound);
    EXPECT_FALSE(fs::exists(path_));
    fs::create_directory(path_);
    EXPECT_EQ(code_of(Store::open(path_, false)), ErrorCode::kCorrupt);
}

TEST_F(StoreFileTest, RefusesAVaultWithoutItsRow) {
    ASSERT_TRUE(db().execute("DELETE FROM vault"));
    EXPECT_EQ(code_of(Store::open(path_, false)), ErrorCode::kCorrupt);
}

TEST_F(StoreFileTest, RefusesTriggersAndViewsOfOthers) {
    ASSERT_TRUE(db().execute("CREATE TRIGGER eat AFTER INSERT ON audit BEGIN DELETE FROM audit WHERE id = new.id; END"));
    EXPECT_EQ(code_of(Store::open(path_, false)), ErrorCode::kCorrupt);
    ASSERT_TRUE(db().execute("DROP TRIGGER eat; CREATE VIEW strange AS SELECT * FROM users"));
    EXPECT_EQ(code_of(Store::open(path_, true)), ErrorCode::kCorrupt);
}

TEST_F(StoreFileTest, RefusesANewerSchema) {
    ASSERT_TRUE(db().execute("PRAGMA user_version = " + std::to_string(kSchemaVersion + 1)));
    for (const bool read_only : {false, true}) {
        const auto opened = Store::open(path_, read_only);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::kRejected);
        EXPECT_NE(opened.error().message.find("newer"), std::string::npos) << opened.error().message;
    }
}

TEST_F(StoreFileTest, SaysThatAnOlderSchemaNeedsOneOpeningForWriting) {
    ASSERT_TRUE(db().execute("PRAGMA user_version = 0"));
    EXPECT_EQ(code_of(Store::open(path_, true)), ErrorCode::kRejected);
}

TEST_F(StoreFileTest, TheNextSchemaStepMakesABackupFirst) {
    add_user("alice");
    std::vector<sqlite::Migration> steps(schema_steps().begin(), schema_steps().end());
    steps.push_back({kSchemaVersion + 1, "ALTER TABLE users ADD COLUMN email TEXT; UPDATE users SET name = 'changed'"});
    const auto migrated = sqlite::migrate(db(), path_, steps);
    ASSERT_TRUE(migrated) << why(migrated);
    EXPECT_TRUE(user_by_name(db(), "changed"));
    const fs::path backup = path_.string() + ".v" + std::to_string(kSchemaVersion) + ".bak";
    ASSERT_TRUE(fs::exists(backup));
    EXPECT_EQ(file_mode(backup).value(), 0600U);
    const auto older = Store::open(backup, true);
    ASSERT_TRUE(older) << why(older);
    const auto lease = (*older)->lease();
    ASSERT_TRUE(lease);
    EXPECT_TRUE(user_by_name(**lease, "alice"));
}

TEST_F(StoreFileTest, BringsTheFirstSchemaUpToDate) {
    const fs::path old = path_.parent_path() / "old.db";
    {
        sqlite::OpenOptions options;
        options.mode = sqlite::OpenMode::kCreate;
        options.application_id = kApplicationId;
        auto database = sqlite::Database::open(old, options);
        ASSERT_TRUE(database) << why(database);
        ASSERT_TRUE(sqlite::migrate(*database, old, schema_steps().first(1)));
        ASSERT_TRUE(
            database->execute("INSERT INTO vault (id, uuid, kms, region, account, key_file, is_demo, created_at)"
                              " VALUES (1, 'u', 'local', 'us-east-1', '000000000000', '/k', 0, 1);"
                              "INSERT INTO users (name, created_at) VALUES ('alice', 1)"));
    }
    const auto opened = Store::open(old, false);
    ASSERT_TRUE(opened) << why(opened);
    EXPECT_EQ((*opened)->vault().id, "u");
    EXPECT_EQ((*opened)->vault().endpoint_url, "");
    const auto lease = (*opened)->lease();
    ASSERT_TRUE(lease);
    EXPECT_TRUE(user_by_name(**lease, "alice"));
    EXPECT_TRUE(list_jobs(**lease, 0, 1));
    EXPECT_TRUE(list_contacts(**lease, ""));
    EXPECT_TRUE(fs::exists(old.string() + ".v1.bak"));
}

/// Whom a vault knew before it knew by user: where there are several users, nobody can tell whose they were.
TEST_F(StoreFileTest, WhatSeveralUsersKnewBelongsToNone) {
    const fs::path old = path_.parent_path() / "old.db";
    {
        sqlite::OpenOptions options;
        options.mode = sqlite::OpenMode::kCreate;
        options.application_id = kApplicationId;
        auto database = sqlite::Database::open(old, options);
        ASSERT_TRUE(database) << why(database);
        ASSERT_TRUE(sqlite::migrate(*database, old, schema_steps().first(5)));
        ASSERT_TRUE(
            database->execute("INSERT INTO vault (id, uuid, kms, region, account, key_file, is_demo, created_at)"
                              " VALUES (1, 'u', 'local', 'us-east-1', '000000000000', '/k', 0, 1);"
                              "INSERT INTO users (name, created_at) VALUES ('alice', 1), ('mallory', 1);"
                              "INSERT INTO recipients (address, first_at)"
                              " VALUES (X'7777000000000000000000000000000000007777', 1);"
                              "INSERT INTO chains (chain_id, first_at) VALUES ('56', 1)"));
    }
    const auto opened = Store::open(old, false);
    ASSERT_TRUE(opened) << why(opened);
    const auto lease = (*opened)->lease();
    ASSERT_TRUE(lease);
    AddressBytes recipient{0x77, 0x77};
    recipient[18] = recipient[19] = 0x77;
    AddressBytes twin = recipient;
    twin[9] = 1;
    for (const std::int64_t user : {1, 2}) {
        EXPECT_FALSE(standing_of(**lease, user, recipient)->is_known());
        EXPECT_EQ(look_alikes(**lease, user, twin)->size(), 1U) << "what it resembles is remembered all the same";
        EXPECT_EQ(chain_was_used(**lease, user, "56"), false);
    }
    EXPECT_EQ(any_chain_was_used(**lease), true) << "so that the first chain of each user is asked about";
}

/// What a vault from before the address book had stays as it is, and the book begins empty.
TEST_F(StoreFileTest, AVaultWithoutAnAddressBookGetsOne) {
    const fs::path old = path_.parent_path() / "old.db";
    const auto steps = schema_steps();
    const auto step = std::ranges::find_if(
        steps, [](const auto& one) { return one.sql.find("CREATE TABLE contacts") != std::string_view::npos; });
    ASSERT_NE(step, steps.end());
    const auto before = static_cast<std::size_t>(step - steps.begin());
    const AddressBytes recipient = address_of(1000);
    {
        sqlite::OpenOptions options;
        options.mode = sqlite::OpenMode::kCreate;
        options.application_id = kApplicationId;
        auto database = sqlite::Database::open(old, options);
        ASSERT_TRUE(database) << why(database);
        ASSERT_TRUE(sqlite::migrate(*database, old, steps.first(before)));
        ASSERT_TRUE(
            database->execute("INSERT INTO vault (id, uuid, kms, region, account, key_file, is_demo, created_at)"
                              " VALUES (1, 'u', 'local', 'us-east-1', '000000000000', '/k', 0, 1);"
                              "INSERT INTO users (name, created_at) VALUES ('alice', 1)"));
        auto insert = database->prepare("INSERT INTO recipients (address, first_at) VALUES (?, 1)");
        ASSERT_TRUE(insert.bind(1, ByteView(recipient)).run());
    }
    const auto opened = Store::open(old, false);
    ASSERT_TRUE(opened) << why(opened);
    EXPECT_TRUE(fs::exists(old.string() + ".v" + std::to_string(before) + ".bak"));
    const auto lease = (*opened)->lease();
    ASSERT_TRUE(lease);
    EXPECT_TRUE(user_by_name(**lease, "alice"));
    EXPECT_TRUE(list_contacts(**lease, "")->empty());
    EXPECT_TRUE(standing_of(**lease, 1, recipient)->was_recipient) << "alice is the only one who can have signed for it";
    Contact contact;
    contact.name = "bob-cold";
    contact.address = recipient;
    ASSERT_TRUE(insert_contact(**lease, contact, kNow));
    EXPECT_EQ(contact_at(**lease, recipient)->value().name, "bob-cold");
}

TEST_F(StoreFileTest, TheAccountIsLearntOnce) {
    VaultRecord vault = vault_record();
    vault.account = "";
    vault.kms = "aws";
    vault.profile = "work";
    vault.endpoint_url = "http://127.0.0.1:4599";
    const fs::path path = path_.parent_path() / "aws.db";
    ASSERT_TRUE(Store::create(path, vault));
    for (const char* account : {"123456789012", "999999999999"}) {
        const auto store = Store::open(path, false);
        ASSERT_TRUE(store) << why(store);
        EXPECT_EQ((*store)->vault().profile, "work");
        EXPECT_EQ((*store)->vault().endpoint_url, "http://127.0.0.1:4599");
        const auto lease = (*store)->lease();
        ASSERT_TRUE(lease);
        ASSERT_TRUE(note_account(**lease, account));
    }
    EXPECT_EQ((*Store::open(path, true))->vault().account, "123456789012");
}

TEST_F(StoreFileTest, ReadOnlyReadsAndDoesNotWrite) {
    add_user("alice");
    const auto reader = Store::open(path_, true);
    ASSERT_TRUE(reader) << why(reader);
    EXPECT_TRUE((*reader)->read_only());
    const auto lease = (*reader)->lease();
    ASSERT_TRUE(lease);
    EXPECT_TRUE(user_by_name(**lease, "alice"));
    EXPECT_EQ(code_of(insert_user(**lease, "bob", kNow)), ErrorCode::kDenied);
}

TEST_F(StoreFileTest, TheChangeCounterMovesWithEverybodysCommits) {
    const auto before = store_->change_counter();
    ASSERT_TRUE(before);
    EXPECT_EQ(store_->change_counter().value(), *before);
    add_user("alice");
    const auto after_own = store_->change_counter();
    ASSERT_TRUE(after_own);
    EXPECT_NE(*after_own, *before);
    EXPECT_EQ(store_->change_counter().value(), *after_own);
    {
        const auto other = Store::open(path_, false);
        ASSERT_TRUE(other);
        const auto lease = (*other)->lease();
        ASSERT_TRUE(lease);
        ASSERT_TRUE(insert_user(**lease, "bob", kNow));
    }
    EXPECT_NE(store_->change_counter().value(), *after_own);
}

TEST_F(StoreFileTest, ARollbackLeavesNoTrace) {
    {
        const auto db_transaction = sqlite::DbTransaction::begin_write(db());
        ASSERT_TRUE(db_transaction);
        ASSERT_TRUE(insert_user(db(), "alice", kNow));
        ASSERT_TRUE(record_key(db(), key_record("k1")));
    }
    EXPECT_EQ(code_of(user_by_name(db(), "alice")), ErrorCode::kNotFound);
    const auto counted = totals(db());
    ASSERT_TRUE(counted);
    EXPECT_EQ(counted->users, 0);
    EXPECT_EQ(counted->keys, 0);
}

TEST_F(StoreFileTest, ThreadsWithLeasesOfTheirOwnWorkAtOnce) {
    constexpr int kThreads = 4;
    constexpr int kEach = 25;
    std::array<int, kThreads> done{};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([this, t, &done] {
                for (int i = 0; i < kEach; ++i) {
                    const auto lease = store_->lease();
                    if (!lease) return;
                    auto db_transaction = sqlite::DbTransaction::begin_write(**lease);
                    if (!db_transaction) return;
                    if (!insert_user(**lease, "u" + std::to_string(t) + "-" + std::to_string(i), kNow)) return;
                    if (!db_transaction->commit()) return;
                    ++done[static_cast<std::size_t>(t)];
                }
            });
        }
    }
    for (const int each : done) EXPECT_EQ(each, kEach);
    EXPECT_EQ(totals(db())->users, kThreads * kEach);
}

// Random bytes in random places: an error or an answer, never a crash.
TEST_F(StoreFileTest, DamagedPagesAreAnErrorNotACrash) {
    add_key("k1");
    for (int u = 0; u < 20; ++u) {
        const auto user = add_user("user" + std::to_string(u));
        for (int w = 0; w < 3; ++w) add_wallet(user, "k1", "label " + std::to_string(u * 3 + w));
    }
    ASSERT_TRUE(store_->purge());
    lease_.reset();
    store_.reset();
    const std::string good = content_of(path_);
    std::uint64_t state = 42;
    int refused = 0;
    for (int round = 0; round < 150; ++round) {
        std::string bad = good;
        for (int i = 0; i < 40; ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            bad[100 + (state >> 20) % (bad.size() - 100)] = static_cast<char>(state >> 56);
        }
        overwrite(path_, bad);
        fs::remove(path_.string() + "-wal");
        fs::remove(path_.string() + "-shm");
        const auto store = Store::open(path_, round % 2 == 0);
        if (!store) {
            ++refused;
            continue;
        }
        const auto lease = (*store)->lease();
        if (!lease) continue;
        WalletQuery query;
        query.filter = round % 3 == 0 ? "label" : round % 3 == 1 ? "0x1" : "";
        const auto wallets = list_wallets(**lease, query);
        const auto users = list_users(**lease, {});
        if (!wallets || !users) ++refused;
        static_cast<void>(find_wallet(**lease, "label 7"));
    }
    EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace keydeck::store
