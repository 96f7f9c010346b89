#include "engine/base/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/support/child.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;
using testing_support::holds_as_nobody;
using testing_support::run_in_child;

class File : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "keydeck-file-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override {
        fs::permissions(directory_, fs::perms::owner_all);
        fs::remove_all(directory_);
    }
    void write(const fs::path& path, std::string_view content) { std::ofstream(path, std::ios::binary) << content; }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
    }
    fs::path directory_;
};

TEST_F(File, ReadsUpToItsLimit) {
    const fs::path path = directory_ / "a";
    const std::string content(10'000, 'x');
    write(path, content);
    EXPECT_EQ(as_text(read_file(path, 10'000).value()), content);
    EXPECT_EQ(read_secret_file(path, 10'000).value().text(), content);
    const auto longer = read_file(path, 9'999);
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(longer.error().message.find("longer than 9999 bytes"), std::string::npos);
    EXPECT_EQ(read_secret_file(path, 0).error().code, ErrorCode::kInvalidInput);
    write(path, "");
    EXPECT_EQ(read_file(path, 0).value().size(), 0U);
    EXPECT_TRUE(read_secret_file(path, 0).value().empty());
}

TEST_F(File, SaysWhyItCannotRead) {
    const auto missing = read_file(directory_ / "none", 10);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_NE(missing.error().message.find((directory_ / "none").string()), std::string::npos);
    EXPECT_EQ(read_file(directory_, 10).error().code, ErrorCode::kInvalidInput);
    write(directory_ / "a", "x");
    EXPECT_EQ(read_file(directory_ / "a" / "b", 10).error().code, ErrorCode::kNotFound);
    fs::create_symlink("loop", directory_ / "loop");
    EXPECT_EQ(read_file(directory_ / "loop", 10).error().code, ErrorCode::kInvalidInput);
}

TEST_F(File, PermissionsAreDenied) {
    const fs::path path = directory_ / "a";
    write(path, "x");
    fs::permissions(path, fs::perms::none);
    fs::permissions(directory_,
                    fs::perms::all & ~fs::perms::group_write & ~fs::perms::others_write & ~fs::perms::owner_write);
    EXPECT_TRUE(holds_as_nobody([&path] { return read_file(path, 10).error().code == ErrorCode::kDenied; }));
    EXPECT_TRUE(
        holds_as_nobody([this] { return create_private_file(directory_ / "b", {}).error().code == ErrorCode::kDenied; }));
}

TEST_F(File, ReadsADescriptorToItsEnd) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const std::string content(200'000, 'y');
    std::jthread writer([&content, fd = ends[1]] {
        for (std::size_t at = 0; at < content.size();) {
            const ssize_t put = ::write(fd, content.data() + at, std::min<std::size_t>(1000, content.size() - at));
            ASSERT_GT(put, 0);
            at += static_cast<std::size_t>(put);
        }
        close(fd);
    });
    EXPECT_EQ(read_secret_descriptor(ends[0], content.size()).value().text(), content);
    close(ends[0]);
    EXPECT_EQ(read_secret_descriptor(ends[0], 1).error().code, ErrorCode::kUnavailable);  // it is closed
}

TEST_F(File, CreatesPrivatelyWhateverTheUmask) {
    for (const mode_t mask : {0U, 022U, 0277U, 0777U}) {
        const mode_t before = umask(mask);
        const fs::path path = directory_ / std::to_string(mask);
        EXPECT_TRUE(create_private_file(path, as_bytes("secret")));
        umask(before);
        EXPECT_EQ(file_mode(path).value(), 0600U);
        EXPECT_EQ(as_text(read_file(path, 100).value()), "secret");
    }
    EXPECT_EQ(entries(), 4U);  // nothing is left over
}

TEST_F(File, NeverTouchesAnExistingFile) {
    const fs::path path = directory_ / "a";
    write(path, "old");
    const auto again = create_private_file(path, as_bytes("new"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
    fs::create_symlink("nowhere", directory_ / "link");
    EXPECT_EQ(create_private_file(directory_ / "link", {}).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(create_private_file(directory_, {}).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(as_text(read_file(path, 100).value()), "old");
    EXPECT_EQ(entries(), 2U);
    EXPECT_EQ(create_private_file(directory_ / "no" / "a", {}).error().code, ErrorCode::kNotFound);
}

TEST_F(File, OneOfManyCreatorsWins) {
    std::atomic<int> created = 0;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&, i] {
                const auto done = create_private_file(directory_ / "a", as_bytes(std::to_string(i)));
                if (done)
                    ++created;
                else if (done.error().code == ErrorCode::kAlreadyExists)
                    ++refused;
            });
        }
    }
    EXPECT_EQ(created, 1);
    EXPECT_EQ(refused, 7);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(File, AFullDiskIsUnavailable) {
    // A limit on the size of files stands for the full disk.
    const int status = run_in_child([this] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit none{0, 0};
        setrlimit(RLIMIT_FSIZE, &none);
        const auto done = create_private_file(directory_ / "a", as_bytes("content"));
        return !done && done.error().code == ErrorCode::kUnavailable;
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(entries(), 0U);
}

TEST_F(File, RenamesToAFreeNameOnly) {
    write(directory_ / "a", "1");
    EXPECT_TRUE(rename_to_free_name(directory_ / "a", directory_ / "b"));
    write(directory_ / "a", "2");
    EXPECT_EQ(rename_to_free_name(directory_ / "a", directory_ / "b").error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(as_text(read_file(directory_ / "b", 9).value()), "1");
    EXPECT_EQ(rename_to_free_name(directory_ / "none", directory_ / "c").error().code, ErrorCode::kNotFound);
}

TEST_F(File, TellsModes) {
    write(directory_ / "a", "");
    fs::permissions(directory_ / "a", fs::perms(0640));
    EXPECT_EQ(file_mode(directory_ / "a").value(), 0640U);
    EXPECT_EQ(file_mode(directory_ / "none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace keydeck
