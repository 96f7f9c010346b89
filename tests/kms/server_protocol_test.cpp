// AWS's JSON 1.1 protocol: what is understood, what is refused, and in which words.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/base/base64.hpp"
#include "engine/kms/server/service.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/kms/served_kms.hpp"

namespace keydeck::kms {
namespace {

using test::HttpAnswer;
using test::ServedKms;

/// Asks LocalKms through everything but the signature.
class Protocol : public testing::Test {
protected:
    HttpAnswer call(std::string_view operation, std::string_view body) {
        const auto done = server::run_operation(*local_.kms, operation, as_bytes(body));
        if (done) return {200, {}, std::string(done->begin(), done->end())};
        std::string quoted;
        json::append_quoted(quoted, done.error().message);
        return {400, {}, R"({"__type":")" + done.error().kms_error + R"(","message":)" + quoted + "}"};
    }
    std::string make_key(std::string_view body = "{}") {
        const auto parsed = json::parse(call("CreateKey", body).body, "answer");
        return parsed->find("KeyMetadata")->find("KeyId")->text;
    }
    [[nodiscard]] std::string arn(const std::string& id) const { return "arn:aws:kms:us-east-1:000000000000:key/" + id; }

    test::TemporaryKms local_;
    const std::string symmetric_ = make_key();
    const std::string ecc_ = make_key(R"({"KeySpec":"ECC_SECG_P256K1","KeyUsage":"SIGN_VERIFY"})");
};

TEST_F(Protocol, KeyMetadataHasWhatAwsAnswers) {
    const std::string made =
        call("CreateKey",
             R"({"Description":"a \"b\" \u00e9","CustomerMasterKeySpec":"ECC_SECG_P256K1","KeyUsage":"SIGN_VERIFY"})")
            .body;
    const std::string id = local_.kms->list_keys({})->items.back().key_id;
    EXPECT_EQ(
        made,
        R"({"KeyMetadata":{"AWSAccountId":"000000000000","KeyId":")" + id + R"(","Arn":")" + arn(id) +
            R"(","CreationDate":1760000000.000,"Enabled":true,"Description":"a \"b\" é","KeyUsage":"SIGN_VERIFY",)" +
            R"("KeyState":"Enabled","Origin":"AWS_KMS","KeyManager":"CUSTOMER","CustomerMasterKeySpec":"ECC_SECG_P256K1",)" +
            R"("KeySpec":"ECC_SECG_P256K1","MultiRegion":false,"SigningAlgorithms":["ECDSA_SHA_256"]}})");
    EXPECT_NE(call("DescribeKey", "{\"KeyId\":\"" + symmetric_ + "\"}")
                  .body.find(R"("EncryptionAlgorithms":["SYMMETRIC_DEFAULT"])"),
              std::string::npos);
    const std::string hmac = make_key(R"({"KeySpec":"HMAC_384","KeyUsage":"GENERATE_VERIFY_MAC"})");
    EXPECT_NE(call("DescribeKey", "{\"KeyId\":\"" + hmac + "\"}").body.find(R"("MacAlgorithms":["HMAC_SHA_384"])"),
              std::string::npos);
    const std::string external = make_key(R"({"Origin":"EXTERNAL"})");
    const std::string described = call("DescribeKey", "{\"KeyId\":\"" + external + "\"}").body;
    EXPECT_NE(described.find(R"("Enabled":false)"), std::string::npos);
    EXPECT_NE(described.find(R"("KeyState":"PendingImport","Origin":"EXTERNAL")"), std::string::npos);
    EXPECT_EQ(described.find("ExpirationModel"), std::string::npos);
    const std::string scheduled = call("ScheduleKeyDeletion", "{\"KeyId\":\"" + symmetric_ + "\"}").body;
    EXPECT_EQ(scheduled, R"({"KeyId":")" + arn(symmetric_) +
                             R"(","DeletionDate":1762592000.000,"KeyState":"PendingDeletion","PendingWindowInDays":30})");
    EXPECT_EQ(call("CancelKeyDeletion", "{\"KeyId\":\"" + symmetric_ + "\"}").body,
              R"({"KeyId":")" + arn(symmetric_) + "\"}");
}

