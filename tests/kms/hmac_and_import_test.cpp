// What LocalKms offers beyond the Kms interface: HMAC keys, imported material, policies, access keys.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <ostream>

#include "engine/base/hex.hpp"
#include "engine/crypto/mac.hpp"
#include "engine/crypto/rsa.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/signature.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using contract::fails_with;
using contract::succeeds;
using test::TemporaryKms;

constexpr std::array kHmacSpecs = {KeySpec::kHmac224, KeySpec::kHmac256, KeySpec::kHmac384, KeySpec::kHmac512};
const Bytes kMessage = to_bytes(as_bytes("message"));

CreateKeyRequest request_of(KeySpec spec, Origin origin = Origin::kAwsKms) {
    return {.spec = spec, .usage = usage_of(spec), .description = "", .tags = {}, .origin = origin};
}

SecretBytes secret_of(std::string_view hex_digits) { return SecretBytes::copy_of(*from_hex(hex_digits, "test")); }

/// What a client does between the two calls.
Bytes wrap(const ImportParameters& parameters, WrappingAlgorithm algorithm, ByteView material) {
    const bool sha1 = algorithm == WrappingAlgorithm::kOaepSha1 || algorithm == WrappingAlgorithm::kAesKeyWrapSha1;
    const crypto::OaepHash hash = sha1 ? crypto::OaepHash::kSha1 : crypto::OaepHash::kSha256;
    if (algorithm == WrappingAlgorithm::kOaepSha1 || algorithm == WrappingAlgorithm::kOaepSha256) {
        const auto wrapped = crypto::rsa_oaep_encrypt(parameters.public_key, hash, material);
        EXPECT_TRUE(wrapped);
        return wrapped ? *wrapped : Bytes{};
    }
    const Bytes key(32, 0x17);
    const auto head = crypto::rsa_oaep_encrypt(parameters.public_key, hash, key);
    EXPECT_TRUE(head);
    Bytes out = head ? *head : Bytes{};
    append(out, crypto::aes_key_wrap_padded(key, material));
    return out;
}

Bytes pkcs8_of(const SecretBytes& private_key) {
    return to_bytes(to_pkcs8_private_key(private_key.view(), *crypto::public_key_of(private_key.view())).view());
}

Result<std::string> import(LocalKms& kms, const std::string& key_id, ByteView material,
                           std::optional<Timestamp> valid_to = std::nullopt,
                           WrappingAlgorithm algorithm = WrappingAlgorithm::kOaepSha256,
                           WrappingKeySpec key_spec = WrappingKeySpec::kRsa2048) {
    const auto parameters = kms.get_parameters_for_import(key_id, algorithm, key_spec);
    if (!parameters) return fail(parameters);
    const Bytes wrapped = wrap(*parameters, algorithm, material);
    return kms.import_key_material(
        {.key_id = key_id, .import_token = parameters->import_token, .encrypted_material = wrapped, .valid_to = valid_to});
}

// HMAC keys -----------------------------------------------------------------------------------------------------------

// RFC 4231, test case 2: the key is "Jefe", which no KMS key may be, so case 1's key, 20 bytes of 0x0b, is too short as
// well; test case 6 has 131 bytes. The codes below were made by Python's hmac over 64 bytes of 0x0b.
TEST(Hmac, IsTheCodeThatOthersMake) {
    const Bytes key(64, 0x0b);
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha256, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");  // RFC 4231, test case 1
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha224, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22");
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha384, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha512, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f"
              "1702e696c203a126854");
}

