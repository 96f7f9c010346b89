#include "engine/base/secret.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <type_traits>

namespace keydeck {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__clang__)
constexpr bool kSanitized = __has_feature(address_sanitizer) != 0 || __has_feature(thread_sanitizer) != 0;
#else
constexpr bool kSanitized = false;
#endif

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);

constexpr std::string_view kMarker = "the marker of this test, 48 bytes long, as it is";

/// The VmFlags line of the mapping that holds `address` (proc(5)).
std::string flags_of(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    bool ours = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        char dash = 0;
        std::istringstream range(line);
        if (range >> std::hex >> from >> dash >> to && dash == '-') {
            const auto at = reinterpret_cast<std::uintptr_t>(address);
            ours = from <= at && at < to;
        }
        if (ours && line.starts_with("VmFlags:")) return line + " ";
    }
    return {};
}

TEST(SecretBytes, StartsAsZeros) {
    const SecretBytes secret(1000);
    EXPECT_EQ(secret.size(), 1000U);
    for (const std::uint8_t byte : secret.view()) EXPECT_EQ(byte, 0);
    EXPECT_TRUE(SecretBytes().empty());
    EXPECT_TRUE(SecretBytes(0).empty());
    EXPECT_EQ(SecretBytes::copy_of("").size(), 0U);
}

TEST(SecretBytes, CopiesMovesAndClones) {
    SecretBytes first = SecretBytes::copy_of(kMarker);
    SecretBytes second = first.clone();
    EXPECT_EQ(first.text(), kMarker);
    EXPECT_EQ(second.text(), kMarker);
    EXPECT_NE(first.data(), second.data());
    const SecretBytes third = std::move(first);
    EXPECT_EQ(third.text(), kMarker);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): what a moved-from secret holds is the point
    second = SecretBytes::copy_of("other");
    EXPECT_EQ(second.text(), "other");
    SecretBytes& itself = second;
    second = std::move(itself);
    EXPECT_EQ(second.text(), "other");
}

TEST(SecretBytes, AppendsAndTruncates) {
    SecretBytes secret;
    std::string expected;
    for (int i = 0; i < 3000; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26));
        secret.append(as_bytes(piece));
        expected += piece;
    }
    EXPECT_EQ(secret.text(), expected);
    secret.truncate(10);
    EXPECT_EQ(secret.text(), expected.substr(0, 10));
    secret.append(as_bytes("xyz"));
    EXPECT_EQ(secret.text(), expected.substr(0, 10) + "xyz");
    secret.reset();
    EXPECT_TRUE(secret.empty());
    secret.append(as_bytes("again"));
    EXPECT_EQ(secret.text(), "again");
}

TEST(SecretBytes, AppendsItself) {
    SecretBytes secret = SecretBytes::copy_of("abc");
    for (int i = 0; i < 5; ++i) secret.append(secret.view());
    EXPECT_EQ(secret.size(), 96U);
    EXPECT_EQ(secret.text().substr(93), "abc");
}

// The heap's pages stay mapped after a block is freed, so its former content can be looked at. The first bytes of a free
// block are the heap's own list.
TEST(SecretBytes, WipesWhatItFrees) {
    SecretBytes secret = SecretBytes::copy_of(kMarker);
    const std::uint8_t* const old = secret.data();
    ASSERT_EQ(std::memcmp(old, kMarker.data(), kMarker.size()), 0);
    secret.reset();
    for (std::size_t i = 16; i < kMarker.size(); ++i) EXPECT_EQ(old[i], 0) << i;
}

TEST(SecretBytes, WipesTheOldBufferWhenItGrows) {
    SecretBytes secret = SecretBytes::copy_of(kMarker);
    const std::uint8_t* const old = secret.data();
    secret.append(as_bytes(std::string(200, 'x')));
    ASSERT_NE(secret.data(), old);
    for (std::size_t i = 16; i < kMarker.size(); ++i) EXPECT_EQ(old[i], 0) << i;
}

TEST(SecretBytes, WipesWhatTruncateCutsOff) {
    SecretBytes secret = SecretBytes::copy_of(kMarker);
    secret.truncate(4);
    for (std::size_t i = 4; i < kMarker.size(); ++i) EXPECT_EQ(secret.data()[i], 0) << i;
    EXPECT_EQ(secret.text(), "the ");
}

TEST(SecretBytes, LiesInLockedMemoryThatIsNotDumped) {
    const SecretBytes small = SecretBytes::copy_of(kMarker);
    const SecretBytes large(300'000);  // pages of its own
    for (const SecretBytes* secret : {&small, &large}) {
        const std::string flags = flags_of(secret->data());
        ASSERT_FALSE(flags.empty());
        EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
        if (!kSanitized) {  // the sanitizers turn mlock off
            EXPECT_EQ(flags.find(" lo ") != std::string::npos, secrets_are_locked()) << flags;
        }
    }
}

TEST(SecretBytes, LargeOnesGiveTheirPagesBack) {
    SecretBytes large(300'000);
    std::uint8_t* const page = large.data();
    unsigned char resident = 0;
    ASSERT_EQ(mincore(page, 1, &resident), 0);
    large.reset();
    EXPECT_EQ(mincore(page, 1, &resident), -1);
    EXPECT_EQ(errno, ENOMEM);
}

TEST(SecretBytes, GoesOnWhenTheHeapIsFull) {
    std::vector<SecretBytes> many;
    for (int i = 0; i < 200; ++i) {  // 200 × 60 KB = three heaps full
        many.emplace_back(60'000);
        std::memset(many.back().data(), i, many.back().size());
    }
    for (int i = 0; i < 200; ++i) {
        const SecretBytes& secret = many[static_cast<std::size_t>(i)];
        EXPECT_EQ(secret.view().front(), i);
        EXPECT_EQ(secret.view().back(), i);
    }
}

TEST(SecretBytes, ManyThreadsAllocateAtOnce) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 500; ++i) {
                SecretBytes secret(static_cast<std::size_t>(1 + (i * 37 + t) % 5000));
                std::memset(secret.data(), t, secret.size());
                secret.append(secret.view());
                EXPECT_EQ(secret.view().back(), t);
            }
        });
    }
}

TEST(Wipe, OverwritesAndGuards) {
    FixedBytes<8> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    wipe(bytes);
    EXPECT_EQ(bytes, FixedBytes<8>{});
    {
        bytes.fill(9);
        const WipeOnExit guard(bytes);
    }
    EXPECT_EQ(bytes, FixedBytes<8>{});
    wipe({});
}

TEST(HardenProcess, TurnsCoreDumpsAndPtraceOff) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const rlimit most{RLIM_INFINITY, RLIM_INFINITY};
        setrlimit(RLIMIT_CORE, &most);  // as root, like `ulimit -c unlimited`
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 4; ++i) threads.emplace_back(harden_process);
        }
        harden_process();
        rlimit now{1, 1};
        getrlimit(RLIMIT_CORE, &now);
        const bool no_core = now.rlim_cur == 0 && now.rlim_max == 0;
        const bool no_ptrace = kSanitized || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
        _exit(no_core && no_ptrace ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(HardenProcess, ACrashLeavesNoCore) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const rlimit most{RLIM_INFINITY, RLIM_INFINITY};
        setrlimit(RLIMIT_CORE, &most);
        harden_process();
        std::signal(SIGSEGV, SIG_DFL);
        std::raise(SIGSEGV);
        _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(WCOREDUMP(status));
}

}  // namespace
}  // namespace keydeck