TEST_F(Protocol, MalformedBodiesAreSerializationExceptions) {
    const std::vector<std::string> table = {
        "{",
        "}",
        "[]",
        "null",
        "1",
        "\"text\"",
        "{}{}",
        "{} x",
        "{\"KeyId\":}",
        "{\"KeyId\"}",
        "{KeyId:\"x\"}",
        "{'KeyId':'x'}",
        "{\"KeyId\":\"x\",}",
        "{\"KeyId\":\"x\",\"KeyId\":\"y\"}",
        "{\"KeyId\":\"\xff\"}",
        "{\"KeyId\":\"\\ud800\"}",
        "{\"KeyId\":\"unended",
        std::string("{\"KeyId\":\"\0\"}", 13),
        std::string(100, '[') + std::string(100, ']'),
        "{\"KeyId\":\"x\",\"Plaintext\":\"not base64!\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QR==\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":1}",
        "{\"KeyId\":\"x\",\"Plaintext\":[\"QQ==\"]}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"Plaintext\":\"QQ==\"}",
        "{\"KeyId\":1,\"Plaintext\":\"QQ==\"}",
        "{\"KeyId\":true,\"Plaintext\":\"QQ==\"}",
        "{\"KeyId\":{},\"Plaintext\":\"QQ==\"}",
        "{\"KeyId\":[],\"Plaintext\":\"QQ==\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"EncryptionContext\":[]}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"EncryptionContext\":{\"a\":1}}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"EncryptionContext\":\"a\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"DryRun\":\"true\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"GrantTokens\":\"a\"}",
        "{\"KeyId\":\"x\",\"Plaintext\":\"QQ==\",\"GrantTokens\":[1]}",
    };
    for (const std::string& body : table) {
        EXPECT_EQ(call("Encrypt", body).type(), "SerializationException") << body << call("Encrypt", body).body;
    }
    for (const char* body : {R"({"Limit":"10"})", R"({"Limit":1.5})", R"({"Limit":1e2})", R"({"Limit":99999999999})",
                             R"({"Limit":true})", R"({"Marker":1})"}) {
        EXPECT_EQ(call("ListKeys", body).type(), "SerializationException") << body;
    }
    const std::string with_key = R"({"KeyId":")" + symmetric_ + "\",";
    for (const char* rest : {R"("Tags":{}})", R"("Tags":["a"]})", R"("Tags":[{"TagKey":1,"TagValue":"b"}]})"}) {
        EXPECT_EQ(call("TagResource", with_key + rest).type(), "SerializationException") << rest;
    }
    for (const char* rest : {R"("ValidTo":"2030-01-01","ImportToken":"QQ==","EncryptedKeyMaterial":"QQ=="})",
                             R"("ValidTo":1e400,"ImportToken":"QQ==","EncryptedKeyMaterial":"QQ=="})"}) {
        EXPECT_EQ(call("ImportKeyMaterial", with_key + rest).type(), "SerializationException") << rest;
    }
}

TEST_F(Protocol, UnknownOperationsAreSaidToBe) {
    for (const char* name : {"", "Nothing", "encrypt", "Encrypt ", "DROP TABLE keys", "\xff"}) {
        EXPECT_EQ(call(name, "{}").type(), "UnknownOperationException") << name;
    }
    for (const char* name : {"CreateGrant", "ListGrants", "ReplicateKey", "CreateCustomKeyStore", "DeriveSharedSecret"}) {
        EXPECT_EQ(call(name, "{}").type(), "UnsupportedOperationException") << name;
    }
}

