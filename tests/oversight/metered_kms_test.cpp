#include "engine/oversight/metered_kms.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/contract/kms_contract.hpp"
#include "tests/contract/operations.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::oversight {
namespace {

using kms::contract::Operation;
using kms::contract::Scene;

TEST(KeyIdOf, TakesArnsAndAliasesApart) {
    EXPECT_EQ(key_id_of(""), "");
    EXPECT_EQ(key_id_of("2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f"), "2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f");
    EXPECT_EQ(key_id_of("arn:aws:kms:us-east-1:111122223333:key/mrk-12"), "mrk-12");
    EXPECT_EQ(key_id_of("arn:aws-cn:kms:cn-north-1:1:alias/pool-1"), "alias/pool-1");
    EXPECT_EQ(key_id_of("alias/pool-1"), "alias/pool-1");
    // What is no name of a key is not kept: it could be anything.
    EXPECT_EQ(key_id_of("correct horse battery staple"), "");
    EXPECT_EQ(key_id_of(std::string(257, 'a')), "");
    EXPECT_EQ(key_id_of("arn:aws:kms"), "");
    EXPECT_EQ(key_id_of("line\nend"), "");
}

/// A meter over an embedded KMS, with a watch that a test turns.
class MeteredTest : public testing::Test {
protected:
    std::map<std::string, UsageBucket> by_operation() {
        std::map<std::string, UsageBucket> out;
        for (const auto& [key, bucket] : recorder_.pending()) out[key.operation].merge(bucket);
        return out;
    }
    std::string symmetric_key() {
        const auto made = local_.kms->create_key({});
        EXPECT_TRUE(made);
        return made ? made->key_id : "";
    }

