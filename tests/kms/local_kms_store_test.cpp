// What a LocalKms keeps beside keys: policies, access keys; and the schema of older versions.
#include <gtest/gtest.h>

#include "engine/sqlite/database.hpp"
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/key_material.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using contract::fails_with;
using contract::succeeds;
using test::kMessage;
using test::request_of;
using test::TemporaryKms;

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
