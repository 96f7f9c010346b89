// Creating, describing, listing and deleting keys.
#include <algorithm>
#include <set>
#include <thread>

#include "tests/contract/kms_contract.hpp"

namespace keydeck::kms::contract {
namespace {

CreateKeyRequest symmetric_request(std::string description, Tags tags = {}) {
    return {.spec = KeySpec::kSymmetricDefault,
            .usage = KeyUsage::kEncryptDecrypt,
            .description = std::move(description),
            .tags = std::move(tags)};
}

TEST_P(KmsContract, CreateKeyAnswersMetadataThatDescribeKeyRepeats) {
    for (const KeySpec spec : {KeySpec::kSymmetricDefault, KeySpec::kEccSecgP256k1}) {
        const KeyMetadata made = make_key(spec);
        const auto described = kms().describe_key(made.key_id);
        ASSERT_TRUE(succeeds(described));
        EXPECT_EQ(described->key_id, made.key_id);
        EXPECT_EQ(described->arn, made.arn);
        EXPECT_EQ(described->arn, key_arn(made.key_id));
        EXPECT_EQ(described->spec, spec);
        EXPECT_EQ(described->usage, spec == KeySpec::kSymmetricDefault ? KeyUsage::kEncryptDecrypt : KeyUsage::kSignVerify);
        EXPECT_EQ(described->state, KeyState::kEnabled);
        EXPECT_EQ(described->description, "contract test");
        EXPECT_EQ(described->created_at, made.created_at);
        EXPECT_FALSE(described->deletion_date.has_value());
    }
}

TEST_P(KmsContract, KeyIdsAreUuids) {
    const std::string id = make_symmetric().key_id;
    ASSERT_EQ(id.size(), 36U);
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            EXPECT_EQ(id[i], '-');
        } else {
            EXPECT_NE(std::string_view("0123456789abcdef").find(id[i]), std::string_view::npos);
        }
    }
    EXPECT_NE(id, make_symmetric().key_id);
}

TEST_P(KmsContract, UsageMustFitTheSpec) {
    EXPECT_TRUE(
        fails_with(kms().create_key(
                       {.spec = KeySpec::kSymmetricDefault, .usage = KeyUsage::kSignVerify, .description = "", .tags = {}}),
                   "ValidationException", "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"));
    EXPECT_TRUE(
        fails_with(kms().create_key(
                       {.spec = KeySpec::kEccSecgP256k1, .usage = KeyUsage::kEncryptDecrypt, .description = "", .tags = {}}),
                   "ValidationException", "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_SECG_P256K1"));
}

TEST_P(KmsContract, DescriptionsHaveAtMost8192Characters) {
    std::string longest;
    for (int i = 0; i < 8192; ++i) longest += "é";  // characters, not bytes
    const auto made = kms().create_key(symmetric_request(longest));
    ASSERT_TRUE(succeeds(made));
    EXPECT_EQ(kms().describe_key(made->key_id)->description, longest);
    EXPECT_TRUE(fails_with(kms().create_key(symmetric_request(longest + "x")), "ValidationException"));
    EXPECT_TRUE(fails_with(kms().update_key_description(made->key_id, longest + "x"), "ValidationException"));
    EXPECT_TRUE(succeeds(kms().update_key_description(made->key_id, "")));
    EXPECT_EQ(kms().describe_key(made->key_id)->description, "");
}

TEST_P(KmsContract, AnEmptyKeyIdIsRefusedByLength) {
    EXPECT_TRUE(fails_with(kms().describe_key(""), "ValidationException",
                           "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have "
                           "length greater than or equal to 1"));
}

TEST_P(KmsContract, MultiRegionKeyIdsAreWellFormedAndUnknown) {
    const std::string id = "mrk-d3b95762d3b95762d3b95762d3b95762";
    EXPECT_TRUE(fails_with(kms().describe_key(id), "NotFoundException", "Key '" + key_arn(id) + "' does not exist"));
    EXPECT_TRUE(fails_with(kms().describe_key("mrk-fake-key-id"), "NotFoundException", "Invalid keyId 'mrk-fake-key-id'"));
}

