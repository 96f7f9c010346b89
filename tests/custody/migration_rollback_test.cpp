// What a migration can be asked afterwards: whether every cell opens, and to take it all back.
#include <algorithm>

#include "engine/kms/kms_error.hpp"
#include "tests/custody/migration_fixture.hpp"

namespace keydeck {
namespace {

class MigrationRollbackTest : public MigrationTest {
protected:
    void migrated(int count) {
        fill(count);
        before_ = all_cells();
        const auto report = migrate();
        ASSERT_TRUE(report) << why(report);
        ASSERT_TRUE(report->is_complete());
        backup_ = report->backup;
        clock_.advance(std::chrono::seconds(5));
    }
    std::vector<sqlite::Value> all_cells() const {
        return values("SELECT secret FROM users UNION ALL SELECT escrow FROM users");
    }
    Result<FernetReport> roll_back(bool force = false) {
        FernetMigration back = request();
        back.force = force;
        return engine_->roll_back_fernet(operator_, back);
    }
    std::vector<sqlite::Value> before_;
    std::filesystem::path backup_;
};

TEST_F(MigrationRollbackTest, TheKeyIsNotDeletedWithoutCountingWhatWasMigratedToIt) {
    migrated(20);
    auto impact = engine_->deletion_impact(operator_, key_id_);
    ASSERT_TRUE(impact) << why(impact);
    ASSERT_EQ(impact->databases.size(), 1U);
    EXPECT_EQ(impact->databases.front().database, app_.string());
    EXPECT_EQ(impact->databases.front().values, 40);
    EXPECT_EQ(impact->total(), impact->wallets + impact->secrets + 40);
    for (const std::int64_t wrong : {std::int64_t{0}, impact->wallets + impact->secrets, impact->total() + 1}) {
        const auto refused = engine_->schedule_key_deletion(operator_, key_id_, 30, wrong);
        ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused)) << wrong;
        EXPECT_NE(refused.error().message.find("40 values of " + app_.string()), std::string::npos) << why(refused);
    }
    EXPECT_EQ(engine_->key(operator_, key_id_)->state, "Enabled");
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key_id_, 30, impact->total()));
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, key_id_));
    ASSERT_TRUE(engine_->enable_key(operator_, key_id_));

    const auto back = roll_back();
    ASSERT_TRUE(back && back->is_complete()) << why(back);
    impact = engine_->deletion_impact(operator_, key_id_);
    ASSERT_TRUE(impact) << why(impact);
    EXPECT_TRUE(impact->databases.empty());
    clock_.advance(std::chrono::seconds(5));
    ASSERT_TRUE(migrate());  // and there again
    EXPECT_EQ(engine_->deletion_impact(operator_, key_id_)->migrated_values(), 40);
}

TEST_F(MigrationRollbackTest, APoolKeyWithMigratedValuesIsNotRetired) {
    fill(3);
    ASSERT_TRUE(engine_->init_pool(operator_, 2));
    const auto keys = engine_->list_keys(operator_, {});
    ASSERT_TRUE(keys) << why(keys);
    const auto of_the_pool = std::ranges::find(*keys, "pool", &KeyInfo::purpose);
    ASSERT_NE(of_the_pool, keys->end());
    FernetMigration to_pool = request();
    to_pool.to = of_the_pool->id;
    ASSERT_TRUE(engine_->migrate_fernet(operator_, to_pool));
    const auto refused = engine_->retire_pool_key(operator_, to_pool.to, {});
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().message.find(app_.string()), std::string::npos) << why(refused);
    EXPECT_EQ(engine_->key(operator_, to_pool.to)->state, "Enabled");
}

