#include "app/cli/prices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace keydeck::cli {
namespace {

using testing::HasSubstr;

class PricesTest : public testing::Test {
protected:
    PricesFile read(const std::string& text) {
        const std::string path = (directory_.path() / "prices.toml").string();
        std::ofstream(path) << text;
        auto file = read_prices_file(path);
        EXPECT_TRUE(file) << file.error().message;
        return file ? std::move(*file) : PricesFile{};
    }
    testing_support::TemporaryDirectory directory_;
};

bool same(const Prices& a, const Prices& b) {
    return a.key_month == b.key_month && a.paid_rotations == b.paid_rotations && a.symmetric_10k == b.symmetric_10k &&
           a.ecc_10k == b.ecc_10k && a.key_pair_10k == b.key_pair_10k && a.free_requests == b.free_requests;
}

TEST_F(PricesTest, TheInstalledFileSaysTheDefaults) {
    const auto file = read_prices_file(KEYDECK_SOURCE_DIR "/assets/prices.toml");
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->is_there);
    EXPECT_TRUE(file->problems.empty()) << file->problems.front().sentence;
    EXPECT_TRUE(same(file->prices, Prices()));
}

TEST_F(PricesTest, AMissingFileHasTheDefaults) {
    const auto file = read_prices_file((directory_.path() / "none.toml").string());
    ASSERT_TRUE(file);
    EXPECT_FALSE(file->is_there);
    EXPECT_TRUE(same(file->prices, Prices()));
}

TEST_F(PricesTest, EveryPriceIsTakenAndTheOthersKeepTheirs) {
    const PricesFile file = read(
        "key_month = \"1.25\"\npaid_rotations = 5\nsymmetric_requests_10k = 0.04\necc_requests_10k = 2\n"
        "key_pair_requests_10k = \"12\"\nfree_requests = 0\n");
    EXPECT_TRUE(file.problems.empty());
    EXPECT_EQ(file.prices.key_month, 1'250'000);
    EXPECT_EQ(file.prices.paid_rotations, 5);
    EXPECT_EQ(file.prices.symmetric_10k, 40'000);
    EXPECT_EQ(file.prices.ecc_10k, 2'000'000);
    EXPECT_EQ(file.prices.key_pair_10k, 12'000'000);
    EXPECT_EQ(file.prices.free_requests, 0);
    EXPECT_EQ(read("ecc_requests_10k = 0.16").prices.symmetric_10k, Prices().symmetric_10k);
}

TEST_F(PricesTest, NumbersAreTakenAsTheyAreWritten) {
    // None of these is a binary fraction; each differs from its nearest double.
    for (const auto& [text, micros] :
         std::vector<std::pair<std::string, MicroDollars>>{{"0.03", 30'000},
                                                           {"0.29", 290'000},
                                                           {"1.1", 1'100'000},
                                                           {"0.000001", 1},
                                                           {"4.35", 4'350'000},
                                                           {"1_0.5", 10'500'000},
                                                           {"999999.999999", 999'999'999'999},
                                                           {"8.41  # a comment = 3", 8'410'000}}) {
        const PricesFile file = read("# key_month = 7.0\n\nkey_month\t=  " + text + "\n");
        EXPECT_TRUE(file.problems.empty()) << text << file.problems.front().sentence;
        EXPECT_EQ(file.prices.key_month, micros) << text;
    }
    EXPECT_EQ(read("key_month = 0.29\r\n").prices.key_month, 290'000);
}

TEST_F(PricesTest, WhatIsWrongIsNamedWithItsLine) {
    for (const auto& [text, problem] :
         std::vector<std::pair<std::string, std::string>>{{"key_mouth = \"1\"", "no price \"key_mouth\""},
                                                          {"key_month = \"-1\"", "must not be negative"},
                                                          {"key_month = -1", "must not be negative"},
                                                          {"key_month = -0.5", "must not be negative"},
                                                          {"key_month = \"one\"", "an amount in dollars"},
                                                          {"key_month = \"\"", "an amount in dollars"},
                                                          {"key_month = \"1.\"", "an amount in dollars"},
                                                          {"key_month = \".5\"", "an amount in dollars"},
                                                          {"key_month = \"$1\"", "an amount in dollars"},
                                                          {"key_month = \"1,50\"", "an amount in dollars"},
                                                          {"key_month = \"1e3\"", "an amount in dollars"},
                                                          {"key_month = 1e-2", "an amount in dollars"},
                                                          {"key_month = inf", "an amount in dollars"},
                                                          {"key_month = nan", "an amount in dollars"},
                                                          {"key_month = true", "an amount in dollars"},
                                                          {"key_month = [1]", "an amount in dollars"},
                                                          {"[key_month]\nusd = 1", "an amount in dollars"},
                                                          {"key_month = \"0.0000001\"", "more than 6 decimals"},
                                                          {"key_month = 0.1234567", "more than 6 decimals"},
                                                          {"key_month = \"1000001\"", "at most 1000000"},
                                                          {"key_month = \"1000000.000001\"", "at most 1000000"},
                                                          {"key_month = \"99999999999999999999999\"", "at most 1000000"},
                                                          {"paid_rotations = -1", "a whole number from 0"},
                                                          {"paid_rotations = 1.5", "a whole number from 0"},
                                                          {"paid_rotations = \"2\"", "a whole number from 0"},
                                                          {"free_requests = 9223372036854775807", "a whole number from 0"},
                                                          {"key_month 1", "not TOML"},
                                                          {"key_month = 1\nkey_month = 2", "not TOML"}}) {
        const PricesFile file = read(text + "\n");
        ASSERT_EQ(file.problems.size(), 1U) << text;
        EXPECT_THAT(file.problems[0].sentence, HasSubstr(problem)) << text;
        EXPECT_THAT(file.problems[0].sentence, HasSubstr("prices.toml, line ")) << text;
    }
    EXPECT_EQ(read("\n\nwhat = 1\n\nfree_requests = -1").problems.at(1).line, 5U);
}

TEST(Dollars, AreExact) {
    EXPECT_EQ(dollars(0), "0.00");
    EXPECT_EQ(dollars(30'000), "0.03");
    EXPECT_EQ(dollars(100'000), "0.10");
    EXPECT_EQ(dollars(3), "0.000003");
    EXPECT_EQ(dollars(12'345'678), "12.345678");
    EXPECT_EQ(dollars(1'000'150'000), "1000.15");
    EXPECT_EQ(dollars(-1'500'000), "-1.50");
}

}  // namespace
}  // namespace keydeck::cli