TEST_F(Protocol, MissingMembersAndUnknownWordsAreListedTogether) {
    EXPECT_EQ(
        call("Encrypt", "{}").message(),
        "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value "
        "null at 'plaintext' failed to satisfy constraint: Member must not be null");
    EXPECT_EQ(call("EnableKey", R"({"KeyId":null})").message(),
              "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null");
    EXPECT_EQ(
        call("Sign", R"({"KeyId":"x","Message":"QQ==","SigningAlgorithm":"ROT13"})").message(),
        "1 validation error detected: Value 'ROT13' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy "
        "enum value set: [RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512, RSASSA_PKCS1_V1_5_SHA_256, "
        "RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512, ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, SM2DSA, "
        "ML_DSA_SHAKE_256, ED25519_SHA_512, ED25519_PH_SHA_512]");
    EXPECT_EQ(
        call("TagResource", R"({"KeyId":"x","Tags":[{"TagKey":"a"}]})").message(),
        "1 validation error detected: Value null at 'tags.1.member.tagValue' failed to satisfy constraint: Member must not "
        "be null");
    struct Missing {
        const char* operation;
        int count;
    };
    for (const Missing& test : {Missing{"DescribeKey", 1},
                                {"EnableKey", 1},
                                {"DisableKey", 1},
                                {"ScheduleKeyDeletion", 1},
                                {"CancelKeyDeletion", 1},
                                {"UpdateKeyDescription", 2},
                                {"CreateAlias", 2},
                                {"UpdateAlias", 2},
                                {"DeleteAlias", 1},
                                {"TagResource", 2},
                                {"UntagResource", 2},
                                {"ListResourceTags", 1},
                                {"EnableKeyRotation", 1},
                                {"DisableKeyRotation", 1},
                                {"GetKeyRotationStatus", 1},
                                {"RotateKeyOnDemand", 1},
                                {"ListKeyRotations", 1},
                                {"Encrypt", 2},
                                {"Decrypt", 1},
                                {"ReEncrypt", 2},
                                {"GenerateDataKey", 1},
                                {"GenerateDataKeyWithoutPlaintext", 1},
                                {"GenerateDataKeyPair", 2},
                                {"GenerateDataKeyPairWithoutPlaintext", 2},
                                {"GenerateRandom", 1},
                                {"Sign", 3},
                                {"Verify", 4},
                                {"GetPublicKey", 1},
                                {"GenerateMac", 3},
                                {"VerifyMac", 4},
                                {"GetParametersForImport", 3},
                                {"ImportKeyMaterial", 3},
                                {"DeleteImportedKeyMaterial", 1},
                                {"GetKeyPolicy", 1},
                                {"PutKeyPolicy", 2},
                                {"ListKeyPolicies", 1}}) {
        const HttpAnswer answer = call(test.operation, "{}");
        EXPECT_EQ(answer.type(), "ValidationException") << test.operation;
        EXPECT_TRUE(answer.message().starts_with(std::to_string(test.count) + " validation error"))
            << test.operation << answer.body;
    }
}

