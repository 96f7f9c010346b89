// Against what AWS published: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and
// its Signature Version 4 test suite (aws-sig-v4-test-suite). sigv4_peer_test.py compares with botocore on random requests.
#include "engine/kms/aws/sigv4.hpp"

#include <gtest/gtest.h>

#include "engine/base/hex.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr Scope kSuite{.region = "us-east-1", .service = "service", .date = "20150830"};

struct Published {
    std::string_view name;
    std::string_view method;
    std::string_view path;
    std::string_view query;
    std::vector<Header> headers;
    std::string_view body;
    std::string_view signature;
};

const std::vector<Header> kPlain = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}};

std::vector<Header> plain_and(std::vector<Header> more) {
    std::vector<Header> headers = kPlain;
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
}

TEST(Sigv4, AgreesWithThePublishedSuite) {
    const std::vector<Published> suite = {
        {"get-vanilla", "GET", "/", "", kPlain, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", kPlain, "",
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-relative", "GET", "/example/..", "", kPlain, "",
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"get-slashes", "GET", "//example//", "", kPlain, "",
         "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
        {"post-vanilla", "POST", "/", "", kPlain, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"get-header-key-duplicate",
         "GET",
         "/",
         "",
         {{"Host", "example.amazonaws.com"},
          {"My-Header1", "value2"},
          {"My-Header1", "value2"},
          {"My-Header1", "value1"},
          {"X-Amz-Date", "20150830T123600Z"}},
         "",
         "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        {"get-header-value-trim", "GET", "/", "", plain_and({{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}),
         "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        {"post-x-www-form-urlencoded", "POST", "/", "", plain_and({{"Content-Type", "application/x-www-form-urlencoded"}}),
         "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    };
    const SecretBytes key = signing_key(as_bytes(kSecret), kSuite);
    for (const Published& item : suite) {
        const SignedRequest request{item.method, item.path, item.query, item.headers, as_bytes(item.body)};
        EXPECT_EQ(signature(request, kSuite, "20150830T123600Z", key.view()), item.signature) << item.name;
    }
}

TEST(Sigv4, DerivesThePublishedSigningKey) {
    const Scope scope{.region = "us-east-1", .service = "iam", .date = "20150830"};
    EXPECT_EQ(to_hex(signing_key(as_bytes(kSecret), scope).view()),
              "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST(Sigv4, WritesTheCanonicalRequestOfTheGuide) {
    const std::vector<Header> headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                                         {"host", "iam.amazonaws.com"},
                                         {"x-amz-date", "20150830T123600Z"}};
    const SignedRequest request{"GET", "/", "Version=2010-05-08&Action=ListUsers", headers, {}};
    EXPECT_EQ(canonical_request(request),
              "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
              "content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n"
              "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n"
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const Scope scope{.region = "us-east-1", .service = "iam", .date = "20150830"};
    const SecretBytes key = signing_key(as_bytes(kSecret), scope);
    EXPECT_EQ(signature(request, scope, "20150830T123600Z", key.view()),
              "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    EXPECT_EQ(signed_headers(request), "content-type;host;x-amz-date");
}

TEST(Sigv4, SignsAGivenContentHashAndTellsWhetherItHolds) {
    const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const std::vector<Header> right = plain_and({{"X-Amz-Content-SHA256", empty}});
    EXPECT_TRUE(content_hash_holds({"POST", "/", "", right, {}}));
    EXPECT_FALSE(content_hash_holds({"POST", "/", "", right, as_bytes("other")}));
    const std::vector<Header> unsigned_body = plain_and({{"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}});
    EXPECT_FALSE(content_hash_holds({"POST", "/", "", unsigned_body, {}}));
    EXPECT_TRUE(canonical_request({"POST", "/", "", unsigned_body, {}}).ends_with("\nUNSIGNED-PAYLOAD"));
    EXPECT_TRUE(content_hash_holds({"POST", "/", "", kPlain, as_bytes("any")}));
}

TEST(Sigv4, ReadsTheAuthorizationItWrites) {
    const std::string digits(64, 'a');
    const std::string header = authorization_header("AKIDEXAMPLE", kSuite, "host;x-amz-date", digits);
    EXPECT_EQ(header,
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, Signature=" +
                  digits);
    const auto parsed = parse_authorization(header);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->access_key_id, "AKIDEXAMPLE");
    EXPECT_EQ(parsed->scope.date, "20150830");
    EXPECT_EQ(parsed->scope.region, "us-east-1");
    EXPECT_EQ(parsed->scope.service, "service");
    EXPECT_EQ(parsed->signed_headers, (std::vector<std::string_view>{"host", "x-amz-date"}));
    EXPECT_EQ(parsed->signature, digits);
}

TEST(Sigv4, RefusesMalformedAuthorizations) {
    const std::string credential = "Credential=A/20150830/r/s/aws4_request";
    const std::string names = "SignedHeaders=host;x-amz-date";
    const std::string signed_with = "Signature=" + std::string(64, 'a');
    const auto whole = [](const std::string& a, const std::string& b, const std::string& c) {
        return "AWS4-HMAC-SHA256 " + a + ", " + b + "," + c;
    };
    ASSERT_TRUE(parse_authorization(whole(names, signed_with, credential)));
    const std::vector<std::string> malformed = {
        "",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256X " + credential,
        "Bearer token",
        "AWS4-HMAC-SHA256 " + credential,
        "AWS4-HMAC-SHA256 " + credential + ", " + names,
        whole(credential, names, signed_with) + ",",
        whole(credential, names, signed_with) + ", Extra=1",
        whole(credential, credential, names) + ", " + signed_with,
        whole("Credential=", names, signed_with),
        whole("Credential=A/20150830/r/s", names, signed_with),
        whole("Credential=A/20150830/r/s/aws4_request/more", names, signed_with),
        whole("Credential=A/2015083/r/s/aws4_request", names, signed_with),
        whole("Credential=A/2015083x/r/s/aws4_request", names, signed_with),
        whole("Credential=/20150830/r/s/aws4_request", names, signed_with),
        whole("Credential=A/20150830//s/aws4_request", names, signed_with),
        whole("Credential=A/20150830/r/s/aws5_request", names, signed_with),
        whole(credential, "SignedHeaders=", signed_with),
        whole(credential, "SignedHeaders=host;", signed_with),
        whole(credential, "SignedHeaders=;host", signed_with),
        whole(credential, "SignedHeaders=host;host", signed_with),
        whole(credential, "SignedHeaders=x-amz-date;host", signed_with),
        whole(credential, "SignedHeaders=Host;x-amz-date", signed_with),
        whole(credential, "SignedHeaders=ho st", signed_with),
        whole(credential, names, "Signature=" + std::string(63, 'a')),
        whole(credential, names, "Signature=" + std::string(65, 'a')),
        whole(credential, names, "Signature=" + std::string(64, 'A')),
        whole(credential, names, "Signature=" + std::string(63, 'a') + "g"),
    };
    for (const std::string& header : malformed) {
        const auto parsed = parse_authorization(header);
        ASSERT_FALSE(parsed) << header;
        EXPECT_EQ(parsed.error().kms_error, "IncompleteSignatureException") << header;
        EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidInput) << header;
    }
}

TEST(Sigv4, WritesAndReadsDates) {
    const auto time = parse_amz_date("20260928T120428Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(to_rfc3339(*time), "2026-09-28T12:04:28.000000Z");
    EXPECT_EQ(to_amz_date(*time + std::chrono::milliseconds(999)), "20260928T120428Z");
    for (const std::string_view text : {"", "20260928T120428", "20260928T120428ZZ", "20260928 120428Z", "20260931T120428Z",
                                        "20260928T240000Z", "20260928T126000Z", "20260928T120060Z", "2026O928T120428Z"})
        EXPECT_FALSE(parse_amz_date(text)) << text;
}

}  // namespace
}  // namespace keydeck::kms::aws
