// Where credentials come from, in which order, and when they are renewed.
#include "engine/kms/aws/credentials.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/aws/process.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "tests/kms/aws/aws_fixture.hpp"

namespace keydeck::kms::aws {
namespace {

using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kProcessJson =
    R"({"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-09-28T18:00:00Z"})";

std::string service_json(const std::string& id) {
    return R"({"Code":"Success","AccessKeyId":")" + id +
           R"(","SecretAccessKey":"s","Token":"t","Expiration":"2026-09-28T18:00:00Z"})";
}

std::string sts_xml(const std::string& id, const std::string& action = "AssumeRole") {
    return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
           "Result><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials><AccessKeyId>" + id +
           "</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey><SessionToken>t/+==</SessionToken>"
           "<Expiration>2026-09-28T18:00:00Z</Expiration></Credentials></" +
           action + "Result></" + action + "Response>";
}

/// "GET /path" and what the instance metadata's own headers say, of each request.
std::vector<std::string> lines_of(const ScriptedHttpServer& instance) {
    std::vector<std::string> lines;
    for (const ReceivedRequest& request : instance.requests()) {
        lines.push_back(request.method + " " + request.target + " " +
                        request.header("x-aws-ec2-metadata-token-ttl-seconds") + request.header("x-aws-ec2-metadata-token"));
    }
    return lines;
}

class CredentialsTest : public AwsTest {
protected:
    CredentialsTest() { no_environment_keys(); }
    void no_environment_keys() {
        variables.erase("AWS_ACCESS_KEY_ID");
        variables.erase("AWS_SECRET_ACCESS_KEY");
    }
    void environment_keys() {
        variables["AWS_ACCESS_KEY_ID"] = "AKIDENVIRONMENT";
        variables["AWS_SECRET_ACCESS_KEY"] = "s";
    }
    Result<CredentialsInfo> found(AwsKmsOptions options = {}) { return open(std::move(options)).credentials(); }
    /// "<access key id> from <source>", or the error's sentence.
    std::string found_text(AwsKmsOptions options = {}) {
        const auto info = found(std::move(options));
        return info ? info->access_key_id + " from " + info->source : info.error().message;
    }
    void config(const std::string& text) { directory.write(".aws/config", text); }
    void shared(const std::string& text) { directory.write(".aws/credentials", text); }
};

TEST_F(CredentialsTest, TakeTheEnvironmentFirst) {
    environment_keys();
    shared(
        "[default]\naws_access_key_id=AKIDDEFAULT\naws_secret_access_key=s\n[dev]\naws_access_key_id=AKIDDEV\naws_secret_"
        "access_key=s\n");
    EXPECT_EQ(found_text(), "AKIDENVIRONMENT from the environment");
    variables["AWS_PROFILE"] = "dev";
    EXPECT_EQ(found_text(), "AKIDENVIRONMENT from the environment");
    EXPECT_EQ(found_text({.profile = "default"}),
              "AKIDDEFAULT from profile \"default\"");  // an option skips the environment
    no_environment_keys();
    EXPECT_EQ(found_text(), "AKIDDEV from profile \"dev\"");
}

