// What a user is told when AWS KMS cannot be used: each case has a sentence and a hint of its own.
#include <gmock/gmock.h>

#include "engine/kms/aws/aws_kms.hpp"
#include "tests/kms/aws/aws_fixture.hpp"

namespace keydeck::kms::aws {
namespace {

using namespace test;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class StartUp : public AwsTest {
protected:
    Error first_call(ScriptedHttpServer::Handler handler, const std::string& key = kKeyArn) {
        kms_before(std::move(handler));
        return error_of(key);
    }
    Error error_of(const std::string& key = kKeyArn) {
        const auto described = kms->describe_key(key);
        EXPECT_FALSE(described);
        return described ? Error{} : described.error();
    }
    Error open_error(AwsKmsOptions options = {}) {
        options.environment = variables.environment();
        const auto opened = AwsKms::open(std::move(options), clock, random);
        EXPECT_FALSE(opened);
        return opened ? Error{} : opened.error();
    }
};

TEST_F(StartUp, SaysWhatIsNotAllowed) {
    const Error error = first_call([](const ReceivedRequest&) {
        return aws_error(400, "AccessDeniedException",
                         "User: arn:aws:iam::1:user/x is not authorized to perform: kms:DescribeKey");
    });
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message, HasSubstr("is not authorized to perform"));
    EXPECT_THAT(error.hint, AllOf(HasSubstr("AKIDEXAMPLE"), HasSubstr("the environment"), HasSubstr("kms:DescribeKey"),
                                  HasSubstr("iam-policy")));
}

TEST_F(StartUp, SaysThatTheKeyIsUnknown) {
    const Error error =
        first_call([](const ReceivedRequest&) { return aws_error(400, "NotFoundException", "Key 'arn' does not exist"); });
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_THAT(error.hint, AllOf(HasSubstr("account"), HasSubstr("us-east-1")));
}

TEST_F(StartUp, SaysThatTheKeyIsInAnotherRegion) {
    const Error error =
        first_call([](const ReceivedRequest&) { return aws_error(400, "NotFoundException", "Invalid arn eu-south-9"); },
                   "arn:aws:kms:eu-south-9:111122223333:key/" + std::string(kKeyId));
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_THAT(error.hint, AllOf(HasSubstr("eu-south-9"), HasSubstr("us-east-1")));
}

TEST_F(StartUp, SaysThatTheTokenHasExpired) {
    const Error error = first_call([](const ReceivedRequest&) {
        return aws_error(400, "ExpiredTokenException", "The security token included in the request is expired");
    });
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message, AllOf(HasSubstr("AKIDEXAMPLE"), HasSubstr("has expired")));
    EXPECT_THAT(error.hint, HasSubstr("temporary credentials"));
}

TEST_F(StartUp, SaysThatTheAccessKeyIsUnknown) {
    const Error error = first_call([](const ReceivedRequest&) {
        return aws_error(400, "UnrecognizedClientException", "The security token included in the request is invalid.");
    });
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message, AllOf(HasSubstr("AKIDEXAMPLE"), HasSubstr("not known")));
    EXPECT_THAT(error.hint, HasSubstr("AWS_SESSION_TOKEN"));
}

TEST_F(StartUp, SaysThatTheSecretIsWrong) {
    const Error error = first_call([](const ReceivedRequest&) {
        return aws_error(400, "InvalidSignatureException", "The request signature we calculated does not match",
                         {{"Date", "Mon, 28 Sep 2026 12:00:03 GMT"}});
    });
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message, HasSubstr("do not belong together"));
    EXPECT_THAT(error.hint, HasSubstr("AWS_SECRET_ACCESS_KEY"));
    EXPECT_THAT(error.message + error.hint, Not(HasSubstr("wJalrXUtnFEMI")));
}

TEST_F(StartUp, SaysThatTheClockIsWrong) {
    for (const std::string name : {"InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"}) {
        const Error error = first_call(
            [&](const ReceivedRequest&) { return aws_error(400, name, "", {{"Date", "Mon, 28 Sep 2026 09:00:00 GMT"}}); });
        EXPECT_EQ(error.code, ErrorCode::kDenied);
        EXPECT_THAT(error.message, HasSubstr("3 hours fast")) << name;
        EXPECT_THAT(error.hint, HasSubstr("Set the clock")) << name;
    }
}

TEST_F(StartUp, SaysThatNobodyListens) {
    open({.endpoint = "http://127.0.0.1:" + std::to_string(testing_support::unused_port()), .most_attempts = 1});
    const Error error = error_of();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_THAT(error.message, AllOf(HasSubstr("refuses the connection"), HasSubstr("127.0.0.1:")));
    EXPECT_THAT(error.hint, Not(IsEmpty()));
}

TEST_F(StartUp, SaysThatTheNameIsUnknown) {
    open({.endpoint = "https://kms.no-such-host.invalid"});
    const Error error = error_of();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_THAT(error.message, AllOf(HasSubstr("cannot be resolved"), HasSubstr("kms.no-such-host.invalid")));
    EXPECT_THAT(error.hint, HasSubstr("region"));
}

