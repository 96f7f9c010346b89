// Migrating an application's database from Fernet: every value is there afterwards, in the same kind of cell.
#include <sys/stat.h>

#include <algorithm>

#include "engine/kms/kms_error.hpp"
#include "engine/store/jobs.hpp"
#include "tests/custody/migration_fixture.hpp"

namespace keydeck {
namespace {

TEST_F(MigrationTest, MigratesInPlace) {
    fill(40);
    run("INSERT INTO users VALUES (41, 'nobody', NULL, NULL), (42, '', '', x''), (43, ' ', ' \n', CAST('  ' AS BLOB))");
    const auto before = values("SELECT secret FROM users WHERE id <= 40 ORDER BY id");
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(report->changed, 80);
    EXPECT_EQ(report->migrated_again, 0);
    EXPECT_EQ(report->key_id, key_id_);
    ASSERT_EQ(report->columns.size(), 2U);
    for (const FernetColumnReport& column : report->columns) {
        EXPECT_EQ(column.rows, 43) << column.column;
        EXPECT_EQ(column.migrated, 40);
        EXPECT_EQ(column.empty, 3);
        EXPECT_EQ(column.tokens + column.undecryptable + column.other, 0);
    }
    expect_all_migrated(40);
    EXPECT_EQ(number("SELECT count(*) FROM users WHERE id > 40 AND secret = '' AND escrow = x''"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM keydeck_migration_cells WHERE state = 'migrated'"), 80);
    EXPECT_EQ(text("SELECT state FROM keydeck_migrations"), "done");
    // The backup is the database as it was, and the report says so.
    struct stat about{};
    ASSERT_EQ(stat(report->backup.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
    EXPECT_EQ(report->backup.string(), app_.string() + ".before-keydeck-20260921T141320Z");
    EXPECT_EQ(values_of(report->backup, "SELECT secret FROM users WHERE id <= 40 ORDER BY id"), before);
    ASSERT_FALSE(report->notices.empty());
    EXPECT_NE(report->notices.back().find("still holds the old tokens"), std::string::npos);
    const auto jobs = engine_->list_jobs(operator_, 0, 10);
    ASSERT_TRUE(jobs && jobs->size() == 1);
    EXPECT_EQ(jobs->front().state, "done");
    EXPECT_EQ(jobs->front().title, "migrate app.db from Fernet");
    EXPECT_EQ(jobs->front().done, 80);
    AuditQuery query;
    query.action = "EndFernetMigration";
    ASSERT_EQ(events(query).size(), 1U);
    EXPECT_EQ(events(query).front().key_id, key_id_);
    expect_sound_audit();
}

TEST_F(MigrationTest, AgainThereIsNothingToDo) {
    fill(5);
    ASSERT_TRUE(migrate());
    const auto after = values("SELECT secret FROM users");
    const int calls = kms_->encrypts + kms_->decrypts;
    const auto again = migrate();
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->changed, 0);
    EXPECT_TRUE(again->is_complete());
    EXPECT_EQ(again->columns.front().migrated, 5);
    EXPECT_EQ(values("SELECT secret FROM users"), after);
    EXPECT_EQ(kms_->encrypts + kms_->decrypts, calls) << "the journal knows them";
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 10)->size(), 1U);
}

TEST_F(MigrationTest, LeavesNoTokenBehindInTheFiles) {
    for (const std::string mode : {"WAL", "DELETE"}) {
        run("DELETE FROM users");
        run("PRAGMA journal_mode = " + mode);
        fill(300);
        const auto tokens = values("SELECT secret FROM users");
        const auto report = migrate();
        ASSERT_TRUE(report) << why(report);
        for (const std::string suffix : {"", "-wal", "-journal"}) {
            const std::string content = read_all(app_.string() + suffix);
            for (const auto& value : tokens) {
                const std::string& old = std::get<std::string>(value);
                ASSERT_EQ(content.find(old.substr(0, 60)), std::string::npos) << "a token stands in app.db" << suffix;
            }
        }
        const std::string backup = read_all(report->backup);
        EXPECT_NE(backup.find(std::get<std::string>(tokens.front())), std::string::npos);
        clock_.advance(std::chrono::seconds(2));
        ASSERT_TRUE(engine_->roll_back_fernet(operator_, request()));
    }
}

TEST_F(MigrationTest, LooksWithoutChanging) {
    fill(10);
    run("UPDATE users SET secret = 'gAAAAA' || substr(secret, 7, 40) WHERE id = 1");
    run("UPDATE users SET secret = substr(secret, 1, 30) || iif(substr(secret, 31, 1) = 'Q', 'R', 'Q') || substr(secret, 32)"
        " WHERE id = 2");
    run("UPDATE users SET secret = '" + token("made with another key", kLegacyKey) + "' WHERE id = 3");
    run("UPDATE users SET secret = 'a password in the clear' WHERE id = 4");
    run("UPDATE users SET secret = 12345 WHERE id = 5");
    run("UPDATE users SET secret = NULL WHERE id = 6");
    run("UPDATE users SET secret = '" + sealed("migrated by somebody") + "' WHERE id = 7");
    const auto before = read_all(app_);
    const auto report = engine_->check_fernet(operator_, request({"USERS.Secret"}));
    ASSERT_TRUE(report) << why(report);
    ASSERT_EQ(report->columns.size(), 1U);
    const FernetColumnReport& column = report->columns.front();
    EXPECT_EQ(column.column, "users.secret");
    EXPECT_EQ(column.rows, 10);
    EXPECT_EQ(column.tokens, 3);
    EXPECT_EQ(column.undecryptable, 3);
    EXPECT_EQ(column.other, 2);
    EXPECT_EQ(column.empty, 1);
    EXPECT_EQ(column.migrated, 1);
    EXPECT_EQ(report->problem_count, 5);
    for (const FernetProblem& problem : report->problems) {
        EXPECT_EQ(problem.column, "users.secret");
        EXPECT_EQ(problem.reason.find("password"), std::string::npos);
        EXPECT_TRUE(problem.reason.ends_with('.')) << problem.reason;
    }
    EXPECT_EQ(report->problems.front().row, "1");
    EXPECT_TRUE(report->backup.empty());
    EXPECT_EQ(read_all(app_), before);
    EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'keydeck%'"), 0);
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 10)->size(), 0U);
}

TEST_F(MigrationTest, WhatDoesNotDecryptIsLeftAndListed) {
    fill(200);
    run("UPDATE users SET secret = substr(secret, 1, 50) || 'AAAA' || substr(secret, 55) WHERE id IN (7, 107)");
    const auto damaged = values("SELECT secret FROM users WHERE id IN (7, 107)");
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_FALSE(report->is_complete());
    EXPECT_EQ(report->problem_count, 2);
    EXPECT_EQ(report->changed, 398);
    EXPECT_EQ(values("SELECT secret FROM users WHERE id IN (7, 107)"), damaged);
    const auto jobs = engine_->list_jobs(operator_, 0, 1);
    ASSERT_TRUE(jobs && jobs->size() == 1);
    EXPECT_EQ(jobs->front().failed, 2);
    const auto failures = engine_->job_failures(operator_, jobs->front().id, 10);
    ASSERT_TRUE(failures && failures->size() == 2);
    EXPECT_EQ(failures->front().item, "users.secret 107");
    AuditQuery query;
    query.action = "MigrateFernetCell";
    EXPECT_EQ(events(query).size(), 2U) << "one a failed cell, none for the others";
    expect_sound_audit();
}

TEST_F(MigrationTest, AWrongKeyChangesNothing) {
    fill(3);
    FernetMigration wrong = request();
    wrong.keys.clear();
    wrong.keys.push_back(SecretBytes::copy_of(kLegacyKey));
    const auto report = engine_->migrate_fernet(operator_, wrong);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->problem_count, 6);
    EXPECT_EQ(report->changed, 0);
    EXPECT_TRUE(report->backup.empty());
    wrong.keys.clear();
    wrong.keys.push_back(SecretBytes::copy_of("too short"));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->migrate_fernet(operator_, wrong)));
    wrong.keys.clear();
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->migrate_fernet(operator_, wrong)));
    EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'keydeck%'"), 0);
}

