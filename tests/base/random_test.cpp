#include "engine/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>
#include <vector>

namespace keydeck {
namespace {

/// Answers what the test put in.
class ScriptedRandom final : public Random {
public:
    explicit ScriptedRandom(std::vector<std::uint64_t> words) : words_(std::move(words)) {}
    void fill(std::span<std::uint8_t> out) override {
        ASSERT_LT(next_, words_.size());
        ASSERT_EQ(out.size(), 8U);
        std::memcpy(out.data(), &words_[next_++], 8);
    }
    [[nodiscard]] std::size_t used() const { return next_; }

private:
    std::vector<std::uint64_t> words_;
    std::size_t next_ = 0;
};

TEST(Random, BelowThrowsBiasedDrawsAway) {
    // 2^64 mod 3 is 1: exactly the draw 0 would make one answer likelier.
    ScriptedRandom random({0, 0, 4});
    EXPECT_EQ(random.below(3), 1U);
    EXPECT_EQ(random.used(), 3U);
    // A power of two divides 2^64: nothing is thrown away.
    ScriptedRandom even({0});
    EXPECT_EQ(even.below(8), 0U);
    // The largest bound but one keeps almost everything.
    ScriptedRandom large({~0ULL});
    EXPECT_EQ(large.below((1ULL << 63) + 1), ~0ULL % ((1ULL << 63) + 1));
}

TEST(Random, BelowReachesEveryValue) {
    SystemRandom random;
    std::array<int, 10> seen{};
    for (int i = 0; i < 10'000; ++i) ++seen.at(random.below(10));
    for (const int count : seen) EXPECT_NEAR(count, 1000, 300);  // ten standard deviations
    EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, UuidHasVersionAndVariant) {
    SystemRandom random;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string uuid = random.uuid();
        ASSERT_EQ(uuid.size(), 36U);
        for (std::size_t at = 0; at < uuid.size(); ++at) {
            const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
            EXPECT_EQ(uuid[at] == '-', dash);
            if (!dash) {
                EXPECT_NE(std::string("0123456789abcdef").find(uuid[at]), std::string::npos);
            }
        }
        EXPECT_EQ(uuid[14], '4');
        EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
        seen.insert(uuid);
    }
    EXPECT_EQ(seen.size(), 1000U);
}

TEST(Random, SystemFillsLargeBuffers) {
    SystemRandom random;
    std::vector<std::uint8_t> bytes(1 << 20);
    random.fill(bytes);
    std::array<int, 256> seen{};
    for (const std::uint8_t byte : bytes) ++seen.at(byte);
    for (const int count : seen) EXPECT_NEAR(count, 4096, 640);
    random.fill({});
}

}  // namespace
}  // namespace keydeck
