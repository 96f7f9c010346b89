// What AwsKms sends and how it reads right answers.
#include "engine/kms/aws/aws_kms.hpp"

#include <gmock/gmock.h>

#include "engine/base/json.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "tests/kms/aws/aws_fixture.hpp"

namespace keydeck::kms::aws {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

class AwsKmsTest : public AwsTest {};

/// Checks a request's signature as a server does.
bool is_signed(const ReceivedRequest& request, std::string_view secret) {
    const std::string authorization = request.header("authorization");
    const auto parsed = parse_authorization(authorization);
    if (!parsed) return false;
    std::vector<Header> headers;
    for (const std::string_view name : parsed->signed_headers) headers.emplace_back(name, request.header(name));
    const SignedRequest what{request.method, request.target, "", headers, as_bytes(request.body)};
    const SecretBytes key = signing_key(as_bytes(secret), parsed->scope);
    return signature(what, parsed->scope, request.header("x-amz-date"), key.view()) == parsed->signature &&
           parsed->scope.service == "kms" && parsed->scope.region == "us-east-1" && parsed->access_key_id == "AKIDEXAMPLE";
}

TEST_F(AwsKmsTest, SignsItsRequests) {
    variables["AWS_SESSION_TOKEN"] = "the/token+==";
    kms_before([](const ReceivedRequest&) { return http_reply(200, sign_answer()); });
    const auto answer = kms->sign(kKeyId, Hash32{}, MessageType::kDigest);
    ASSERT_TRUE(answer) << answer.error().message;
    const ReceivedRequest request = server->requests().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/");
    EXPECT_EQ(request.header("content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(request.header("x-amz-target"), "TrentService.Sign");
    EXPECT_EQ(request.header("x-amz-date"), "20260928T120000Z");
    EXPECT_EQ(request.header("x-amz-security-token"), "the/token+==");
    EXPECT_EQ(request.header("host"), "127.0.0.1:" + std::to_string(server->port()));
    EXPECT_TRUE(is_signed(request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    EXPECT_FALSE(is_signed(request, "another secret"));
    for (const std::string_view name : {"content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"})
        EXPECT_THAT(request.header("authorization"), HasSubstr(std::string(name)));
}

TEST_F(AwsKmsTest, SignsForTheDayItIs) {
    kms_before([](const ReceivedRequest&) { return http_reply(200, sign_answer()); });
    for (int day = 0; day < 3; ++day) {
        ASSERT_TRUE(kms->sign(kKeyId, Hash32{}, MessageType::kDigest));
        EXPECT_TRUE(is_signed(server->requests().back(), "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")) << day;
        clock.advance(std::chrono::hours(24));
    }
}

TEST_F(AwsKmsTest, OpensWithoutAnyCall) {
    kms_before([](const ReceivedRequest&) { return http_reply(200, "{}"); });
    EXPECT_EQ(server->connections(), 0);
    EXPECT_EQ(kms->region(), "us-east-1");
    EXPECT_EQ(kms->endpoint(), server->url() + "/");
    EXPECT_FALSE(kms->known_credentials());
    const auto info = kms->credentials();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->source, "the environment");
    EXPECT_EQ(info->access_key_id, "AKIDEXAMPLE");
    EXPECT_TRUE(kms->known_credentials());
    EXPECT_EQ(server->connections(), 0);
}

/// One operation: what is called, what must be sent, what is answered.
struct Exchange {
    std::string operation;
    std::string request;
    std::string answer;
    std::function<Status(Kms&)> call;
};

template <class T>
Status status_of(const Result<T>& result) {
    if (!result) return fail(result);
    return {};
}

std::vector<Exchange> exchanges() {
    const std::string arn = kKeyArn;
    const std::string id = kKeyId;
    const EncryptionContext context{{"a", "b\"c"}, {"d", ""}};
    const std::string key = R"("KeyId":")" + id + "\"";
    return {
        {"CreateKey",
         R"({"KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","Description":"d","Tags":[{"TagKey":"k","TagValue":"v"},{"TagKey":"e","TagValue":""}]})",
         metadata_answer(),
         [](Kms& kms) { return status_of(kms.create_key({.description = "d", .tags = {{"k", "v"}, {"e", ""}}})); }},
        {"DescribeKey", "{" + key + "}", metadata_answer(), [id](Kms& kms) { return status_of(kms.describe_key(id)); }},
        {"ListKeys", R"({"Limit":5,"Marker":"m"})",
         R"({"Keys":[{"KeyId":")" + id + R"(","KeyArn":")" + arn + R"("}],"Truncated":false})",
         [](Kms& kms) { return status_of(kms.list_keys({.limit = 5, .marker = "m"})); }},
        {"UpdateKeyDescription", "{" + key + R"(,"Description":""})", "",
         [id](Kms& kms) { return kms.update_key_description(id, ""); }},
        {"EnableKey", "{" + key + "}", "{}", [id](Kms& kms) { return kms.enable_key(id); }},
        {"DisableKey", "{" + key + "}", "", [id](Kms& kms) { return kms.disable_key(id); }},
        {"CancelKeyDeletion", "{" + key + "}", R"({"KeyId":")" + arn + "\"}",
         [id](Kms& kms) { return kms.cancel_key_deletion(id); }},
        {"CreateAlias", R"({"AliasName":"alias/x","TargetKeyId":")" + id + "\"}", "",
         [id](Kms& kms) { return kms.create_alias("alias/x", id); }},
        {"UpdateAlias", R"({"AliasName":"alias/x","TargetKeyId":")" + id + "\"}", "",
         [id](Kms& kms) { return kms.update_alias("alias/x", id); }},
        {"DeleteAlias", R"({"AliasName":"alias/x"})", "", [](Kms& kms) { return kms.delete_alias("alias/x"); }},
        {"ListAliases", "{" + key + "}",
         R"({"Aliases":[{"AliasName":"alias/x","AliasArn":"arn:aws:kms:us-east-1:111122223333:alias/x","TargetKeyId":")" +
             id + R"("}],"Truncated":false})",
         [id](Kms& kms) { return status_of(kms.list_aliases(id, {})); }},
        {"ListAliases", "{}", R"({"Aliases":[{"AliasName":"alias/aws/s3","AliasArn":"arn:x"}]})",
         [](Kms& kms) { return status_of(kms.list_aliases("", {})); }},
        {"TagResource", "{" + key + R"(,"Tags":[{"TagKey":"k","TagValue":"v"}]})", "",
         [id](Kms& kms) { return kms.tag_resource(id, {{"k", "v"}}); }},
        {"UntagResource", "{" + key + R"(,"TagKeys":["a","b"]})", "",
         [id](Kms& kms) { return kms.untag_resource(id, {"a", "b"}); }},
        {"ListResourceTags", "{" + key + "}", R"({"Tags":[{"TagKey":"k","TagValue":"v"}],"Truncated":false})",
         [id](Kms& kms) { return status_of(kms.list_resource_tags(id, {})); }},
        {"EnableKeyRotation", "{" + key + R"(,"RotationPeriodInDays":90})", "",
         [id](Kms& kms) { return kms.enable_key_rotation(id, 90); }},
        {"DisableKeyRotation", "{" + key + "}", "", [id](Kms& kms) { return kms.disable_key_rotation(id); }},
        {"GetKeyRotationStatus", "{" + key + "}",
         R"({"KeyRotationEnabled":true,"RotationPeriodInDays":90,"NextRotationDate":1.8E9})",
         [id](Kms& kms) {
             const auto status = kms.get_key_rotation_status(id);
             EXPECT_TRUE(status && status->enabled && status->period_days == 90 && status->next_rotation);
             return status_of(status);
         }},
        {"RotateKeyOnDemand", "{" + key + "}", R"({"KeyId":"x"})", [id](Kms& kms) { return kms.rotate_key_on_demand(id); }},
        {"ListKeyRotations", "{" + key + "}",
         R"({"Rotations":[{"RotationDate":1700000000.5,"RotationType":"ON_DEMAND"},{"RotationDate":1700000001,"RotationType":"AUTOMATIC"}],"Truncated":true,"NextMarker":"n"})",
         [id](Kms& kms) {
             const auto page = kms.list_key_rotations(id, {});
             EXPECT_TRUE(page && page->items.size() == 2 && page->items[0].on_demand && !page->items[1].on_demand);
             EXPECT_EQ(to_micros(page->items.at(0).at), 1'700'000'000'500'000);
             EXPECT_EQ(page->next_marker, "n");
             return status_of(page);
         }},
        {"Encrypt", "{" + key + R"(,"EncryptionContext":{"a":"b\"c","d":""},"Plaintext":"cGxhaW4="})",
         R"({"CiphertextBlob":"AQID","KeyId":")" + arn + R"(","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"})",
         [id, context](Kms& kms) { return status_of(kms.encrypt(id, as_bytes("plain"), context)); }},
        {"Decrypt", R"({"CiphertextBlob":"AQID"})", R"({"KeyId":")" + arn + R"(","Plaintext":"cGxhaW4="})",
         [](Kms& kms) {
             const auto opened = kms.decrypt("", Bytes{1, 2, 3}, {});
             EXPECT_TRUE(opened && opened->plaintext.text() == "plain");
             return status_of(opened);
         }},
        {"ReEncrypt",
         R"({"CiphertextBlob":"AQID","SourceEncryptionContext":{"a":"b\"c","d":""},"DestinationKeyId":")" + id + "\"}",
         R"({"CiphertextBlob":"BAUG","SourceKeyId":")" + std::string(kOtherArn) + R"(","KeyId":")" + arn + "\"}",
         [id, context](Kms& kms) {
             const Bytes ciphertext{1, 2, 3};
             return status_of(kms.re_encrypt({.ciphertext = ciphertext,
                                              .source_context = context,
                                              .source_key_id = "",
                                              .destination_key_id = id,
                                              .destination_context = {}}));
         }},
        {"GenerateDataKey", "{" + key + R"(,"NumberOfBytes":3})",
         R"({"KeyId":")" + arn + R"(","CiphertextBlob":"AQID","Plaintext":"BAUG"})",
         [id](Kms& kms) {
             const auto key_made = kms.generate_data_key(id, 3, {});
             EXPECT_TRUE(key_made && to_bytes(key_made->plaintext.view()) == (Bytes{4, 5, 6}));
             return status_of(key_made);
         }},
        {"GenerateDataKeyWithoutPlaintext", "{" + key + R"(,"NumberOfBytes":32})",
         R"({"KeyId":")" + arn + R"(","CiphertextBlob":"AQID"})",
         [id](Kms& kms) { return status_of(kms.generate_data_key_without_plaintext(id, 32, {})); }},
        {"GenerateDataKeyPair", "{" + key + R"(,"KeyPairSpec":"ECC_SECG_P256K1"})",
         R"({"KeyId":")" + arn +
             R"(","KeyPairSpec":"ECC_SECG_P256K1","PrivateKeyCiphertextBlob":"AQID","PrivateKeyPlaintext":"BAUG","PublicKey":"BwgJ"})",
         [id](Kms& kms) {
             const auto pair = kms.generate_data_key_pair(id, {});
             EXPECT_TRUE(pair && to_bytes(pair->private_key_plaintext.view()) == (Bytes{4, 5, 6}));
             return status_of(pair);
         }},
        {"GenerateDataKeyPairWithoutPlaintext", "{" + key + R"(,"KeyPairSpec":"ECC_SECG_P256K1"})",
         R"({"KeyId":")" + arn + R"(","PrivateKeyCiphertextBlob":"AQID","PublicKey":"BwgJ"})",
         [id](Kms& kms) { return status_of(kms.generate_data_key_pair_without_plaintext(id, {})); }},
        {"GenerateRandom", R"({"NumberOfBytes":3})", R"({"Plaintext":"AQID"})",
         [](Kms& kms) { return status_of(kms.generate_random(3)); }},
        {"GetPublicKey", "{" + key + "}",
         R"({"KeyId":")" + arn + R"(","PublicKey":"AQID","KeySpec":"ECC_SECG_P256K1","KeyUsage":"SIGN_VERIFY"})",
         [id](Kms& kms) { return status_of(kms.get_public_key(id)); }},
        {"Sign", "{" + key + R"(,"Message":"AQI=","MessageType":"RAW","SigningAlgorithm":"ECDSA_SHA_256"})", sign_answer(),
         [id](Kms& kms) { return status_of(kms.sign(id, Bytes{1, 2}, MessageType::kRaw)); }},
        {"Verify",
         "{" + key + R"(,"Message":"AQI=","MessageType":"DIGEST","SigningAlgorithm":"ECDSA_SHA_256","Signature":"AwQ="})",
         R"({"KeyId":")" + arn + R"(","SignatureValid":true,"SigningAlgorithm":"ECDSA_SHA_256"})",
         [id](Kms& kms) { return kms.verify(id, Bytes{1, 2}, MessageType::kDigest, Bytes{3, 4}); }},
    };
}