TEST_F(MigrationTest, SeveralOldKeys) {
    fill(4);
    run("UPDATE users SET secret = '" + token("an old one", kLegacyKey) + "' WHERE id = 2");
    FernetMigration both = request();
    both.keys.push_back(SecretBytes::copy_of(kLegacyKey));
    const auto report = engine_->migrate_fernet(operator_, both);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = 2")), "an old one");
}

TEST_F(MigrationTest, ACiphertextIsNeverEncryptedAgain) {
    fill(4);
    const std::string mine = sealed("somebody was here before");
    run("UPDATE users SET secret = '" + mine + "' WHERE id = 1");
    run("UPDATE users SET escrow = CAST('" + mine + "' AS BLOB) WHERE id = 2");
    const auto raw = from_base64(mine, "it");
    {
        sqlite::Database database = app();
        auto update = database.prepare("UPDATE users SET escrow = ? WHERE id = 3");
        ASSERT_TRUE(update.bind(1, ByteView(*raw)).run());
    }
    CreateKey other;
    other.alias = "other";
    ASSERT_TRUE(engine_->create_key(operator_, other));
    const std::string foreign = sealed("under another key", "alias/other");
    run("UPDATE users SET secret = '" + foreign + "' WHERE id = 4");
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 4);
    EXPECT_EQ(text("SELECT secret FROM users WHERE id = 1"), mine);
    EXPECT_EQ(text("SELECT secret FROM users WHERE id = 4"), foreign);
    EXPECT_EQ(number("SELECT escrow = CAST('" + mine + "' AS BLOB) FROM users WHERE id = 2"), 1);
    EXPECT_EQ(std::get<Bytes>(values("SELECT escrow FROM users WHERE id = 3").front()), *raw);
    EXPECT_EQ(only_problem(*report).reason, "It is a ciphertext under another KMS key.");
    EXPECT_EQ(number("SELECT count(*) FROM keydeck_migration_cells WHERE state = 'found'"), 3);
}