TEST_F(CredentialsTest, RefuseHalfAnEnvironment) {
    variables["AWS_ACCESS_KEY_ID"] = "A";
    EXPECT_THAT(found_text(), HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
    variables.erase("AWS_ACCESS_KEY_ID");
    variables["AWS_SECRET_ACCESS_KEY"] = "hush";
    EXPECT_THAT(found_text(), AllOf(HasSubstr("AWS_ACCESS_KEY_ID is not"), Not(HasSubstr("hush"))));
    variables["AWS_ACCESS_KEY_ID"] = "A\r\nX: 1";
    EXPECT_THAT(found_text(), HasSubstr("strange characters"));
    variables["AWS_ACCESS_KEY_ID"] = "";
    variables["AWS_SECRET_ACCESS_KEY"] = "";
    EXPECT_THAT(found_text(), HasSubstr("AWS_ACCESS_KEY_ID is not set"));  // empty is not set
}

TEST_F(CredentialsTest, ReadProfilesOfBothFiles) {
    const std::string elsewhere =
        directory.write("elsewhere/keys", "[default]\naws_access_key_id = AKIDELSEWHERE\naws_secret_access_key = s\n");
    shared(
        "# a comment\n[default]\r\naws_access_key_id = AKIDDEFAULT\r\naws_secret_access_key = s = t\r\n\n[ dev ] ; the "
        "second\nAWS_ACCESS_KEY_ID=AKIDDEV\naws_secret_access_key=s\n");
    config(
        "[default]\naws_access_key_id = AKIDOTHER\nregion = eu-west-1\n[profile \"two words\"]\naws_access_key_id = "
        "AKIDTWO\naws_secret_access_key = s\n"
        "[profile split]\naws_access_key_id = AKIDSPLIT\n[dev]\naws_access_key_id = AKIDWRONG\n[sso-session s]\nsso_region "
        "= x\n");
    EXPECT_EQ(found_text(), "AKIDDEFAULT from profile \"default\"");
    EXPECT_EQ(found_text({.profile = "dev"}), "AKIDDEV from profile \"dev\"");
    EXPECT_EQ(found_text({.profile = "two words"}), "AKIDTWO from profile \"two words\"");
    EXPECT_THAT(found_text({.profile = "split"}), HasSubstr("no aws_secret_access_key"));
    variables["AWS_SHARED_CREDENTIALS_FILE"] = elsewhere;
    EXPECT_EQ(found_text(), "AKIDELSEWHERE from profile \"default\"");
}

TEST_F(CredentialsTest, ChooseRegionAndEndpoint) {
    environment_keys();
    config(
        "[default]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-2\nendpoint_url = http://127.0.0.1:1\nservices = "
        "local\n"
        "[profile plain]\nendpoint_url = http://127.0.0.1:5\n[services local]\nkms =\n  endpoint_url = "
        "http://127.0.0.1:2\nsts =\n  endpoint_url = http://127.0.0.1:9\n");
    EXPECT_EQ(open().region(), "us-east-1");
    EXPECT_EQ(open({.region = "ap-south-1"}).region(), "ap-south-1");
    variables.erase("AWS_REGION");
    EXPECT_EQ(open().region(), "eu-west-1");
    EXPECT_EQ(open().endpoint(), "https://kms.eu-west-1.amazonaws.com/");
    EXPECT_EQ(open().endpoint_source(), "the region");
    EXPECT_EQ(open({.region = "cn-north-1"}).endpoint(), "https://kms.cn-north-1.amazonaws.com.cn/");
    EXPECT_EQ(open({.profile = "dev"}).region(), "eu-west-2");
    EXPECT_EQ(open({.profile = "dev"}).endpoint(), "http://127.0.0.1:2/");
    EXPECT_EQ(open({.region = "eu-west-1", .profile = "plain"}).endpoint(), "http://127.0.0.1:5/");
    variables["AWS_DEFAULT_REGION"] = "eu-west-3";
    EXPECT_EQ(open().region(), "eu-west-3");
    variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:3";
    EXPECT_EQ(open({.profile = "dev"}).endpoint(), "http://127.0.0.1:3/");
    variables["AWS_ENDPOINT_URL_KMS"] = "http://127.0.0.1:4";
    EXPECT_EQ(open({.profile = "dev"}).endpoint(), "http://127.0.0.1:4/");
    EXPECT_EQ(open().endpoint_source(), "AWS_ENDPOINT_URL_KMS");
    EXPECT_EQ(open({.endpoint = "http://127.0.0.1:6"}).endpoint(), "http://127.0.0.1:6/");
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    EXPECT_EQ(open().endpoint_source(), "the region");
}

TEST_F(CredentialsTest, RunACredentialProcess) {
    const std::string file = directory.write("creds.json", std::string(kProcessJson));
    config(
        "[default]\ncredential_process = /bin/cat '" + file + "'\n[profile shell]\ncredential_process = cat < " + file +
        "\n[profile fails]\ncredential_process = false\n[profile absent]\ncredential_process = /no/such/program\n"
        "[profile garbage]\ncredential_process = echo hello\n[profile much]\ncredential_process = head -c 100000 /dev/zero\n"
        "[profile absent-in-shell]\ncredential_process = no-such-program | cat; exit 127\n");
    const auto info = found();
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->access_key_id, "AKIDPROCESS");
    EXPECT_THAT(info->source, HasSubstr("credential_process"));
    ASSERT_TRUE(info->expires_at);
    EXPECT_EQ(to_rfc3339(*info->expires_at), "2026-09-28T18:00:00.000000Z");
    EXPECT_THAT(found_text({.profile = "shell"}), HasSubstr("AKIDPROCESS"));
    EXPECT_THAT(found_text({.profile = "fails"}), HasSubstr("failed with status 1"));
    EXPECT_THAT(found_text({.profile = "absent"}), HasSubstr("cannot be found"));
    EXPECT_THAT(found_text({.profile = "absent-in-shell"}), HasSubstr("cannot be found"));
    EXPECT_THAT(found_text({.profile = "garbage"}), AllOf(HasSubstr("not JSON"), Not(HasSubstr("hello"))));
    EXPECT_THAT(found_text({.profile = "much"}), HasSubstr("prints more than credentials"));
}