TEST_F(StartUp, SaysThatThereIsNoTls) {
    ScriptedHttpServer plain([](const ReceivedRequest&) { return http_reply(400, "plain"); });
    // A server that speaks plain HTTP cannot be told from a slow one until it answers the hello; it never does here.
    open({.endpoint = "https://127.0.0.1:" + std::to_string(plain.port()),
          .call_timeout = std::chrono::milliseconds(200),
          .attempt_timeout = std::chrono::milliseconds(200),
          .most_attempts = 1});
    EXPECT_EQ(error_of().code, ErrorCode::kUnavailable);
}

TEST_F(StartUp, SaysWhereItLookedForCredentials) {
    variables.erase("AWS_ACCESS_KEY_ID");
    variables.erase("AWS_SECRET_ACCESS_KEY");
    const Error error = first_call([](const ReceivedRequest&) { return http_reply(200, "{}"); });
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message,
                AllOf(HasSubstr("AWS_ACCESS_KEY_ID is not set"),
                      HasSubstr("there is no profile \"default\" in " + directory.path() + "/.aws/credentials"),
                      HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"), HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
                      HasSubstr("AWS_EC2_METADATA_DISABLED")));
    EXPECT_THAT(error.hint, HasSubstr("aws configure"));
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(StartUp, WantsARegion) {
    variables.erase("AWS_REGION");
    const Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
    EXPECT_THAT(error.hint, AllOf(HasSubstr("--region"), HasSubstr("AWS_REGION"), HasSubstr(".aws/config")));
    for (const std::string region : {"US-EAST-1", "us east 1", "us-east-1.evil.example", "-x", "x/y", "us-east-1#"}) {
        EXPECT_EQ(open_error({.region = region}).code, ErrorCode::kInvalidInput) << region;
    }
}

TEST_F(StartUp, WantsAnAddressThatIsOne) {
    variables["AWS_ENDPOINT_URL_KMS"] = "ftp://x";
    EXPECT_THAT(open_error().message, HasSubstr("AWS_ENDPOINT_URL_KMS"));
    variables["AWS_ENDPOINT_URL_KMS"] = "http://user:secret@host";
    EXPECT_THAT(open_error().message, Not(HasSubstr("secret")));
}

TEST_F(StartUp, WantsTlsBeyondThisMachine) {
    for (const std::string address : {"http://kms.example", "http://10.0.0.1:8080", "http://[fe80::1]",
                                      "http://127.0.0.1.example", "http://localhost.example"}) {
        for (const std::string name : {"AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL"}) {
            variables[name] = address;
            const Error error = open_error();
            EXPECT_EQ(error.code, ErrorCode::kInvalidInput) << address;
            EXPECT_THAT(error.message, AllOf(HasSubstr(name), HasSubstr("plain http")));
            EXPECT_THAT(error.hint, AllOf(HasSubstr("https"), HasSubstr("KEYDECK_ALLOW_HTTP=1")));
            variables["KEYDECK_ALLOW_HTTP"] = "yes";
            EXPECT_EQ(open_error().code, ErrorCode::kInvalidInput);
            variables["KEYDECK_ALLOW_HTTP"] = "1";
            open();
            variables.erase("KEYDECK_ALLOW_HTTP");
            variables.erase(name);
        }
        EXPECT_EQ(open_error({.endpoint = address}).code, ErrorCode::kInvalidInput);
    }
    for (const std::string address : {"https://kms.example", "http://127.0.0.2:1", "http://localhost:1", "http://[::1]:1"})
        open({.endpoint = address});
}

TEST_F(StartUp, WantsTlsOfStsToo) {
    variables.erase("AWS_ACCESS_KEY_ID");
    variables.erase("AWS_SECRET_ACCESS_KEY");
    variables["AWS_ENDPOINT_URL_STS"] = "http://sts.example";
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = directory.write("token", "hush");
    const Error error = first_call([](const ReceivedRequest&) { return http_reply(200, "{}"); });
    EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
    EXPECT_THAT(error.message, AllOf(HasSubstr("AWS_ENDPOINT_URL_STS"), HasSubstr("plain http"), Not(HasSubstr("hush"))));
}

TEST_F(StartUp, WantsTheChosenProfile) {
    const Error error = open_error({.profile = "absent"});
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_THAT(error.message, AllOf(HasSubstr("absent"), HasSubstr(".aws/credentials")));
    variables["AWS_PROFILE"] = "missing";
    EXPECT_THAT(open_error().message, HasSubstr("missing"));
}

TEST_F(StartUp, NamesTheLineOfAMalformedFileAndNotItsText) {
    directory.write(".aws/credentials", "[default]\naws_access_key_id = A\nwJalrXUtnFEMI/SECRET\n");
    const Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
    EXPECT_THAT(error.message, AllOf(HasSubstr("Line 3"), HasSubstr("credentials"), Not(HasSubstr("wJalr"))));
}

}  // namespace
}  // namespace keydeck::kms::aws