TEST_F(MigrationTest, WhatTheKmsCannotHoldIsLeft) {
    fill(1);
    const std::string exact(4096, 'e');
    run("INSERT INTO users (id, secret) VALUES (2, '" + token(exact) + "'), (3, '" + token(std::string(4097, 'x')) +
        "'), (4, '" + token(std::string(3 << 20, 'l')) + "'), (5, '" + token("") + "')");
    run("INSERT INTO users (id, secret) VALUES (6, randomblob(3 << 20))");
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 3);
    EXPECT_EQ(report->problem_count, 4);
    EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = 2")), exact);
    ASSERT_EQ(report->problems.size(), 4U);
    EXPECT_EQ(report->problems[0].row, "3");
    EXPECT_NE(report->problems[1].reason.find("4,096"), std::string::npos);
    EXPECT_NE(report->problems[2].reason.find("empty"), std::string::npos);
    EXPECT_NE(report->problems[3].reason.find("neither"), std::string::npos);
    EXPECT_EQ(report->columns[0].tokens, 3);
    EXPECT_EQ(report->columns[0].other, 1);
    EXPECT_EQ(opened_token(text("SELECT secret FROM users WHERE id = 4")).size(), std::size_t{3} << 20);
}

TEST_F(MigrationTest, ATokenChangedMeanwhileIsMigratedAgain) {
    fill(60);
    kms_->watch = [&](int nth) -> std::optional<Error> {
        if (nth == 5) run("UPDATE users SET secret = '" + token("written meanwhile") + "' WHERE id <= 20");
        if (nth == 6) run("DELETE FROM users WHERE id = 60");
        return std::nullopt;
    };
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(report->migrated_again, 20);
    for (int i = 1; i <= 20; ++i)
        EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = " + std::to_string(i))), "written meanwhile");
    EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = 21")), "secret-21");
    EXPECT_EQ(number("SELECT count(*) FROM users"), 59);
}

