// Imported key material: wrapping, tokens, expiry, the same material again.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/sqlite/database.hpp"
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/key_material.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using contract::fails_with;
using contract::succeeds;
using test::import;
using test::kMessage;
using test::pkcs8_of;
using test::request_of;
using test::secret_of;
using test::TemporaryKms;
using test::wrap;

TEST(Import, EveryWrappingCarriesAFixedSigningKey) {
    TemporaryKms local;
    const SecretBytes private_key = secret_of("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    const Bytes public_key = to_public_key_info(*crypto::public_key_of(private_key.view()));
    for (std::size_t algorithm = 0; algorithm < kWrappingAlgorithms.size(); ++algorithm) {
        for (const WrappingKeySpec spec : {WrappingKeySpec::kRsa2048, WrappingKeySpec::kRsa3072}) {
            const auto key = local.kms->create_key(request_of(KeySpec::kEccSecgP256k1, Origin::kExternal));
            ASSERT_TRUE(succeeds(key));
            ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, pkcs8_of(private_key), std::nullopt,
                                        static_cast<WrappingAlgorithm>(algorithm), spec)))
                << kWrappingAlgorithms[algorithm];
            EXPECT_EQ(local.kms->get_public_key(key->key_id)->public_key, public_key);
            EXPECT_EQ(local.kms->describe_key(key->key_id)->origin, Origin::kExternal);
            EXPECT_TRUE(succeeds(local.kms->sign(key->key_id, Bytes(32), MessageType::kDigest)));
        }
    }
}

TEST(Import, TheLongestMaterialNeedsTheLongestKey) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kHmac512, Origin::kExternal));
    EXPECT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(128, 3), std::nullopt, WrappingAlgorithm::kAesKeyWrapSha256,
                                WrappingKeySpec::kRsa4096)));
    EXPECT_EQ(local.kms->generate_mac(key->key_id, kMessage, MacAlgorithm::kHmacSha512)->mac,
              crypto::mac(crypto::MacHash::kSha512, Bytes(128, 3), kMessage));
}

TEST(Import, WhatDoesNotFitIsRefused) {
    TemporaryKms local;
    const SecretBytes private_key = secret_of(std::string(63, '0') + "1");
    struct Case {
        KeySpec spec;
        Bytes material;
    };
    Bytes zero_key = pkcs8_of(private_key);
    std::fill(zero_key.begin() + 33, zero_key.begin() + 65, std::uint8_t{0});
    const std::vector<Case> cases = {
        {KeySpec::kSymmetricDefault, Bytes(31)},
        {KeySpec::kSymmetricDefault, Bytes(33)},
        {KeySpec::kHmac224, Bytes(27)},
        {KeySpec::kHmac224, Bytes(65)},
        {KeySpec::kHmac256, Bytes(31)},
        {KeySpec::kHmac384, Bytes(47)},
        {KeySpec::kHmac512, Bytes(63)},
        {KeySpec::kHmac512, Bytes(129)},
        {KeySpec::kEccSecgP256k1, to_bytes(private_key.view())},  // bare bytes, not PKCS #8
        {KeySpec::kEccSecgP256k1, zero_key},
        {KeySpec::kSymmetricDefault, pkcs8_of(private_key)},
    };
    for (const Case& test : cases) {
        const auto key = local.kms->create_key(request_of(test.spec, Origin::kExternal));
        EXPECT_TRUE(fails_with(import(*local.kms, key->key_id, test.material), "IncorrectKeyMaterialException"))
            << to_string(test.spec) << " " << test.material.size();
        EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kPendingImport);
    }
}