TEST(Hmac, EachSpecGoesWithItsAlgorithmAlone) {
    TemporaryKms local;
    for (std::size_t spec = 0; spec < kHmacSpecs.size(); ++spec) {
        const auto key = local.kms->create_key(request_of(kHmacSpecs[spec]));
        ASSERT_TRUE(succeeds(key));
        for (std::size_t algorithm = 0; algorithm < kMacAlgorithms.size(); ++algorithm) {
            const auto chosen = static_cast<MacAlgorithm>(algorithm);
            const auto made = local.kms->generate_mac(key->key_id, kMessage, chosen);
            if (spec != algorithm) {
                EXPECT_TRUE(fails_with(made, "InvalidKeyUsageException"));
                EXPECT_TRUE(
                    fails_with(local.kms->verify_mac(key->key_id, kMessage, Bytes(28), chosen), "InvalidKeyUsageException"));
                continue;
            }
            ASSERT_TRUE(succeeds(made));
            EXPECT_EQ(made->mac.size(), crypto::mac_size(static_cast<crypto::MacHash>(algorithm)));
            EXPECT_EQ(made->key_arn, key->arn);
            EXPECT_TRUE(succeeds(local.kms->verify_mac(key->key_id, kMessage, made->mac, chosen)));
            Bytes wrong = made->mac;
            wrong.back() ^= 1;
            EXPECT_TRUE(
                fails_with(local.kms->verify_mac(key->key_id, kMessage, wrong, chosen), "KMSInvalidMacException", ""));
            wrong = made->mac;
            wrong.pop_back();
            EXPECT_TRUE(
                fails_with(local.kms->verify_mac(key->key_id, kMessage, wrong, chosen), "KMSInvalidMacException", ""));
            EXPECT_TRUE(fails_with(local.kms->verify_mac(key->key_id, as_bytes("other"), made->mac, chosen),
                                   "KMSInvalidMacException", ""));
        }
    }
}

TEST(Hmac, LimitsAndUsage) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kHmac256));
    const auto symmetric = local.kms->create_key({});
    ASSERT_TRUE(succeeds(key));
    constexpr auto kAlgorithm = MacAlgorithm::kHmacSha256;
    EXPECT_TRUE(fails_with(local.kms->generate_mac(key->key_id, {}, kAlgorithm), "ValidationException"));
    EXPECT_TRUE(succeeds(local.kms->generate_mac(key->key_id, Bytes(4096), kAlgorithm)));
    EXPECT_TRUE(fails_with(local.kms->generate_mac(key->key_id, Bytes(4097), kAlgorithm), "ValidationException"));
    EXPECT_TRUE(fails_with(local.kms->verify_mac(key->key_id, kMessage, Bytes(6145), kAlgorithm), "ValidationException"));
    EXPECT_TRUE(fails_with(local.kms->generate_mac(symmetric->key_id, kMessage, kAlgorithm), "InvalidKeyUsageException",
                           symmetric->arn + " key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."));
    EXPECT_TRUE(fails_with(local.kms->encrypt(key->key_id, kMessage, {}), "InvalidKeyUsageException",
                           key->arn + " key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."));
    EXPECT_TRUE(fails_with(local.kms->sign(key->key_id, kMessage, MessageType::kRaw), "InvalidKeyUsageException"));
    EXPECT_TRUE(fails_with(local.kms->get_public_key(key->key_id), "UnsupportedOperationException"));
    EXPECT_TRUE(fails_with(local.kms->enable_key_rotation(key->key_id, 365), "UnsupportedOperationException"));
    EXPECT_TRUE(
        fails_with(local.kms->create_key({KeySpec::kHmac256, KeyUsage::kSignVerify, "", {}}), "ValidationException"));
    EXPECT_TRUE(succeeds(local.kms->create_alias("alias/mac", key->key_id)));
    EXPECT_TRUE(succeeds(local.kms->generate_mac("alias/mac", kMessage, kAlgorithm)));
    const auto other = local.kms->create_key(request_of(KeySpec::kHmac512));
    EXPECT_TRUE(fails_with(local.kms->update_alias("alias/mac", other->key_id), "ValidationException"));
}

// Operation × state -----------------------------------------------------------------------------------------------------

enum class State : std::uint8_t { kEnabled, kDisabled, kPendingDeletion, kPendingImport };
constexpr std::array kStates = {State::kEnabled, State::kDisabled, State::kPendingDeletion, State::kPendingImport};
constexpr std::array<std::string_view, 4> kStateNames = {"Enabled", "Disabled", "PendingDeletion", "PendingImport"};

constexpr std::string_view kOk;
constexpr std::string_view kDisabledError = "DisabledException";
constexpr std::string_view kStateError = "KMSInvalidStateException";
constexpr std::string_view kUnsupported = "UnsupportedOperationException";

/// A key of origin EXTERNAL (HMAC_256 or symmetric) in a state, and what an operation answers on it.
struct Row {
    std::string_view name;
    KeySpec spec;
    std::function<Status(LocalKms&, const std::string&)> run;
    std::array<std::string_view, 4> due;  // by state
};

template <class T>
Status status_of(const Result<T>& result) {
    return result ? Status{} : fail(result);
}

const SecretBytes kImported = secret_of(std::string(64, '7'));