TEST_F(MigrationTest, AnApplicationThatNeverRestsIsNotFollowedForEver) {
    fill(2);
    kms_->watch = [&](int nth) -> std::optional<Error> {
        run("UPDATE users SET secret = '" + token("version " + std::to_string(nth)) + "' WHERE id = 1");
        return std::nullopt;
    };
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_FALSE(report->is_complete());
    EXPECT_NE(only_problem(*report).reason.find("still writes the old form"), std::string::npos);
    kms_->watch = nullptr;
    const auto again = migrate();
    ASSERT_TRUE(again) << why(again);
    EXPECT_TRUE(again->is_complete());
    EXPECT_TRUE(opened(text("SELECT secret FROM users WHERE id = 1")).starts_with("version "));
}

TEST_F(MigrationTest, AKmsThatAnswersWronglyLosesNothing) {
    fill(3);
    const auto before = values("SELECT secret FROM users");
    kms_->lies = true;
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 0);
    ASSERT_EQ(report->problems.size(), 6U);
    EXPECT_NE(report->problems.front().reason.find("did not open to the same value"), std::string::npos);
    EXPECT_EQ(values("SELECT secret FROM users"), before);
}

TEST_F(MigrationTest, GoesOnAfterAKmsThatFailed) {
    fill(100);
    kms_->watch = [](int nth) -> std::optional<Error> {
        if (nth < 70) return std::nullopt;
        return kms::kms_fail("ThrottlingException", "Rate exceeded").error();
    };
    const auto stopped = migrate();
    EXPECT_TRUE(fails_with(ErrorCode::kThrottled, stopped));
    EXPECT_NE(stopped.error().hint.find("same command"), std::string::npos);
    const std::int64_t done = number("SELECT count(*) FROM keydeck_migration_cells");
    EXPECT_GT(done, 0);
    EXPECT_LT(done, 200);
    const auto job = engine_->list_jobs(operator_, 0, 1)->front();
    EXPECT_EQ(job.state, "paused");
    EXPECT_EQ(job.done, done);
    const auto kept = values("SELECT new_sha256 FROM keydeck_migration_cells ORDER BY row");
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->resume_job(operator_, job.id))) << "the keys are kept nowhere";
    kms_->watch = nullptr;
    std::vector<std::pair<std::int64_t, std::int64_t>> reports;
    Progress progress;
    progress.report = [&](std::int64_t now, std::int64_t total) { reports.emplace_back(now, total); };
    const auto report = engine_->migrate_fernet(operator_, request(), progress);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 200 - done);
    EXPECT_EQ(reports.front(), (std::pair<std::int64_t, std::int64_t>(done, 200)));
    EXPECT_EQ(reports.back(), (std::pair<std::int64_t, std::int64_t>(200, 200)));
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 10)->size(), 1U) << "the same job";
    EXPECT_EQ(engine_->job(operator_, job.id)->state, "done");
    EXPECT_EQ(number("SELECT count(*) FROM keydeck_migrations"), 1);
    for (const auto& hash : kept) {
        sqlite::Database database = app();
        auto row = database.prepare("SELECT count(*) FROM keydeck_migration_cells WHERE new_sha256 = ?");
        ASSERT_TRUE(row.bind_value(1, hash).step());
        EXPECT_EQ(row.integer(0), 1) << "what was migrated was migrated again";
    }
    expect_all_migrated(100);
}

TEST_F(MigrationTest, StopsWhenAskedAndGoesOn) {
    fill(100);
    std::stop_source stop;
    kms_->watch = [&](int nth) -> std::optional<Error> {
        if (nth == 40) stop.request_stop();
        return std::nullopt;
    };
    Progress progress;
    progress.stop = stop.get_token();
    const auto stopped = engine_->migrate_fernet(operator_, request(), progress);
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, stopped));
    kms_->watch = nullptr;
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    expect_all_migrated(100);
    expect_sound_audit();
}

