// What a crash leaves beside a vault.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/custody/backup/snapshot.hpp"
#include "tests/custody/backup_fixture.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;

/// What a restore killed in its last steps leaves: nobody would look for a vault's keys there.
TEST_F(BackupTest, TheDoctorTellsOfWhatARestoreHasLeft) {
    const fs::path left = base_ / ".keydeck-restore-1";
    fs::create_directory(left);
    ASSERT_TRUE(custody::backup::copy_databases(*vault_, left));
    fs::create_directory(base_ / ".keydeck-restore-2");
    write_all(base_ / ".keydeck-restore-2" / "kms.db", "of somebody else");
    auto findings = engine_->doctor(operator_);
    ASSERT_TRUE(findings) << why(findings);
    ASSERT_EQ(findings->size(), 1U);
    EXPECT_EQ(findings->front().check, "restore-leftover");
    EXPECT_EQ(findings->front().command, "rm -r " + left.string());
    {
        const int at_work = ::open(left.c_str(), O_RDONLY | O_DIRECTORY);
        ASSERT_EQ(::flock(at_work, LOCK_EX), 0);
        EXPECT_TRUE(engine_->doctor(operator_)->empty()) << "its process is at it";
        ::close(at_work);
    }
    fs::remove_all(left);
    EXPECT_TRUE(engine_->doctor(operator_)->empty());
}

}  // namespace
}  // namespace keydeck
