// What others do while a migration runs, and what must not be taken for damage.
#include <algorithm>

#include "tests/custody/migration_fixture.hpp"

namespace keydeck {
namespace {

bool has_notice(const FernetReport& report, std::string_view words) {
    return std::ranges::any_of(report.notices, [&](const auto& notice) { return notice.find(words) != std::string::npos; });
}

TEST_F(MigrationTest, WhatPagesInUseMayHoldIsSaid) {
    fill(3);
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(number("PRAGMA freelist_count"), 0);
    EXPECT_TRUE(has_notice(*report, "in use may still hold older tokens; only --vacuum"));
    EXPECT_TRUE(has_notice(*report, "triggers"));
    FernetMigration vacuum = request();
    vacuum.vacuum = true;
    const auto after = engine_->migrate_fernet(operator_, vacuum);
    ASSERT_TRUE(after) << why(after);
    EXPECT_FALSE(has_notice(*after, "--vacuum"));
    run("PRAGMA journal_mode = DELETE");
    sqlite::Database reader = app();
    ASSERT_TRUE(reader.execute("BEGIN; SELECT count(*) FROM users"));
    vacuum.patience = std::chrono::milliseconds(20);
    const auto refused = engine_->migrate_fernet(operator_, vacuum);
    ASSERT_TRUE(refused) << why(refused);
    EXPECT_TRUE(has_notice(*refused, "VACUUM was not possible"));
    EXPECT_TRUE(has_notice(*refused, "may still hold older tokens"));
}

TEST_F(MigrationTest, VacuumLeavesNoTailOfAToken) {
    sqlite::Database database = app();
    ASSERT_TRUE(database.execute("PRAGMA secure_delete = OFF"));
    std::vector<std::string> tokens;
    for (int i = 1; i <= 300; ++i) {
        tokens.push_back(token(std::string(static_cast<std::size_t>(1 + i * 37 % 3000), 'v')));
        auto insert = database.prepare("INSERT INTO users (id, secret) VALUES (?, ?)");
        ASSERT_TRUE(insert.bind(1, std::int64_t{i}).bind(2, tokens.back()).run());
    }
    ASSERT_TRUE(
        database.execute("DELETE FROM users WHERE id % 7 = 0; UPDATE users SET secret = 'moved ' || id WHERE id % 5 = 0"));
    ASSERT_TRUE(database.execute("UPDATE users SET secret = NULL WHERE id % 5 = 0"));
    FernetMigration vacuum = request();
    vacuum.vacuum = true;
    const auto report = engine_->migrate_fernet(operator_, vacuum);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    for (const std::string suffix : {"", "-wal"}) {
        const std::string content = read_all(app_.string() + suffix);
        for (const std::string& old : tokens)
            ASSERT_EQ(content.find(old.substr(old.size() - 40)), std::string::npos) << "in app.db" << suffix;
    }
}

TEST_F(MigrationTest, AKmsThatDeniesIsNoDamage) {
    fill(200);
    ASSERT_TRUE(migrate());
    const int before = kms_->decrypts;
    for (const Error& error : {MigrationKms::denied(), kms::kms_fail("ExpiredTokenException", "The token expired").error(),
                               kms::kms_fail("InvalidSignatureException", "Signature expired").error(),
                               Error{ErrorCode::kCorrupt, "The answer is no JSON.", "", ""}}) {
        kms_->decrypts = before;
        kms_->watch_decrypt = [&](int nth) -> std::optional<Error> {
            if (nth < before + 70) return std::nullopt;
            return error;
        };
        const auto stopped = engine_->verify_fernet(operator_, request());
        EXPECT_TRUE(fails_with(error.code, stopped)) << error.message;
        EXPECT_NE(why(stopped).find(error.message), std::string::npos) << why(stopped);
    }
    kms_->watch_decrypt = nullptr;
    EXPECT_TRUE(engine_->verify_fernet(operator_, request())->is_complete());
}

TEST_F(MigrationTest, OneCellThatIsDeniedIsTheCells) {
    fill(5);
    ASSERT_TRUE(migrate());
    // As AWS answers for a blob of another account.
    kms_->watch_decrypt = [first = kms_->decrypts + 1](int nth) -> std::optional<Error> {
        if (nth == first) return MigrationKms::denied();
        return std::nullopt;
    };
    const auto report = engine_->verify_fernet(operator_, request());
    ASSERT_TRUE(report) << why(report);
    EXPECT_NE(only_problem(*report).reason.find("does not open"), std::string::npos);
}

TEST_F(MigrationTest, AMigrationStopsWhereItMayNotReadBack) {
    fill(10);
    kms_->watch_decrypt = [](int) -> std::optional<Error> { return Error{ErrorCode::kCorrupt, "No JSON.", "", ""}; };
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, migrate()));
    kms_->watch_decrypt = [](int) -> std::optional<Error> { return MigrationKms::denied(); };
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, migrate()));
    kms_->watch_decrypt = nullptr;
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    expect_all_migrated(10);
}