TEST_P(KmsContract, ListKeysPagesThroughAllKeysOnce) {
    std::set<std::string> made;
    for (int i = 0; i < 23; ++i)
        made.insert(make_key(i % 2 == 0 ? KeySpec::kSymmetricDefault : KeySpec::kEccSecgP256k1).key_id);
    std::set<std::string> seen;
    PageRequest page{.limit = 5, .marker = ""};
    for (;;) {
        const auto keys = kms().list_keys(page);
        ASSERT_TRUE(succeeds(keys));
        EXPECT_LE(keys->items.size(), 5U);
        for (const KeyListEntry& key : keys->items) {
            EXPECT_TRUE(seen.insert(key.key_id).second) << "twice: " << key.key_id;
            EXPECT_EQ(key.arn, key_arn(key.key_id));
        }
        if (keys->next_marker.empty()) break;
        EXPECT_EQ(keys->items.size(), 5U);
        page.marker = keys->next_marker;
    }
    EXPECT_TRUE(std::ranges::includes(seen, made));
}

TEST_P(KmsContract, ListLimitsAre1To1000AndKeysComeByHundreds) {
    for (const int limit : {0, -1, 1001}) {
        EXPECT_TRUE(fails_with(kms().list_keys({.limit = limit, .marker = ""}), "ValidationException")) << limit;
        EXPECT_TRUE(fails_with(kms().list_aliases("", {.limit = limit, .marker = ""}), "ValidationException")) << limit;
    }
    EXPECT_TRUE(fails_with(kms().list_keys({.limit = 1001, .marker = ""}), "ValidationException",
                           "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member must "
                           "have value less than or equal to 1000"));
    EXPECT_TRUE(succeeds(kms().list_keys({.limit = 1000, .marker = ""})));
    for (int i = 0; i < 101; ++i) make_symmetric();
    const auto keys = kms().list_keys({});
    ASSERT_TRUE(succeeds(keys));
    EXPECT_EQ(keys->items.size(), 100U);
    EXPECT_FALSE(keys->next_marker.empty());
}

TEST_P(KmsContract, AMarkerNobodyGaveIsRefused) {
    const std::string id = make_symmetric().key_id;
    EXPECT_TRUE(fails_with(kms().list_keys({.limit = {}, .marker = "?"}), "InvalidMarkerException"));
    EXPECT_TRUE(fails_with(kms().list_aliases("", {.limit = {}, .marker = "?"}), "InvalidMarkerException"));
    EXPECT_TRUE(fails_with(kms().list_resource_tags(id, {.limit = {}, .marker = "?"}), "InvalidMarkerException"));
    EXPECT_TRUE(fails_with(kms().list_key_rotations(id, {.limit = {}, .marker = "?"}), "InvalidMarkerException"));
}

TEST_P(KmsContract, PendingWindowsAre7To30Days) {
    for (const int days : {-1, 0, 6, 31, 365}) {
        const std::string id = make_symmetric().key_id;
        EXPECT_TRUE(fails_with(kms().schedule_key_deletion(id, days), "ValidationException")) << days;
        EXPECT_EQ(kms().describe_key(id)->state, KeyState::kEnabled);
    }
    for (const int days : {7, 30}) {
        const std::string id = make_symmetric().key_id;
        const auto scheduled = kms().schedule_key_deletion(id, days);
        ASSERT_TRUE(succeeds(scheduled));
        EXPECT_EQ(scheduled->state, KeyState::kPendingDeletion);
        ASSERT_TRUE(scheduled->deletion_date.has_value());
        const auto distance = *scheduled->deletion_date - (subject().now() + std::chrono::days(days));
        EXPECT_LT(std::chrono::abs(distance), std::chrono::minutes(5));
        EXPECT_EQ(kms().describe_key(id)->deletion_date, scheduled->deletion_date);
    }
}

TEST_P(KmsContract, ACancelledKeyComesBackDisabledAndWhole) {
    const std::string id = make_symmetric().key_id;
    const auto sealed = kms().encrypt(id, as_bytes("kept"), {});
    ASSERT_TRUE(succeeds(kms().create_alias("alias/kept", id)));
    ASSERT_TRUE(succeeds(kms().schedule_key_deletion(id, 7)));
    ASSERT_TRUE(succeeds(kms().cancel_key_deletion(id)));
    EXPECT_TRUE(fails_with(kms().decrypt("", sealed->ciphertext, {}), "DisabledException"));
    ASSERT_TRUE(succeeds(kms().enable_key(id)));
    EXPECT_EQ(kms().decrypt("alias/kept", sealed->ciphertext, {})->plaintext.text(), "kept");
}

