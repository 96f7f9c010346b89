#include "ui/once.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"
#include "ui/terminal/ansi.hpp"
#include "ui/theme.hpp"
#include "ui/ui.hpp"

namespace keydeck::ui {
namespace {

TEST(Once, PrintsAFrameOfWhatTheVaultHolds) {
    Harness harness;
    ASSERT_TRUE(harness.engine_of_another_process().add_user(harness.operator_session(), "dave"));
    const std::int64_t events = harness.events();
    UiOptions options;
    options.environment = "TEST";
    options.start_screen = "users";
    const auto text = one_frame(harness.engine(), options, {120, 36, false});
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_NE(text->find("[2 Users]"), std::string::npos) << *text;
    EXPECT_NE(text->find("> dave"), std::string::npos) << *text;
    EXPECT_EQ(std::ranges::count(*text, '\n'), 36);
    EXPECT_EQ(text->find('\x1b'), std::string::npos);
    EXPECT_EQ(harness.events(), events);
}

TEST(Once, NarrowsAsTheFilterSays) {
    Harness harness;
    for (const char* name : {"dave", "erin"})
        ASSERT_TRUE(harness.engine_of_another_process().add_user(harness.operator_session(), name));
    import_known(harness.engine_of_another_process(), "dave", 1, "cold");
    import_known(harness.engine_of_another_process(), "erin", 2, "hot");
    UiOptions options;
    options.start_screen = "wallets";
    options.filter = "user:erin";
    auto text = one_frame(harness.engine(), options, {});
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_NE(text->find("hot"), std::string::npos) << *text;
    EXPECT_EQ(text->find("cold"), std::string::npos) << *text;
    // An alias is looked up; what nobody has is an empty list and no error.
    const auto keys = harness.engine().list_keys(harness.operator_session(), {});
    options.filter = "key:" + keys->front().alias.substr(6);
    text = one_frame(harness.engine(), options, {});
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_NE(text->find("cold"), std::string::npos) << *text;
    for (const char* unknown : {"user:nobody", "key:no-such-key"}) {
        options.filter = unknown;
        text = one_frame(harness.engine(), options, {});
        ASSERT_TRUE(text) << text.error().message;
        EXPECT_NE(text->find("No wallets match"), std::string::npos) << *text;
    }
}

TEST(Once, ShowsTheKeysOfAState) {
    Harness harness;
    const Session session = harness.operator_session();
    CreateKey request;
    const auto kept = harness.engine_of_another_process().create_key(session, request);
    const auto ending = harness.engine_of_another_process().create_key(session, request);
    ASSERT_TRUE(kept && ending);
    ASSERT_TRUE(harness.engine_of_another_process().schedule_key_deletion(session, ending->id, 7, 0));
    UiOptions options;
    options.start_screen = "keys";
    options.filter = "state:pending";
    const auto text = one_frame(harness.engine(), options, {120, 36, false});
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_NE(text->find(ending->id.substr(0, 8)), std::string::npos) << *text;
    EXPECT_EQ(text->find(kept->id.substr(0, 8)), std::string::npos) << *text;
}

TEST(Once, ColoursOnlyWhereTheyAreWanted) {
    Frame frame({2, 10});
    frame.put(0, 0, "plain");
    frame.put(1, 0, "danger", {Role::kDanger});
    EXPECT_EQ(ansi_text(frame, built_in_themes().front()), "plain\n\x1b[0;1;31mdanger\x1b[0m\n");
    frame.select({0, 0, 1, 10});
    EXPECT_EQ(ansi_text(frame, built_in_themes().front()).substr(0, 21), "\x1b[0;7mplain     \x1b[0m\n");
}

}  // namespace
}  // namespace keydeck::ui