TEST(RunCommand, EndsWhatTakesTooLongOrIsStopped) {
    const std::stop_token never;
    const auto slow = run_command("sleep 100", std::chrono::milliseconds(20), never);
    ASSERT_FALSE(slow);
    EXPECT_THAT(slow.error().message, HasSubstr("takes too long"));
    const auto in_shell = run_command("sleep 100; true", std::chrono::milliseconds(20), never);
    ASSERT_FALSE(in_shell);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = run_command("sleep 100", std::chrono::hours(1), stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    // A program that leaves somebody behind who holds its output.
    const auto left = run_command("sleep 5 & echo done", std::chrono::hours(1), never);
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_EQ(left->text(), "done\n");
    const auto killed = run_command("kill -9 $$", std::chrono::hours(1), never);
    ASSERT_FALSE(killed);
    EXPECT_THAT(killed.error().message, HasSubstr("signal"));
}

TEST(SplitCommand, TakesWordsApartAsAShellDoes) {
    EXPECT_THAT(*split_command("aws  configure\texport-credentials"), ElementsAre("aws", "configure", "export-credentials"));
    EXPECT_THAT(*split_command(R"("/opt/my tool/x" --a='b c' d\ e "" f"g"h)"),
                ElementsAre("/opt/my tool/x", "--a=b c", "d e", "", "fgh"));
    for (const std::string_view command : {"", "   ", "a | b", "a $B", "a `b`", "a; b", "a > b", "a \"$B\"", "'a", "\"a",
                                           "a\\", "a *", "~/x", "A=b c", "a & b"})
        EXPECT_FALSE(split_command(command)) << command;
}

TEST_F(CredentialsTest, AssumeARole) {
    std::atomic<int> count = 0;
    ScriptedHttpServer sts(
        [&](const ReceivedRequest&) { return http_reply(200, sts_xml("ASIAROLE" + std::to_string(++count))); });
    variables["AWS_ENDPOINT_URL_STS"] = sts.url();
    shared("[base]\naws_access_key_id=AKIDBASE\naws_secret_access_key=base-secret\n");
    config(
        "[profile one]\nrole_arn = arn:aws:iam::1:role/One\nsource_profile = base\nexternal_id = e x\nrole_session_name = "
        "me\nduration_seconds = 1800\n"
        "[profile two]\nrole_arn = arn:aws:iam::1:role/Two\nsource_profile = one\n"
        "[profile self]\nrole_arn = arn:aws:iam::1:role/Self\nsource_profile = "
        "self\naws_access_key_id=AKIDSELF\naws_secret_access_key=s\n");
    const auto info = found({.profile = "one"});
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->access_key_id, "ASIAROLE1");
    EXPECT_EQ(info->source, "profile \"one\" as arn:aws:iam::1:role/One");
    ASSERT_EQ(sts.requests().size(), 1U);
    const ReceivedRequest request = sts.requests().at(0);
    EXPECT_EQ(request.body,
              "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2FOne&RoleSessionName=me&"
              "DurationSeconds=1800&ExternalId=e%20x");
    const std::string authorization = request.header("authorization");
    const auto parsed = parse_authorization(authorization);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->access_key_id, "AKIDBASE");
    EXPECT_EQ(parsed->scope.service, "sts");
    std::vector<Header> headers;
    for (const std::string_view name : parsed->signed_headers) headers.emplace_back(name, request.header(name));
    const SecretBytes key = signing_key(as_bytes("base-secret"), parsed->scope);
    EXPECT_EQ(signature({"POST", "/", "", headers, as_bytes(request.body)}, parsed->scope, request.header("x-amz-date"),
                        key.view()),
              parsed->signature);
    // A role assumed from a role, and by a profile from its own keys.
    EXPECT_THAT(found_text({.profile = "two"}), HasSubstr("ASIAROLE3"));
    EXPECT_THAT(sts.requests().at(2).header("authorization"), HasSubstr("ASIAROLE2/"));
    EXPECT_EQ(sts.requests().at(2).header("x-amz-security-token"), "t/+==");
    EXPECT_THAT(found_text({.profile = "self"}), HasSubstr("ASIAROLE4"));
    EXPECT_THAT(sts.requests().at(3).header("authorization"), HasSubstr("AKIDSELF/"));
}

