// The blob's bytes, and the encryption context's.
#include "engine/kms/local/ciphertext_blob.hpp"

#include <gtest/gtest.h>

#include "engine/base/hex.hpp"
#include "engine/kms/local/encryption_context.hpp"
#include "engine/kms/local/key_name.hpp"

namespace keydeck::kms::local {
namespace {

const std::string kKeyId = "01234567-89ab-cdef-0123-456789abcdef";

TEST(CiphertextBlob, NamesItsKeyAndVersion) {
    SystemRandom random;
    const Bytes material(32, 7);
    const Bytes blob = seal_blob(material, kKeyId, 0x01020304, {{"a", "b"}}, as_bytes("plain"), random);
    EXPECT_EQ(blob.size(), 5 + kBlobOverhead);
    EXPECT_EQ(to_hex(ByteView(blob).first(24)),
              "4b444301"
              "0123456789abcdef0123456789abcdef"
              "01020304");
    const auto parsed = parse_blob(blob);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->key_id, kKeyId);
    EXPECT_EQ(parsed->version, 0x01020304);
    EXPECT_EQ(open_blob(material, *parsed, {{"a", "b"}})->text(), "plain");
    EXPECT_EQ(open_blob(Bytes(32, 8), *parsed, {{"a", "b"}}).error().kms_error, "InvalidCiphertextException");
}

TEST(CiphertextBlob, TheLargestFitsIntoAwsLimit) {
    SystemRandom random;
    EXPECT_LE(seal_blob(Bytes(32), kKeyId, 1, {}, Bytes(4096), random).size(), 6144U);
}

TEST(CiphertextBlob, WhatIsNoneIsRefused) {
    SystemRandom random;
    const Bytes blob = seal_blob(Bytes(32), kKeyId, 1, {}, as_bytes("x"), random);
    for (std::size_t size = 0; size + 1 < blob.size(); ++size) {
        const auto parsed = parse_blob(ByteView(blob).first(size));
        EXPECT_TRUE(!parsed || !open_blob(Bytes(32), *parsed, {})) << size;
    }
    for (const std::size_t at : {0U, 1U, 2U, 3U}) {
        Bytes changed = blob;
        changed[at] ^= 0x80;
        EXPECT_FALSE(parse_blob(changed));
    }
}

TEST(EncryptionContext, IsEncodedWithLengths) {
    EXPECT_EQ(to_hex(encode_context({})), "0000000000000000");
    EXPECT_EQ(to_hex(encode_context({{"a", "bc"}})),
              "0000000000000001"
              "00000001"
              "61"
              "00000002"
              "6263");
    EXPECT_EQ(to_hex(encode_context({{"b", ""}, {"a", "c"}})),
              "0000000000000002"
              "00000001"
              "61"
              "00000001"
              "63"
              "00000001"
              "62"
              "00000000");
}

TEST(KeyName, ReadsArns) {
    const Place place{"us-east-1", "000000000000"};
    const std::string arn = "arn:aws:kms:us-east-1:000000000000:key/" + kKeyId;
    const auto key = parse_key_name(arn, Aliases::kRefused, place);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->name, kKeyId);
    const std::string with_colon = "arn:aws:kms:us-east-1:000000000000:alias/a:b/c";
    const auto alias = parse_key_name(with_colon, Aliases::kAccepted, place);
    ASSERT_TRUE(alias);
    EXPECT_TRUE(alias->is_alias);
    EXPECT_EQ(alias->name, "alias/a:b/c");
}

TEST(KeyName, RefusesTheMalformed) {
    const Place place{"us-east-1", "000000000000"};
    const std::string wrong[] = {
        "arn:",
        "arn:aws:kms",
        "arn:aws:kms:us-east-1:000000000000",
        "arn:aws:kms:us-east-1:000000000000:",
        "arn:aws:kms:us-east-1:000000000000:key/",
        "arn:aws:kms:us-east-1:000000000000:key/x",
        "arn:aws:kms:us-east-1:000000000000:alias/",
        "arn:aws-cn:kms:us-east-1:000000000000:key/" + kKeyId,
        "arn:aws:s3:us-east-1:000000000000:key/" + kKeyId,
        "arn:aws:kms:us-east-1:000000000000:keys/" + kKeyId,
        "alias/",
        "alias",
        "key/" + kKeyId,
        " " + kKeyId,
        kKeyId + " ",
        kKeyId.substr(1),
        kKeyId + "0",
        "0123456-789ab-cdef-0123-456789abcdef0",
        "g1234567-89ab-cdef-0123-456789abcdef",
        "mrk-",
        "mrk-" + std::string(31, 'a'),
        "mrk-" + std::string(32, 'g'),
        "' OR 1=1 --",
    };
    for (const std::string& text : wrong) {
        const auto name = parse_key_name(text, Aliases::kAccepted, place);
        ASSERT_FALSE(name) << text;
        EXPECT_EQ(name.error().kms_error, "NotFoundException") << text;
        EXPECT_EQ(name.error().message, "Invalid keyId '" + text + "'");
    }
    EXPECT_EQ(parse_key_name("\xFF", Aliases::kAccepted, place).error().kms_error, "ValidationException");
}

}  // namespace
}  // namespace keydeck::kms::local
