#include "engine/oversight/cloudtrail.hpp"

#include <gtest/gtest.h>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/oversight/detail.hpp"
#include "tests/oversight/fixture.hpp"

namespace keydeck::oversight {
namespace {

VaultInfo vault_info() {
    VaultInfo vault;
    vault.id = kVaultId;
    vault.region = "eu-west-1";
    vault.account = "111122223333";
    return vault;
}

std::string text_at(const json::Value& value, std::string_view name) {
    const auto* member = value.find(name);
    EXPECT_NE(member, nullptr) << name;
    return member == nullptr ? std::string() : member->text;
}

TEST(CloudTrail, HasTheShapeOfARecord) {
    AuditEvent event = event_of(2);
    event.id = 7;
    event.detail =
        Detail().text("message", "hi \"there\"\n").number("count", -3).boolean("shown", true).raw("list", "[1,2]").done();
    event.hash.fill(0xFF);
    event.previous.fill(0x11);
    const std::string line = to_cloudtrail_json(event, vault_info());
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto record = json::parse(line, "the record");
    ASSERT_TRUE(record) << why(record) << line;
    EXPECT_EQ(text_at(*record, "eventVersion"), "1.08");
    EXPECT_EQ(text_at(*record, "eventTime"), to_rfc3339(event.time));
    EXPECT_EQ(text_at(*record, "eventSource"), "keydeck");
    EXPECT_EQ(text_at(*record, "eventName"), "SignMessage");
    EXPECT_EQ(text_at(*record, "awsRegion"), "eu-west-1");
    EXPECT_EQ(text_at(*record, "userAgent"), "keydeck/cli");
    EXPECT_EQ(text_at(*record, "recipientAccountId"), "111122223333");
    EXPECT_EQ(text_at(*record, "eventID"), "ffffffff-ffff-8fff-bfff-ffffffffffff");
    EXPECT_EQ(text_at(*record->find("userIdentity"), "type"), "User");
    EXPECT_EQ(text_at(*record->find("userIdentity"), "userName"), "alice");
    EXPECT_EQ(record->find("errorCode"), nullptr);
    const auto* parameters = record->find("requestParameters");
    EXPECT_EQ(text_at(*parameters, "target"), event.target);
    EXPECT_EQ(text_at(*parameters, "keyId"), event.key_id);
    const auto* detail = parameters->find("detail");
    ASSERT_NE(detail, nullptr);
    EXPECT_EQ(text_at(*detail, "message"), "hi \"there\"\n");
    EXPECT_EQ(text_at(*detail, "count"), "-3");
    EXPECT_TRUE(detail->find("shown")->boolean);
    EXPECT_EQ(detail->find("list")->items.size(), 2U);
    EXPECT_EQ(text_at(*record->find("responseElements"), "digest"), event.digest);
    const auto* chain = record->find("additionalEventData");
    EXPECT_EQ(text_at(*chain, "sequence"), "7");
    EXPECT_EQ(text_at(*chain, "hash"), "0x" + std::string(64, 'f'));
    EXPECT_EQ(text_at(*chain, "previousHash"), to_hex_0x(event.previous));
    const auto* resources = record->find("resources");
    ASSERT_EQ(resources->items.size(), 1U);
    EXPECT_EQ(text_at(resources->items[0], "ARN"), "arn:aws:kms:eu-west-1:111122223333:key/" + event.key_id);
    EXPECT_EQ(text_at(resources->items[0], "type"), "AWS::KMS::Key");
}

TEST(CloudTrail, AFailureHasItsCodeAndNothingElseIsMadeUp) {
    AuditEvent event = event_of(3);
    event.result = "denied";
    event.key_id.clear();
    event.digest.clear();
    event.detail.clear();
    const auto record = json::parse(to_cloudtrail_json(event, vault_info()), "the record");
    ASSERT_TRUE(record);
    EXPECT_EQ(text_at(*record, "errorCode"), "denied");
    EXPECT_EQ(text_at(*record->find("userIdentity"), "type"), "Operator");
    EXPECT_TRUE(record->find("responseElements")->is(json::Kind::kNull));
    EXPECT_TRUE(record->find("resources")->items.empty());
    EXPECT_EQ(record->find("requestParameters")->find("detail"), nullptr);
}

TEST(CloudTrail, WhateverStandsInTheRowTheExportIsJson) {
    for (const std::string detail :
         {"{", "}", "{\"a\":1},\"eventName\":\"Forged\"", "\xFF\xFE", "{\"a\":1,\"a\":2}", "nul", "{\n}"}) {
        AuditEvent event = event_of(1);
        event.detail = detail;
        event.actor = "a\"b\n\xC3";
        event.action = "\\";
        const std::string line = to_cloudtrail_json(event, vault_info());
        EXPECT_EQ(line.find('\n'), std::string::npos);
        const auto record = json::parse(line, "the record");
        ASSERT_TRUE(record) << why(record) << line;
        EXPECT_EQ(text_at(*record, "eventName"), "\\");
        EXPECT_TRUE(record->find("requestParameters")->find("detail")->is(json::Kind::kString));
    }
}

TEST(Detail, BuildsObjects) {
    EXPECT_EQ(Detail().done(), "{}");
    EXPECT_EQ(Detail().text("a", "b").done(), R"({"a":"b"})");
    EXPECT_EQ(Detail().text("a\"", "\x01").boolean("b", false).done(), R"({"a\"":"\u0001","b":false})");
}

}  // namespace
}  // namespace keydeck::oversight