TEST_F(CredentialsTest, AssumeARoleFromOtherPlaces) {
    ScriptedHttpServer sts([&](const ReceivedRequest& request) {
        return http_reply(
            200, sts_xml(request.header("authorization").find("AKIDENVIRONMENT/") != std::string::npos ? "ASIAOFENVIRONMENT"
                                                                                                       : "ASIAOFCONTAINER"));
    });
    ScriptedHttpServer container([](const ReceivedRequest&) { return http_reply(200, service_json("AKIDCONTAINER")); });
    variables["AWS_ENDPOINT_URL_STS"] = sts.url();
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url();
    config(
        "[profile env]\nrole_arn = r\ncredential_source = Environment\n[profile ecs]\nrole_arn = r\ncredential_source = "
        "EcsContainer\n"
        "[profile none]\nrole_arn = r\n[profile both]\nrole_arn = r\ncredential_source = Environment\nsource_profile = env\n"
        "[profile odd]\nrole_arn = r\ncredential_source = Moon\n[profile loop]\nrole_arn = r\nsource_profile = "
        "loop2\n[profile loop2]\nrole_arn = r\nsource_profile = loop\n"
        "[profile lost]\nrole_arn = r\nsource_profile = nowhere\n[profile long]\nrole_arn = r\nsource_profile = "
        "env\nduration_seconds = 60\n"
        "[profile mfa]\nrole_arn = r\nsource_profile = env\nmfa_serial = arn:mfa\n[profile sso]\nsso_session = s\n[profile "
        "empty]\nregion = x\n");
    EXPECT_THAT(found_text({.profile = "ecs"}), HasSubstr("ASIAOFCONTAINER"));
    EXPECT_THAT(found_text({.profile = "env"}), HasSubstr("AWS_ACCESS_KEY_ID is not set"));
    environment_keys();
    EXPECT_THAT(found_text({.profile = "env"}), HasSubstr("ASIAOFENVIRONMENT"));
    EXPECT_THAT(found_text({.profile = "none"}), HasSubstr("one of source_profile and credential_source"));
    EXPECT_THAT(found_text({.profile = "both"}), HasSubstr("one of source_profile and credential_source"));
    EXPECT_THAT(found_text({.profile = "odd"}), HasSubstr("none of Environment"));
    EXPECT_THAT(found_text({.profile = "loop"}), HasSubstr("leads back to itself"));
    EXPECT_THAT(found_text({.profile = "lost"}), HasSubstr("no profile \"nowhere\""));
    EXPECT_THAT(found_text({.profile = "long"}), HasSubstr("duration_seconds"));
    EXPECT_THAT(found_text({.profile = "mfa"}), HasSubstr("arn:mfa"));
    EXPECT_THAT(found_text({.profile = "sso"}), HasSubstr("SSO"));
}

