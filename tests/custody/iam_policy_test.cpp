#include "engine/custody/iam_policy.hpp"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/json.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kVault = "437e3c46-9c38-4cfb-95b9-08d413f43dbb";

json::Value policy(const IamScope& scope) {
    Result<json::Value> parsed = json::parse(iam_policy(scope), "the policy");
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    return parsed ? std::move(*parsed) : json::Value{};
}

const json::Value* statement(const json::Value& document, std::string_view sid) {
    for (const json::Value& one : document.find("Statement")->items) {
        if (one.find("Sid")->text == sid) return &one;
    }
    return nullptr;
}

std::set<std::string> actions(const json::Value& document) {
    std::set<std::string> out;
    for (const json::Value& one : document.find("Statement")->items) {
        for (const json::Value& action : one.find("Action")->items) out.insert(action.text);
    }
    return out;
}

IamScope scope() {
    return {.vault_id = kVault, .region = "eu-central-1", .account = "123456789012", .pool_alias_prefix = "keydeck-pool"};
}

TEST(IamPolicy, IsAPolicyDocument) {
    const json::Value document = policy(scope());
    EXPECT_EQ(document.find("Version")->text, "2012-10-17");
    for (const json::Value& one : document.find("Statement")->items) EXPECT_EQ(one.find("Effect")->text, "Allow");
}

TEST(IamPolicy, AllowsOnlyWhatTheCustodiesNeed) {
    IamScope envelope = scope();
    envelope.kms_key = false;
    EXPECT_TRUE(actions(policy(envelope)).contains("kms:Decrypt"));
    EXPECT_FALSE(actions(policy(envelope)).contains("kms:Sign"));
    IamScope keys = scope();
    keys.envelope = false;
    EXPECT_FALSE(actions(policy(keys)).contains("kms:Decrypt"));
    EXPECT_TRUE(actions(policy(keys)).contains("kms:Sign"));
    for (const std::string& action : actions(policy(scope()))) {
        EXPECT_EQ(action.find('*'), std::string::npos) << action;
        EXPECT_FALSE(action.starts_with("kms:Put") || action.ends_with("Grant")) << action;
    }
}

TEST(IamPolicy, KeyPairsAreMadeOpenedAndMoved) {
    IamScope pairs = scope();
    pairs.envelope = false;
    pairs.kms_key = false;
    pairs.key_pair = true;
    const json::Value document = policy(pairs);
    for (const char* action : {"kms:GenerateDataKeyPairWithoutPlaintext", "kms:Decrypt", "kms:ReEncryptFrom",
                               "kms:ReEncryptTo", "kms:EnableKeyRotation", "kms:DisableKeyRotation"}) {
        EXPECT_TRUE(actions(document).contains(action)) << action;
    }
    EXPECT_FALSE(actions(document).contains("kms:GenerateDataKey"));
    EXPECT_FALSE(actions(document).contains("kms:GenerateDataKeyPair")) << "nobody needs the plaintext";
    const json::Value* make = statement(document, "MakeKeyPairs")->find("Condition")->find("StringEquals");
    EXPECT_EQ(make->find("kms:DataKeyPairSpec")->text, "ECC_SECG_P256K1");
    for (const char* sid : {"MakeKeyPairs", "OpenKeyPairs", "MoveToOtherKeys"}) {
        const json::Value* equals = statement(document, sid)->find("Condition")->find("StringEquals");
        EXPECT_EQ(equals->find("kms:EncryptionContext:keydeck:vault")->text, kVault) << sid;
    }
    pairs.envelope = true;
    EXPECT_EQ(statement(policy(pairs), "OpenKeyPairs"), nullptr) << "it is permitted once";
}

TEST(IamPolicy, BindsEveryKeyToTheVaultsTag) {
    IamScope all = scope();
    all.key_pair = true;
    const json::Value document = policy(all);
    for (const json::Value& one : document.find("Statement")->items) {
        const std::string& sid = one.find("Sid")->text;
        if (sid == "FindKeys" || sid == "UseAliases") continue;
        const json::Value* condition = one.find("Condition");
        ASSERT_NE(condition, nullptr) << sid;
        const json::Value* equals = condition->find("StringEquals");
        const std::string tag =
            sid == "MakeKeysWithTheVaultsTag" ? "aws:RequestTag/keydeck:vault" : "aws:ResourceTag/keydeck:vault";
        ASSERT_NE(equals->find(tag), nullptr) << sid;
        EXPECT_EQ(equals->find(tag)->text, kVault) << sid;
    }
    const json::Value* seal = statement(document, "SealAndOpenEnvelopes")->find("Condition")->find("StringEquals");
    EXPECT_EQ(seal->find("kms:EncryptionContext:keydeck:vault")->text, kVault);
    const json::Value* sign = statement(document, "SignDigests")->find("Condition")->find("StringEquals");
    EXPECT_EQ(sign->find("kms:MessageType")->text, "DIGEST");
}

TEST(IamPolicy, NamesRegionAccountAndPartition) {
    EXPECT_EQ(statement(policy(scope()), "NameTheVaultsKeys")->find("Resource")->items[0].text,
              "arn:aws:kms:eu-central-1:123456789012:key/*");
    IamScope china = scope();
    china.region = "cn-north-1";
    china.account = "";
    EXPECT_EQ(statement(policy(china), "NameTheVaultsKeys")->find("Resource")->items[0].text,
              "arn:aws-cn:kms:cn-north-1:*:key/*");
}

}  // namespace
}  // namespace keydeck::custody