TEST_F(Protocol, LimitsAreInAwsWords) {
    const std::string key = R"({"KeyId":")" + symmetric_ + "\",";
    const std::string signer = R"({"KeyId":")" + ecc_ + R"(","SigningAlgorithm":"ECDSA_SHA_256",)";
    struct Case {
        const char* operation;
        std::string body;
        std::string type;
        std::string message;
    };
    const std::string prefix = "1 validation error detected: Value";
    const std::vector<Case> table = {
        {"Encrypt", key + R"("Plaintext":"")" + "}", "ValidationException",
         prefix + " at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1"},
        {"Encrypt", key + "\"Plaintext\":\"" + to_base64(Bytes(4097)) + "\"}", "ValidationException",
         prefix + " at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"},
        {"Decrypt", "{\"CiphertextBlob\":\"" + to_base64(Bytes(6145)) + "\"}", "ValidationException",
         prefix + " at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than or equal to 6144"},
        {"Decrypt", R"({"CiphertextBlob":"QUFB"})", "InvalidCiphertextException", ""},
        {"GenerateRandom", R"({"NumberOfBytes":1025})", "ValidationException",
         prefix +
             " '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024"},
        {"GenerateDataKey", key + "\"NumberOfBytes\":0}", "ValidationException",
         prefix + " '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1"},
        {"GenerateDataKey", key + R"("NumberOfBytes":32,"KeySpec":"AES_256"})", "ValidationException",
         "Please specify either number of bytes or key spec."},
        {"GenerateDataKey", "{\"KeyId\":\"" + symmetric_ + "\"}", "ValidationException",
         "Please specify either number of bytes or key spec."},
        {"GenerateDataKeyPair", key + R"("KeyPairSpec":"RSA_2048"})", "UnsupportedOperationException",
         "KeyPairSpec RSA_2048 is not supported by this KMS."},
        {"ListKeys", R"({"Limit":0})", "ValidationException",
         prefix + " '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
        {"ListKeys", R"({"Limit":1001})", "ValidationException",
         prefix + " '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000"},
        {"ListKeys", R"({"Marker":"nonsense"})", "InvalidMarkerException", "The marker is not one that a list returned."},
        {"ScheduleKeyDeletion", key + "\"PendingWindowInDays\":6}", "ValidationException",
         prefix + " '6' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value greater than or equal "
                  "to 7"},
        {"EnableKeyRotation", key + "\"RotationPeriodInDays\":89}", "ValidationException",
         prefix + " '89' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value greater than or "
                  "equal to 90"},
        {"Sign", signer + R"("MessageType":"DIGEST","Message":"QUFB"})", "ValidationException",
         "Digest is invalid length for algorithm ECDSA_SHA_256."},
        {"Sign", key + R"("SigningAlgorithm":"ECDSA_SHA_256","Message":"QUFB"})", "InvalidKeyUsageException",
         arn(symmetric_) + " key usage is ENCRYPT_DECRYPT which is not valid for Sign."},
        {"Sign", R"({"KeyId":")" + ecc_ + R"(","SigningAlgorithm":"ECDSA_SHA_512","Message":"QUFB"})",
         "InvalidKeyUsageException", "Algorithm ECDSA_SHA_512 is incompatible with key spec ECC_SECG_P256K1."},
        {"Encrypt", key + R"("Plaintext":"QQ==","EncryptionAlgorithm":"RSAES_OAEP_SHA_256"})", "InvalidKeyUsageException",
         "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT."},
        {"Encrypt", R"({"KeyId":")" + ecc_ + R"(","Plaintext":"QQ=="})", "InvalidKeyUsageException",
         arn(ecc_) + " key usage is SIGN_VERIFY which is not valid for Encrypt."},
        {"Verify", signer + R"("Message":"QUFB","Signature":"QUFB"})", "KMSInvalidSignatureException", ""},
        {"CreateAlias", R"({"AliasName":"x","TargetKeyId":"y"})", "ValidationException",
         "Alias must start with the prefix \"alias/\". Please see "
         "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"},
        {"TagResource", key + R"("Tags":[{"TagKey":"a","TagValue":""},{"TagKey":"a","TagValue":""}]})", "TagException",
         "Duplicate tag keys"},
        {"TagResource", key + R"("Tags":[{"TagKey":"aws:a","TagValue":""}]})", "TagException",
         "Tags beginning with aws: are reserved"},
        {"CreateKey", R"({"KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY"})", "UnsupportedOperationException",
         "KeySpec RSA_2048 is not supported by this KMS."},
        {"CreateKey", R"({"KeySpec":"HMAC_256"})", "ValidationException",
         "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."},
        {"CreateKey", R"({"KeyUsage":"KEY_AGREEMENT"})", "ValidationException",
         "KeyUsage KEY_AGREEMENT is not compatible with KeySpec SYMMETRIC_DEFAULT"},
        {"CreateKey", R"({"MultiRegion":true})", "UnsupportedOperationException",
         "A multi-Region key is not supported by this KMS."},
        {"CreateKey", R"({"Policy":"no json"})", "MalformedPolicyDocumentException",
         "Policy document is not a JSON object."},
        {"DescribeKey", R"({"KeyId":"nobody"})", "NotFoundException", "Invalid keyId 'nobody'"},
        {"GetParametersForImport", key + R"("WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_2048"})",
         "UnsupportedOperationException", arn(symmetric_) + " origin is AWS_KMS which is not valid for this operation."},
        {"GetParametersForImport", key + R"("WrappingAlgorithm":"SM2PKE","WrappingKeySpec":"RSA_2048"})",
         "UnsupportedOperationException", "SM2PKE is not supported by this KMS."},
        {"ImportKeyMaterial", key + R"("ImportToken":"QQ==","EncryptedKeyMaterial":"QQ=="})", "ValidationException",
         "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"},
    };
    for (const Case& test : table) {
        const HttpAnswer answer = call(test.operation, test.body);
        EXPECT_EQ(answer.type(), test.type) << test.operation << answer.body;
        EXPECT_EQ(answer.message(), test.message) << test.operation;
    }
}

TEST_F(Protocol, ADigestIsNotHashedAgain) {
    const Bytes digest(32, 0x5a);
    const std::string request = R"({"KeyId":")" + ecc_ +
                                R"(","SigningAlgorithm":"ECDSA_SHA_256","MessageType":"DIGEST","Message":")" +
                                to_base64(digest) + "\"";
    const HttpAnswer made = call("Sign", request + "}");
    const Bytes signature = *from_base64(made.member("Signature"), "signature");
    EXPECT_TRUE(local_.kms->verify(ecc_, digest, MessageType::kDigest, signature));
    EXPECT_FALSE(local_.kms->verify(ecc_, digest, MessageType::kRaw, signature));
    EXPECT_EQ(call("Verify", request + R"(,"Signature":")" + made.member("Signature") + "\"}").body,
              R"({"KeyId":")" + arn(ecc_) + R"(","SignatureValid":true,"SigningAlgorithm":"ECDSA_SHA_256"})");
}