TEST_F(MigrationRollbackTest, VerifiesEveryCell) {
    migrated(20);
    const int calls = kms_->decrypts;
    const auto good = engine_->verify_fernet(operator_, request());
    ASSERT_TRUE(good) << why(good);
    EXPECT_TRUE(good->is_complete());
    EXPECT_EQ(kms_->decrypts - calls, 40) << "the journal is not believed";
    EXPECT_EQ(good->columns[0].migrated, 20);
    run("UPDATE users SET secret = '" + sealed(token("encrypted twice")) + "' WHERE id = 1");
    run("UPDATE users SET secret = '" + token("a new token") + "' WHERE id = 2");
    run("UPDATE users SET secret = 'in the clear' WHERE id = 3");
    run("UPDATE users SET secret = substr(secret, 1, 60) || 'AAAA' || substr(secret, 65) WHERE id = 4");
    run("UPDATE users SET secret = NULL WHERE id = 5");
    run("UPDATE users SET secret = '" + sealed("written by the application") + "' WHERE id = 6");
    run("UPDATE users SET secret = '" + sealed(sealed("encrypted twice")) + "' WHERE id = 7");
    const auto bad = engine_->verify_fernet(operator_, request());
    ASSERT_TRUE(bad) << why(bad);
    ASSERT_EQ(bad->problem_count, 5);
    EXPECT_NE(bad->problems[0].reason.find("opens to a Fernet token"), std::string::npos);
    EXPECT_NE(bad->problems[1].reason.find("still a Fernet token"), std::string::npos);
    EXPECT_EQ(bad->problems[3].row, "4");
    EXPECT_NE(bad->problems[4].reason.find("opens to another ciphertext"), std::string::npos) << bad->problems[4].reason;
    EXPECT_EQ(bad->notices.front(), "33 cells are as the migration left them; 1 that open were written since.");
    FernetMigration by_journal = request();
    by_journal.to.clear();
    by_journal.keys.clear();
    EXPECT_EQ(engine_->verify_fernet(operator_, by_journal)->problem_count, 5) << "no Fernet key is needed";
}

TEST_F(MigrationRollbackTest, PutsEveryTokenBack) {
    migrated(30);
    const int calls = kms_->decrypts;
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 60);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(all_cells(), before_) << "the very tokens";
    EXPECT_EQ(kms_->decrypts, calls) << "no KMS is needed for that";
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "rolled back");
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, roll_back()));
    expect_sound_audit();
    // And forth again, with a backup of its own.
    const auto again = migrate();
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->changed, 60);
    EXPECT_EQ(again->migrated_again, 0);
    EXPECT_NE(again->backup, backup_);
    expect_all_migrated(30);
}

TEST_F(MigrationRollbackTest, WithoutAMigrationThereIsNothingToRollBack) {
    fill(1);
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, roll_back()));
}

TEST_F(MigrationRollbackTest, IsRefusedAfterWritesUnlessForced) {
    migrated(10);
    run("UPDATE users SET secret = '" + sealed("written since") + "' WHERE id = 3");
    run("UPDATE users SET secret = '" + token("still the old way") + "' WHERE id = 4");
    run("UPDATE users SET secret = NULL WHERE id = 5");
    run("INSERT INTO users (id, secret) VALUES (11, '" + sealed("a new user") + "')");
    const auto cells = all_cells();
    const auto refused = roll_back();
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().message.find("3 cells were written since the migration (users.secret 3, users.secret 5, "
                                           "users.secret 11)"),
              std::string::npos)
        << refused.error().message;
    EXPECT_EQ(all_cells(), cells);
    const auto forced = roll_back(true);
    ASSERT_TRUE(forced) << why(forced);
    EXPECT_TRUE(forced->is_complete());
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 3")), "written since");
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 4")), "still the old way");
    EXPECT_EQ(number("SELECT secret IS NULL FROM users WHERE id = 5"), 1) << "what was emptied stays empty";
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 11")), "a new user");
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 6")), "secret-6");
}

TEST_F(MigrationRollbackTest, TokensOfDuringTheMigrationAreNotLost) {
    fill(30);
    kms_->watch = [&](int nth) -> std::optional<Error> {
        if (nth == 2) run("UPDATE users SET secret = '" + token("newer than the backup") + "' WHERE id = 9");
        if (nth == 3) run("INSERT INTO users (id, secret) VALUES (99, '" + token("not in the backup") + "')");
        return std::nullopt;
    };
    ASSERT_TRUE(migrate());
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 9")), "newer than the backup");
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 99")), "not in the backup");
}