TEST_F(MigrationTest, StopsWhereAnotherRunHasTakenOver) {
    for (const std::string change : {"UPDATE keydeck_migrations SET state = 'rolling back'",
                                     "INSERT INTO keydeck_migrations SELECT id + 1, vault, key_arn, bound, backup, state,"
                                     " started_at, updated_at FROM keydeck_migrations ORDER BY id DESC LIMIT 1"}) {
        run("DELETE FROM users");
        fill(40);
        const int before = kms_->encrypts;
        kms_->watch = [&](int nth) -> std::optional<Error> {
            if (nth == before + 20) run(change);
            return std::nullopt;
        };
        const auto stopped = migrate();
        EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, stopped)) << change;
        EXPECT_NE(why(stopped).find("another run"), std::string::npos) << why(stopped);
        EXPECT_EQ(number("SELECT count(*) FROM users WHERE secret LIKE 'gAAAA%'"), 40) << "what it had not committed";
        kms_->watch = nullptr;
        const auto report = migrate();
        ASSERT_TRUE(report) << why(report);
        EXPECT_TRUE(report->is_complete());
        expect_all_migrated(40);
    }
}

TEST_F(MigrationTest, ARowIsTheSameOnlyWhereItsKeyIsToTheByte) {
    run("CREATE TABLE names (name TEXT PRIMARY KEY COLLATE NOCASE, secret TEXT)");
    run("INSERT INTO names VALUES ('alice', '" + token("hers") + "')");
    FernetMigration bound = request({"names.secret"});
    bound.bind = true;
    kms_->watch = [&](int nth) -> std::optional<Error> {
        if (nth == 1) run("UPDATE names SET name = 'ALICE'");
        return std::nullopt;
    };
    const auto report = engine_->migrate_fernet(operator_, bound);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(opened(text("SELECT secret FROM names"), {{"table", "names"}, {"column", "secret"}, {"row", "ALICE"}}),
              "hers");
}

TEST_F(MigrationTest, ATokenWrittenBehindTheLastPassIsSeen) {
    fill(3);
    CreateKey other;
    other.alias = "other";
    ASSERT_TRUE(engine_->create_key(operator_, other));
    run("INSERT INTO users (id, secret) VALUES (4, '" + sealed("under another key", "alias/other") + "')");
    // That one is opened in each pass: by the second, every token is gone.
    kms_->watch_decrypt = [&, last = kms_->decrypts + 3 + 2](int nth) -> std::optional<Error> {
        if (nth == last) run("UPDATE users SET secret = '" + token("written late") + "' WHERE id = 1");
        return std::nullopt;
    };
    const auto report = engine_->migrate_fernet(operator_, request({"users.secret"}));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(only_problem(*report).row, "4");
    EXPECT_EQ(report->changed, 4);
    EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = 1")), "written late");
}

TEST_F(MigrationTest, StoppedBeforeItBeganItLeavesNothing) {
    fill(3);
    std::stop_source stop;
    stop.request_stop();
    Progress progress;
    progress.stop = stop.get_token();
    const auto stopped = engine_->migrate_fernet(operator_, request(), progress);
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, stopped));
    EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'keydeck%'"), 0);
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 10)->size(), 0U);
    ASSERT_TRUE(migrate());
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, engine_->roll_back_fernet(operator_, request(), progress)));
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "done");
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 10)->size(), 1U);
}

TEST_F(MigrationTest, TheDoctorNamesWhatGoesOnWithIt) {
    fill(3);
    ASSERT_TRUE(migrate());
    meddle("UPDATE jobs SET state = 'running', owner = 'another-boot 1 1'");
    const auto found = engine_->doctor(operator_);
    ASSERT_TRUE(found) << why(found);
    const auto job = std::ranges::find(*found, "interrupted-job", &DoctorFinding::check);
    ASSERT_NE(job, found->end());
    EXPECT_EQ(job->command.find("resume"), std::string::npos) << "that is refused";
    EXPECT_NE(job->sentence.find("give the command that began it again"), std::string::npos) << job->sentence;
}

}  // namespace
}  // namespace keydeck
