// Copies of keydeck.db that are made by themselves.
#include <sys/stat.h>

#include "engine/custody/backup/automatic.hpp"
#include "tests/custody/backup_fixture.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;

class AutomaticBackupTest : public BackupTest {
protected:
    std::vector<std::string> names() {
        std::vector<std::string> all;
        for (const fs::path& copy : custody::automatic_copies(directory_)) all.push_back(copy.filename().string());
        return all;
    }
    void open_keeping(int copies) {
        EngineOptions kept = options();
        kept.backups_kept = copies;
        open_with(kept);
    }
};

TEST_F(AutomaticBackupTest, ACopyIsAVaultsDatabase) {
    const Status made = custody::back_up_before(*vault_, "rewrap");
    ASSERT_TRUE(made) << why(made);
    ASSERT_EQ(names(), std::vector<std::string>{"keydeck-20260921T141320Z-before-rewrap.db"});
    const fs::path copy = directory_ / "backups" / names().front();
    EXPECT_EQ(fs::status(copy).permissions(), fs::perms(0600));
    EXPECT_EQ(fs::status(copy.parent_path()).permissions(), fs::perms(0700));
    ASSERT_TRUE(engine_->destroy_wallet(operator_, "alice-main", 1));
    engine_.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove((directory_ / "keydeck.db").string() + suffix);
    fs::copy_file(copy, directory_ / "keydeck.db");
    open();
    expect_every_wallet_signs();
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 2U);
    expect_sound_audit();
}

TEST_F(AutomaticBackupTest, TheNewestStay) {
    open_keeping(3);
    fs::create_directory(directory_ / "backups");
    write_all(directory_ / "backups" / "mine.db", "not ours to remove");
    write_all(directory_ / "backups" / "keydeck-of-mine-before-lunch.db", "neither");
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(custody::back_up_before(*vault_, "rewrap"));
    EXPECT_EQ(names(), (std::vector<std::string>{"keydeck-20260921T141320Z-before-rewrap.db",
                                                 "keydeck-20260921T141320Z-before-rewrap-2.db"}));
    for (int i = 0; i < 2; ++i) {
        clock_.advance(std::chrono::hours(1));
        ASSERT_TRUE(custody::back_up_before(*vault_, "migration"));
    }
    EXPECT_EQ(names(), (std::vector<std::string>{"keydeck-20260921T141320Z-before-rewrap-2.db",
                                                 "keydeck-20260921T151320Z-before-migration.db",
                                                 "keydeck-20260921T161320Z-before-migration.db"}));
    EXPECT_TRUE(fs::exists(directory_ / "backups" / "mine.db"));
    EXPECT_TRUE(fs::exists(directory_ / "backups" / "keydeck-of-mine-before-lunch.db"));
}

/// The copy before a change is there for as long as that change is the last.
TEST_F(AutomaticBackupTest, TheCopyJustMadeStaysThoughTheClockWasSetBack) {
    open_keeping(2);
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(custody::back_up_before(*vault_, "rewrap"));
    clock_.advance(-std::chrono::hours(1));
    ASSERT_TRUE(custody::back_up_before(*vault_, "migration"));
    EXPECT_EQ(names(), (std::vector<std::string>{"keydeck-20260921T131320Z-before-migration.db",
                                                 "keydeck-20260921T141320Z-before-rewrap-2.db"}));
    open_keeping(1);
    clock_.advance(-std::chrono::hours(1));
    ASSERT_TRUE(custody::back_up_before(*vault_, "migration"));
    EXPECT_EQ(names(), std::vector<std::string>{"keydeck-20260921T121320Z-before-migration.db"});
}

/// Those of an upgrade hold the old rows just as well.
TEST_F(AutomaticBackupTest, EveryCopyIsWarnedOf) {
    for (const char* other : {"keydeck.db.bak", "keydeck.db.v.bak", "keydeck.db.v3x.bak", "other.db.v3.bak"})
        write_all(directory_ / other, "");
    EXPECT_EQ(custody::warn_of_old_copies(directory_), "");
    write_all(directory_ / "keydeck.db.v3.bak", "");
    EXPECT_NE(custody::warn_of_old_copies(directory_).find((directory_ / "keydeck.db.v3.bak").string() + " still holds"),
              std::string::npos)
        << custody::warn_of_old_copies(directory_);
    write_all(directory_ / "keydeck.db.v3.2.bak", "");
    write_all(directory_ / "kms.db.v1.bak", "");
    ASSERT_TRUE(custody::back_up_before(*vault_, "rewrap"));
    const std::string warning = custody::warn_of_old_copies(directory_);
    EXPECT_TRUE(warning.starts_with("4 ")) << warning;
    EXPECT_NE(warning.find((directory_ / "backups").string()), std::string::npos) << warning;
    EXPECT_NE(warning.find(".bak"), std::string::npos) << warning;
}

TEST_F(AutomaticBackupTest, NoneIsMadeWhereNoneIsWanted) {
    open_keeping(0);
    ASSERT_TRUE(custody::back_up_before(*vault_, "rewrap"));
    EXPECT_FALSE(fs::exists(directory_ / "backups"));
    EXPECT_EQ(custody::warn_of_old_copies(directory_), "");
}

TEST_F(AutomaticBackupTest, ARewrapIsPrecededByACopy) {
    Rewrap request;
    const auto nothing = engine_->rewrap(operator_, request);
    ASSERT_TRUE(nothing) << why(nothing);
    EXPECT_TRUE(names().empty()) << "nothing was to be moved";
    request.from = alices_.key_id;
    const auto moved = engine_->rewrap(operator_, request);
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(names().size(), 1U);
    EXPECT_EQ(moved->error, "") << "re-encrypted: the copy gives nothing away";
    request.from.clear();
    request.fresh_data_keys = true;
    const auto fresh = engine_->rewrap(operator_, request);
    ASSERT_TRUE(fresh) << why(fresh);
    EXPECT_EQ(names().size(), 2U);
    EXPECT_NE(fresh->error.find((directory_ / "backups").string()), std::string::npos)
        << "a cure for a leaked key must not leave it silently: " << fresh->error;
    fs::remove_all(directory_ / "backups");
    write_all(directory_ / "backups", "in its way");
    const auto refused = engine_->rewrap(operator_, request);
    EXPECT_FALSE(refused);
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 10)->size(), 2U) << "no job was begun";
    expect_every_wallet_signs();
}

TEST_F(AutomaticBackupTest, WhereItCannotBeMadeNothingElseIsDone) {
    write_all(directory_ / "backups", "in its way");
    const Status made = custody::back_up_before(*vault_, "rewrap");
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("nothing was changed"), std::string::npos) << why(made);
    EXPECT_NE(made.error().hint.find("backup_keep"), std::string::npos);
    for (const auto& entry : fs::directory_iterator(directory_))
        EXPECT_FALSE(entry.path().filename().string().starts_with(".keydeck-")) << entry.path();
}

}  // namespace
}  // namespace keydeck
