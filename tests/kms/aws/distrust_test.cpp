// Answers that no KMS should give: an error each time, never garbage, a hang or a crash.
#include <gmock/gmock.h>

#include "engine/kms/aws/aws_kms.hpp"
#include "tests/kms/aws/aws_fixture.hpp"

namespace keydeck::kms::aws {
namespace {

using namespace test;
using testing::HasSubstr;

class Distrust : public AwsTest {
protected:
    /// Every operation whose answer is read, for an answer that fits none.
    void expect_corrupt(const std::string& answer) {
        kms_before([&](const ReceivedRequest&) { return http_reply(200, answer); });
        const auto corrupt = [&](const auto& outcome, std::string_view operation) {
            ASSERT_FALSE(outcome) << operation << " took " << answer;
            EXPECT_EQ(outcome.error().code, ErrorCode::kCorrupt)
                << operation << " of " << answer << ": " << outcome.error().message;
            EXPECT_FALSE(outcome.error().message.empty());
        };
        corrupt(kms->describe_key(kKeyId), "DescribeKey");
        corrupt(kms->list_keys({}), "ListKeys");
        corrupt(kms->schedule_key_deletion(kKeyId, 7), "ScheduleKeyDeletion");
        corrupt(kms->list_aliases("", {}), "ListAliases");
        corrupt(kms->list_resource_tags(kKeyId, {}), "ListResourceTags");
        corrupt(kms->get_key_rotation_status(kKeyId), "GetKeyRotationStatus");
        corrupt(kms->list_key_rotations(kKeyId, {}), "ListKeyRotations");
        corrupt(kms->encrypt(kKeyId, as_bytes("x"), {}), "Encrypt");
        corrupt(kms->decrypt(kKeyId, Bytes{1}, {}), "Decrypt");
        corrupt(kms->generate_data_key(kKeyId, 32, {}), "GenerateDataKey");
        corrupt(kms->generate_data_key_without_plaintext(kKeyId, 32, {}), "GenerateDataKeyWithoutPlaintext");
        corrupt(kms->generate_data_key_pair(kKeyId, {}), "GenerateDataKeyPair");
        corrupt(kms->generate_data_key_pair_without_plaintext(kKeyId, {}), "GenerateDataKeyPairWithoutPlaintext");
        corrupt(kms->generate_random(32), "GenerateRandom");
        corrupt(kms->get_public_key(kKeyId), "GetPublicKey");
        corrupt(kms->sign(kKeyId, Bytes{1}, MessageType::kRaw), "Sign");
        corrupt(kms->verify(kKeyId, Bytes{1}, MessageType::kRaw, Bytes{1}), "Verify");
        // Whether a key was made is not known, so this is for the journal.
        const auto made = kms->create_key({});
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
        EXPECT_THAT(made.error().hint, HasSubstr("doctor"));
    }
    /// How Sign, the operation that matters most, ends.
    Error sign_error() {
        const auto signature = kms->sign(kKeyArn, Hash32{}, MessageType::kDigest);
        EXPECT_FALSE(signature);
        return signature ? Error{} : signature.error();
    }
};

TEST_F(Distrust, RefusesAnswersThatFitNoOperation) {
    for (
        const std::string& answer : std::vector<std::string>{
            "{}",
            "",
            "null",
            "[]",
            "true",
            "12",
            "\"text\"",
            "{",
            "{\"KeyId\":",
            "garbage",
            "<html>Welcome</html>",
            "{}{}",
            std::string("{\0}", 3),
            "\xff\xfe",
            R"({"__type":"DisabledException","message":"is disabled."})",
            R"({"KeyMetadata":null,"Keys":null,"Aliases":{},"Tags":"","Rotations":0,"KeyRotationEnabled":"true"})",
            R"({"KeyMetadata":[],"Keys":[1],"Aliases":[[]],"Tags":[null],"Rotations":["x"],"KeyRotationEnabled":1})",
            R"({"KeyId":1,"CiphertextBlob":2,"Plaintext":3,"Signature":4,"PublicKey":5,"PrivateKeyPlaintext":6,"DeletionDate":"7","SignatureValid":"true"})",
            R"({"KeyId":")" + std::string(kKeyArn) +
                R"(","CiphertextBlob":"","Plaintext":"","Signature":"","PublicKey":"","PrivateKeyCiphertextBlob":"","PrivateKeyPlaintext":"","SignatureValid":false})",
            R"({"KeyId":")" + std::string(kKeyArn) +
                R"(","CiphertextBlob":"*","Plaintext":"AQ","Signature":"A===","PublicKey":"AQIDBA","PrivateKeyCiphertextBlob":"=","PrivateKeyPlaintext":"====","SignatureValid":null})",
            std::string(100, '['),
            R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}"})
        expect_corrupt(answer);
}