TEST_F(MigrationRollbackTest, WhatWasACiphertextBeforeStaysOne) {
    const std::string mine = sealed("since long ago");
    fill(3);
    run("UPDATE users SET secret = '" + mine + "' WHERE id = 1");
    ASSERT_TRUE(migrate());
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(text("SELECT secret FROM users WHERE id = 1"), mine);
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "rolled back");
}

TEST_F(MigrationRollbackTest, ACiphertextOfTheApplicationIsNoOldOne) {
    migrated(5);
    run("UPDATE users SET secret = '" + sealed("written since") + "' WHERE id = 3");
    ASSERT_TRUE(migrate()) << "it notes that there is a ciphertext of somebody else's";
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, roll_back()));
    const auto report = roll_back(true);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 3")), "written since");
}

TEST_F(MigrationRollbackTest, GoesOnAfterAStop) {
    migrated(400);
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done > 0) stop.request_stop();
    };
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, engine_->roll_back_fernet(operator_, request(), progress)));
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "rolling back");
    EXPECT_GT(number("SELECT count(*) FROM keydeck_migration_cells WHERE state = 'rolled back'"), 0);
    EXPECT_GT(number("SELECT count(*) FROM keydeck_migration_cells WHERE state = 'migrated'"), 0);
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(all_cells(), before_);
}

TEST_F(MigrationRollbackTest, WithoutItsBackupOnlyByForce) {
    migrated(5);
    std::filesystem::remove(backup_);
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, roll_back()));
    const auto report = roll_back(true);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 10);
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 4")), "secret-4");
    EXPECT_EQ(opened_token(text("SELECT CAST(escrow AS TEXT) FROM users WHERE id = 4")), "escrow-4");
}

TEST_F(MigrationRollbackTest, ABackupOfTheMiddleIsNotTakenForOneOfBefore) {
    migrated(5);
    std::filesystem::remove(backup_);
    run("UPDATE users SET secret = '" + token("written late") + "' WHERE id = 2");
    run("UPDATE users SET secret = '" + sealed("the application's") + "' WHERE id = 3");
    const auto again = migrate();
    ASSERT_TRUE(again) << why(again);
    EXPECT_NE(again->backup, backup_);
    EXPECT_NE(again->notices.front().find(backup_.string() + " is gone"), std::string::npos) << again->notices.front();
    const auto refused = roll_back();
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(why(refused).find("(users.secret 3)"), std::string::npos) << why(refused);
    const auto report = roll_back(true);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(report->changed, 10);
    for (int i = 1; i <= 5; ++i) {
        const std::string number = std::to_string(i);
        const std::string secret = i == 2 ? "written late" : i == 3 ? "the application's" : "secret-" + number;
        EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = " + number)), secret);
        EXPECT_EQ(opened_token(text("SELECT CAST(escrow AS TEXT) FROM users WHERE id = " + number)), "escrow-" + number);
    }
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "rolled back");
}

TEST_F(MigrationRollbackTest, TheBackupOfAnotherMigrationIsNotTaken) {
    fill(100);
    kms_->watch = [](int nth) -> std::optional<Error> {
        if (nth < 70) return std::nullopt;
        return kms::kms_fail("ThrottlingException", "Rate exceeded").error();
    };
    ASSERT_FALSE(migrate());
    kms_->watch = nullptr;
    const std::string first = text("SELECT backup FROM keydeck_migrations");
    ASSERT_TRUE(roll_back());
    run("UPDATE users SET secret = '" + token("between the two") + "' WHERE id = 1");
    run("DELETE FROM users WHERE id = 2");
    const auto now = all_cells();
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_NE(report->backup, first);
    EXPECT_EQ(values_of(report->backup, "SELECT secret FROM users UNION ALL SELECT escrow FROM users"), now);
    EXPECT_TRUE(std::filesystem::exists(first)) << "it is not ours to remove";
    EXPECT_TRUE(std::ranges::any_of(report->notices, [&](const auto& n) { return n.find(first) != std::string::npos; }))
        << "nor is it to be forgotten";
    ASSERT_TRUE(roll_back());
    EXPECT_EQ(all_cells(), now);
}

