#include "engine/store/secrets.hpp"

#include "engine/store/sealed_secrets.hpp"
#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

class SecretsTest : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        for (const char* id : {"key-1", "key-2"}) {
            KeyRecord key = key_record(id);
            key.purpose = "pool";
            ASSERT_TRUE(record_key(db(), key));
        }
        alice_ = insert_user(db(), "alice", kNow)->id;
    }
    sqlite::Database& db() { return **lease_; }

    NewSecretVersion version_of(std::int64_t secret_id, std::int64_t version, std::string_view key) const {
        return {secret_id, version, key, 1, 5, &context_, &sealed_, kNow};
    }
    std::int64_t put(const SecretKeyName& name, std::string_view key = "key-1") {
        const auto id = reserve_secret_id(db());
        EXPECT_TRUE(id) << why(id);
        const Status put = insert_secret(db(), name, version_of(*id, 1, key));
        EXPECT_TRUE(put) << why(put);
        return *id;
    }
    std::int64_t counted(std::string_view key) { return (*key_by_id(db(), key))->secrets; }
    std::vector<std::string> names(const SecretQuery& query, const std::optional<std::int64_t>& user = std::nullopt) {
        const auto listed = list_secrets(db(), query, user);
        EXPECT_TRUE(listed) << why(listed);
        std::vector<std::string> out;
        for (const SecretInfo& secret : *listed) out.push_back(secret.name + "/" + secret.environment + "/" + secret.owner);
        return out;
    }

    std::vector<std::pair<std::string, std::string>> context_{{"service", "pay \"out\""}};
    SealedSecret sealed_{{}, Bytes(40, 7)};
    std::int64_t alice_ = 0;
};

TEST_F(SecretsTest, KeepsTheSameNameSideBySideInEnvironmentsAndOwners) {
    put({"api", "production", 0});
    put({"api", "staging", 0});
    put({"api", "production", alice_});
    EXPECT_EQ(names({}), (std::vector<std::string>{"api/production/", "api/production/alice", "api/staging/"}));
    EXPECT_EQ(names({.page = {}, .owner = {}, .environment = "staging"}), (std::vector<std::string>{"api/staging/"}));
    EXPECT_EQ(names({}, alice_), (std::vector<std::string>{"api/production/alice"}));
    const auto id = reserve_secret_id(db());
    EXPECT_EQ(code_of(insert_secret(db(), {"api", "staging", 0}, version_of(*id, 1, "key-1"))), ErrorCode::kAlreadyExists);
}

TEST_F(SecretsTest, CountsASecretOnceForEachKeyOneOfItsVersionsIsUnder) {
    const std::int64_t id = put({"api", "default", 0});
    ASSERT_TRUE(add_secret_version(db(), version_of(id, 2, "key-1")));
    ASSERT_TRUE(add_secret_version(db(), version_of(id, 3, "key-2")));
    put({"other", "default", 0});
    EXPECT_EQ(counted("key-1"), 2);
    EXPECT_EQ(counted("key-2"), 1);
    ASSERT_TRUE(hide_secret(db(), id, kNow));
    EXPECT_EQ(counted("key-1"), 2) << "a hidden secret still depends on its key";
    ASSERT_TRUE(destroy_secret(db(), id));
    EXPECT_EQ(counted("key-1"), 1);
    EXPECT_EQ(counted("key-2"), 0);
}

TEST_F(SecretsTest, ReadsBackWhatWasPut) {
    const std::int64_t id = put({"api", "default", alice_});
    SealedSecret next{Bytes(180, 3), Bytes(5000, 4)};
    NewSecretVersion second = version_of(id, 2, "key-2");
    second.sealed = &next;
    second.size = 4900;
    ASSERT_TRUE(add_secret_version(db(), second));
    const auto found = find_secret(db(), {"api", "default", alice_});
    ASSERT_TRUE(found && *found) << why(found);
    EXPECT_EQ((*found)->info.versions, 2);
    EXPECT_EQ((*found)->info.owner, "alice");
    EXPECT_EQ((*found)->info.newest.key_id, "key-2");
    EXPECT_TRUE((*found)->info.newest.has_data_key);
    EXPECT_EQ((*found)->info.newest.size, 4900);
    EXPECT_EQ((*found)->info.newest.context, context_);
    const auto first = secret_content(db(), id, 1);
    ASSERT_TRUE(first) << why(first);
    EXPECT_EQ(first->sealed, sealed_);
    EXPECT_FALSE(first->version.has_data_key);
    EXPECT_EQ(secret_content(db(), id, 2)->sealed, next);
    EXPECT_EQ(code_of(secret_content(db(), id, 3)), ErrorCode::kNotFound);
    EXPECT_EQ(secret_versions(db(), id)->front().version, 2);
}

TEST_F(SecretsTest, TheSameVersionIsNotPutTwice) {
    const std::int64_t id = put({"api", "default", 0});
    ASSERT_TRUE(add_secret_version(db(), version_of(id, 2, "key-1")));
    EXPECT_EQ(code_of(add_secret_version(db(), version_of(id, 2, "key-1"))), ErrorCode::kAlreadyExists);
}