TEST_P(KmsContract, ADestroyedKeyDoesNotExist) {
    const std::string id = make_symmetric().key_id;
    const std::string ecc = make_ecc().key_id;
    const auto sealed = kms().encrypt(id, as_bytes("lost"), {});
    ASSERT_TRUE(succeeds(kms().create_alias("alias/doomed", id)));
    ASSERT_TRUE(succeeds(kms().create_alias("alias/safe", make_symmetric().key_id)));
    ASSERT_TRUE(succeeds(kms().schedule_key_deletion(id, 7)));
    ASSERT_TRUE(succeeds(kms().schedule_key_deletion(ecc, 8)));
    if (!subject().pass(std::chrono::days(7))) GTEST_SKIP() << "time cannot be moved here";

    const std::string gone = "Key '" + key_arn(id) + "' does not exist";
    for (const Operation& operation : operations()) {
        if (!operation.names_key) continue;
        Scene scene{.kms = kms(),
                    .key = id,
                    .key_id = id,
                    .alias = "alias/doomed",
                    .helper_id = "",
                    .helper_alias = "alias/safe",
                    .ciphertext = sealed->ciphertext,
                    .symmetric_id = make_symmetric().key_id,
                    .symmetric_ciphertext = {},
                    .signature = Bytes(70, 1)};
        scene.symmetric_ciphertext = kms().encrypt(scene.symmetric_id, as_bytes("m"), {})->ciphertext;
        EXPECT_TRUE(fails_with(operation.run(scene), "NotFoundException", gone)) << operation.name;
    }
    // The ciphertext alone does not tell that its key was once there.
    EXPECT_TRUE(fails_with(kms().decrypt("", sealed->ciphertext, {}), "AccessDeniedException"));
    EXPECT_TRUE(fails_with(kms().describe_key("alias/doomed"), "NotFoundException"));
    const auto keys = kms().list_keys({.limit = 1000, .marker = ""});
    ASSERT_TRUE(succeeds(keys));
    EXPECT_TRUE(std::ranges::none_of(keys->items, [&](const KeyListEntry& key) { return key.key_id == id; }));
    EXPECT_EQ(kms().describe_key(ecc)->state, KeyState::kPendingDeletion) << "its own window is longer";
    EXPECT_TRUE(succeeds(kms().create_alias("alias/doomed", make_symmetric().key_id))) << "the name is free again";
    ASSERT_TRUE(subject().pass(std::chrono::days(1)));
    EXPECT_TRUE(fails_with(kms().describe_key(ecc), "NotFoundException"));
}

TEST_P(KmsContract, ADeletionCanBeCancelledOnItsLastDay) {
    const std::string id = make_ecc().key_id;
    ASSERT_TRUE(succeeds(kms().schedule_key_deletion(id, 7)));
    if (!subject().pass(std::chrono::days(6))) GTEST_SKIP() << "time cannot be moved here";
    ASSERT_TRUE(succeeds(kms().cancel_key_deletion(id)));
    ASSERT_TRUE(subject().pass(std::chrono::days(30)));
    ASSERT_TRUE(succeeds(kms().enable_key(id)));
    EXPECT_TRUE(succeeds(kms().sign(id, as_bytes("still here"), MessageType::kRaw)));
}

TEST_P(KmsContract, ItIsThreadSafe) {
    const std::string symmetric = make_symmetric().key_id;
    const std::string ecc = make_ecc().key_id;
    const auto work = [&](int seed) {
        for (int i = 0; i < 25; ++i) {
            const std::string text = std::to_string(seed * 1000 + i);
            const auto sealed = kms().encrypt(symmetric, as_bytes(text), {});
            ASSERT_TRUE(succeeds(sealed));
            const auto opened = kms().decrypt("", sealed->ciphertext, {});
            ASSERT_TRUE(succeeds(opened));
            EXPECT_EQ(opened->plaintext.text(), text);
            const auto signature = kms().sign(ecc, as_bytes(text), MessageType::kRaw);
            ASSERT_TRUE(succeeds(signature));
            EXPECT_TRUE(succeeds(kms().verify(ecc, as_bytes(text), MessageType::kRaw, signature->signature)));
            const std::string mine = make_symmetric().key_id;
            EXPECT_TRUE(succeeds(kms().create_alias("alias/t" + text, mine)));
            EXPECT_TRUE(succeeds(kms().disable_key(mine)));
            EXPECT_TRUE(fails_with(kms().encrypt("alias/t" + text, as_bytes("x"), {}), "DisabledException"));
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
    }
    const auto aliases = kms().list_aliases("", {.limit = 1000, .marker = ""});
    ASSERT_TRUE(succeeds(aliases));
    EXPECT_EQ(std::ranges::count_if(aliases->items, [](const Alias& a) { return a.name.starts_with("alias/t"); }), 100);
}

}  // namespace
}  // namespace keydeck::kms::contract