TEST_F(MigrationRollbackTest, NeedsNoKmsWhereTheBackupHasEveryToken) {
    fill(10);
    before_ = all_cells();
    FernetMigration bound = request();
    bound.bind = true;
    ASSERT_TRUE(engine_->migrate_fernet(operator_, bound));
    ASSERT_TRUE(engine_->disable_key(operator_, key_id_));
    kms_->refuses = true;
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 20);
    EXPECT_EQ(report->key_id, key_id_);
    EXPECT_EQ(all_cells(), before_);
}

TEST_F(MigrationRollbackTest, AsksTheKmsWhereAValueIsNotInTheBackup) {
    migrated(10);
    run("UPDATE users SET secret = '" + sealed("written since") + "' WHERE id = 3");
    ASSERT_TRUE(engine_->disable_key(operator_, key_id_));
    const auto stopped = roll_back(true);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, stopped));
    ASSERT_TRUE(engine_->enable_key(operator_, key_id_));
    const auto report = roll_back(true);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 3")), "written since");
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 4")), "secret-4");
}

TEST_F(MigrationRollbackTest, CiphertextsOfAnyShapeAreTurnedBack) {
    kms_->other_shape = true;
    fill(10);
    run("UPDATE users SET secret = 'always in the clear' WHERE id = 10");
    before_ = all_cells();
    const auto there = migrate();
    ASSERT_TRUE(there) << why(there);
    EXPECT_EQ(there->changed, 19);
    EXPECT_EQ(only_problem(*there).row, "10");
    EXPECT_EQ(there->columns[0].migrated, 9);
    EXPECT_EQ(engine_->verify_fernet(operator_, request())->problem_count, 1);
    run("INSERT INTO users (id, secret) VALUES (11, 'in the clear since'), (12, 'gAAAAA' || hex(randomblob(60)))");
    const auto back = roll_back();
    ASSERT_TRUE(back) << why(back);
    EXPECT_EQ(back->changed, 19);
    ASSERT_EQ(back->problems.size(), 2U);
    EXPECT_EQ(back->problems[0].row, "11");
    EXPECT_EQ(back->problems[1].row, "12");
    run("DELETE FROM users WHERE id > 10");
    EXPECT_EQ(all_cells(), before_);
    ASSERT_TRUE(roll_back());
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "rolled back");
}

TEST_F(MigrationRollbackTest, MakesNoTokensWithAKeyThatIsNotTheApplications) {
    fill(30);
    kms_->watch = [&](int nth) -> std::optional<Error> {
        if (nth == 2) run("UPDATE users SET secret = '" + token("newer than the backup") + "' WHERE id = 9");
        return std::nullopt;
    };
    ASSERT_TRUE(migrate());
    FernetMigration wrong = request();
    wrong.keys.clear();
    wrong.keys.push_back(SecretBytes::copy_of(kLegacyKey));
    const auto refused = engine_->roll_back_fernet(operator_, wrong);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(why(refused).find("opens no token of the backup"), std::string::npos) << why(refused);
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 9")), "newer than the backup");
}

TEST_F(MigrationRollbackTest, ABackupWithOtherTokensIsNotBelieved) {
    migrated(5);
    auto backup = sqlite::Database::open_foreign(backup_, {});
    ASSERT_TRUE(backup->execute("UPDATE users SET secret = '" + token("somebody else's") + "' WHERE id = 2"));
    ASSERT_TRUE(backup->checkpoint_truncate());
    const auto report = roll_back();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 2")), "secret-2");
}

}  // namespace
}  // namespace keydeck
