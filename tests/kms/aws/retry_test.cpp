// Which calls are made again, when, and which never.
#include <gmock/gmock.h>

#include <thread>

#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/aws/rate_limit.hpp"
#include "engine/kms/call_scope.hpp"
#include "tests/kms/aws/aws_fixture.hpp"

namespace keydeck::kms::aws {
namespace {

using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kMostAttempts = 10;
constexpr std::size_t kMostUnreachable = 3;

class Retry : public AwsTest {
protected:
    /// Answers with each of the replies in turn, the last one for good.
    AwsKms& kms_with(std::vector<ScriptedReply> replies, AwsKmsOptions options = {}) {
        auto next = std::make_shared<std::size_t>(0);
        return kms_before([replies = std::move(replies),
                           next](const ReceivedRequest&) { return replies.at(std::min((*next)++, replies.size() - 1)); },
                          std::move(options));
    }
    Error sign_error() {
        const auto signature = kms->sign(kKeyArn, Hash32{}, MessageType::kDigest);
        EXPECT_FALSE(signature);
        return signature ? Error{} : signature.error();
    }
};

ScriptedReply unknown_key() {
    return aws_error(400, "NotFoundException", "Key '" + std::string(kKeyArn) + "' does not exist");
}

ScriptedReply dropped() { return {.bytes = {}, .then = ScriptedReply::Then::kClose}; }

TEST_F(Retry, PassesOverPassingFailures) {
    kms_with({aws_error(400, "ThrottlingException", "Rate exceeded"), aws_error(500, "KMSInternalException", ""),
              aws_error(503, "DependencyTimeoutException", ""), aws_error(500, "KeyUnavailableException", ""),
              http_reply(502, "<html>"), aws_error(400, "KMSInternalException", ""), dropped(),
              http_reply(200, sign_answer())});
    const auto signature = kms->sign(kKeyArn, Hash32{}, MessageType::kDigest);
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_GE(asked().size(), 8U);  // libcurl repeats the dropped one by itself, over a new connection
    EXPECT_GE(timer->sleeps().size(), 6U);
}

TEST_F(Retry, TellsOfThrottledTriesThatWereMadeAgain) {
    kms_with({aws_error(400, "ThrottlingException", "Rate exceeded"), aws_error(500, "KMSInternalException", ""),
              aws_error(400, "ThrottlingException", "Rate exceeded"), http_reply(200, sign_answer())});
    const TryWatch outer;
    {
        const TryWatch watch;
        ASSERT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
        EXPECT_EQ(watch.throttled(), 2);
    }
    EXPECT_EQ(outer.throttled(), 0) << "the innermost counts";
    kms_with({aws_error(400, "ThrottlingException", "Rate exceeded")});
    const TryWatch watch;
    EXPECT_EQ(sign_error().code, ErrorCode::kThrottled);
    EXPECT_EQ(watch.throttled(), kMostAttempts - 1) << "the last one is the call's own failure";
}

TEST_F(Retry, GivesUpInTheEnd) {
    kms_with({aws_error(400, "ThrottlingException", "Rate exceeded")});
    const Error error = sign_error();
    EXPECT_EQ(error.code, ErrorCode::kThrottled);
    EXPECT_EQ(error.kms_error, "ThrottlingException");
    EXPECT_EQ(error.message, "Rate exceeded");
    EXPECT_EQ(asked().size(), kMostAttempts);
}

TEST_F(Retry, WaitsLongerAndLongerWithFullJitter) {
    kms_with({aws_error(500, "KMSInternalException", "")});
    std::vector<std::vector<Timer::Duration>> rounds;
    for (int round = 0; round < 5; ++round) {
        const std::size_t before = timer->sleeps().size();
        static_cast<void>(sign_error());
        const auto all = timer->sleeps();
        rounds.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
    }
    for (const auto& sleeps : rounds) {
        ASSERT_EQ(sleeps.size(), kMostAttempts - 1);
        for (std::size_t i = 0; i < sleeps.size(); ++i)
            EXPECT_LE(sleeps[i], std::min(std::chrono::milliseconds(50) * (1 << i), std::chrono::milliseconds(5'000)));
    }
    EXPECT_NE(rounds[0], rounds[1]);
}

TEST_F(Retry, EndsAtTheCallsDeadline) {
    kms_with({aws_error(500, "KMSInternalException", "")},
             {.call_timeout = std::chrono::milliseconds(200), .most_attempts = 1'000});
    const auto start = timer->now();
    EXPECT_EQ(sign_error().code, ErrorCode::kUnavailable);
    EXPECT_LT(timer->now() - start, std::chrono::milliseconds(200));
    EXPECT_LT(asked().size(), 1'000U);
}

TEST_F(Retry, MakesNoRefusedCallAgain) {
    for (const std::string name :
         {"LimitExceededException", "ValidationException", "DisabledException", "KMSInvalidStateException",
          "AccessDeniedException", "NotFoundException", "InvalidSignatureException", "UnrecognizedClientException",
          "ExpiredTokenException", "UnknownException"}) {
        kms_with({aws_error(400, name, "text")});
        EXPECT_EQ(sign_error().kms_error, name);
        EXPECT_EQ(asked().size(), 1U) << name;
    }
    EXPECT_TRUE(timer->sleeps().empty());
}

TEST_F(Retry, MakesNoKeyTwice) {
    for (const ScriptedReply& reply :
         {aws_error(500, "KMSInternalException", ""), http_reply(503, ""), dropped(),
          ScriptedReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", .then = ScriptedReply::Then::kClose},
          ScriptedReply{.bytes = "garbage\r\n\r\n", .then = ScriptedReply::Then::kClose}}) {
        kms_with({reply, http_reply(200, metadata_answer())});
        const auto made = kms->create_key({});
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
        EXPECT_THAT(made.error().hint, HasSubstr("doctor"));
        EXPECT_EQ(asked().size(), 1U);
    }
    // Neither on a connection that an earlier call left behind.
    std::atomic<int> calls = 0;
    kms_before([&](const ReceivedRequest& request) {
        ++calls;
        return operation_of(request) == "CreateKey" ? dropped() : http_reply(200, sign_answer());
    });
    ASSERT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
    ASSERT_FALSE(kms->create_key({}));
    EXPECT_EQ(calls, 2);
    for (const ScriptedReply& reply : {aws_error(500, "KMSInternalException", ""), dropped()}) {
        kms_with({reply});
        const Status rotated = kms->rotate_key_on_demand(kKeyId);
        ASSERT_FALSE(rotated);
        EXPECT_THAT(rotated.error().hint, AllOf(HasSubstr("key show"), Not(HasSubstr("doctor"))));
        EXPECT_EQ(asked().size(), 1U);
    }
}

TEST_F(Retry, MakesAKeyThatWasCertainlyNotMade) {
    kms_with(
        {aws_error(400, "ThrottlingException", "Rate exceeded"), http_reply(429, ""), http_reply(200, metadata_answer())});
    EXPECT_TRUE(kms->create_key({}));
    EXPECT_EQ(asked().size(), 3U);
    // Nobody listens: nothing was sent.
    kms_with({http_reply(200, "")}, {.endpoint = "http://127.0.0.1:" + std::to_string(testing_support::unused_port())});
    const std::size_t before = timer->sleeps().size();
    const auto made = kms->create_key({});
    ASSERT_FALSE(made);
    EXPECT_EQ(timer->sleeps().size() - before, kMostUnreachable - 1);
}

TEST_F(Retry, GivesUpSoonWhereNobodyListens) {
    open({.endpoint = "http://127.0.0.1:" + std::to_string(testing_support::unused_port())});
    const auto start = timer->now();
    EXPECT_THAT(sign_error().message, HasSubstr("refuses the connection"));
    EXPECT_EQ(timer->sleeps().size(), kMostUnreachable - 1);
    EXPECT_GE(timer->now() - start, std::chrono::milliseconds(600));
    EXPECT_LE(timer->now() - start, std::chrono::milliseconds(1'200));
}

TEST_F(Retry, BeginsNoTryAfterTheDeadline) {
    AwsKmsOptions options{.call_timeout = std::chrono::milliseconds(3'000), .rate_limited = true};
    options.attempt_timeout = std::chrono::milliseconds(3'000);
    kms_before(
        [this](const ReceivedRequest&) {
            timer->advance(std::chrono::milliseconds(2'500));  // less than a second is left
            return aws_error(400, "ThrottlingException", "Rate exceeded");
        },
        std::move(options));
    const auto made = kms->create_key({});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kms_error, "ThrottlingException");
    EXPECT_EQ(asked().size(), 1U);
    EXPECT_EQ(sign_error().kms_error, "ThrottlingException");  // may be repeated: goes on to the end
    EXPECT_EQ(asked().size(), 3U);
}

TEST_F(Retry, ReturnsTheLastErrorWhenItsTurnComesTooLate) {
    AwsKmsOptions options{.call_timeout = std::chrono::milliseconds(500), .rate_limited = true};
    std::atomic<Timer::Duration::rep> first = 0;  // when the call's first try came
    std::atomic<int> late = 0;
    kms_before(
        [&](const ReceivedRequest&) {
            const Timer::Duration::rep now = timer->now().time_since_epoch().count();
            Timer::Duration::rep none = 0;
            if (!first.compare_exchange_strong(none, now) && Timer::Duration(now - first) >= std::chrono::milliseconds(500))
                ++late;
            return aws_error(400, "ThrottlingException", "Rate exceeded");
        },
        std::move(options));
    // Soon the turns of a second are used up, and each try waits a fifth of one for its own.
    for (int i = 0; i < 20; ++i) {
        first = 0;
        const auto enabled = kms->enable_key(kKeyId);
        ASSERT_FALSE(enabled);
        EXPECT_EQ(enabled.error().kms_error, "ThrottlingException");
    }
    EXPECT_EQ(late, 0);
}

TEST_F(Retry, TakesItsOwnEarlierTryForSuccess) {
    const std::string aliases = R"({"Aliases":[{"AliasName":"alias/x","AliasArn":"arn:x","TargetKeyId":")" +
                                std::string(kKeyId) + R"("}],"Truncated":false})";
    kms_with({aws_error(500, "KMSInternalException", ""), aws_error(400, "AlreadyExistsException", "exists"),
              http_reply(200, aliases)});
    EXPECT_TRUE(kms->create_alias("alias/x", kKeyId));
    kms_with({aws_error(500, "KMSInternalException", ""), aws_error(400, "AlreadyExistsException", "exists"),
              http_reply(200, R"({"Aliases":[],"Truncated":false})")});
    const auto taken = kms->create_alias("alias/x", kKeyId);
    EXPECT_TRUE(!taken && taken.error().code == ErrorCode::kAlreadyExists);  // it is somebody else's
    kms_with({aws_error(400, "AlreadyExistsException", "exists")});
    EXPECT_FALSE(kms->create_alias("alias/x", kKeyId));
    EXPECT_EQ(asked().size(), 1U);

    kms_with({dropped(), aws_error(400, "NotFoundException", "Alias is not found.")});
    EXPECT_TRUE(kms->delete_alias("alias/x"));
    kms_with({aws_error(400, "NotFoundException", "Alias is not found.")});
    EXPECT_FALSE(kms->delete_alias("alias/x"));

    const ScriptedReply pending = aws_error(400, "KMSInvalidStateException", std::string(kKeyArn) + " is pending deletion.");
    kms_with({http_reply(500, ""), pending, http_reply(200, metadata_answer("PendingDeletion", ",\"DeletionDate\":1.8E9"))});
    const auto scheduled = kms->schedule_key_deletion(kKeyId, 7);
    ASSERT_TRUE(scheduled) << scheduled.error().message;
    EXPECT_EQ(scheduled->state, KeyState::kPendingDeletion);
    kms_with({pending});
    EXPECT_FALSE(kms->schedule_key_deletion(kKeyId, 7));

    const ScriptedReply not_pending =
        aws_error(400, "KMSInvalidStateException", std::string(kKeyArn) + " is not pending deletion");
    kms_with({http_reply(500, ""), not_pending, http_reply(200, metadata_answer("Disabled"))});
    EXPECT_TRUE(kms->cancel_key_deletion(kKeyId));
    kms_with({not_pending});
    EXPECT_FALSE(kms->cancel_key_deletion(kKeyId));
}

TEST_F(Retry, WaitsForItsOwnChangesToShow) {
    const ScriptedReply unknown = unknown_key();
    const ScriptedReply disabled = aws_error(400, "DisabledException", "is disabled.");
    // A key just made.
    kms_with({http_reply(200, metadata_answer()), unknown, unknown,
              http_reply(200, R"({"CiphertextBlob":"AQID","KeyId":")" + std::string(kKeyArn) + "\"}")});
    ASSERT_TRUE(kms->create_key({}));
    EXPECT_TRUE(kms->encrypt(kKeyId, as_bytes("x"), {}));
    // An alias just given.
    kms_with({http_reply(200, ""),
              aws_error(400, "NotFoundException", "Alias arn:aws:kms:us-east-1:1:alias/x is not found."),
              http_reply(200, sign_answer())});
    ASSERT_TRUE(kms->create_alias("alias/x", kKeyId));
    EXPECT_TRUE(kms->sign("alias/x", Hash32{}, MessageType::kDigest));
    // A key just enabled.
    kms_with({http_reply(200, ""), disabled, http_reply(200, sign_answer())});
    ASSERT_TRUE(kms->enable_key(kKeyId));
    EXPECT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
    // A deletion just cancelled, then enabled.
    kms_with(
        {http_reply(200, ""), aws_error(400, "KMSInvalidStateException", "x is pending deletion."), http_reply(200, "")});
    ASSERT_TRUE(kms->cancel_key_deletion(kKeyId));
    EXPECT_TRUE(kms->enable_key(kKeyId));
    // A key just disabled, seen enabled at first.
    kms_with({http_reply(200, ""), http_reply(200, metadata_answer()), http_reply(200, metadata_answer("Disabled"))});
    ASSERT_TRUE(kms->disable_key(kKeyId));
    const auto seen = kms->describe_key(kKeyId);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->state, KeyState::kDisabled);
}

TEST_F(Retry, WaitsForNothingThatItDidNotMake) {
    const std::string foreign = "arn:aws:kms:us-east-1:999999999999:key/" + std::string(kKeyId);
    for (const auto& [name, text] :
         std::vector<std::pair<std::string, std::string>>{{kOtherArn, "Key '" + std::string(kOtherArn) + "' does not exist"},
                                                          {foreign, "Key '" + foreign + "' does not exist"},
                                                          {kKeyId, "Key '" + std::string(kOtherArn) + "' does not exist"},
                                                          {kKeyId, "Invalid keyId 'x'"},
                                                          {kKeyId, "Invalid arn eu-south-9"}}) {
        kms_with({http_reply(200, metadata_answer()), aws_error(400, "NotFoundException", text)});
        ASSERT_TRUE(kms->create_key({}));
        EXPECT_FALSE(kms->encrypt(name, as_bytes("x"), {}));
        EXPECT_EQ(asked().size(), 2U) << name << ": " << text;
    }
}

TEST_F(Retry, BelievesTheKmsAfterAWhile) {
    const ScriptedReply unknown = unknown_key();
    kms_with({http_reply(200, metadata_answer()), unknown});
    ASSERT_TRUE(kms->create_key({}));
    EXPECT_FALSE(kms->describe_key(kKeyId));
    EXPECT_LE(asked().size(), 1 + kMostAttempts);
    const std::size_t before = asked().size();
    timer->advance(std::chrono::minutes(1));
    EXPECT_FALSE(kms->describe_key(kKeyId));
    EXPECT_EQ(asked().size(), before + 1);
    // Somebody else enabled it: what the KMS says counts in the end.
    kms_with({http_reply(200, ""), http_reply(200, metadata_answer())});
    ASSERT_TRUE(kms->disable_key(kKeyId));
    const auto seen = kms->describe_key(kKeyId);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->state, KeyState::kEnabled);
    EXPECT_LE(asked().size(), 6U);
    // What it disabled itself is disabled at once.
    kms_with({http_reply(200, ""), aws_error(400, "DisabledException", "is disabled.")});
    ASSERT_TRUE(kms->disable_key(kKeyId));
    EXPECT_FALSE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
    EXPECT_EQ(asked().size(), 2U);
}

TEST_F(Retry, SetsItsTimeByTheKmsOnce) {
    const auto late = [](const ReceivedRequest&) {
        return aws_error(400, "InvalidSignatureException", "Signature expired", {{"Date", "Mon, 28 Sep 2026 12:17:00 GMT"}});
    };
    std::atomic<int> calls = 0;
    kms_before([&](const ReceivedRequest& request) {
        ++calls;
        return request.header("x-amz-date") == "20260928T121700Z" ? http_reply(200, sign_answer()) : late(request);
    });
    EXPECT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
    EXPECT_EQ(calls, 2);
    EXPECT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
    EXPECT_EQ(calls, 3);  // it stays corrected
    kms_before(late);
    const Error error = sign_error();
    EXPECT_EQ(asked().size(), 2U);
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message, HasSubstr("17 minutes slow"));
    EXPECT_THAT(error.hint, HasSubstr("clock"));
}

TEST_F(Retry, FetchesNewCredentialsWhenTheirsHaveExpired) {
    variables.erase("AWS_ACCESS_KEY_ID");
    variables.erase("AWS_SECRET_ACCESS_KEY");
    std::atomic<int> fetched = 0;
    ScriptedHttpServer container([&](const ReceivedRequest&) {
        return http_reply(200, R"({"AccessKeyId":"AKID)" + std::to_string(++fetched) +
                                   R"(","SecretAccessKey":"s","Token":"t","Expiration":"2026-09-28T18:00:00Z"})");
    });
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url() + "/creds";
    kms_before([](const ReceivedRequest& request) {
        if (request.header("authorization").find("AKID1/") != std::string::npos)
            return aws_error(400, "ExpiredTokenException", "expired");
        return http_reply(200, sign_answer());
    });
    EXPECT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
    EXPECT_EQ(fetched, 2);
    EXPECT_EQ(asked().size(), 2U);
}

TEST_F(Retry, EndsWhenItsScopeIsStopped) {
    std::stop_source stop;
    kms_before([&](const ReceivedRequest&) {
        stop.request_stop();
        return ScriptedReply{.bytes = {}, .then = ScriptedReply::Then::kHold};
    });
    {
        const CallScope scope(stop.get_token());
        EXPECT_EQ(sign_error().code, ErrorCode::kCancelled);
        EXPECT_EQ(sign_error().code, ErrorCode::kCancelled);
    }
    EXPECT_EQ(asked().size(), 1U);
    EXPECT_FALSE(CallScope::current().stop_possible());
}

TEST_F(Retry, EndsWhenTheKmsIsStopped) {
    kms_before([&](const ReceivedRequest&) {
        kms->stop();
        return ScriptedReply{.bytes = {}, .then = ScriptedReply::Then::kHold};
    });
    EXPECT_EQ(sign_error().code, ErrorCode::kCancelled);
    EXPECT_EQ(sign_error().code, ErrorCode::kCancelled);
    EXPECT_EQ(asked().size(), 1U);
}

TEST_F(Retry, KeepsWithinTheQuotasWhereItIsTold) {
    AwsKmsOptions options;
    options.rate_limited = true;
    kms_before([](const ReceivedRequest&) { return http_reply(200, metadata_answer()); }, std::move(options));
    const auto start = timer->now();
    for (int i = 0; i < 105; ++i) ASSERT_TRUE(kms->create_key({}));
    EXPECT_GE(timer->now() - start, std::chrono::seconds(20));  // 5 a second, and 5 at once
    EXPECT_LT(timer->now() - start, std::chrono::seconds(21));
    kms_before([](const ReceivedRequest&) { return http_reply(200, metadata_answer()); });
    const auto unlimited = timer->now();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(kms->create_key({}));
    EXPECT_EQ(timer->now(), unlimited);  // not AWS's own endpoint
}

TEST(RateLimit, SharesWhatAwsShares) {
    EXPECT_EQ(quota_of("Encrypt").name, quota_of("Decrypt").name);
    EXPECT_EQ(quota_of("Sign").name, quota_of("Verify").name);
    EXPECT_NE(quota_of("Sign").name, quota_of("Encrypt").name);
    EXPECT_NE(quota_of("CreateKey").name, quota_of("CreateAlias").name);
    EXPECT_EQ(quota_of("Sign").per_second, 300);
    EXPECT_EQ(quota_of("GenerateDataKeyPair").per_second, 25);
    RateLimit limit;
    const Timer::TimePoint now{std::chrono::hours(1)};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(limit.reserve("CreateKey", now), Timer::Duration::zero()) << i;
    EXPECT_EQ(limit.reserve("CreateKey", now), std::chrono::milliseconds(200));
    EXPECT_EQ(limit.reserve("CreateKey", now), std::chrono::milliseconds(400));
    EXPECT_EQ(limit.reserve("CreateAlias", now), Timer::Duration::zero());
    EXPECT_EQ(limit.reserve("CreateKey", now + std::chrono::milliseconds(600)), Timer::Duration::zero());
    // However long nobody called, no more than a second's worth is saved up.
    for (int i = 0; i < 5; ++i) EXPECT_EQ(limit.reserve("CreateKey", now + std::chrono::hours(1)), Timer::Duration::zero());
    EXPECT_GT(limit.reserve("CreateKey", now + std::chrono::hours(1)), Timer::Duration::zero());
}

TEST(CallsInFlight, LetsInSoManyAndNoMore) {
    CallsInFlight calls(2);
    const std::stop_token never;
    EXPECT_TRUE(calls.enter(std::chrono::hours(1), never));
    EXPECT_TRUE(calls.enter(std::chrono::hours(1), never));
    EXPECT_FALSE(calls.enter(Timer::Duration::zero(), never));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(calls.enter(std::chrono::hours(1), stop.get_token()));
    std::jthread later([&] { calls.leave(); });
    EXPECT_TRUE(calls.enter(std::chrono::hours(1), never));
}

TEST_F(Retry, BoundsTheCallsInFlight) {
    AwsKmsOptions options;
    options.calls_in_flight = 3;
    kms_before([](const ReceivedRequest&) { return http_reply(200, sign_answer()); }, std::move(options));
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 12; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 10; ++n) EXPECT_TRUE(kms->sign(kKeyArn, Hash32{}, MessageType::kDigest));
            });
        }
    }
    EXPECT_EQ(asked().size(), 120U);
    EXPECT_LE(server->connections(), 3);
}

}  // namespace
}  // namespace keydeck::kms::aws