TEST_F(MigrationTest, RulesOfTheApplicationRefuseOneCellAndTheOthersGoOn) {
    fill(20);
    run("CREATE TABLE strict (id TEXT PRIMARY KEY, secret TEXT CHECK (id <> 'b' OR secret LIKE 'gAAAA%'))");
    run("INSERT INTO strict VALUES ('a', '" + token("a") + "'), ('b', '" + token("b") + "'), ('c', '" + token("c") + "')");
    run("CREATE TRIGGER abort_3 BEFORE UPDATE ON users WHEN old.id = 3 BEGIN SELECT RAISE(ABORT, 'not this one'); END");
    run("CREATE TRIGGER rollback_4 BEFORE UPDATE ON users WHEN old.id = 4 BEGIN SELECT RAISE(ROLLBACK, 'nothing'); END");
    run("CREATE TRIGGER ignore_5 BEFORE UPDATE ON users WHEN old.id = 5 BEGIN SELECT RAISE(IGNORE); END");
    run("CREATE TRIGGER undo_6 AFTER UPDATE OF secret ON users WHEN old.id = 6 AND new.secret <> 'undone'"
        " BEGIN UPDATE users SET secret = 'undone' WHERE id = 6; END");
    run("CREATE TABLE log (id INTEGER)");
    run("CREATE TRIGGER fail_8 AFTER UPDATE ON users WHEN old.id = 8 BEGIN INSERT INTO log VALUES (old.id);"
        " SELECT RAISE(FAIL, 'too late'); END");
    const auto before = values("SELECT secret FROM users WHERE id BETWEEN 3 AND 6 OR id = 8");
    const auto report = engine_->migrate_fernet(operator_, request({"users.secret", "strict.secret"}));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 17);
    EXPECT_EQ(report->problem_count, 6);
    EXPECT_EQ(values("SELECT secret FROM users WHERE id BETWEEN 3 AND 6 OR id = 8"), before);
    EXPECT_EQ(number("SELECT count(*) FROM log"), 0) << "nor is anything left of the attempt";
    EXPECT_EQ(number("SELECT count(*) FROM keydeck_migration_cells WHERE row = '8'"), 0);
    EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = 7")), "secret-7");
    EXPECT_EQ(opened(text("SELECT secret FROM strict WHERE id = 'c'")), "c");
    EXPECT_NE(report->problems[0].reason.find("not this one"), std::string::npos) << report->problems[0].reason;
}

TEST_F(MigrationTest, RowsOfEveryKindOfTable) {
    run("CREATE TABLE pairs (game INTEGER, side TEXT, secret TEXT, PRIMARY KEY (game, side)) WITHOUT ROWID");
    run("CREATE TABLE plain (secret TEXT COLLATE NOCASE)");
    run("CREATE TABLE hidden (rowid TEXT, oid TEXT, secret TEXT, who TEXT PRIMARY KEY)");
    run("CREATE TABLE blobs (id BLOB PRIMARY KEY, secret)");
    run("CREATE TABLE \"we\"\"ird.name\" (id INTEGER PRIMARY KEY, \"the.\"\"secret\" TEXT)");
    std::string pairs = "BEGIN;";
    for (int i = 0; i < 600; ++i) {
        pairs += "INSERT INTO pairs VALUES (" + std::to_string(i / 2) + ", " + (i % 2 == 0 ? "'left'" : "'it''s right'") +
                 ", '" + token("pair " + std::to_string(i)) + "');";
    }
    run(pairs + "COMMIT");
    run("INSERT INTO plain VALUES ('" + token("plain 1") + "'), (NULL), ('" + token("plain 3") + "')");
    run("INSERT INTO hidden VALUES ('x', 'y', '" + token("hidden") + "', 'me')");
    run("INSERT INTO blobs VALUES (x'00ff', '" + token("blob key") + "'), (NULL, '" + token("no key") + "')");
    run("INSERT INTO \"we\"\"ird.name\" VALUES (1, '" + token("weird") + "')");
    const std::vector<std::string> columns = {"pairs.secret", "plain.secret", "hidden.secret", "blobs.secret",
                                              "we\"ird.name.the.\"secret"};
    const auto report = engine_->migrate_fernet(operator_, request(columns));
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->changed, 605);
    EXPECT_NE(only_problem(*report).reason.find("NULL in the primary key"), std::string::npos);
    EXPECT_EQ(opened(text("SELECT secret FROM pairs WHERE game = 299 AND side = 'it''s right'")), "pair 599");
    EXPECT_EQ(opened(text("SELECT secret FROM plain WHERE rowid = 3")), "plain 3");
    EXPECT_EQ(opened(text("SELECT secret FROM hidden")), "hidden");
    EXPECT_EQ(opened(text("SELECT secret FROM blobs WHERE id = x'00ff'")), "blob key");
    EXPECT_EQ(opened(text("SELECT \"the.\"\"secret\" FROM \"we\"\"ird.name\"")), "weird");
    EXPECT_EQ(text("SELECT row FROM keydeck_migration_cells WHERE table_name = 'blobs'"), "x'00ff'");
    const auto back = engine_->roll_back_fernet(operator_, request(columns));
    ASSERT_TRUE(back) << why(back);
    EXPECT_EQ(back->changed, 605);
    EXPECT_EQ(opened_token(text("SELECT secret FROM pairs WHERE game = 0 AND side = 'it''s right'")), "pair 1");
}

