#include "app/cli/aws_profiles.hpp"

#include <gtest/gtest.h>

namespace keydeck::cli {
namespace {

using Names = std::vector<std::string>;

TEST(AwsProfiles, AreTheSectionsOfAConfigurationFile) {
    EXPECT_EQ(profiles_in("[default]\nregion = eu-west-1\n\n[profile prod-ro]\n[sso-session x]\n[ profile  \"two words\" ]\n"
                          "# [profile off]\n[profilex]\n[services y]\n[profile tab\t]\r\n",
                          false),
              (Names{"default", "prod-ro", "two words", "tab"}));
}

TEST(AwsProfiles, AreTheSectionsOfACredentialsFile) {
    EXPECT_EQ(profiles_in("[default]\naws_access_key_id = A\n[prod]", true), (Names{"default", "prod"}));
}

TEST(AwsProfiles, OfWhatIsNoSuchFileAreNone) {
    for (const char* text : {"", "\n\n", "[", "[]", "[profile ]", "[profile", "]", "region = [default]", "\xff\xfe[x"})
        EXPECT_EQ(profiles_in(text, false), Names{}) << text;
}

}  // namespace
}  // namespace keydeck::cli