TEST_F(CredentialsTest, SayWhyARoleIsNotAssumed) {
    environment_keys();
    config("[profile role]\nrole_arn = arn:role\ncredential_source = Environment\n");
    const auto error_for = [&](const ScriptedReply& reply) {
        ScriptedHttpServer sts([&](const ReceivedRequest&) { return reply; });
        variables["AWS_ENDPOINT_URL_STS"] = sts.url();
        const auto info = found({.profile = "role"});
        EXPECT_FALSE(info);
        return info ? Error{} : info.error();
    };
    const auto refusal = [](const std::string& code) {
        return http_reply(403, "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
                                   "</Code><Message>not you</Message></Error><RequestId>1</RequestId></ErrorResponse>");
    };
    const Error denied = error_for(refusal("AccessDenied"));
    EXPECT_EQ(denied.code, ErrorCode::kDenied);
    EXPECT_THAT(denied.message, AllOf(HasSubstr("arn:role"), HasSubstr("not you")));
    EXPECT_THAT(denied.hint, HasSubstr("trust policy"));
    EXPECT_THAT(error_for(refusal("ExpiredToken")).message, HasSubstr("has expired"));
    EXPECT_THAT(error_for(refusal("InvalidClientTokenId")).message, HasSubstr("not known"));
    EXPECT_THAT(error_for(refusal("SignatureDoesNotMatch")).message, HasSubstr("do not belong together"));
    EXPECT_EQ(error_for(http_reply(200, "<html/>")).code, ErrorCode::kCorrupt);
    EXPECT_EQ(error_for(http_reply(404, "nobody")).code, ErrorCode::kCorrupt);
    EXPECT_EQ(error_for(http_reply(500, "")).code, ErrorCode::kUnavailable);
    EXPECT_EQ(error_for(refusal("IDPCommunicationError")).code, ErrorCode::kUnavailable);
    EXPECT_FALSE(timer->sleeps().empty());
}

TEST_F(CredentialsTest, ShowAWebIdentity) {
    ScriptedHttpServer sts([](const ReceivedRequest& request) {
        EXPECT_EQ(request.header("authorization"), "");
        return http_reply(200, sts_xml("ASIAWEB", "AssumeRoleWithWebIdentity"));
    });
    variables["AWS_ENDPOINT_URL_STS"] = sts.url();
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = directory.write("token", "the.web/token\n");
    EXPECT_THAT(found_text(), HasSubstr("AWS_ROLE_ARN is not"));
    variables["AWS_ROLE_ARN"] = "arn:role";
    variables["AWS_ROLE_SESSION_NAME"] = "pod";
    EXPECT_EQ(found_text(), "ASIAWEB from a web identity as arn:role");
    EXPECT_EQ(sts.requests().back().body,
              "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Arole&RoleSessionName=pod&DurationSeconds="
              "3600&WebIdentityToken=the.web%2Ftoken");
    config("[profile web]\nrole_arn = arn:other\nweb_identity_token_file = " + directory.path() + "/token\n");
    EXPECT_EQ(found_text({.profile = "web"}), "ASIAWEB from profile \"web\" as arn:other");
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/no/such/token";
    EXPECT_THAT(found_text(), HasSubstr("/no/such/token"));
}

TEST_F(CredentialsTest, AskTheContainer) {
    ScriptedHttpServer container([](const ReceivedRequest& request) {
        return request.target == "/denied" ? http_reply(403, "") : http_reply(200, service_json("AKIDCONTAINER"));
    });
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url() + "/v2/creds?x=1";
    EXPECT_EQ(found_text(), "AKIDCONTAINER from the container");
    EXPECT_EQ(container.requests().back().method, "GET");
    EXPECT_EQ(container.requests().back().target, "/v2/creds?x=1");
    EXPECT_EQ(container.requests().back().header("authorization"), "");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic abc";
    EXPECT_THAT(found_text(), HasSubstr("AKIDCONTAINER"));
    EXPECT_EQ(container.requests().back().header("authorization"), "Basic abc");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = directory.write("authorization", "Bearer of-file");
    EXPECT_THAT(found_text(), HasSubstr("AKIDCONTAINER"));
    EXPECT_EQ(container.requests().back().header("authorization"), "Bearer of-file");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = directory.write("broken", "Bearer\r\nX: y");
    EXPECT_THAT(found_text(), HasSubstr("line end"));
    variables.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url() + "/denied";
    EXPECT_THAT(found_text(), HasSubstr("refuses (HTTP 403)"));
    for (const std::string url :
         {"http://example.com/creds", "http://169.254.169.254/x", "http://10.0.0.1/", "http://127.0.0.1.example.com/"}) {
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
        EXPECT_THAT(found_text(), HasSubstr("plain http")) << url;
    }
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "no-slash";
    EXPECT_THAT(found_text(), HasSubstr("does not begin with /"));
}

TEST_F(CredentialsTest, AskTheInstance) {
    ScriptedHttpServer instance([](const ReceivedRequest& request) {
        if (request.method == "PUT") return http_reply(200, "the-token");
        if (request.target.ends_with("/security-credentials/")) return http_reply(200, "my-role\n");
        return http_reply(200, service_json("ASIAINSTANCE"));
    });
    variables["AWS_EC2_METADATA_DISABLED"] = "false";
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = instance.url();
    EXPECT_EQ(found_text(), "ASIAINSTANCE from the instance's role my-role");
    EXPECT_THAT(lines_of(instance),
                ElementsAre("PUT /latest/api/token 21600", "GET /latest/meta-data/iam/security-credentials/ the-token",
                            "GET /latest/meta-data/iam/security-credentials/my-role the-token"));
}

