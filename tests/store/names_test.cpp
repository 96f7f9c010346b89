#include "engine/store/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace keydeck::store {
namespace {

TEST(Names, AcceptsWhatPeopleAreCalled) {
    for (const std::string name :
         {"alice", "Bob Smith", "u0004121", "Åsa", "王小明", "o'brien", "a", "alice.admin", "0x12", "-"}) {
        EXPECT_TRUE(check_user_name(name)) << name;
        EXPECT_TRUE(check_label(name)) << name;
    }
    EXPECT_TRUE(check_user_name(std::string(64, 'x')));
    std::string wide;
    for (int i = 0; i < 64; ++i) wide += "王";
    EXPECT_TRUE(check_user_name(wide)) << "characters are counted, not bytes";
}

TEST(Names, RefusesWhatWouldMislead) {
    const std::string address = "0x52908400098527886E0F7030069857D2E4169EE7";
    const std::string bad[] = {std::string(65, 'x'),
                               " alice",
                               "alice ",
                               "a\nb",
                               "tab\there",
                               std::string("a\0b", 3),
                               "\x1b[31mred",
                               "del\x7f",
                               "\xC2\x85next-line",
                               "\xC2\x9F",
                               "broken\xC3",
                               "\xED\xA0\x80",
                               "\xC0\xAF",
                               "user\u202Eecila",
                               "al\u200Eice",
                               "\u2066bob\u2069",
                               address,
                               "0X" + std::string(40, 'a')};
    for (const auto& name : bad) {
        const auto user = check_user_name(name);
        ASSERT_FALSE(user) << name;
        EXPECT_EQ(user.error().code, ErrorCode::kInvalidInput);
        const auto label = check_label(name);
        ASSERT_FALSE(label) << name;
        EXPECT_EQ(label.error().code, ErrorCode::kInvalidInput);
    }
}

TEST(Names, OnlyAnOperatorIsCalledOperator) {
    EXPECT_FALSE(check_user_name("operator"));
    EXPECT_FALSE(check_user_name("Operator"));
    EXPECT_TRUE(check_user_name("operator2"));
    EXPECT_TRUE(check_label("operator"));
}

TEST(Names, AnEmptyLabelIsNone) {
    EXPECT_TRUE(check_label(""));
    EXPECT_FALSE(check_user_name(""));
}

TEST(Names, TellsAddressesFromOtherTexts) {
    EXPECT_TRUE(looks_like_address("0x52908400098527886E0F7030069857D2E4169EE7"));
    EXPECT_TRUE(looks_like_address("0X52908400098527886e0f7030069857d2e4169ee7"));
    EXPECT_FALSE(looks_like_address("52908400098527886E0F7030069857D2E4169EE700"));
    EXPECT_FALSE(looks_like_address("0x52908400098527886E0F7030069857D2E4169EE"));
    EXPECT_FALSE(looks_like_address("0x52908400098527886E0F7030069857D2E4169EEg"));
    EXPECT_FALSE(looks_like_address(""));
}

}  // namespace
}  // namespace keydeck::store