TEST_F(Protocol, ContextsAreComparedByTheirPairs) {
    const auto encrypt = [&](std::string_view context) {
        return call("Encrypt", R"({"KeyId":")" + symmetric_ + R"(","Plaintext":"c2VjcmV0","EncryptionContext":)" +
                                   std::string(context) + "}")
            .member("CiphertextBlob");
    };
    const auto decrypt = [&](const std::string& blob, std::string_view context) {
        return call("Decrypt", R"({"CiphertextBlob":")" + blob + R"(","EncryptionContext":)" + std::string(context) + "}");
    };
    EXPECT_EQ(decrypt(encrypt(R"({"a":"bc"})"), R"({"ab":"c"})").type(), "InvalidCiphertextException");
    EXPECT_EQ(decrypt(encrypt(R"({"a":"1","b":"2"})"), R"({"b":"2","a":"1"})").member("Plaintext"), "c2VjcmV0");
    EXPECT_EQ(decrypt(encrypt("{}"), "null").member("Plaintext"), "c2VjcmV0");
    EXPECT_EQ(decrypt(encrypt(R"({"a":"b"})"), R"({"A":"b"})").type(), "InvalidCiphertextException");
}

TEST_F(Protocol, DryRunTellsAndDoesNothing) {
    const std::string key = R"({"DryRun":true,"KeyId":")" + symmetric_ + "\"";
    const std::string signer =
        R"({"DryRun":true,"KeyId":")" + ecc_ + R"(","SigningAlgorithm":"ECDSA_SHA_256","Message":"QQ==")";
    constexpr const char* kSaid = "The request would have succeeded, but the DryRun option is set.";
    for (const auto& [operation, body] : std::vector<std::pair<const char*, std::string>>{
             {"Encrypt", key + R"(,"Plaintext":"QQ=="})"},
             {"GenerateDataKey", key + R"(,"KeySpec":"AES_256"})"},
             {"GenerateDataKeyWithoutPlaintext", key + R"(,"KeySpec":"AES_256"})"},
             {"GenerateDataKeyPair", key + R"(,"KeyPairSpec":"ECC_SECG_P256K1"})"},
             {"Sign", signer + "}"}}) {
        const HttpAnswer answer = call(operation, body);
        EXPECT_EQ(answer.type(), "DryRunOperationException") << operation;
        EXPECT_EQ(answer.message(), kSaid);
    }
    EXPECT_EQ(call("Encrypt", R"({"DryRun":true,"KeyId":"nobody","Plaintext":"QQ=="})").type(), "NotFoundException");
    EXPECT_EQ(call("Verify", signer + R"(,"Signature":"QUFB"})").type(), "KMSInvalidSignatureException");
    ASSERT_TRUE(local_.kms->disable_key(ecc_));
    EXPECT_EQ(call("Sign", signer + "}").message(), arn(ecc_) + " is disabled.");
}

