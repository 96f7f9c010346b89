#include "engine/oversight/prometheus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace keydeck::oversight {
namespace {

using testing::HasSubstr;

UsageRows some_rows() {
    UsageRows rows;
    UsageBucket& bucket = rows[{0, "key-1", "Decrypt"}];
    for (int i = 0; i < 3; ++i) bucket.latency.add(std::chrono::milliseconds(250));
    bucket.calls = 3;
    bucket.failures = 1;
    bucket.errors["ThrottlingException"] = 1;
    bucket.errors["Retried.ThrottlingException"] = 5;
    bucket.errors["Keydeck.SealBroken"] = 2;
    rows[{0, "", "ListKeys"}].calls = 7;
    return rows;
}

TEST(Prometheus, HasTheFamiliesWithTheirNamesAndUnits) {
    Gauges gauges;
    gauges.users = 3;
    gauges.wallets = 4;
    gauges.audit_events = 25;
    gauges.keys_by_state = {{"Enabled", 12}, {"PendingDeletion", 1}};
    gauges.alerts_by_rule = {{"throttling", 2}};
    gauges.deletion_seconds = {{"key-9", 604'800}};
    const std::string text = prometheus_text(some_rows(), some_rows(), gauges);
    for (const char* line : {
             "# TYPE keydeck_kms_calls_total counter\n",
             "keydeck_kms_calls_total{key=\"key-1\",operation=\"Decrypt\"} 3\n",
             "keydeck_kms_calls_total{key=\"\",operation=\"ListKeys\"} 7\n",
             "# TYPE keydeck_kms_errors_total counter\n",
             "keydeck_kms_errors_total{key=\"key-1\",operation=\"Decrypt\",error=\"ThrottlingException\"} 1\n",
             "keydeck_kms_throttled_tries_total{key=\"key-1\",operation=\"Decrypt\"} 5\n",
             "keydeck_seals_broken_total{key=\"key-1\",operation=\"Decrypt\"} 2\n",
             "# TYPE keydeck_kms_latency_seconds summary\n",
             "keydeck_kms_latency_seconds{key=\"key-1\",operation=\"Decrypt\",quantile=\"0.99\"} 0.2",
             "keydeck_kms_latency_seconds_sum{key=\"key-1\",operation=\"Decrypt\"} 0.750000000\n",
             "keydeck_kms_latency_seconds_count{key=\"key-1\",operation=\"Decrypt\"} 3\n",
             "# TYPE keydeck_users gauge\nkeydeck_users 3\n",
             "keydeck_wallets 4\n",
             "keydeck_keys{state=\"PendingDeletion\"} 1\n",
             "keydeck_alerts_firing{rule=\"throttling\"} 2\n",
             "keydeck_audit_events 25\n",
             "keydeck_key_deletion_seconds{key=\"key-9\"} 604800\n",
         })
        EXPECT_THAT(text, HasSubstr(line));
    EXPECT_THAT(text, testing::Not(HasSubstr("error=\"Retried"))) << "no call that failed";
}

TEST(Prometheus, LabelsAreEscaped) {
    UsageRows rows;
    rows[{0, "a\"b\\c\nd", std::string("\xff")}].calls = 1;
    EXPECT_THAT(prometheus_text(rows, {}, {}), HasSubstr("{key=\"a\\\"b\\\\c\\nd\",operation=\"\uFFFD\"} 1\n"));
}

TEST(Prometheus, ControlCharactersAreReplaced) {
    UsageRows rows;
    rows[{0, "a\x1B[2J\x7F\r", "\u009B\u00A0"}].calls = 1;
    EXPECT_THAT(prometheus_text(rows, {}, {}), HasSubstr("{key=\"a\uFFFD[2J\uFFFD\uFFFD\",operation=\"\uFFFD\u00A0\"} 1\n"));
}

/// The grammar of https://prometheus.io/docs/instrumenting/exposition_formats/ as far as it is used here.
TEST(Prometheus, EveryLineIsOfTheFormatAndEveryFamilyIsDescribedOnceBeforeItsSamples) {
    UsageRows rows = some_rows();
    rows[{0, "odd \"}\n", "x"}].calls = 1;
    Gauges gauges;
    gauges.keys_by_state = {{"Enabled", 1}};
    const std::string text = prometheus_text(rows, rows, gauges);
    ASSERT_EQ(text.back(), '\n');
    const std::regex meta("# (HELP|TYPE) ([a-z_]+) .+");
    const std::regex sample(R"re(([a-z_]+)(\{([a-z]+="([^"\\]|\\["\\n])*",?)+\})? [0-9]+(\.[0-9]+)?)re");
    std::set<std::string> described;
    std::string family;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, meta)) {
            if (match[1] == "HELP") {
                EXPECT_TRUE(described.insert(match[2]).second) << line;
                family = match[2];
            }
            EXPECT_EQ(match[2], family);
            continue;
        }
        ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
        EXPECT_TRUE(match[1] == family || match[1] == family + "_sum" || match[1] == family + "_count") << line;
    }
    EXPECT_EQ(described.size(), 11U);
}

}  // namespace
}  // namespace keydeck::oversight
