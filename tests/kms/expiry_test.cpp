// Destruction: what is gone is gone from the file, and a wrong clock destroys nothing.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>

#include "engine/base/hex.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using std::chrono::days;
using std::chrono::hours;
using test::TemporaryKms;

const CreateKeyRequest kEcc{KeySpec::kEccSecgP256k1, KeyUsage::kSignVerify, "", {}};
const CreateKeyRequest kSymmetric{};

Bytes read_all(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool any_file_contains(const std::filesystem::path& directory, ByteView needle) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const Bytes content = read_all(entry.path());
        if (std::search(content.begin(), content.end(), std::boyer_moore_searcher(needle.begin(), needle.end())) !=
            content.end()) {
            return true;
        }
    }
    return false;
}

sqlite::Database open_plainly(const std::filesystem::path& path) {
    auto database = sqlite::Database::open(path, {.mode = sqlite::OpenMode::kReadWrite, .application_id = 0x4B444B4D});
    EXPECT_TRUE(database) << database.error().message;
    return std::move(*database);
}

std::vector<Bytes> sealed_rows(const std::filesystem::path& path) {
    sqlite::Database database = open_plainly(path);
    std::vector<Bytes> rows;
    sqlite::Statement select = database.prepare("SELECT sealed FROM key_versions ORDER BY key, version");
    while (*select.step()) rows.push_back(to_bytes(select.blob(0)));
    return rows;
}

TEST(Expiry, DestroyedMaterialIsGoneFromTheFiles) {
    TemporaryKms local;
    const auto doomed = local.kms->create_key({KeySpec::kSymmetricDefault, KeyUsage::kEncryptDecrypt, "the doomed one", {}});
    const auto kept = local.kms->create_key(kEcc);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(local.kms->rotate_key_on_demand(doomed->key_id));
    ASSERT_TRUE(local.kms->create_alias("alias/doomed-alias", doomed->key_id));
    ASSERT_TRUE(local.kms->tag_resource(doomed->key_id, {{"doomed-tag", "x"}}));
    ASSERT_TRUE(local.kms->encrypt(doomed->key_id, as_bytes("x"), {}));
    const std::vector<Bytes> sealed = sealed_rows(local.path());
    ASSERT_EQ(sealed.size(), 5U);
    ASSERT_TRUE(local.kms->schedule_key_deletion(doomed->key_id, 7));
    for (const Bytes& row : sealed) EXPECT_TRUE(any_file_contains(local.directory.path(), row));
    local.pass(days(7));
    const auto& directory = local.directory.path();
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_FALSE(any_file_contains(directory, sealed[i])) << i;
        EXPECT_FALSE(any_file_contains(directory, ByteView(sealed[i]).subspan(12, 16))) << i;
    }
    EXPECT_FALSE(any_file_contains(directory, as_bytes(doomed->key_id)));
    EXPECT_FALSE(any_file_contains(directory, as_bytes("the doomed one")));
    EXPECT_FALSE(any_file_contains(directory, as_bytes("doomed-alias")));
    EXPECT_FALSE(any_file_contains(directory, as_bytes("doomed-tag")));
    EXPECT_EQ(sealed_rows(local.path()).size(), 1U);
    EXPECT_TRUE(local.kms->sign(kept->key_id, as_bytes("x"), MessageType::kRaw));
}

TEST(Expiry, AReaderInTheWayOnlyDelaysTheScrubbing) {
    TemporaryKms local;
    const auto doomed = local.kms->create_key(kSymmetric);
    const Bytes sealed = sealed_rows(local.path()).at(0);
    ASSERT_TRUE(local.kms->schedule_key_deletion(doomed->key_id, 7));
    local.pass(days(7) - hours(1));
    {
        auto options = sqlite::OpenOptions{.mode = sqlite::OpenMode::kReadWrite, .application_id = 0x4B444B4D};
        auto reader = sqlite::Database::open(local.path(), options);
        const auto snapshot = sqlite::DbTransaction::begin_read(*reader);
        ASSERT_TRUE(snapshot);
        local.clock.advance(hours(1));
        EXPECT_EQ(local.kms->describe_key(doomed->key_id).error().kms_error, "NotFoundException");
        EXPECT_TRUE(any_file_contains(local.directory.path(), sealed)) << "the reader still needs it";
    }
    local.clock.advance(std::chrono::minutes(2));
    ASSERT_TRUE(local.kms->list_keys({}));
    EXPECT_FALSE(any_file_contains(local.directory.path(), sealed));
}