TEST_F(AwsKmsTest, WritesAndReadsEveryOperation) {
    for (const Exchange& exchange : exchanges()) {
        kms_before([&](const ReceivedRequest&) { return http_reply(200, exchange.answer); });
        const Status outcome = exchange.call(*kms);
        EXPECT_TRUE(outcome) << exchange.operation << ": " << outcome.error().message;
        ASSERT_THAT(asked(), ElementsAre(exchange.operation));
        EXPECT_EQ(server->requests().at(0).body, exchange.request) << exchange.operation;
    }
}

TEST_F(AwsKmsTest, RefusesTextThatIsNotUtf8BeforeSendingIt) {
    kms_before([](const ReceivedRequest&) { return http_reply(200, "{}"); });
    const auto refused = [](const auto& outcome) { return !outcome && outcome.error().kms_error == "ValidationException"; };
    EXPECT_TRUE(refused(kms->encrypt("k", as_bytes("p"), {{"a", "\xff"}})));
    EXPECT_TRUE(refused(kms->describe_key("\xff")));
    EXPECT_TRUE(refused(kms->create_key({.description = "\xc0\x80", .tags = {}})));
    EXPECT_TRUE(refused(kms->tag_resource("k", {{"\xff", "v"}})));
    EXPECT_TRUE(refused(kms->untag_resource("k", {"\xff"})));
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(AwsKmsTest, ReadsTimesInEveryForm) {
    for (const auto& [written, micros] :
         std::vector<std::pair<std::string, std::int64_t>>{{"1700000000", 1'700'000'000'000'000},
                                                           {"1700000000.25", 1'700'000'000'250'000},
                                                           {"1.70000000025E9", 1'700'000'000'250'000},
                                                           {"1.7e+9", 1'700'000'000'000'000},
                                                           {"17E8", 1'700'000'000'000'000},
                                                           {"0", 0}}) {
        kms_before([&](const ReceivedRequest&) {
            return http_reply(200, metadata_answer("PendingDeletion", ",\"DeletionDate\":" + written));
        });
        const auto key = kms->describe_key(kKeyId);
        ASSERT_TRUE(key) << written << key.error().message;
        ASSERT_TRUE(key->deletion_date);
        EXPECT_EQ(to_micros(*key->deletion_date), micros) << written;
    }
}

TEST_F(AwsKmsTest, ReadsStatesThatOnlyAwsHas) {
    for (const auto& [written, state] :
         std::vector<std::pair<std::string, KeyState>>{{"Creating", KeyState::kEnabled},
                                                       {"Updating", KeyState::kEnabled},
                                                       {"Unavailable", KeyState::kDisabled},
                                                       {"PendingReplicaDeletion", KeyState::kPendingDeletion},
                                                       {"SomethingNew", KeyState::kDisabled},
                                                       {"PendingImport", KeyState::kPendingImport}}) {
        kms_before([&](const ReceivedRequest&) { return http_reply(200, metadata_answer(written)); });
        const auto key = kms->describe_key(kKeyId);
        ASSERT_TRUE(key) << written;
        EXPECT_EQ(key->state, state) << written;
    }
}

TEST_F(AwsKmsTest, NamesKeysOfKindsItDoesNotUse) {
    std::string answer = metadata_answer();
    answer.replace(answer.find("SYMMETRIC_DEFAULT"), 17, "RSA_2048");
    kms_before([&](const ReceivedRequest&) { return http_reply(200, answer); });
    const auto key = kms->describe_key(kKeyId);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::kRejected);
    EXPECT_THAT(key.error().message, HasSubstr("RSA_2048"));
}

TEST_F(AwsKmsTest, TellsWhatScheduledDeletionLeadsTo) {
    std::atomic<bool> may_describe = true;
    kms_before([&](const ReceivedRequest& request) {
        if (operation_of(request) == "DescribeKey")
            return may_describe ? http_reply(200, metadata_answer("PendingDeletion", ",\"DeletionDate\":1.8E9"))
                                : aws_error(400, "AccessDeniedException", "no");
        return http_reply(200, R"({"KeyId":")" + std::string(kKeyArn) +
                                   R"(","KeyState":"PendingDeletion","DeletionDate":1.8E9,"PendingWindowInDays":7})");
    });
    for (const bool may : {true, false}) {
        may_describe = may;
        const auto key = kms->schedule_key_deletion(kKeyId, 7);
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(key->key_id, kKeyId);
        EXPECT_EQ(key->arn, kKeyArn);
        EXPECT_EQ(key->state, KeyState::kPendingDeletion);
        ASSERT_TRUE(key->deletion_date);
        EXPECT_EQ(to_micros(*key->deletion_date), 1'800'000'000'000'000);
    }
}

}  // namespace
}  // namespace keydeck::kms::aws