const std::vector<Row>& rows() {
    constexpr std::array kUsable = {kOk, kDisabledError, kStateError, kStateError};
    constexpr std::array kNotPending = {kOk, kOk, kStateError, kOk};
    constexpr std::array kHasMaterial = {kOk, kOk, kStateError, kStateError};
    constexpr std::array kAlways = {kOk, kOk, kOk, kOk};
    constexpr std::array kNeverRotates = {kUnsupported, kUnsupported, kStateError, kUnsupported};
    constexpr auto kSym = KeySpec::kSymmetricDefault;
    constexpr auto kMac = KeySpec::kHmac256;
    static const std::vector<Row> table = {
        {"GenerateMac", kMac,
         [](LocalKms& k, const std::string& id) {
             return status_of(k.generate_mac(id, kMessage, MacAlgorithm::kHmacSha256));
         },
         kUsable},
        {"VerifyMac", kMac,
         [](LocalKms& k, const std::string& id) {
             const Bytes due = crypto::mac(crypto::MacHash::kSha256, kImported.view(), kMessage);
             return status_of(k.verify_mac(id, kMessage, due, MacAlgorithm::kHmacSha256));
         },
         kUsable},
        {"Encrypt", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.encrypt(id, kMessage, {})); },
         kUsable},
        {"GenerateDataKey", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(k.generate_data_key(id, 32, {})); }, kUsable},
        {"EnableKey", kSym, [](LocalKms& k, const std::string& id) { return k.enable_key(id); }, kHasMaterial},
        {"DisableKey", kSym, [](LocalKms& k, const std::string& id) { return k.disable_key(id); }, kHasMaterial},
        {"ScheduleKeyDeletion", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(k.schedule_key_deletion(id, 7)); }, kNotPending},
        {"CancelKeyDeletion",
         kSym,
         [](LocalKms& k, const std::string& id) { return k.cancel_key_deletion(id); },
         {kStateError, kStateError, kOk, kStateError}},
        {"CreateAlias", kSym, [](LocalKms& k, const std::string& id) { return k.create_alias("alias/new", id); },
         kNotPending},
        {"TagResource", kSym, [](LocalKms& k, const std::string& id) { return k.tag_resource(id, {{"a", "b"}}); },
         kNotPending},
        {"UpdateKeyDescription", kSym,
         [](LocalKms& k, const std::string& id) { return k.update_key_description(id, "new"); }, kNotPending},
        {"DescribeKey", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.describe_key(id)); }, kAlways},
        {"GetKeyPolicy", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.get_key_policy(id, "")); },
         kAlways},
        {"PutKeyPolicy", kSym, [](LocalKms& k, const std::string& id) { return k.put_key_policy(id, "default", "{}"); },
         kAlways},
        {"ListKeyPolicies", kSym, [](LocalKms& k, const std::string& id) { return status_of(k.list_key_policies(id, {})); },
         kAlways},
        {"EnableKeyRotation", kSym, [](LocalKms& k, const std::string& id) { return k.enable_key_rotation(id, 365); },
         kNeverRotates},
        {"RotateKeyOnDemand", kSym, [](LocalKms& k, const std::string& id) { return k.rotate_key_on_demand(id); },
         kNeverRotates},
        {"GetParametersForImport", kSym,
         [](LocalKms& k, const std::string& id) {
             return status_of(k.get_parameters_for_import(id, WrappingAlgorithm::kOaepSha256, WrappingKeySpec::kRsa2048));
         },
         kNotPending},
        {"ImportKeyMaterial", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(import(k, id, kImported.view())); }, kNotPending},
        {"DeleteImportedKeyMaterial", kSym,
         [](LocalKms& k, const std::string& id) { return status_of(k.delete_imported_key_material(id)); }, kAlways},
    };
    return table;
}

struct Cell {
    const Row* row;
    State state;
};
void PrintTo(const Cell& cell, std::ostream* out) {
    *out << cell.row->name << " " << kStateNames[static_cast<std::size_t>(cell.state)];
}

std::vector<Cell> cells() {
    std::vector<Cell> out;
    for (const Row& row : rows()) {
        for (const State state : kStates) out.push_back({&row, state});
    }
    return out;
}

class ExternalKeyStates : public testing::TestWithParam<Cell> {};