TEST_F(MigrationTest, BoundToTableColumnAndRow) {
    run("CREATE TABLE pairs (game INTEGER, side TEXT, secret TEXT, PRIMARY KEY (game, side))");
    run("INSERT INTO pairs VALUES (7, 'le\"ft', '" + token("bound") + "')");
    fill(2);
    FernetMigration bound = request({"users.secret", "Pairs.Secret"});
    bound.bind = true;
    const auto report = engine_->migrate_fernet(operator_, bound);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ(
        opened(text("SELECT secret FROM users WHERE id = 2"), {{"table", "users"}, {"column", "secret"}, {"row", "2"}}),
        "secret-2");
    EXPECT_EQ(
        opened(text("SELECT secret FROM pairs"), {{"table", "pairs"}, {"column", "secret"}, {"row", "[7,\"le\\\"ft\"]"}}),
        "bound");
    EXPECT_TRUE(engine_->verify_fernet(operator_, bound)->is_complete());
    // Put in another's row by somebody with the file, it does not open.
    run("UPDATE users SET secret = (SELECT secret FROM users WHERE id = 2) WHERE id = 1");
    const auto swapped = engine_->verify_fernet(operator_, bound);
    ASSERT_TRUE(swapped) << why(swapped);
    EXPECT_EQ(only_problem(*swapped).row, "1");
    bound.bind = false;
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->migrate_fernet(operator_, bound)));
    run("CREATE TABLE plain (secret TEXT)");
    FernetMigration plain = request({"plain.secret"});
    plain.bind = true;
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->check_fernet(operator_, plain)));
}

TEST_F(MigrationTest, VacuumTakesOutWhatWasFreedBefore) {
    fill(400);
    const std::string deleted = text("SELECT secret FROM users WHERE id = 390");
    run("PRAGMA secure_delete = OFF; DELETE FROM users WHERE id > 10");
    const auto without = migrate();
    ASSERT_TRUE(without) << why(without);
    EXPECT_TRUE(
        std::ranges::any_of(without->notices, [](const auto& n) { return n.find("--vacuum") != std::string::npos; }));
    FernetMigration vacuum = request();
    vacuum.vacuum = true;
    const auto report = engine_->migrate_fernet(operator_, vacuum);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(number("PRAGMA freelist_count"), 0);
    EXPECT_EQ(read_all(app_).find(deleted), std::string::npos);
    expect_all_migrated(10);
    run("CREATE TABLE plain (secret TEXT)");
    vacuum.columns = {"plain.secret"};
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->migrate_fernet(operator_, vacuum)));
}

TEST_F(MigrationTest, AReaderOfAnOlderStateIsNamed) {
    fill(3);
    sqlite::Database reader = app();
    ASSERT_TRUE(reader.execute("BEGIN; SELECT count(*) FROM users"));
    FernetMigration impatient = request();
    impatient.patience = std::chrono::milliseconds(20);
    const auto report = engine_->migrate_fernet(operator_, impatient);
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(
        std::ranges::any_of(report->notices, [](const auto& n) { return n.find("app.db-wal") != std::string::npos; }));
}

}  // namespace
}  // namespace keydeck
