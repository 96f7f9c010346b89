// Encrypt, Decrypt, ReEncrypt, data keys, rotation.
#include <algorithm>

#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/signature.hpp"
#include "tests/contract/kms_contract.hpp"

namespace keydeck::kms::contract {
namespace {

using std::chrono::days;

TEST_P(KmsContract, EncryptedBytesComeBack) {
    const std::string id = make_symmetric().key_id;
    for (const std::size_t size : {1U, 31U, 4096U}) {
        Bytes plaintext(size);
        for (std::size_t i = 0; i < size; ++i) plaintext[i] = static_cast<std::uint8_t>(i * 7);
        const auto sealed = kms().encrypt(id, plaintext, {{"user", "alice"}});
        ASSERT_TRUE(succeeds(sealed));
        EXPECT_EQ(sealed->key_arn, key_arn(id));
        EXPECT_LE(sealed->ciphertext.size(), 6144U);
        for (const std::string& name : {std::string(), id, key_arn(id)}) {
            const auto opened = kms().decrypt(name, sealed->ciphertext, {{"user", "alice"}});
            ASSERT_TRUE(succeeds(opened));
            EXPECT_EQ(to_bytes(opened->plaintext.view()), plaintext);
            EXPECT_EQ(opened->key_arn, key_arn(id));
        }
    }
}

TEST_P(KmsContract, EqualPlaintextsGiveDifferentCiphertexts) {
    const std::string id = make_symmetric().key_id;
    EXPECT_NE(kms().encrypt(id, as_bytes("same"), {})->ciphertext, kms().encrypt(id, as_bytes("same"), {})->ciphertext);
}

TEST_P(KmsContract, PlaintextAndCiphertextLengthsAreChecked) {
    const std::string id = make_symmetric().key_id;
    const std::string constraint = "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: ";
    EXPECT_TRUE(fails_with(kms().encrypt(id, Bytes(4097), {}), "ValidationException",
                           constraint + "Member must have length less than or equal to 4096"));
    EXPECT_TRUE(fails_with(kms().encrypt(id, Bytes{}, {}), "ValidationException",
                           constraint + "Member must have length greater than or equal to 1"));
    EXPECT_TRUE(fails_with(kms().decrypt(id, Bytes(6145), {}), "ValidationException"));
    EXPECT_TRUE(fails_with(kms().decrypt(id, Bytes{}, {}), "ValidationException"));
    EXPECT_TRUE(fails_with(kms().re_encrypt({.ciphertext = Bytes{},
                                             .source_context = {},
                                             .source_key_id = "",
                                             .destination_key_id = id,
                                             .destination_context = {}}),
                           "ValidationException"));
}

TEST_P(KmsContract, TheEncryptionContextMustBeTheSame) {
    const std::string id = make_symmetric().key_id;
    const EncryptionContext context = {{"a", "bc"}, {"user", "alice"}};
    const auto sealed = kms().encrypt(id, as_bytes("x"), context);
    ASSERT_TRUE(succeeds(sealed));
    EXPECT_TRUE(succeeds(kms().decrypt("", sealed->ciphertext, {{"user", "alice"}, {"a", "bc"}}))) << "order is free";
    const EncryptionContext others[] = {
        {},
        {{"ab", "c"}, {"user", "alice"}},
        {{"a", "bcuser"}, {"", "alice"}},
        {{"a", "BC"}, {"user", "alice"}},
        {{"A", "bc"}, {"user", "alice"}},
        {{"a", "bc"}},
        {{"a", "bc"}, {"user", "alice"}, {"z", ""}},
        {{"a", "alice"}, {"user", "bc"}},
        {{"a", "bc\n"}, {"user", "alice"}},
    };
    for (const EncryptionContext& other : others) {
        EXPECT_TRUE(fails_with(kms().decrypt("", sealed->ciphertext, other), "InvalidCiphertextException", ""));
    }
    const auto bare = kms().encrypt(id, as_bytes("x"), {});
    EXPECT_TRUE(fails_with(kms().decrypt("", bare->ciphertext, {{"", ""}}), "InvalidCiphertextException", ""));
}

TEST_P(KmsContract, NeighbouringContextsNeverCollide) {
    const std::string id = make_symmetric().key_id;
    const auto sealed = kms().encrypt(id, as_bytes("x"), {{"a", "bc"}});
    EXPECT_TRUE(fails_with(kms().decrypt("", sealed->ciphertext, {{"ab", "c"}}), "InvalidCiphertextException", ""));
    EXPECT_TRUE(
        fails_with(kms().decrypt("", sealed->ciphertext, {{"a", "b"}, {"c", ""}}), "InvalidCiphertextException", ""));
    EXPECT_TRUE(fails_with(kms().decrypt("", sealed->ciphertext, {{"abc", ""}}), "InvalidCiphertextException", ""));
}

TEST_P(KmsContract, EveryByteOfACiphertextCounts) {
    const std::string id = make_symmetric().key_id;
    const Bytes blob = kms().encrypt(id, as_bytes("exact"), {})->ciphertext;
    for (std::size_t i = 0; i < blob.size(); ++i) {
        Bytes changed = blob;
        changed[i] ^= 0x01;
        const auto opened = kms().decrypt("", changed, {});
        ASSERT_FALSE(opened.has_value()) << "byte " << i;
        // Where the blob names its key, another key is named: one that is not there.
        EXPECT_TRUE(opened.error().kms_error == "InvalidCiphertextException" ||
                    opened.error().kms_error == "AccessDeniedException")
            << show(opened.error());
    }
    for (std::size_t size = 1; size < blob.size(); ++size) {
        EXPECT_TRUE(fails_with(kms().decrypt("", ByteView(blob).first(size), {}), "InvalidCiphertextException", "")) << size;
    }
    Bytes longer = blob;
    longer.push_back(0);
    EXPECT_TRUE(fails_with(kms().decrypt("", longer, {}), "InvalidCiphertextException", ""));
    EXPECT_TRUE(
        fails_with(kms().decrypt("", as_bytes("something else entirely, and long enough to hold a header and a tag"), {}),
                   "InvalidCiphertextException", ""));
}

TEST_P(KmsContract, DecryptRefusesAnotherKey) {
    const std::string first = make_symmetric().key_id;
    const auto sealed = kms().encrypt(first, as_bytes("x"), {});
    const std::string text = "The key ID in the request does not identify a CMK that can perform this operation.";
    EXPECT_TRUE(fails_with(kms().decrypt(make_symmetric().key_id, sealed->ciphertext, {}), "IncorrectKeyException", text));
    EXPECT_TRUE(fails_with(kms().decrypt(make_ecc().key_id, sealed->ciphertext, {}), "IncorrectKeyException", text));
}

TEST_P(KmsContract, UsageErrorsNameTheOperation) {
    const std::string symmetric = make_symmetric().key_id;
    const std::string ecc = make_ecc().key_id;
    const std::string of_ecc = key_arn(ecc) + " key usage is SIGN_VERIFY which is not valid for ";
    const std::string of_symmetric = key_arn(symmetric) + " key usage is ENCRYPT_DECRYPT which is not valid for ";
    const std::string_view error = "InvalidKeyUsageException";
    EXPECT_TRUE(fails_with(kms().encrypt(ecc, as_bytes("x"), {}), error, of_ecc + "Encrypt."));
    EXPECT_TRUE(fails_with(kms().generate_data_key(ecc, 32, {}), error, of_ecc + "GenerateDataKey."));
    EXPECT_TRUE(fails_with(kms().generate_data_key_without_plaintext(ecc, 32, {}), error,
                           of_ecc + "GenerateDataKeyWithoutPlaintext."));
    EXPECT_TRUE(fails_with(kms().generate_data_key_pair(ecc, {}), error, of_ecc + "GenerateDataKeyPair."));
    EXPECT_TRUE(fails_with(kms().generate_data_key_pair_without_plaintext(ecc, {}), error,
                           of_ecc + "GenerateDataKeyPairWithoutPlaintext."));
    EXPECT_TRUE(fails_with(kms().sign(symmetric, as_bytes("x"), MessageType::kRaw), error, of_symmetric + "Sign."));
    EXPECT_TRUE(
        fails_with(kms().verify(symmetric, as_bytes("x"), MessageType::kRaw, Bytes(70)), error, of_symmetric + "Verify."));
}

TEST_P(KmsContract, ReEncryptMovesToAnotherKeyAndContext) {
    const std::string source = make_symmetric().key_id;
    const std::string destination = make_symmetric().key_id;
    const auto sealed = kms().encrypt(source, as_bytes("moving"), {{"in", "a"}});
    ReEncryptRequest request{.ciphertext = sealed->ciphertext,
                             .source_context = {{"in", "a"}},
                             .source_key_id = "",
                             .destination_key_id = destination,
                             .destination_context = {{"in", "b"}}};
    const auto moved = kms().re_encrypt(request);
    ASSERT_TRUE(succeeds(moved));
    EXPECT_EQ(moved->source_key_arn, key_arn(source));
    EXPECT_EQ(moved->key_arn, key_arn(destination));
    EXPECT_EQ(kms().decrypt(destination, moved->ciphertext, {{"in", "b"}})->plaintext.text(), "moving");
    EXPECT_TRUE(fails_with(kms().decrypt("", moved->ciphertext, {{"in", "a"}}), "InvalidCiphertextException", ""));
    EXPECT_TRUE(succeeds(kms().decrypt("", sealed->ciphertext, {{"in", "a"}}))) << "the old one still opens";

    request.source_key_id = destination;
    EXPECT_TRUE(fails_with(kms().re_encrypt(request), "IncorrectKeyException"));
    request.source_key_id = source;
    request.source_context = {{"in", "z"}};
    EXPECT_TRUE(fails_with(kms().re_encrypt(request), "InvalidCiphertextException", ""));
    request.source_context = {{"in", "a"}};
    request.destination_key_id = "";
    EXPECT_TRUE(fails_with(kms().re_encrypt(request), "ValidationException"));
}

TEST_P(KmsContract, DataKeysOpenToTheirPlaintext) {
    const std::string id = make_symmetric().key_id;
    for (const int size : {1, 16, 32, 64, 1024}) {
        const auto key = kms().generate_data_key(id, size, {{"wallet", "7"}});
        ASSERT_TRUE(succeeds(key));
        ASSERT_EQ(key->plaintext.size(), static_cast<std::size_t>(size));
        EXPECT_EQ(key->key_arn, key_arn(id));
        const auto opened = kms().decrypt(id, key->ciphertext, {{"wallet", "7"}});
        ASSERT_TRUE(succeeds(opened));
        EXPECT_TRUE(std::ranges::equal(opened->plaintext.view(), key->plaintext.view()));
        EXPECT_TRUE(fails_with(kms().decrypt(id, key->ciphertext, {}), "InvalidCiphertextException", ""));
    }
    const auto blind = kms().generate_data_key_without_plaintext(id, 32, {});
    ASSERT_TRUE(succeeds(blind));
    EXPECT_TRUE(blind->plaintext.empty());
    EXPECT_EQ(kms().decrypt(id, blind->ciphertext, {})->plaintext.size(), 32U);
}

TEST_P(KmsContract, NumbersOfBytesAre1To1024) {
    const std::string id = make_symmetric().key_id;
    const std::string at = "' at 'numberOfBytes' failed to satisfy constraint: Member must have value ";
    for (const auto& [number, rest] :
         {std::pair(0, "greater than or equal to 1"), std::pair(1025, "less than or equal to 1024")}) {
        const std::string text = "1 validation error detected: Value '" + std::to_string(number) + at + rest;
        EXPECT_TRUE(fails_with(kms().generate_random(number), "ValidationException", text));
        EXPECT_TRUE(fails_with(kms().generate_data_key(id, number, {}), "ValidationException", text));
        EXPECT_TRUE(fails_with(kms().generate_data_key_without_plaintext(id, number, {}), "ValidationException", text));
    }
}

TEST_P(KmsContract, RandomBytesAreAsManyAsAskedAndNotTheSame) {
    for (const int size : {1, 12, 44, 91, 1024}) {
        const auto bytes = kms().generate_random(size);
        ASSERT_TRUE(succeeds(bytes));
        EXPECT_EQ(bytes->size(), static_cast<std::size_t>(size));
    }
    EXPECT_NE(*kms().generate_random(32), *kms().generate_random(32));
}

TEST_P(KmsContract, DataKeyPairsAreKeysOfSecp256k1) {
    const std::string id = make_symmetric().key_id;
    const auto pair = kms().generate_data_key_pair(id, {{"wallet", "7"}});
    ASSERT_TRUE(succeeds(pair));
    const auto private_key = parse_pkcs8_private_key(pair->private_key_plaintext.view());
    ASSERT_TRUE(succeeds(private_key));
    const auto public_key = parse_public_key_info(pair->public_key);
    ASSERT_TRUE(succeeds(public_key));
    EXPECT_EQ(*crypto::public_key_of(private_key->view()), *public_key);
    EXPECT_EQ(pair->key_arn, key_arn(id));
    const auto opened = kms().decrypt(id, pair->private_key_ciphertext, {{"wallet", "7"}});
    ASSERT_TRUE(succeeds(opened));
    EXPECT_TRUE(std::ranges::equal(opened->plaintext.view(), pair->private_key_plaintext.view()));

    const auto blind = kms().generate_data_key_pair_without_plaintext(id, {});
    ASSERT_TRUE(succeeds(blind));
    EXPECT_TRUE(blind->private_key_plaintext.empty());
    EXPECT_NE(blind->public_key, pair->public_key);
    const auto revealed = kms().decrypt(id, blind->private_key_ciphertext, {});
    ASSERT_TRUE(succeeds(revealed));
    const auto derived = crypto::public_key_of(parse_pkcs8_private_key(revealed->plaintext.view())->view());
    EXPECT_EQ(to_public_key_info(*derived), blind->public_key);
}

TEST_P(KmsContract, OldCiphertextsOpenAfterRotation) {
    const std::string id = make_symmetric().key_id;
    std::vector<Bytes> sealed;
    for (int i = 0; i < 4; ++i) {
        sealed.push_back(kms().encrypt(id, as_bytes(std::to_string(i)), {})->ciphertext);
        ASSERT_TRUE(succeeds(kms().rotate_key_on_demand(id)));
    }
    for (int i = 0; i < 4; ++i) {
        const auto opened = kms().decrypt(id, sealed[static_cast<std::size_t>(i)], {});
        ASSERT_TRUE(succeeds(opened)) << i;
        EXPECT_EQ(opened->plaintext.text(), std::to_string(i));
    }
    const auto rotations = kms().list_key_rotations(id, {});
    ASSERT_TRUE(succeeds(rotations));
    ASSERT_EQ(rotations->items.size(), 4U);
    EXPECT_TRUE(std::ranges::all_of(rotations->items, &Rotation::on_demand));
    PageRequest page{.limit = 3, .marker = ""};
    const auto first = kms().list_key_rotations(id, page);
    ASSERT_EQ(first->items.size(), 3U);
    page.marker = first->next_marker;
    EXPECT_EQ(kms().list_key_rotations(id, page)->items.size(), 1U);
}

TEST_P(KmsContract, OnDemandRotationsAre25AKey) {
    const std::string id = make_symmetric().key_id;
    for (int i = 0; i < 25; ++i) ASSERT_TRUE(succeeds(kms().rotate_key_on_demand(id))) << i;
    EXPECT_TRUE(fails_with(kms().rotate_key_on_demand(id), "LimitExceededException",
                           "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations "
                           "can be performed for this key: " +
                               key_arn(id)));
    EXPECT_EQ(kms().list_key_rotations(id, {})->items.size(), 25U);
}

TEST_P(KmsContract, RotationIsOffByDefaultAndHasAPeriodOf90To2560Days) {
    const std::string id = make_symmetric().key_id;
    const auto before = kms().get_key_rotation_status(id);
    ASSERT_TRUE(succeeds(before));
    EXPECT_FALSE(before->enabled);
    EXPECT_FALSE(before->next_rotation.has_value());
    for (const int period : {0, 89, 2561}) {
        EXPECT_TRUE(fails_with(kms().enable_key_rotation(id, period), "ValidationException")) << period;
    }
    for (const int period : {90, 2560, 365}) {
        ASSERT_TRUE(succeeds(kms().enable_key_rotation(id, period)));
        const auto status = kms().get_key_rotation_status(id);
        ASSERT_TRUE(succeeds(status));
        EXPECT_TRUE(status->enabled);
        EXPECT_EQ(status->period_days, period);
        ASSERT_TRUE(status->next_rotation.has_value());
        EXPECT_LT(std::chrono::abs(*status->next_rotation - (subject().now() + days(period))), std::chrono::minutes(5));
    }
    const auto scheduled = kms().get_key_rotation_status(id)->next_rotation;
    ASSERT_TRUE(succeeds(kms().rotate_key_on_demand(id)));
    EXPECT_EQ(kms().get_key_rotation_status(id)->next_rotation, scheduled) << "on demand leaves the schedule alone";
    ASSERT_TRUE(succeeds(kms().disable_key_rotation(id)));
    EXPECT_FALSE(kms().get_key_rotation_status(id)->enabled);
}

TEST_P(KmsContract, TheRotationStatusIsFalseWhilePendingDeletionAndComesBack) {
    const std::string id = make_symmetric().key_id;
    ASSERT_TRUE(succeeds(kms().enable_key_rotation(id, 365)));
    ASSERT_TRUE(succeeds(kms().schedule_key_deletion(id, 7)));
    EXPECT_FALSE(kms().get_key_rotation_status(id)->enabled);
    ASSERT_TRUE(succeeds(kms().cancel_key_deletion(id)));
    EXPECT_TRUE(kms().get_key_rotation_status(id)->enabled);
}

TEST_P(KmsContract, AutomaticRotationComesWithTime) {
    const std::string id = make_symmetric().key_id;
    const auto old = kms().encrypt(id, as_bytes("old"), {});
    ASSERT_TRUE(succeeds(kms().enable_key_rotation(id, 90)));
    const auto first = kms().get_key_rotation_status(id)->next_rotation;
    if (!subject().pass(days(89))) GTEST_SKIP() << "time cannot be moved here";
    EXPECT_TRUE(kms().list_key_rotations(id, {})->items.empty());
    ASSERT_TRUE(subject().pass(days(1)));
    ASSERT_TRUE(succeeds(kms().encrypt(id, as_bytes("new"), {})));
    const auto rotations = kms().list_key_rotations(id, {});
    ASSERT_EQ(rotations->items.size(), 1U);
    EXPECT_FALSE(rotations->items[0].on_demand);
    EXPECT_EQ(kms().get_key_rotation_status(id)->next_rotation, *first + days(90));
    EXPECT_EQ(kms().decrypt(id, old->ciphertext, {})->plaintext.text(), "old");
    // A disabled key does not rotate; it does when it is enabled again and overdue.
    ASSERT_TRUE(succeeds(kms().disable_key(id)));
    ASSERT_TRUE(subject().pass(days(200)));
    EXPECT_EQ(kms().list_key_rotations(id, {})->items.size(), 1U);
    ASSERT_TRUE(succeeds(kms().enable_key(id)));
    ASSERT_TRUE(succeeds(kms().encrypt(id, as_bytes("newer"), {})));
    EXPECT_EQ(kms().list_key_rotations(id, {})->items.size(), 2U);
    EXPECT_GT(*kms().get_key_rotation_status(id)->next_rotation, subject().now());
    EXPECT_EQ(kms().decrypt(id, old->ciphertext, {})->plaintext.text(), "old");
}

}  // namespace
}  // namespace keydeck::kms::contract
