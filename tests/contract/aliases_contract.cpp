// Aliases and tags.
#include <algorithm>

#include "tests/contract/kms_contract.hpp"

namespace keydeck::kms::contract {
namespace {

Tags many_tags(std::size_t count, const std::string& prefix = "tag") {
    Tags tags;
    for (std::size_t i = 0; i < count; ++i) tags.emplace_back(prefix + std::to_string(i), "v");
    return tags;
}

TEST_P(KmsContract, AliasNamesAreChecked) {
    const std::string id = make_symmetric().key_id;
    const auto refused = [&](const std::string& name, std::string_view error) {
        EXPECT_TRUE(fails_with(kms().create_alias(name, id), error)) << name;
        EXPECT_TRUE(fails_with(kms().update_alias(name, id), error)) << name;
        EXPECT_TRUE(fails_with(kms().delete_alias(name), error)) << name;
    };
    EXPECT_TRUE(fails_with(kms().create_alias("nothing", id), "ValidationException",
                           "Alias must start with the prefix \"alias/\". Please see "
                           "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"));
    refused("", "ValidationException");
    refused("nothing", "ValidationException");
    refused("ALIAS/x", "ValidationException");
    refused("alias/with space", "ValidationException");
    refused("alias/ünder", "ValidationException");
    refused("alias/dot.dot", "ValidationException");
    refused("alias/" + std::string(251, 'a'), "ValidationException");
    refused("alias/", "InvalidAliasNameException");
    refused("alias/aws/s3", "NotAuthorizedException");
    EXPECT_TRUE(succeeds(kms().create_alias("alias/" + std::string(250, 'a'), id)));
    EXPECT_TRUE(succeeds(kms().create_alias("alias/aZ09:/_-", id)));
    EXPECT_TRUE(succeeds(kms().create_alias("alias/awsome", id)));
}

TEST_P(KmsContract, AnAliasIsTakenOnce) {
    const std::string id = make_symmetric().key_id;
    ASSERT_TRUE(succeeds(kms().create_alias("alias/one", id)));
    EXPECT_TRUE(fails_with(kms().create_alias("alias/one", id), "AlreadyExistsException",
                           "An alias with the name " + alias_arn("alias/one") + " already exists"));
    EXPECT_TRUE(fails_with(kms().create_alias("alias/one", make_symmetric().key_id), "AlreadyExistsException"));
    EXPECT_EQ(kms().describe_key("alias/one")->key_id, id);
    EXPECT_TRUE(succeeds(kms().create_alias("alias/One", make_symmetric().key_id))) << "case matters";
}

TEST_P(KmsContract, AnAliasFollowsItsKey) {
    const std::string first = make_symmetric().key_id;
    const std::string second = make_symmetric().key_id;
    ASSERT_TRUE(succeeds(kms().create_alias("alias/moving", first)));
    const auto sealed = kms().encrypt("alias/moving", as_bytes("x"), {});
    ASSERT_TRUE(succeeds(sealed));
    EXPECT_EQ(sealed->key_arn, key_arn(first));
    ASSERT_TRUE(succeeds(kms().update_alias("alias/moving", second)));
    EXPECT_EQ(kms().encrypt("alias/moving", as_bytes("x"), {})->key_arn, key_arn(second));
    EXPECT_TRUE(fails_with(kms().decrypt("alias/moving", sealed->ciphertext, {}), "IncorrectKeyException"));
    EXPECT_TRUE(succeeds(kms().decrypt("", sealed->ciphertext, {})));
    ASSERT_TRUE(succeeds(kms().delete_alias("alias/moving")));
    EXPECT_TRUE(fails_with(kms().encrypt("alias/moving", as_bytes("x"), {}), "NotFoundException",
                           "Alias " + alias_arn("alias/moving") + " is not found."));
    EXPECT_TRUE(fails_with(kms().delete_alias("alias/moving"), "NotFoundException"));
    EXPECT_TRUE(fails_with(kms().update_alias("alias/moving", first), "NotFoundException"));
}

TEST_P(KmsContract, AnAliasCannotMoveToAnotherTypeOfKey) {
    const std::string symmetric = make_symmetric().key_id;
    const std::string ecc = make_ecc().key_id;
    ASSERT_TRUE(succeeds(kms().create_alias("alias/symmetric", symmetric)));
    ASSERT_TRUE(succeeds(kms().create_alias("alias/ecc", ecc)));
    EXPECT_TRUE(fails_with(kms().update_alias("alias/symmetric", ecc), "ValidationException"));
    EXPECT_TRUE(fails_with(kms().update_alias("alias/ecc", symmetric), "ValidationException"));
    EXPECT_EQ(kms().describe_key("alias/symmetric")->key_id, symmetric);
    EXPECT_EQ(kms().describe_key("alias/ecc")->key_id, ecc);
}

TEST_P(KmsContract, AKeyHasAtMost50Aliases) {
    const std::string full = make_symmetric().key_id;
    const std::string other = make_symmetric().key_id;
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(succeeds(kms().create_alias("alias/n" + std::to_string(i), full)));
    EXPECT_TRUE(fails_with(kms().create_alias("alias/n50", full), "LimitExceededException"));
    ASSERT_TRUE(succeeds(kms().create_alias("alias/n50", other)));
    EXPECT_TRUE(fails_with(kms().update_alias("alias/n50", full), "LimitExceededException"));
    EXPECT_TRUE(succeeds(kms().update_alias("alias/n49", full))) << "it is the key's already";
    ASSERT_TRUE(succeeds(kms().delete_alias("alias/n0")));
    EXPECT_TRUE(succeeds(kms().update_alias("alias/n50", full)));
}

TEST_P(KmsContract, AliasesAreListedByKeyAndInAll) {
    const std::string first = make_symmetric().key_id;
    const std::string second = make_ecc().key_id;
    for (int i = 0; i < 7; ++i) {
        ASSERT_TRUE(succeeds(kms().create_alias("alias/list/" + std::to_string(i), i < 4 ? first : second)));
    }
    const auto of_first = kms().list_aliases(first, {});
    ASSERT_TRUE(succeeds(of_first));
    ASSERT_EQ(of_first->items.size(), 4U);
    EXPECT_EQ(of_first->items[0].arn, alias_arn(of_first->items[0].name));
    EXPECT_TRUE(of_first->next_marker.empty());
    std::vector<std::string> names;
    PageRequest page{.limit = 3, .marker = ""};
    do {
        const auto aliases = kms().list_aliases("", page);
        ASSERT_TRUE(succeeds(aliases));
        EXPECT_LE(aliases->items.size(), 3U);
        for (const Alias& alias : aliases->items) {
            if (!alias.name.starts_with("alias/list/")) continue;
            names.push_back(alias.name);
            EXPECT_EQ(alias.target_key_id, alias.name < "alias/list/4" ? first : second);
        }
        page.marker = aliases->next_marker;
    } while (!page.marker.empty());
    EXPECT_EQ(names.size(), 7U);
    std::ranges::sort(names);
    EXPECT_TRUE(std::ranges::adjacent_find(names) == names.end());
}

TEST_P(KmsContract, TagsArePutChangedAndTaken) {
    const auto made = kms().create_key({.spec = KeySpec::kSymmetricDefault,
                                        .usage = KeyUsage::kEncryptDecrypt,
                                        .description = "",
                                        .tags = {{"vault", "v1"}, {"empty", ""}}});
    ASSERT_TRUE(succeeds(made));
    ASSERT_TRUE(succeeds(kms().tag_resource(made->key_id, {{"vault", "v2"}, {"user", "alice"}})));
    const auto tags = kms().list_resource_tags(made->key_id, {});
    ASSERT_TRUE(succeeds(tags));
    Tags found = tags->items;
    std::ranges::sort(found);
    EXPECT_EQ(found, (Tags{{"empty", ""}, {"user", "alice"}, {"vault", "v2"}}));
    ASSERT_TRUE(succeeds(kms().untag_resource(made->key_id, {"vault", "never-there"})));
    EXPECT_EQ(kms().list_resource_tags(made->key_id, {})->items.size(), 2U);
    EXPECT_TRUE(succeeds(kms().tag_resource(made->key_id, {})));
}

TEST_P(KmsContract, TagsAreChecked) {
    const std::string id = make_symmetric().key_id;
    const auto refused = [&](const Tags& tags, std::string_view error, std::string_view message) {
        EXPECT_TRUE(fails_with(kms().tag_resource(id, tags), error, message));
        EXPECT_TRUE(fails_with(
            kms().create_key(
                {.spec = KeySpec::kSymmetricDefault, .usage = KeyUsage::kEncryptDecrypt, .description = "", .tags = tags}),
            error, message));
        EXPECT_TRUE(kms().list_resource_tags(id, {})->items.empty());
    };
    refused({{"a", "1"}, {"a", "2"}}, "TagException", "Duplicate tag keys");
    refused(many_tags(51), "TagException", "Too many tags");
    refused({{"aws:x", "1"}}, "TagException", "Tags beginning with aws: are reserved");
    refused({{"AWS:x", "1"}}, "TagException", "Tags beginning with aws: are reserved");
    const std::string key129(129, 'k');
    refused(
        {{"fine", ""}, {key129, "1"}}, "ValidationException",
        "1 validation error detected: Value '" + key129 +
            "' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128");
    refused({{"", "1"}}, "ValidationException",
            "1 validation error detected: Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1");
    const std::string value257(257, 'v');
    refused(
        {{"k", value257}}, "ValidationException",
        "1 validation error detected: Value '" + value257 +
            "' at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256");
    EXPECT_TRUE(succeeds(kms().tag_resource(id, {{std::string(128, 'k'), std::string(256, 'v')}})));
    EXPECT_TRUE(fails_with(kms().untag_resource(id, {key129}), "ValidationException"));
}

TEST_P(KmsContract, AKeyHasAtMost50Tags) {
    const std::string id = make_symmetric().key_id;
    ASSERT_TRUE(succeeds(kms().tag_resource(id, many_tags(50))));
    EXPECT_TRUE(fails_with(kms().tag_resource(id, {{"another", ""}}), "TagException", "Too many tags"));
    EXPECT_TRUE(succeeds(kms().tag_resource(id, {{"tag7", "changed"}})));
    Tags all;
    PageRequest page{.limit = 20, .marker = ""};
    do {
        const auto tags = kms().list_resource_tags(id, page);
        ASSERT_TRUE(succeeds(tags));
        EXPECT_LE(tags->items.size(), 20U);
        all.insert(all.end(), tags->items.begin(), tags->items.end());
        page.marker = tags->next_marker;
    } while (!page.marker.empty());
    ASSERT_EQ(all.size(), 50U);
    EXPECT_NE(std::ranges::find(all, std::pair<std::string, std::string>("tag7", "changed")), all.end());
    EXPECT_TRUE(fails_with(kms().list_resource_tags(id, {.limit = 0, .marker = ""}), "ValidationException"));
}

}  // namespace
}  // namespace keydeck::kms::contract