TEST_F(Distrust, RefusesTimesThatAreNone) {
    for (const std::string time : {"-1", "1e400", "1E15", "\"2026-01-01T00:00:00Z\"", "true", "{}", "-1E9"}) {
        kms_before([&](const ReceivedRequest&) {
            return http_reply(200, metadata_answer("Enabled", ",\"DeletionDate\":" + time));
        });
        const auto key = kms->describe_key(kKeyId);
        ASSERT_FALSE(key) << time;
        EXPECT_EQ(key.error().code, ErrorCode::kCorrupt) << time;
    }
}

TEST_F(Distrust, RefusesTheAnswerAboutAnotherKey) {
    kms_before([&](const ReceivedRequest&) { return http_reply(200, sign_answer(kOtherArn)); });
    for (const std::string name : {kKeyId, kKeyArn}) {
        const auto signature = kms->sign(name, Hash32{}, MessageType::kDigest);
        ASSERT_FALSE(signature) << name;
        EXPECT_EQ(signature.error().code, ErrorCode::kCorrupt);
        EXPECT_THAT(signature.error().message, HasSubstr("another key"));
    }
    // An alias does not say which key it is.
    EXPECT_TRUE(kms->sign("alias/x", Hash32{}, MessageType::kDigest));
    EXPECT_TRUE(kms->sign("arn:aws:kms:us-east-1:111122223333:alias/x", Hash32{}, MessageType::kDigest));
    kms_before([&](const ReceivedRequest&) {
        return http_reply(
            200,
            R"({"KeyId":")" + std::string(kOtherArn) +
                R"(","Plaintext":"AQID","CiphertextBlob":"AQID","PublicKey":"AQID","KeySpec":"ECC_SECG_P256K1","KeyUsage":"SIGN_VERIFY"})");
    });
    EXPECT_FALSE(kms->decrypt(kKeyId, Bytes{1}, {}));
    EXPECT_TRUE(kms->decrypt("", Bytes{1}, {}));
    EXPECT_FALSE(kms->encrypt(kKeyArn, as_bytes("x"), {}));
    EXPECT_FALSE(kms->generate_data_key(kKeyId, 3, {}));
    EXPECT_FALSE(kms->get_public_key(kKeyId));
    EXPECT_FALSE(kms->describe_key(kKeyId));
}

TEST_F(Distrust, RefusesAnotherAlgorithmAndAnotherLength) {
    std::string answer = sign_answer();
    answer.replace(answer.find("ECDSA_SHA_256"), 13, "ECDSA_SHA_512");
    kms_before([&](const ReceivedRequest&) { return http_reply(200, answer); });
    EXPECT_EQ(sign_error().code, ErrorCode::kCorrupt);
    kms_before([&](const ReceivedRequest&) {
        return http_reply(200, R"({"KeyId":")" + std::string(kKeyArn) + R"(","Plaintext":"AQID","CiphertextBlob":"AQID"})");
    });
    EXPECT_FALSE(kms->generate_data_key(kKeyId, 32, {}));
    EXPECT_FALSE(kms->generate_random(32));
}