TEST(Expiry, ExpireCountsWhatItDestroys) {
    TemporaryKms local;
    EXPECT_EQ(*local.kms->expire(), 0);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(local.kms->schedule_key_deletion(local.kms->create_key(kEcc)->key_id, 7 + i / 2));
    }
    local.pass(days(7) - hours(1));
    EXPECT_EQ(*local.kms->expire(), 0);
    local.clock.advance(hours(1));
    EXPECT_EQ(*local.kms->expire(), 2);
    EXPECT_EQ(*local.kms->expire(), 0);
    EXPECT_EQ(local.kms->list_keys({})->items.size(), 1U);
}

TEST(Expiry, OneMicrosecondBeforeTheDateTheKeyIsThere) {
    TemporaryKms local;
    const auto key = local.kms->create_key(kEcc);
    ASSERT_TRUE(local.kms->schedule_key_deletion(key->key_id, 7));
    local.pass(days(7) - hours(1));
    local.clock.advance(hours(1) - std::chrono::microseconds(1));
    EXPECT_TRUE(local.kms->describe_key(key->key_id));
    local.clock.advance(std::chrono::microseconds(1));
    EXPECT_EQ(local.kms->describe_key(key->key_id).error().kms_error, "NotFoundException");
}

TEST(Expiry, AnotherProcessSeesTheDestruction) {
    TemporaryKms local;
    const auto other = local.open();
    const auto pool = local.kms->create_key(kSymmetric);
    const auto sealed = other->encrypt(pool->key_id, as_bytes("x"), {});
    ASSERT_TRUE(local.kms->schedule_key_deletion(pool->key_id, 7));
    local.pass(days(7));
    EXPECT_EQ(other->decrypt("", sealed->ciphertext, {}).error().kms_error, "AccessDeniedException");
    EXPECT_EQ(other->decrypt(pool->key_id, sealed->ciphertext, {}).error().kms_error, "NotFoundException");
    EXPECT_TRUE(other->list_keys({})->items.empty());
}

TEST(ClockGuard, AJumpDestroysNothingUntilConfirmed) {
    TemporaryKms local;
    const auto key = local.kms->create_key(kEcc);
    ASSERT_TRUE(local.kms->create_alias("alias/mine", key->key_id));
    ASSERT_TRUE(local.kms->schedule_key_deletion(key->key_id, 7));
    local.clock.advance(days(40));
    local.kms = local.open();
    EXPECT_TRUE(*local.kms->clock_is_suspect());
    // Past its date and still there: pending deletion, unusable.
    EXPECT_EQ(local.kms->describe_key("alias/mine")->state, KeyState::kPendingDeletion);
    EXPECT_EQ(local.kms->sign(key->key_id, as_bytes("x"), MessageType::kRaw).error().kms_error, "KMSInvalidStateException");
    const auto expired = local.kms->expire();
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.error().code, ErrorCode::kRejected);
    EXPECT_FALSE(expired.error().hint.empty());
    // Neither time nor writing makes the clock believed.
    for (int i = 0; i < 100; ++i) {
        local.clock.advance(hours(5));
        ASSERT_TRUE(local.kms->create_key(kSymmetric));
    }
    EXPECT_TRUE(*local.kms->clock_is_suspect());
    EXPECT_TRUE(local.kms->describe_key(key->key_id));
    ASSERT_TRUE(local.kms->confirm_clock());
    EXPECT_FALSE(*local.kms->clock_is_suspect());
    EXPECT_EQ(local.kms->describe_key(key->key_id).error().kms_error, "NotFoundException");
}