TEST_P(ExternalKeyStates, Cell) {
    const Cell& cell = GetParam();
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(cell.row->spec, Origin::kExternal));
    ASSERT_TRUE(succeeds(key));
    EXPECT_EQ(key->state, KeyState::kPendingImport);
    if (cell.state != State::kPendingImport) {
        ASSERT_TRUE(succeeds(import(*local.kms, key->key_id, kImported.view())));
    }
    if (cell.state == State::kDisabled) {
        ASSERT_TRUE(succeeds(local.kms->disable_key(key->key_id)));
    }
    if (cell.state == State::kPendingDeletion) {
        ASSERT_TRUE(succeeds(local.kms->schedule_key_deletion(key->key_id, 7)));
    }

    const Status outcome = cell.row->run(*local.kms, key->key_id);
    const std::string_view due = cell.row->due[static_cast<std::size_t>(cell.state)];
    if (due.empty()) {
        EXPECT_TRUE(succeeds(outcome));
    } else if (due == kDisabledError) {
        EXPECT_TRUE(fails_with(outcome, due, key->arn + " is disabled."));
    } else if (due == kUnsupported) {
        EXPECT_TRUE(fails_with(outcome, due, key->arn + " origin is EXTERNAL which is not valid for this operation."));
    } else if (cell.row->name == "CancelKeyDeletion") {
        EXPECT_TRUE(fails_with(outcome, due, key->arn + " is not pending deletion"));
    } else {
        const bool import_pending = cell.state == State::kPendingImport;
        EXPECT_TRUE(fails_with(outcome, due, key->arn + (import_pending ? " is pending import." : " is pending deletion.")));
    }
}

INSTANTIATE_TEST_SUITE_P(LocalKms, ExternalKeyStates, testing::ValuesIn(cells()), [](const auto& tested) {
    return std::string(tested.param.row->name) + "_" +
           std::string(kStateNames[static_cast<std::size_t>(tested.param.state)]);
});

// Imports -----------------------------------------------------------------------------------------------------------------

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

// Policies ----------------------------------------------------------------------------------------------------------------