TEST(Import, TokensAreForOneKeyAndADay) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    const auto other = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    constexpr auto kAlgorithm = WrappingAlgorithm::kOaepSha256;
    const auto parameters = local.kms->get_parameters_for_import(key->key_id, kAlgorithm, WrappingKeySpec::kRsa2048);
    ASSERT_TRUE(succeeds(parameters));
    EXPECT_EQ(parameters->key_arn, key->arn);
    EXPECT_EQ(parameters->valid_to, local.clock.now() + std::chrono::hours(24));
    EXPECT_LE(parameters->import_token.size(), 6144U);
    const Bytes wrapped = wrap(*parameters, kAlgorithm, Bytes(32, 9));
    const auto run = [&](const std::string& id, ByteView token, ByteView material) {
        return local.kms->import_key_material({.key_id = id, .import_token = token, .encrypted_material = material});
    };
    EXPECT_TRUE(fails_with(run(other->key_id, parameters->import_token, wrapped), "InvalidImportTokenException"));
    Bytes damaged = parameters->import_token;
    damaged[damaged.size() / 2] ^= 1;
    EXPECT_TRUE(fails_with(run(key->key_id, damaged, wrapped), "InvalidImportTokenException"));
    EXPECT_TRUE(fails_with(run(key->key_id, Bytes(40), wrapped), "InvalidImportTokenException"));
    EXPECT_TRUE(fails_with(run(key->key_id, {}, wrapped), "ValidationException"));
    EXPECT_TRUE(fails_with(run(key->key_id, parameters->import_token, {}), "ValidationException"));
    for (const Bytes& garbage : {Bytes(1), Bytes(255), Bytes(256), Bytes(257), Bytes(6144)}) {
        EXPECT_TRUE(fails_with(run(key->key_id, parameters->import_token, garbage), "InvalidCiphertextException"))
            << garbage.size();
    }
    // Wrapped for another public key, or with the other hash.
    const auto again = local.kms->get_parameters_for_import(key->key_id, kAlgorithm, WrappingKeySpec::kRsa2048);
    EXPECT_TRUE(fails_with(run(key->key_id, again->import_token, wrapped), "InvalidCiphertextException"));
    const Bytes sha1 = wrap(*parameters, WrappingAlgorithm::kOaepSha1, Bytes(32, 9));
    EXPECT_TRUE(fails_with(run(key->key_id, parameters->import_token, sha1), "InvalidCiphertextException"));

    local.pass(std::chrono::hours(24));
    EXPECT_TRUE(fails_with(run(key->key_id, parameters->import_token, wrapped), "ExpiredImportTokenException"));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kPendingImport);
}

TEST(Import, AfterARestartTheTokenStillHolds) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    const auto parameters =
        local.kms->get_parameters_for_import(key->key_id, WrappingAlgorithm::kAesKeyWrapSha256, WrappingKeySpec::kRsa2048);
    const Bytes wrapped = wrap(*parameters, WrappingAlgorithm::kAesKeyWrapSha256, Bytes(32, 9));
    local.kms = local.open();
    EXPECT_TRUE(succeeds(local.kms->import_key_material(
        {.key_id = key->arn, .import_token = parameters->import_token, .encrypted_material = wrapped})));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kEnabled);
}

TEST(Import, OnlyForKeysOfThatOrigin) {
    TemporaryKms local;
    const auto key = local.kms->create_key({});
    const std::string text = key->arn + " origin is AWS_KMS which is not valid for this operation.";
    EXPECT_TRUE(fails_with(import(*local.kms, key->key_id, Bytes(32)), "UnsupportedOperationException", text));
    EXPECT_TRUE(fails_with(
        local.kms->import_key_material({.key_id = key->key_id, .import_token = Bytes(99), .encrypted_material = Bytes(99)}),
        "UnsupportedOperationException", text));
    EXPECT_TRUE(fails_with(local.kms->delete_imported_key_material(key->key_id), "UnsupportedOperationException", text));
}