    kms::test::TemporaryKms local_;
    std::chrono::steady_clock::time_point now_{};
    std::chrono::nanoseconds step_{0};
    UsageRecorder recorder_{local_.clock};
    MeteredKms metered_{*local_.kms, recorder_, [this] {
                            const auto was = now_;
                            now_ += step_;
                            return was;
                        }};
};

TEST_F(MeteredTest, EveryOperationIsRecordedUnderAwssNameAndItsKey) {
    std::set<std::string> seen;
    for (const Operation& operation : kms::contract::operations()) {
        UsageRecorder recorder(local_.clock);
        MeteredKms metered(*local_.kms, recorder);
        const std::string key = symmetric_key();
        const std::string helper = symmetric_key();
        const std::string alias = "alias/m-" + key;
        ASSERT_TRUE(local_.kms->create_alias(alias, key));
        ASSERT_TRUE(local_.kms->create_alias("alias/m-" + helper, helper));
        const auto cipher = local_.kms->encrypt(key, as_bytes("message"), {});
        const auto other = local_.kms->encrypt(helper, as_bytes("message"), {});
        Scene scene{metered,           key, key, alias, helper, "alias/m-" + helper, cipher->ciphertext, helper,
                    other->ciphertext, {}};
        const Status done = operation.run(scene);
        ASSERT_TRUE(recorder.has_pending()) << operation.name;
        bool found = false;
        for (const auto& [row, bucket] : recorder.pending()) {
            // `ReEncryptFrom` and the like are one operation of AWS's seen from several sides.
            if (!operation.name.starts_with(row.operation)) continue;
            seen.insert(row.operation);
            found = true;
            EXPECT_EQ(bucket.calls, 1) << operation.name;
            EXPECT_EQ(bucket.failures, done ? 0 : 1) << operation.name;
            if (!done) {
                EXPECT_EQ(bucket.errors.begin()->first, done.error().kms_error) << operation.name;
            }
        }
        EXPECT_TRUE(found) << operation.name;
    }
    EXPECT_GE(seen.size(), 20U);
}

TEST_F(MeteredTest, AnAliasCountsForTheKeyThatAnswered) {
    const std::string key = symmetric_key();
    ASSERT_TRUE(local_.kms->create_alias("alias/pool-1", key));
    const auto sealed = metered_.encrypt("alias/pool-1", as_bytes("x"), {});
    ASSERT_TRUE(sealed);
    ASSERT_TRUE(metered_.decrypt("", sealed->ciphertext, {}));
    ASSERT_TRUE(metered_.describe_key("alias/pool-1"));
    ASSERT_TRUE(metered_.describe_key(sealed->key_arn));
    EXPECT_FALSE(metered_.describe_key("alias/nobody"));
    EXPECT_FALSE(metered_.decrypt("", as_bytes("no ciphertext"), {}));
    ASSERT_TRUE(metered_.list_keys({}));
    std::map<std::string, std::int64_t> calls;
    for (const auto& [row, bucket] : recorder_.pending()) calls[row.key_id + " " + row.operation] += bucket.calls;
    const std::map<std::string, std::int64_t> expected{{key + " Encrypt", 1},     {key + " Decrypt", 1},
                                                       {key + " DescribeKey", 2}, {"alias/nobody DescribeKey", 1},
                                                       {" Decrypt", 1},           {" ListKeys", 1}};
    EXPECT_EQ(calls, expected);
}

TEST_F(MeteredTest, LatencyIsTheWatchs) {
    const std::string key = symmetric_key();
    for (const auto step : {std::chrono::milliseconds(1), std::chrono::milliseconds(2), std::chrono::milliseconds(800)}) {
        step_ = step;
        ASSERT_TRUE(metered_.describe_key(key));
    }
    const auto stats = by_operation().at("DescribeKey");
    EXPECT_EQ(stats.latency.count(), 3);
    EXPECT_EQ(stats.latency.sum(), std::chrono::milliseconds(803));
    EXPECT_NEAR(static_cast<double>(stats.stats().p50.count()), 2'000, 65);
    EXPECT_NEAR(static_cast<double>(stats.stats().p99.count()), 800'000, 26'000);
}

TEST_F(MeteredTest, NotesAreCountedBesideTheCallsAndNotAsFailures) {
    recorder_.record({"key-1", "Decrypt", nullptr, {}, 3});
    recorder_.record({"key-1", "Decrypt", nullptr, {}, 0});
    recorder_.note("key-1", "Decrypt", kSealBroken);
    recorder_.note("key-2", "Decrypt", kSealBroken);
    const UsageBucket counted = by_operation().at("Decrypt");
    EXPECT_EQ(counted.calls, 2);
    EXPECT_EQ(counted.failures, 0);
    EXPECT_EQ(counted.requests, 2) << "a throttled try is not billed";
    EXPECT_EQ(counted.errors.at(std::string(kThrottledTry)), 3);
    EXPECT_EQ(counted.errors.at(std::string(kSealBroken)), 2);
}

TEST_F(MeteredTest, AFailureHasItsName) {
    const std::string key = symmetric_key();
    ASSERT_TRUE(metered_.disable_key(key));
    EXPECT_FALSE(metered_.encrypt(key, as_bytes("x"), {}));
    const auto all = by_operation();
    EXPECT_EQ(all.at("Encrypt").errors.at("DisabledException"), 1);
    EXPECT_EQ(all.at("Encrypt").requests, 1) << "refused requests are taken, and billed";
    EXPECT_EQ(all.at("DisableKey").failures, 0);
}

}  // namespace
}  // namespace keydeck::oversight

namespace keydeck::kms::contract {
namespace {

/// The meter is a Kms like any other.
class MeteredSubject final : public Subject {
public:
    Kms& kms() override { return metered_; }
    [[nodiscard]] std::string region() const override { return local_.kms->region(); }
    [[nodiscard]] std::string account() const override { return local_.kms->account(); }
    bool pass(std::chrono::days days) override {
        local_.pass(days);
        return true;
    }
    [[nodiscard]] Timestamp now() const override { return local_.clock.now(); }

private:
    test::TemporaryKms local_;
    oversight::UsageRecorder recorder_{local_.clock};
    oversight::MeteredKms metered_{*local_.kms, recorder_};
};

const Implementation kMetered{"MeteredKms", [] { return std::make_unique<MeteredSubject>(); }};

INSTANTIATE_TEST_SUITE_P(MeteredKms, KmsContract, testing::Values(kMetered), name_of<Implementation>);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KmsStateTable);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KmsNamingTable);

}  // namespace
}  // namespace keydeck::kms::contract