TEST(Policies, AreKeptAsTheyCome) {
    TemporaryKms local;
    const auto key = local.kms->create_key({});
    const auto made_with = local.kms->create_key({.description = "", .tags = {}, .policy = R"({"Id":"own"})"});
    EXPECT_NE(local.kms->get_key_policy(key->key_id, "default")->find("arn:aws:iam::000000000000:root"), std::string::npos);
    EXPECT_EQ(*local.kms->get_key_policy(made_with->key_id, ""), R"({"Id":"own"})");
    const std::string policy = R"( {"Version": "2012-10-17", "Statement": []} )";
    EXPECT_TRUE(succeeds(local.kms->put_key_policy(key->key_id, "default", policy)));
    EXPECT_EQ(*local.open()->get_key_policy(key->key_id, "default"), policy);
    EXPECT_EQ(local.kms->list_key_policies(key->key_id, {})->items, std::vector<std::string>{"default"});
    EXPECT_TRUE(fails_with(local.kms->get_key_policy(key->key_id, "other"), "NotFoundException", "No such policy exists"));
    EXPECT_TRUE(fails_with(local.kms->put_key_policy(key->key_id, "other", "{}"), "NotFoundException"));
    for (const std::string_view wrong : {"[]", "{", "text", "1"}) {
        EXPECT_TRUE(fails_with(local.kms->put_key_policy(key->key_id, "", wrong), "MalformedPolicyDocumentException"));
        EXPECT_TRUE(fails_with(local.kms->create_key({.description = "", .tags = {}, .policy = std::string(wrong)}),
                               "MalformedPolicyDocumentException"));
    }
    EXPECT_TRUE(fails_with(local.kms->put_key_policy(key->key_id, "", ""), "ValidationException"));
    EXPECT_TRUE(fails_with(local.kms->put_key_policy(key->key_id, "", std::string(32'769, ' ')), "ValidationException"));
    EXPECT_TRUE(
        fails_with(local.kms->list_key_policies(key->key_id, {.limit = 1, .marker = "x"}), "InvalidMarkerException"));
}

// Access keys
// ---------------------------------------------------------------------------------------------------------------

TEST(AccessKeys, AreSealedAndComeBack) {
    TemporaryKms local;
    const auto plain = local.kms->create_access_key(false);
    const auto temporary = local.kms->create_access_key(true);
    ASSERT_TRUE(plain);
    ASSERT_TRUE(temporary);
    EXPECT_TRUE(plain->id.starts_with("AKIA") && plain->id.size() == 20) << plain->id;
    EXPECT_TRUE(temporary->id.starts_with("ASIA")) << temporary->id;
    EXPECT_EQ(plain->secret.size(), 40U);
    EXPECT_TRUE(plain->session_token.empty());
    EXPECT_EQ(temporary->session_token.size(), 200U);
    EXPECT_NE(plain->secret.text(), temporary->secret.text());

    const auto again = local.open();
    const auto found = again->find_access_key(temporary->id);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->secret.text(), temporary->secret.text());
    EXPECT_EQ((*found)->session_token.text(), temporary->session_token.text());
    EXPECT_EQ(*found, *again->find_access_key(temporary->id)) << "opened once";
    EXPECT_EQ(again->list_access_keys()->size(), 2U);

    // Removed by one process, unknown to the other at once.
    EXPECT_TRUE(local.kms->remove_access_key(temporary->id));
    EXPECT_EQ(*again->find_access_key(temporary->id), nullptr);
    EXPECT_EQ(local.kms->remove_access_key(temporary->id).error().code, ErrorCode::kNotFound);
    local.kms->lock();
    EXPECT_EQ(local.kms->find_access_key(plain->id).error().code, ErrorCode::kLocked);
}

TEST(AccessKeys, ASwappedRowDoesNotOpen) {
    TemporaryKms local;
    const auto first = local.kms->create_access_key(false);
    const auto second = local.kms->create_access_key(false);
    auto database =
        sqlite::Database::open(local.path(), {.mode = sqlite::OpenMode::kReadWrite, .application_id = 0x4B444B4D});
    ASSERT_TRUE(database->execute("UPDATE access_keys SET sealed = (SELECT sealed FROM access_keys WHERE id = '" +
                                  first->id + "') WHERE id = '" + second->id + "'"));
    EXPECT_TRUE(local.kms->find_access_key(first->id));
    EXPECT_EQ(local.kms->find_access_key(second->id).error().code, ErrorCode::kCorrupt);
}

// The schema
// ------------------------------------------------------------------------------------------------------------------

TEST(Schema, AStoreOfTheFirstVersionIsTakenAlong) {
    TemporaryKms local;
    const auto symmetric = local.kms->create_key({.description = "old", .tags = {{"a", "b"}}});
    const auto ecc = local.kms->create_key(request_of(KeySpec::kEccSecgP256k1));
    ASSERT_TRUE(local.kms->schedule_key_deletion(ecc->key_id, 7));
    const auto encrypted = local.kms->encrypt(symmetric->key_id, kMessage, {});
    local.kms.reset();
    {
        // Back to what the first version wrote: the second only added.
        auto old =
            sqlite::Database::open(local.path(), {.mode = sqlite::OpenMode::kReadWrite, .application_id = 0x4B444B4D});
        ASSERT_TRUE(old);
        for (const std::string_view sql :
             {"DROP TABLE access_keys", "DROP INDEX keys_by_expiry", "ALTER TABLE keys DROP COLUMN origin",
              "ALTER TABLE keys DROP COLUMN has_material", "ALTER TABLE keys DROP COLUMN material_valid_to",
              "ALTER TABLE keys DROP COLUMN material_check", "ALTER TABLE keys DROP COLUMN policy",
              "PRAGMA user_version = 1"}) {
            const Status done = old->execute(sql);
            ASSERT_TRUE(done) << done.error().message;
        }
    }
    local.kms = local.open();
    ASSERT_NE(local.kms, nullptr);
    EXPECT_TRUE(std::filesystem::exists(local.path().string() + ".v1.bak"));
    EXPECT_EQ(as_text(local.kms->decrypt("", encrypted->ciphertext, {})->plaintext.view()), "message");
    const auto described = local.kms->describe_key(symmetric->key_id);
    EXPECT_EQ(described->description, "old");
    EXPECT_EQ(described->origin, Origin::kAwsKms);
    EXPECT_EQ(described->state, KeyState::kEnabled);
    EXPECT_EQ(local.kms->describe_key(ecc->key_id)->state, KeyState::kPendingDeletion);
    EXPECT_TRUE(succeeds(local.kms->cancel_key_deletion(ecc->key_id)));
    EXPECT_TRUE(local.kms->create_access_key(false));
}

}  // namespace
}  // namespace keydeck::kms