TEST_F(Distrust, RefusesAKeyOfAnotherKindThanOrdered) {
    kms_before([&](const ReceivedRequest&) { return http_reply(200, metadata_answer()); });
    const auto made =
        kms->create_key({.spec = KeySpec::kEccSecgP256k1, .usage = KeyUsage::kSignVerify, .description = {}, .tags = {}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(made.error().hint, HasSubstr("doctor"));
}

TEST_F(Distrust, FollowsNoRedirect) {
    ScriptedHttpServer elsewhere([](const ReceivedRequest&) { return http_reply(200, sign_answer()); });
    for (const int status : {301, 302, 303, 307, 308}) {
        kms_before(
            [&](const ReceivedRequest&) { return http_reply(status, sign_answer(), {{"Location", elsewhere.url()}}); });
        const Error error = sign_error();
        EXPECT_EQ(error.code, ErrorCode::kCorrupt) << status;
        EXPECT_EQ(asked().size(), 1U) << status;
    }
    EXPECT_TRUE(elsewhere.requests().empty());
}

TEST_F(Distrust, TakesNoOtherStatusForAnAnswer) {
    for (const int status : {201, 202, 204, 206, 404, 405, 413, 418, 407}) {
        kms_before([&](const ReceivedRequest&) { return http_reply(status, status == 204 ? "" : sign_answer()); });
        EXPECT_EQ(sign_error().code, ErrorCode::kCorrupt) << status;
        EXPECT_EQ(asked().size(), 1U) << status;
    }
}

TEST_F(Distrust, RefusesSixtyFourMebibytes) {
    kms_before([](const ReceivedRequest&) -> ScriptedReply {
        return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n", .filler = 67'108'864};
    });
    EXPECT_EQ(sign_error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(asked().size(), 1U);
}

TEST_F(Distrust, RefusesATruncatedBody) {
    kms_before([](const ReceivedRequest&) -> ScriptedReply {
        ScriptedReply reply = http_reply(200, sign_answer());
        reply.bytes.resize(reply.bytes.size() - 10);
        reply.then = ScriptedReply::Then::kClose;
        return reply;
    });
    EXPECT_EQ(sign_error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(asked().size(), 10U);  // it might have been chance
}

TEST_F(Distrust, WaitsNoLongerThanItsDeadlineForNothingAtAll) {
    kms_before(
        [](const ReceivedRequest&) { return ScriptedReply{.bytes = {}, .then = ScriptedReply::Then::kHold}; },
        {.call_timeout = std::chrono::seconds(1), .attempt_timeout = std::chrono::milliseconds(40), .most_attempts = 3});
    const Error error = sign_error();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_THAT(error.message, HasSubstr("in time"));
    EXPECT_EQ(asked().size(), 3U);
}

TEST_F(Distrust, ReadsErrorsInEveryDress) {
    struct Case {
        std::string body;
        std::string name;
        std::string message;
    };
    for (const Case& item :
         std::vector<Case>{{R"({"__type":"NotFoundException","message":"m"})", "NotFoundException", "m"},
                           {R"({"__type":"com.amazonaws.kms#NotFoundException","Message":"M"})", "NotFoundException", "M"},
                           {R"({"__type":"NotFoundException:http://internal.amazon.com/","message":"","Message":"M"})",
                            "NotFoundException", "M"},
                           {R"({"__type":"InvalidCiphertextException"})", "InvalidCiphertextException", ""},
                           {R"({"__type":"InvalidCiphertextException","message":null})", "InvalidCiphertextException", ""},
                           {R"({"__type":"InvalidCiphertextException","message":5})", "InvalidCiphertextException", ""},
                           {R"({"message":"m","__type":"SomethingNewException"})", "SomethingNewException", "m"}}) {
        kms_before([&](const ReceivedRequest&) { return http_reply(400, item.body); });
        const Error error = sign_error();
        EXPECT_EQ(error.kms_error, item.name) << item.body;
        EXPECT_EQ(error.message, item.message) << item.body;
    }
    kms_before([&](const ReceivedRequest&) { return http_reply(400, "", {{"x-amzn-ErrorType", "DisabledException:"}}); });
    EXPECT_EQ(sign_error().kms_error, "DisabledException");
    for (const std::string body :
         {"", "{}", "garbage", R"({"__type":""})", R"({"__type":"a b"})", R"({"__type":7})", R"({"__type":"#"})"}) {
        kms_before([&](const ReceivedRequest&) { return http_reply(400, body); });
        const Error error = sign_error();
        EXPECT_EQ(error.code, ErrorCode::kCorrupt) << body;
        EXPECT_EQ(error.kms_error, "") << body;
    }
}

}  // namespace
}  // namespace keydeck::kms::aws