TEST_F(CredentialsTest, SayWhyTheInstanceHasNone) {
    variables["AWS_EC2_METADATA_DISABLED"] = "";
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:" + std::to_string(testing_support::unused_port());
    EXPECT_THAT(found_text(), HasSubstr("no instance metadata answers at 127.0.0.1"));
    const auto text_for = [&](const ScriptedReply& token, const ScriptedReply& roles, const ScriptedReply& keys) {
        ScriptedHttpServer instance([&](const ReceivedRequest& request) {
            if (request.method == "PUT") return token;
            return request.target.ends_with("/security-credentials/") ? roles : keys;
        });
        variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = instance.url();
        return found_text();
    };
    const ScriptedReply fine = http_reply(200, "x");
    EXPECT_THAT(text_for(http_reply(403, ""), fine, fine), HasSubstr("HTTP 403"));
    EXPECT_THAT(text_for(fine, http_reply(404, ""), fine), HasSubstr("no role attached"));
    EXPECT_THAT(text_for(fine, http_reply(200, "../../evil"), fine), HasSubstr("names no role"));
    EXPECT_THAT(text_for(fine, http_reply(200, ""), fine), HasSubstr("names no role"));
    EXPECT_THAT(text_for(fine, fine, http_reply(200, "{}")), HasSubstr("gives no credentials"));
    EXPECT_THAT(text_for(fine, fine, http_reply(200, R"({"Code":"Failed","Message":"no"})")),
                HasSubstr("gives no credentials"));
    EXPECT_THAT(text_for(fine, fine, http_reply(307, "", {{"Location", "http://elsewhere"}})), HasSubstr("HTTP 307"));
}

// The cache.

struct Source {
    ManualClock clock{from_micros(0)};
    std::atomic<int> fetched = 0;
    std::atomic<bool> fails = false;
    std::chrono::seconds lifetime{3'600};
    CredentialsCache cache{[this](const std::stop_token&) -> Result<Credentials> {
                               if (fails) return fail(ErrorCode::kUnavailable, "The source is out of reach.");
                               Credentials made;
                               made.access_key_id = "AKID" + std::to_string(++fetched);
                               made.secret_access_key = SecretBytes::copy_of("s");
                               if (lifetime.count() > 0) made.expires_at = clock.now() + lifetime;
                               return made;
                           },
                           clock};
    std::string id() {
        const auto got = cache.get({});
        return got ? (*got)->access_key_id : "";
    }
};

TEST(CredentialsCache, RenewsBeforeTheyExpire) {
    Source source;
    EXPECT_EQ(source.id(), "AKID1");
    source.clock.advance(std::chrono::minutes(54));
    EXPECT_EQ(source.id(), "AKID1");
    source.clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(source.id(), "AKID2");
}

TEST(CredentialsCache, GoesOnWithOldOnesWhileTheyAreGood) {
    Source source;
    EXPECT_EQ(source.id(), "AKID1");
    source.fails = true;
    source.clock.advance(std::chrono::minutes(56));
    EXPECT_EQ(source.id(), "AKID1");
    source.fails = false;
    EXPECT_EQ(source.id(), "AKID1");  // the source is left alone for a while
    source.clock.advance(std::chrono::seconds(31));
    EXPECT_EQ(source.id(), "AKID2");
    source.fails = true;
    source.clock.advance(std::chrono::hours(2));
    EXPECT_EQ(source.id(), "");
    source.fails = false;
    EXPECT_EQ(source.id(), "");  // a failure stands for a few seconds
    source.clock.advance(std::chrono::seconds(3));
    EXPECT_EQ(source.id(), "AKID3");
}

TEST(CredentialsCache, AsksOnceForThoseThatComeWithLittleTimeLeft) {
    Source source;
    source.lifetime = std::chrono::minutes(4);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(source.id(), "AKID1");
    source.clock.advance(std::chrono::seconds(30));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(source.id(), "AKID2");
}

/// A source under way until it is told to end.
struct SlowSource {
    ManualClock clock{from_micros(0)};
    std::atomic<int> runs = 0;
    std::atomic<bool> may_end = false;
    CredentialsCache cache{[this](const std::stop_token& stop) -> Result<Credentials> {
                               ++runs;
                               while (!may_end && !stop.stop_requested()) std::this_thread::yield();
                               return fail(ErrorCode::kDenied, "The helper fails.");
                           },
                           clock};
};

TEST(CredentialsCache, HandsAFailureToAllWhoWaitedForIt) {
    SlowSource source;
    std::atomic<int> told = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 16; ++i) {
            threads.emplace_back([&] {
                const auto got = source.cache.get({});
                if (!got && got.error().message == "The helper fails.") ++told;
            });
        }
        while (source.runs == 0) std::this_thread::yield();
        source.may_end = true;
    }
    EXPECT_EQ(told, 16);
    EXPECT_EQ(source.runs, 1);
    EXPECT_FALSE(source.cache.get({}));
    EXPECT_EQ(source.runs, 1);
    source.clock.advance(std::chrono::seconds(3));
    EXPECT_FALSE(source.cache.get({}));
    EXPECT_EQ(source.runs, 2);
    source.clock.advance(std::chrono::hours(-1));  // the failure lies ahead now: it does not stand for an hour
    EXPECT_FALSE(source.cache.get({}));
    EXPECT_EQ(source.runs, 3);
}