TEST(ClockGuard, AWithheldKeyCanStillBeSaved) {
    TemporaryKms local;
    const auto key = local.kms->create_key(kEcc);
    ASSERT_TRUE(local.kms->schedule_key_deletion(key->key_id, 7));
    local.clock.advance(days(40));
    ASSERT_TRUE(local.kms->cancel_key_deletion(key->key_id));
    ASSERT_TRUE(local.kms->enable_key(key->key_id));
    EXPECT_TRUE(local.kms->sign(key->key_id, as_bytes("x"), MessageType::kRaw));
    EXPECT_FALSE(*local.kms->clock_is_suspect()) << "nothing is withheld any more";
}

TEST(ClockGuard, AJumpThatIsTakenBackHarmsNothing) {
    TemporaryKms local;
    const auto key = local.kms->create_key(kEcc);
    ASSERT_TRUE(local.kms->schedule_key_deletion(key->key_id, 30));
    local.clock.advance(days(10'000));
    ASSERT_TRUE(local.kms->create_key(kSymmetric));
    ASSERT_TRUE(local.kms->list_keys({}));
    local.clock.advance(-days(10'000));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kPendingDeletion);
    EXPECT_FALSE(*local.kms->clock_is_suspect());
    local.pass(days(29));
    EXPECT_TRUE(local.kms->describe_key(key->key_id));
    local.pass(days(1));
    EXPECT_EQ(local.kms->describe_key(key->key_id).error().kms_error, "NotFoundException");
}

TEST(ClockGuard, SchedulingUnderAWrongClockDoesNotOpenTheDoor) {
    TemporaryKms local;
    // Nothing is pending, so the jump passes unnoticed …
    local.clock.advance(days(400));
    const auto key = local.kms->create_key(kEcc);
    local.clock.advance(-days(400));
    ASSERT_TRUE(local.kms->schedule_key_deletion(key->key_id, 7));
    // … but when it comes again, something would be destroyed.
    local.clock.advance(days(400));
    EXPECT_TRUE(local.kms->describe_key(key->key_id));
    EXPECT_TRUE(*local.kms->clock_is_suspect());
}

TEST(ClockGuard, AClockThatGoesBackBreaksNothing) {
    TemporaryKms local;
    const auto pool = local.kms->create_key(kSymmetric);
    ASSERT_TRUE(local.kms->enable_key_rotation(pool->key_id, 90));
    const auto sealed = local.kms->encrypt(pool->key_id, as_bytes("x"), {});
    const auto pending = local.kms->create_key(kEcc);
    ASSERT_TRUE(local.kms->schedule_key_deletion(pending->key_id, 7));
    local.clock.advance(-days(3650));
    EXPECT_TRUE(local.kms->decrypt("", sealed->ciphertext, {}));
    EXPECT_TRUE(local.kms->encrypt(pool->key_id, as_bytes("x"), {}));
    EXPECT_TRUE(local.kms->create_key(kEcc));
    EXPECT_EQ(local.kms->describe_key(pending->key_id)->state, KeyState::kPendingDeletion);
    EXPECT_TRUE(local.kms->list_key_rotations(pool->key_id, {})->items.empty());
    // A schedule that stood ten years ahead is brought back within its period.
    EXPECT_EQ(*local.kms->get_key_rotation_status(pool->key_id)->next_rotation, local.clock.now() + days(90));
    EXPECT_EQ(*local.kms->expire(), 0);
}

TEST(ClockGuard, DailyUseAloneKeepsTheClockBelieved) {
    TemporaryKms local;
    const auto used = local.kms->create_key(kEcc);
    const auto doomed = local.kms->create_key(kEcc);
    ASSERT_TRUE(local.kms->schedule_key_deletion(doomed->key_id, 14));
    for (int day = 0; day < 14; ++day) {
        local.clock.advance(days(1));
        ASSERT_TRUE(local.kms->sign(used->key_id, as_bytes("daily"), MessageType::kRaw));
    }
    EXPECT_EQ(local.kms->describe_key(doomed->key_id).error().kms_error, "NotFoundException");
}

TEST(ClockGuard, WithNothingPendingALongRestIsNotSuspect) {
    TemporaryKms local;
    ASSERT_TRUE(local.kms->create_key(kEcc));
    local.clock.advance(days(400));
    EXPECT_FALSE(*local.kms->clock_is_suspect());
    EXPECT_EQ(*local.kms->expire(), 0);
}

// Killed at any moment while it makes, disables and destroys keys: the file opens, and no key is half there.
TEST(KillSafety, AKeyThatWasAnsweredIsThereAndNoneIsHalf) {
    TemporaryKms local;
    local.kms.reset();
    for (int round = 0; round < 25; ++round) {
        int answers[2];
        ASSERT_EQ(pipe(answers), 0);
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto kms = local.open();
            for (;;) {
                const auto made = kms->create_key(kEcc);
                if (!made) _exit(1);
                if (write(answers[1], made->key_id.data(), made->key_id.size()) != 36) _exit(1);
                if (!kms->create_alias("alias/k" + made->key_id, made->key_id)) _exit(1);
                if (!kms->disable_key(made->key_id)) _exit(1);
            }
        }
        close(answers[1]);
        // The moment differs each round: after some number of answers, and a few thousand instructions more.
        std::string answered(static_cast<std::size_t>(round % 7 + 1) * 36, ' ');
        std::size_t have = 0;
        while (have < answered.size()) {
            const ssize_t got = read(answers[0], answered.data() + have, answered.size() - have);
            ASSERT_GT(got, 0);
            have += static_cast<std::size_t>(got);
        }
        for (volatile int spin = 0; spin < round * 20'000;) spin = spin + 1;
        kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        std::string rest(36 * 1000, ' ');
        const ssize_t more = read(answers[0], rest.data(), rest.size());
        close(answers[0]);
        answered += rest.substr(0, static_cast<std::size_t>(std::max<ssize_t>(more, 0)));

        const auto kms = local.open();
        ASSERT_NE(kms, nullptr);
        for (std::size_t at = 0; at + 36 <= answered.size(); at += 36) {
            EXPECT_TRUE(kms->describe_key(answered.substr(at, 36))) << "an answered key was lost";
        }
        const auto keys = kms->list_keys({.limit = 1000, .marker = ""});
        for (const KeyListEntry& key : keys->items) {
            const auto described = kms->describe_key(key.key_id);
            ASSERT_TRUE(described);
            const bool enabled = described->state == KeyState::kEnabled || kms->enable_key(key.key_id).has_value();
            ASSERT_TRUE(enabled);
            ASSERT_TRUE(kms->sign(key.key_id, as_bytes("x"), MessageType::kRaw)) << "a key without its material";
            ASSERT_TRUE(kms->schedule_key_deletion(key.key_id, 7));
        }
        for (int day = 0; day < 7; ++day) {
            local.clock.advance(days(1));
            ASSERT_TRUE(kms->list_keys({}));
        }
        EXPECT_TRUE(kms->list_keys({})->items.empty());
    }
}

TEST(Expiry, ReadOnlyDestroysNothing) {
    TemporaryKms local;
    const auto doomed = local.kms->create_key(kEcc);
    ASSERT_TRUE(doomed);
    ASSERT_TRUE(local.kms->schedule_key_deletion(doomed->key_id, 7));
    const std::vector<Bytes> before = sealed_rows(local.path());
    for (int i = 0; i < 8; ++i) local.clock.advance(hours(23));
    auto reader = LocalKms::open(local.path(), local.clock, local.random, true);
    ASSERT_TRUE(reader) << reader.error().message;
    ASSERT_TRUE((*reader)->list_keys({}));
    EXPECT_TRUE((*reader)->describe_key(doomed->key_id)) << "it is due, and a reader leaves it";
    EXPECT_EQ(sealed_rows(local.path()), before);
}

}  // namespace
}  // namespace keydeck::kms