TEST(Import, TheSameMaterialComesBackAndNoOther) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1))));
    const auto encrypted = local.kms->encrypt(key->key_id, kMessage, {});
    ASSERT_TRUE(succeeds(encrypted));
    EXPECT_TRUE(fails_with(import(*local.kms, key->key_id, Bytes(32, 2)), "IncorrectKeyMaterialException"));
    EXPECT_TRUE(succeeds(local.kms->decrypt("", encrypted->ciphertext, {})));

    EXPECT_EQ(local.kms->delete_imported_key_material(key->key_id).value_or(""), key->arn);
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kPendingImport);
    EXPECT_TRUE(fails_with(local.kms->decrypt("", encrypted->ciphertext, {}), "KMSInvalidStateException",
                           key->arn + " is pending import."));
    EXPECT_TRUE(fails_with(import(*local.kms, key->key_id, Bytes(32, 2)), "IncorrectKeyMaterialException"));
    EXPECT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1))));
    EXPECT_EQ(as_text(local.kms->decrypt("", encrypted->ciphertext, {})->plaintext.view()), "message");
}

TEST(Import, ADisabledKeyStaysDisabledAndACancelledDeletionWaitsAgain) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1))));
    ASSERT_TRUE(succeeds(local.kms->disable_key(key->key_id)));
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1))));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kDisabled);
    ASSERT_TRUE(succeeds(local.kms->schedule_key_deletion(key->key_id, 7)));
    ASSERT_TRUE(succeeds(local.kms->delete_imported_key_material(key->key_id)));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kPendingDeletion);
    ASSERT_TRUE(succeeds(local.kms->cancel_key_deletion(key->key_id)));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kPendingImport);
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1))));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->state, KeyState::kEnabled);
}

TEST(Import, MaterialExpiresAndIsTakenOutOfTheFile) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    const Timestamp now = local.clock.now();
    EXPECT_TRUE(fails_with(import(*local.kms, key->key_id, Bytes(32, 1), now), "ValidationException"));
    EXPECT_TRUE(
        fails_with(import(*local.kms, key->key_id, Bytes(32, 1), now + std::chrono::days(366)), "ValidationException"));
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1), now + std::chrono::days(2))));
    EXPECT_EQ(local.kms->describe_key(key->key_id)->valid_to, now + std::chrono::days(2));
    const auto encrypted = local.kms->encrypt(key->key_id, kMessage, {});
    ASSERT_TRUE(succeeds(encrypted));
    local.pass(std::chrono::hours(47));
    EXPECT_TRUE(succeeds(local.kms->decrypt("", encrypted->ciphertext, {})));
    local.pass(std::chrono::hours(2));
    EXPECT_TRUE(fails_with(local.kms->decrypt("", encrypted->ciphertext, {}), "KMSInvalidStateException",
                           key->arn + " is pending import."));
    EXPECT_FALSE(local.kms->describe_key(key->key_id)->valid_to);
    auto database =
        sqlite::Database::open(local.path(), {.mode = sqlite::OpenMode::kReadWrite, .application_id = 0x4B444B4D});
    ASSERT_TRUE(database);
    sqlite::Statement count = database->prepare("SELECT count(*) FROM key_versions");
    ASSERT_TRUE(count.step());
    EXPECT_EQ(count.integer(0), 0);
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1))));
    EXPECT_TRUE(succeeds(local.kms->decrypt("", encrypted->ciphertext, {})));
}

TEST(Import, AClockThatJumpedErasesNothing) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kSymmetricDefault, Origin::kExternal));
    ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, Bytes(32, 1), local.clock.now() + std::chrono::days(2))));
    local.clock.advance(std::chrono::days(30));
    EXPECT_TRUE(fails_with(local.kms->encrypt(key->key_id, kMessage, {}), "KMSInvalidStateException"));
    EXPECT_TRUE(*local.kms->clock_is_suspect());
    local.clock.advance(-std::chrono::days(30));
    EXPECT_TRUE(succeeds(local.kms->encrypt(key->key_id, kMessage, {})));
}

}  // namespace
}  // namespace keydeck::kms