TEST(CredentialsCache, FetchesAndWaitsNoLongerThanTheCallMay) {
    SlowSource source;
    const auto fetched = source.cache.get({}, std::chrono::milliseconds(20));
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(fetched.error().message, HasSubstr("did not come within the call's time"));
    const std::jthread other([&] { static_cast<void>(source.cache.get({})); });  // asks itself: that failure was not its own
    while (source.runs != 2) std::this_thread::yield();
    const auto waited = source.cache.get({}, std::chrono::milliseconds(20));
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(source.runs, 2);
    source.may_end = true;
}

TEST(CredentialsCache, EndsWithItsCaller) {
    SlowSource source;
    std::stop_source stop;
    std::jthread stopper([&] {
        while (source.runs == 0) std::this_thread::yield();
        stop.request_stop();
    });
    EXPECT_FALSE(source.cache.get(stop.get_token()));
    source.may_end = true;
    const auto own = source.cache.get({});  // that another was stopped is nobody else's failure
    ASSERT_FALSE(own);
    EXPECT_EQ(source.runs, 2);
}

TEST(CredentialsCache, KeepsWhatDoesNotExpire) {
    Source source;
    source.lifetime = std::chrono::seconds(0);
    EXPECT_EQ(source.id(), "AKID1");
    source.clock.advance(std::chrono::hours(24 * 365));
    EXPECT_EQ(source.id(), "AKID1");
    EXPECT_FALSE(source.cache.expired(source.cache.kept()));
}

TEST(CredentialsCache, LetsOthersGoOnWhileOneFetches) {
    ManualClock clock{from_micros(0)};
    std::atomic<int> fetched = 0;
    CredentialsCache* itself = nullptr;
    std::string meanwhile;
    CredentialsCache cache(
        [&](const std::stop_token&) -> Result<Credentials> {
            // Somebody else asks while this is under way.
            if (++fetched == 2) std::jthread([&] { meanwhile = (*itself->get({}))->access_key_id; });
            Credentials made;
            made.access_key_id = "AKID" + std::to_string(fetched);
            made.secret_access_key = SecretBytes::copy_of("s");
            made.expires_at = clock.now() + std::chrono::hours(1);
            return made;
        },
        clock);
    itself = &cache;
    ASSERT_TRUE(cache.get({}));
    clock.advance(std::chrono::minutes(56));
    const auto renewed = cache.get({});
    ASSERT_TRUE(renewed);
    EXPECT_EQ((*renewed)->access_key_id, "AKID2");
    EXPECT_EQ(meanwhile, "AKID1");
    EXPECT_EQ(fetched, 2);
}

TEST(CredentialsCache, FetchesOnceForManyThreads) {
    Source source;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 16; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 100; ++n) EXPECT_EQ(source.id(), "AKID1");
            });
        }
    }
    EXPECT_EQ(source.fetched, 1);
}

}  // namespace
}  // namespace keydeck::kms::aws
