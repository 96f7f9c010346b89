// What other programs and services write: credentials, files.
#include "engine/kms/aws/credential_answers.hpp"

#include <gtest/gtest.h>

#include "engine/kms/aws/profiles.hpp"
#include "engine/kms/aws/xml.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kProcessJson =
    R"({"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-09-28T18:00:00Z"})";

std::string sts_xml(const std::string& id, const std::string& action = "AssumeRole") {
    return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
           "Result><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials><AccessKeyId>" + id +
           "</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey><SessionToken>t/+==</SessionToken>"
           "<Expiration>2026-09-28T18:00:00Z</Expiration></Credentials></" +
           action + "Result></" + action + "Response>";
}

TEST(CredentialAnswers, RefuseMalformedJson) {
    const std::string whole(kProcessJson);
    ASSERT_TRUE(parse_credentials_json(SecretBytes::copy_of(whole), CredentialsForm::kProcess, "It", "x"));
    ASSERT_TRUE(parse_credentials_json(SecretBytes::copy_of(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"})"),
                                       CredentialsForm::kProcess, "It", "x"));
    ASSERT_TRUE(parse_credentials_json(
        SecretBytes::copy_of(
            R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2026-09-28T18:00:00+00:00"})"),
        CredentialsForm::kProcess, "It", "x"));
    for (const std::string& text :
         std::vector<std::string>{"",
                                  "{}",
                                  "[]",
                                  "null",
                                  "hello",
                                  whole.substr(0, whole.size() - 1),
                                  whole + "x",
                                  R"({"AccessKeyId":"A","SecretAccessKey":"s"})",
                                  R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"s"})",
                                  R"({"Version":"1","AccessKeyId":"A","SecretAccessKey":"s"})",
                                  R"({"Version":1,"SecretAccessKey":"s"})",
                                  R"({"Version":1,"AccessKeyId":"A"})",
                                  R"({"Version":1,"AccessKeyId":7,"SecretAccessKey":"s"})",
                                  R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":7})",
                                  R"({"Version":1,"AccessKeyId":"","SecretAccessKey":"s"})",
                                  R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":""})",
                                  R"({"Version":1,"AccessKeyId":"A B","SecretAccessKey":"s"})",
                                  R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"a\nb"})",
                                  R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"tomorrow"})",
                                  R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":5})",
                                  R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SecretAccessKey":"t"})"}) {
        EXPECT_FALSE(parse_credentials_json(SecretBytes::copy_of(text), CredentialsForm::kProcess, "It", "x")) << text;
    }
    EXPECT_FALSE(parse_credentials_json(SecretBytes::copy_of(R"({"AccessKeyId":"A","SecretAccessKey":"s","Token":"t"})"),
                                        CredentialsForm::kService, "It", "x"));
    EXPECT_FALSE(parse_credentials_json(
        SecretBytes::copy_of(R"({"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2026-09-28T18:00:00Z"})"),
        CredentialsForm::kService, "It", "x"));
}

TEST(CredentialAnswers, ReadWhatStsWrites) {
    const auto credentials =
        parse_sts_credentials(SecretBytes::copy_of("<?xml version=\"1.0\"?>\n<!-- c -->" + sts_xml("ASIA") + "\n"), "x");
    ASSERT_TRUE(credentials) << credentials.error().message;
    EXPECT_EQ(credentials->access_key_id, "ASIA");
    EXPECT_EQ(credentials->secret_access_key.text(), "a&b");
    EXPECT_EQ(credentials->session_token.text(), "t/+==");
}

TEST(CredentialAnswers, RefuseMalformedXml) {
    const std::string whole = sts_xml("ASIA");
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        ASSERT_FALSE(parse_sts_credentials(SecretBytes::copy_of(whole.substr(0, cut)), "x")) << cut;
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = whole;
        return text.replace(text.find(from), from.size(), to);
    };
    for (const std::string& text :
         {with("<AccessKeyId>", "<Other>"), with("</AccessKeyId>", "</Accesskeyid>"), with("a&amp;b", "a&b"),
          with("a&amp;b", "&bomb;"), with("a&amp;b", "&#0;"), with("a&amp;b", "&#xffff;"), with("a&amp;b", "&#xd800;"),
          with("a&amp;b", ""), with("a&amp;b", "<![CDATA[x]]>"), with("ASIA", ""), with("2026-09-28T18:00:00Z", "never"),
          with("xmlns=", "xmlns"), with("<Credentials>", "<Credentials a>"), with("</Credentials>", "</ Credentials>"),
          "<!DOCTYPE x [<!ENTITY a \"b\">]>" + whole, whole + whole, whole + "x", std::string("x") + whole,
          with("<AccessKeyId>ASIA</AccessKeyId>", "<AccessKeyId><b>ASIA</b></AccessKeyId>")})
        EXPECT_FALSE(parse_sts_credentials(SecretBytes::copy_of(text), "x")) << text;
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    EXPECT_FALSE(read_xml(deep, [](std::string_view, const SecretBytes&) {}));
}

TEST(IniFile, RefusesMalformedLines) {
    for (const std::string_view text : {"key = value\n", "[", "[]", "[a", "[a] b", "[a]\n= x\n", "[a]\nnothing\n",
                                        "[a]\n  x = y\n", "[a]\nkms =\n  nothing\n"}) {
        const auto file = IniFile::parse(SecretBytes::copy_of(text), "the file");
        ASSERT_FALSE(file) << text;
        EXPECT_EQ(file.error().code, ErrorCode::kInvalidInput);
    }
    for (const std::string_view text : {"", "\n\n", "# only\n; comments", "[a]", "[a] # b", "\xef\xbb\xbf[a]\nb=c",
                                        "[a]\nb = \n", "[a]\nb=c\n  goes on\n"})
        EXPECT_TRUE(IniFile::parse(SecretBytes::copy_of(text), "the file")) << text;
}

}  // namespace
}  // namespace keydeck::kms::aws