TEST_F(Protocol, ListsComeInPages) {
    for (int i = 0; i < 5; ++i) (void)make_key();
    std::vector<std::string> seen;
    std::string marker;
    for (int page = 0; page < 10; ++page) {
        const HttpAnswer answer =
            call("ListKeys", R"({"Limit":3)" + (marker.empty() ? "" : ",\"Marker\":\"" + marker + "\"") + "}");
        const auto parsed = json::parse(answer.body, "answer");
        for (const json::Value& key : parsed->find("Keys")->items) seen.push_back(key.find("KeyId")->text);
        marker = answer.member("NextMarker");
        EXPECT_EQ(answer.member("Truncated"), marker.empty() ? "false" : "true");
        if (marker.empty()) break;
    }
    EXPECT_EQ(seen.size(), 7U);
    EXPECT_EQ(call("ListAliases", "{}").body, R"({"Aliases":[],"Truncated":false})");
    EXPECT_EQ(call("ListAliases", R"({"KeyId":""})").type(), "ValidationException");
    ASSERT_TRUE(local_.kms->create_alias("alias/a", symmetric_));
    EXPECT_EQ(
        call("ListAliases", R"({"KeyId":")" + symmetric_ + "\"}").body,
        R"({"Aliases":[{"AliasName":"alias/a","AliasArn":"arn:aws:kms:us-east-1:000000000000:alias/a","TargetKeyId":")" +
            symmetric_ + R"("}],"Truncated":false})");
}

TEST(ServerFaults, AreOursAloneAndToldToTheOperator) {
    ServedKms served;
    served.local.kms->lock();
    // With the vault locked even the access key cannot be opened.
    const HttpAnswer answer = served.call("CreateKey");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.type(), "KMSInternalException");
    EXPECT_EQ(answer.message().find("locked"), std::string::npos);
    ASSERT_EQ(served.faults().size(), 1U);
    EXPECT_EQ(served.faults().front(), "The vault is locked.");
}

TEST(ServerExpiry, DestroysWhatIsDueThoughNobodyAsks) {
    server::ServerOptions options;
    options.expire_every = std::chrono::milliseconds(5);
    ServedKms served(options);
    ASSERT_TRUE(served.local.kms->create_key({}));
    const std::string due = served.local.kms->create_key({})->key_id;
    ASSERT_TRUE(served.local.kms->schedule_key_deletion(due, 7));
    served.local.pass(std::chrono::hours(7 * 24 - 1));
    auto file =
        sqlite::Database::open(served.local.path(), {.mode = sqlite::OpenMode::kReadOnly, .application_id = 0x4B444B4D});
    ASSERT_TRUE(file) << file.error().message;
    const auto keys = [&] {
        sqlite::Statement count = file->prepare("SELECT count(*) FROM keys");
        return count.step() ? count.integer(0) : -1;
    };
    EXPECT_EQ(keys(), 2);
    served.local.clock.advance(std::chrono::hours(2));
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (keys() != 1 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    EXPECT_EQ(keys(), 1);
}

TEST(ServerDurability, WhatWasAnsweredIsInTheFile) {
    ServedKms served;
    for (int i = 0; i < 10; ++i) {
        const HttpAnswer made = served.call("CreateKey");
        ASSERT_EQ(made.status, 200);
        const auto key = json::parse(made.body, "answer");
        EXPECT_TRUE(served.local.open()->describe_key(key->find("KeyMetadata")->find("KeyId")->text));
    }
}

}  // namespace
}  // namespace keydeck::kms