TEST_F(SecretsTest, AHiddenOneComesBackUnlessAnotherHasItsName) {
    const std::int64_t id = put({"api", "default", 0});
    ASSERT_TRUE(hide_secret(db(), id, kNow));
    EXPECT_FALSE(find_secret(db(), {"api", "default", 0})->has_value());
    EXPECT_TRUE(names({}).empty());
    EXPECT_EQ(names({.page = {}, .owner = {}, .environment = {}, .key = {}, .prefix = {}, .include_removed = true}).size(),
              1);
    ASSERT_TRUE(find_hidden_secret(db(), {"api", "default", 0})->has_value());
    const std::int64_t other = put({"api", "default", 0});
    EXPECT_EQ(code_of(unhide_secret(db(), id)), ErrorCode::kAlreadyExists);
    ASSERT_TRUE(hide_secret(db(), other, kNow));
    EXPECT_TRUE(unhide_secret(db(), id));
    EXPECT_EQ((*find_secret(db(), {"api", "default", 0}))->info.id, id);
}

TEST_F(SecretsTest, ListsByPagesInBothDirections) {
    for (const char* name : {"c", "a", "e", "b", "d", "ab"}) put({name, "default", 0});
    std::vector<std::string> seen;
    SecretQuery query;
    query.page.limit = 2;
    while (true) {
        const auto page = list_secrets(db(), query, std::nullopt);
        ASSERT_TRUE(page) << why(page);
        for (const SecretInfo& secret : *page) seen.push_back(secret.name);
        if (page->size() < 2) break;
        query.page.after = page->back().id;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "ab", "b", "c", "d", "e"}));
    query.page = {.limit = 2, .after = std::nullopt, .backwards = true};
    EXPECT_EQ(names(query), (std::vector<std::string>{"d/default/", "e/default/"}));
    query = {};
    query.prefix = "a";
    EXPECT_EQ(names(query), (std::vector<std::string>{"a/default/", "ab/default/"}));
    query = {};
    query.page.after = 999;
    EXPECT_EQ(code_of(list_secrets(db(), query, std::nullopt)), ErrorCode::kInvalidInput);
}

TEST_F(SecretsTest, NamesAreWordsThatCannotBeConfused) {
    const auto id = reserve_secret_id(db());
    for (const std::string& bad : {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a\nb"),
                                   std::string("\xC3\xA4"), std::string("a\0b", 3), std::string("%")}) {
        EXPECT_EQ(code_of(insert_secret(db(), {bad, "default", 0}, version_of(*id, 1, "key-1"))), ErrorCode::kInvalidInput)
            << bad;
        if (bad.size() < 100) {
            EXPECT_EQ(code_of(insert_secret(db(), {"a", bad, 0}, version_of(*id, 1, "key-1"))), ErrorCode::kInvalidInput);
        }
    }
    EXPECT_TRUE(insert_secret(db(), {std::string(128, 'a'), "A-z.0_9/@:", 0}, version_of(*id, 1, "key-1")));
}

TEST_F(SecretsTest, AUserWithSecretsIsNotRemoved) {
    const std::int64_t id = put({"api", "default", alice_});
    EXPECT_EQ(code_of(remove_user(db(), "alice", kNow)), ErrorCode::kRejected);
    ASSERT_TRUE(hide_secret(db(), id, kNow));
    EXPECT_EQ(code_of(remove_user(db(), "alice", kNow)), ErrorCode::kRejected) << "nobody could name it any more";
    ASSERT_TRUE(destroy_secret(db(), id));
    EXPECT_TRUE(remove_user(db(), "alice", kNow));
}

TEST_F(SecretsTest, ResealsOnlyWhatIsAsItWasRead) {
    put({"a", "default", 0});
    put({"b", "default", 0});
    const auto rows = sealed_secrets(db(), {.key_id = "key-1", .ids = {}}, 0, 10);
    ASSERT_TRUE(rows) << why(rows);
    ASSERT_EQ(rows->size(), 2);
    const SealedSecret moved{{}, Bytes(41, 9)};
    std::vector<SecretResealing> changes{{&(*rows)[0], "key-2", 1, &moved}};
    EXPECT_TRUE(reseal_secrets(db(), changes, std::nullopt)->empty());
    EXPECT_EQ(counted("key-1"), 1);
    EXPECT_EQ(counted("key-2"), 1);
    changes.push_back({&(*rows)[1], "key-2", 1, &moved});
    const auto unchanged = reseal_secrets(db(), changes, std::nullopt);
    ASSERT_TRUE(unchanged) << why(unchanged);
    EXPECT_EQ(*unchanged, std::vector<std::size_t>{0}) << "the first was moved already";
    EXPECT_EQ(*count_sealed_secrets(db(), {.key_id = "key-1", .ids = {}}), 0);
}

TEST_F(SecretsTest, SecretsUnderThePoolCanBeToldFromOthers) {
    ASSERT_TRUE(record_key(db(), key_record("by-hand")));
    put({"pool", "default", 0}, "key-1");
    put({"named", "default", 0}, "by-hand");
    EXPECT_EQ(*count_sealed_secrets(db(), {}), 2);
    SealedRowQuery query;
    query.pool_only = true;
    EXPECT_EQ(*count_sealed_secrets(db(), query), 1);
    EXPECT_EQ(*count_sealed_secrets(db(), {.key_id = "by-hand", .ids = {}}), 1);
}

}  // namespace
}  // namespace keydeck::store
