// A secret that came by HTTP is nowhere in memory once it is let go: not in the parser's texts, not in libcurl's buffers.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/base64.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "tests/kms/aws/aws_fixture.hpp"

namespace keydeck::kms::aws {
namespace {

using namespace test;

/// The secret is never written out in this program: it is made of a pattern, in the server's process.
constexpr std::uint8_t byte_of_secret(std::size_t i) { return static_cast<std::uint8_t>(0x5a ^ (i * 73 + 19)); }
constexpr std::size_t kSecretSize = 48;

std::string secret_base64() {
    Bytes secret(kSecretSize);
    for (std::size_t i = 0; i < kSecretSize; ++i) secret[i] = byte_of_secret(i);
    return to_base64(secret);
}

/// A KMS in a process of its own, so that what it holds is not found here.
class KmsProcess {
public:
    KmsProcess() {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe(ends.data()), 0);
        child_ = fork();
        if (child_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            ScriptedHttpServer server([](const ReceivedRequest&) {
                return http_reply(200,
                                  R"({"KeyId":")" + std::string(kKeyArn) + R"(","Plaintext":")" + secret_base64() + "\"}");
            });
            const int port = server.port();
            if (write(ends[1], &port, sizeof port) != sizeof port) _exit(1);
            for (;;) pause();
        }
        EXPECT_EQ(read(ends[0], &port_, sizeof port_), static_cast<ssize_t>(sizeof port_));
        close(ends[0]);
        close(ends[1]);
    }
    ~KmsProcess() {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    KmsProcess(const KmsProcess&) = delete;
    KmsProcess& operator=(const KmsProcess&) = delete;
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    pid_t child_ = -1;
    int port_ = 0;
};

/// How often bytes that `at` tells one by one stand in this process's heap, mappings and data. (Its stack is left out: the
/// loader saves registers there.)
template <class At>
int occurrences(At at, std::size_t length) {
    constexpr unsigned long kTooLarge = 256UL << 20;  // a sanitizer's shadow
    mallopt(M_MMAP_THRESHOLD, 128 << 10);             // fixed: a copy on the heap would be found in the heap's copy
    std::ifstream maps("/proc/self/maps");
    const int memory = open("/proc/self/mem", O_RDONLY);
    int found = 0;
    for (std::string line; std::getline(maps, line);) {
        unsigned long start = 0;
        unsigned long end = 0;
        std::array<char, 8> may{};
        if (std::sscanf(line.c_str(), "%lx-%lx %7s", &start, &end, may.data()) != 3 || may[1] != 'w') continue;
        if (line.find("[stack]") != std::string::npos || end - start > kTooLarge) continue;
        std::vector<std::uint8_t> copy(end - start);
        const ssize_t got = pread(memory, copy.data(), copy.size(), static_cast<off_t>(start));
        // memchr for the first byte: an unoptimised loop over all of this process's memory takes minutes.
        const std::uint8_t* from = copy.data();
        const std::uint8_t* const last = from + std::max<ssize_t>(got - static_cast<ssize_t>(length) + 1, 0);
        while (from < last) {
            from = static_cast<const std::uint8_t*>(std::memchr(from, at(0), static_cast<std::size_t>(last - from)));
            if (from == nullptr) break;
            std::size_t same = 1;
            while (same < length && from[same] == at(same)) ++same;
            if (same == length) ++found;
            ++from;
        }
        wipe(copy);  // or it would be found again
    }
    close(memory);
    return found;
}

int raw_occurrences() { return occurrences(byte_of_secret, kSecretSize); }

/// Of the base64, which is kept here with its bits turned, so that it is not found in this program's own hands.
int base64_occurrences() {
    std::vector<std::uint8_t> turned;
    for (std::size_t i = 0; i < kSecretSize; i += 3) {
        const std::array<std::uint8_t, 3> group{byte_of_secret(i), byte_of_secret(i + 1), byte_of_secret(i + 2)};
        for (const char c : to_base64(group)) turned.push_back(static_cast<std::uint8_t>(~c));
    }
    return occurrences([&](std::size_t i) { return static_cast<std::uint8_t>(~turned[i]); }, turned.size());
}

/// A session token as long as AWS's are; no two stretches of it are the same.
constexpr std::size_t kTokenSize = 1'500;
constexpr std::size_t kStretch = 64;
constexpr char char_of_token(std::size_t i) {
    constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return kCharacters[((static_cast<std::uint32_t>(i) * 2'654'435'761U) >> 16) % kCharacters.size()];
}

/// The most that any stretch stands in memory: what freed memory keeps of a token is often only a part.
int token_occurrences() {
    int most = 0;
    for (const std::size_t start : {std::size_t{200}, std::size_t{700}, kTokenSize - kStretch}) {
        most = std::max(
            most, occurrences([&](std::size_t i) { return static_cast<std::uint8_t>(char_of_token(start + i)); }, kStretch));
    }
    return most;
}

TEST(Residue, IsNotLeftOfASessionToken) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer's own threads do not survive the fork";
#endif
    const KmsProcess process;
    Variables variables;
    variables["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE";
    variables["AWS_SECRET_ACCESS_KEY"] = "x";
    std::string& token = variables["AWS_SESSION_TOKEN"];
    token.resize(kTokenSize);
    for (std::size_t i = 0; i < kTokenSize; ++i) token[i] = char_of_token(i);
    SystemClock clock;
    SystemRandom random;
    auto kms = AwsKms::open({.region = "us-east-1", .endpoint = process.url(), .environment = variables.environment()},
                            clock, random);
    ASSERT_TRUE(kms);
    ASSERT_TRUE((*kms)->decrypt("", Bytes{1}, {}));
    std::ranges::fill(token, 'x');
    EXPECT_EQ(token_occurrences(), 1);  // the credentials in use
    kms->reset();
    EXPECT_EQ(token_occurrences(), 0);
}

TEST(Residue, IsNotLeftBySigning) {
    std::vector<Header> headers = {{"Host", "kms.example"}, {"X-Amz-Security-Token", std::string(kTokenSize, '\0')}};
    std::string& token = headers[1].second;
    for (std::size_t i = 0; i < kTokenSize; ++i) token[i] = char_of_token(i);
    const Scope scope{.region = "us-east-1", .service = "kms", .date = "20260928"};
    EXPECT_FALSE(signature({"POST", "/", "", headers, {}}, scope, "20260928T120000Z", Hash32{}).empty());
    EXPECT_EQ(token_occurrences(), 1);
    std::ranges::fill(token, 'x');
    EXPECT_EQ(token_occurrences(), 0);
}

TEST(Residue, IsNotLeftOfADecryptedSecret) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer's own threads do not survive the fork";
#endif
    const KmsProcess process;
    Variables variables;
    variables["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE";
    variables["AWS_SECRET_ACCESS_KEY"] = "x";
    SystemClock clock;
    SystemRandom random;
    auto kms = AwsKms::open({.region = "us-east-1", .endpoint = process.url(), .environment = variables.environment()},
                            clock, random);
    ASSERT_TRUE(kms);
    {
        const auto opened = (*kms)->decrypt("", Bytes{1}, {});
        ASSERT_TRUE(opened) << opened.error().message;
        ASSERT_EQ(opened->plaintext.size(), kSecretSize);
        EXPECT_EQ(raw_occurrences(), 1);
    }
    EXPECT_EQ(raw_occurrences(), 0);
    EXPECT_EQ(base64_occurrences(), 0);
}

}  // namespace
}  // namespace keydeck::kms::aws
