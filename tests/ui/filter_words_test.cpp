#include "ui/views/filter_words.hpp"

#include <gtest/gtest.h>

#include "engine/types.hpp"
#include "ui/nearest.hpp"
#include "ui/time_words.hpp"
#include "ui/views/audit_filter.hpp"
#include "ui/views/deep_link.hpp"

namespace keydeck::ui {
namespace {

KeyInfo key(std::string id, std::string alias, std::string state) {
    KeyInfo out;
    out.id = std::move(id);
    out.alias = std::move(alias);
    out.state = std::move(state);
    out.purpose = "pool";
    return out;
}

TEST(FilterWords, AreFieldsAndPlainText) {
    const FilterWords words = read_filter_words("  user:alice  my   main key:pool-3 ", {"user", "key"});
    EXPECT_EQ(words.problem, "");
    EXPECT_EQ(words.of("user"), "alice");
    EXPECT_EQ(words.of("key"), "pool-3");
    EXPECT_EQ(words.text, "my main");
}

TEST(FilterWords, AFieldStillBeingTypedDoesNotNarrow) {
    const FilterWords words = read_wallet_filter("user:");
    EXPECT_EQ(words.problem, "");
    EXPECT_TRUE(words.fields.empty());
    EXPECT_EQ(words.text, "");
}

TEST(FilterWords, SayWhatWasProbablyMeant) {
    EXPECT_EQ(wallet_filter_problem("uesr:alice"), "no field uesr: — did you mean user:?");
    EXPECT_EQ(wallet_filter_problem("user:alice user:bob"), "user: stands there twice");
    EXPECT_EQ(key_filter_problem("sate:pending"), "no field sate: — did you mean state:?");
    EXPECT_EQ(key_filter_problem("state:pendign"), "no state pendign — did you mean PendingDeletion?");
    EXPECT_NE(key_filter_problem("state:zzz").find("Enabled Disabled PendingDeletion"), std::string::npos);
}

// Labels and aliases may hold a colon; ARNs always do.
TEST(FilterWords, AnUnknownNameBeforeAColonIsPlainText) {
    EXPECT_EQ(wallet_filter_problem("cold:storage"), "");
    EXPECT_EQ(read_wallet_filter("cold:storage").text, "cold:storage");
    const std::string arn = "arn:aws:kms:us-east-1:000000000000:key/1234";
    EXPECT_EQ(read_key_filter(arn).text, arn);
}

TEST(FilterWords, AStateMatchesByItsBeginningInAnyCase) {
    const KeyInfo pending = key("1a", "alias/pool-1", "PendingDeletion");
    const KeyInfo disabled = key("2b", "alias/pool-2", "Disabled");
    for (const char* text :
         {"state:pending", "state:PendingDeletion", "state:p", "state:pending key:1a", "pending", "key:pool-1"})
        EXPECT_TRUE(read_key_filter(text).matches(pending)) << text;
    for (const char* text : {"state:disabled", "state:pending key:2b", "state:pending pool-2"})
        EXPECT_FALSE(read_key_filter(text).matches(pending)) << text;
    EXPECT_TRUE(read_key_filter("state:dis pool").matches(disabled));
    EXPECT_FALSE(read_key_filter("state:enabled").matches(disabled));
}

TEST(FilterWords, TellAKeysIdFromItsAlias) {
    EXPECT_TRUE(is_key_id("1234abcd-12ab-34cd-56ef-1234567890ab"));
    EXPECT_TRUE(is_key_id("mrk-1234abcd12ab34cd56ef1234567890ab"));
    EXPECT_FALSE(is_key_id("keydeck-pool-3"));
}

TEST(AuditFilterWords, TakeATimeSeenFromNow) {
    const Timestamp now = *parse_time("2026-11-23T12:30:00Z", "now", {});
    EXPECT_EQ(read_audit_filter("since:2h", now).query.since, *parse_time("2026-11-23T10:30:00Z", "then", {}));
    EXPECT_EQ(read_audit_filter("since:today", now).query.since, *parse_time("2026-11-23", "then", {}));
    EXPECT_EQ(read_audit_filter("since:2026-11-01 actor:ops", now).query.actor, "ops");
    EXPECT_EQ(audit_filter_problem("since:"), "");
    EXPECT_EQ(audit_filter_problem("since:soon"), "since: takes today, 2h, 7d or 2026-11-23");
    EXPECT_EQ(audit_filter_problem("since:1d since:2d"), "since: stands there twice");
    EXPECT_EQ(audit_filter_problem("acter:ops"), "no field acter: — did you mean actor:?");
    EXPECT_EQ(audit_filter_problem("result:rejected"), "");
    EXPECT_EQ(audit_filter_problem("result:rejectd"), "no result rejectd — did you mean rejected?");
    EXPECT_TRUE(audit_filter_problem("result:failed").starts_with("result: is ok invalid_input not_found"));
    EXPECT_EQ(audit_filter_problem("key:alias/pool-1"), "key: takes a key's id; in Keys a shows its events");
}

TEST(DeepLink, NamesAScreenAndItsFilter) {
    const auto place = place_named("keys", "state:pending", ScreenId::kUsers);
    ASSERT_TRUE(place);
    EXPECT_EQ(place->screen, ScreenId::kKeys);
    EXPECT_EQ(place->filter, "state:pending");
    EXPECT_EQ(place_named("", "", ScreenId::kWallets)->screen, ScreenId::kWallets);
    for (const char* screen : {"users", "wallets", "keys", "audit"})
        EXPECT_TRUE(place_named(screen, "alice", ScreenId::kUsers));
}

TEST(DeepLink, RefusesWhatLeadsNowhere) {
    EXPECT_EQ(place_named("walets", "", ScreenId::kUsers).error().hint, "Did you mean wallets?");
    EXPECT_EQ(place_named("", "alice", ScreenId::kUsers).error().message, "A filter needs the screen that it is for.");
    for (const char* screen : {"jobs", "health"}) {
        const auto place = place_named(screen, "x", ScreenId::kUsers);
        ASSERT_FALSE(place);
        EXPECT_EQ(place.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(place.error().message.find("has no filter"), std::string::npos);
    }
    const auto misspelt = place_named("keys", "state:pendign", ScreenId::kUsers);
    ASSERT_FALSE(misspelt);
    EXPECT_NE(misspelt.error().message.find("did you mean PendingDeletion?"), std::string::npos);
}

}  // namespace
}  // namespace keydeck::ui
