#include "engine/net/curl_transport.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/support/scripted_http_server.hpp"

namespace keydeck::net {
namespace {

using testing_support::http_reply;
using testing_support::ReceivedRequest;
using testing_support::ScriptedHttpServer;
using testing_support::ScriptedReply;

HttpRequest post_to(const std::string& url, std::string_view body = {}) {
    return {.method = "POST", .url = url, .headers = {}, .body = as_bytes(body), .repeatable = true, .direct = true};
}

/// Long, so that only what must end by itself does.
HttpLimits patient() {
    return {.timeout = std::chrono::seconds(60), .connect_timeout = std::chrono::seconds(60), .stop = {}};
}

HttpFailure failure_of(const HttpRequest& request, const HttpLimits& limits = patient(), const CurlOptions& options = {}) {
    CurlTransport transport(options);
    const HttpOutcome outcome = transport.send(request, limits);
    if (outcome) {
        ADD_FAILURE() << "answered " << outcome->status;
        return {};
    }
    EXPECT_FALSE(outcome.error().error.message.empty());
    return outcome.error();
}

TEST(CurlTransport, SendsWhatItIsGivenAndNothingElse) {
    ScriptedHttpServer server(
        [](const ReceivedRequest&) { return http_reply(201, "answer", {{"X-One", " 1 "}, {"x-two", "2"}}); });
    CurlTransport transport({.user_agent = "keydeck/test", .ca_bundle = {}});
    HttpRequest request = post_to(server.url() + "/path?query", "the body");
    request.headers = {{"Host", "kms.example"}, {"X-Amz-Target", "TrentService.Sign"}, {"X-Empty", ""}};
    const HttpOutcome outcome = transport.send(request, patient());
    ASSERT_TRUE(outcome) << outcome.error().error.message;
    EXPECT_EQ(outcome->status, 201);
    EXPECT_EQ(outcome->body.text(), "answer");
    ASSERT_NE(outcome->header("x-ONE"), nullptr);
    EXPECT_EQ(*outcome->header("x-ONE"), "1");
    EXPECT_EQ(outcome->header("x-three"), nullptr);
    const ReceivedRequest got = server.requests().at(0);
    EXPECT_EQ(got.method, "POST");
    EXPECT_EQ(got.target, "/path?query");
    EXPECT_EQ(got.body, "the body");
    EXPECT_EQ(got.header("host"), "kms.example");
    std::vector<std::string> names;
    for (const auto& [name, value] : got.headers) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"Host", "User-Agent", "X-Amz-Target", "X-Empty", "Content-Length"}));
}

TEST(CurlTransport, HasOtherMethods) {
    ScriptedHttpServer server([](const ReceivedRequest& request) { return http_reply(200, request.method + request.body); });
    CurlTransport transport;
    for (const std::string method : {"GET", "PUT", "POST", "GET", "DELETE"}) {
        HttpRequest request = post_to(server.url(), method == "POST" ? "x" : "");
        request.method = method;
        const HttpOutcome outcome = transport.send(request, patient());
        ASSERT_TRUE(outcome) << outcome.error().error.message;
        EXPECT_EQ(outcome->body.text(), method == "POST" ? "POSTx" : method);
    }
}

TEST(CurlTransport, UsesAConnectionAgain) {
    ScriptedHttpServer server([](const ReceivedRequest&) { return http_reply(200, "x"); });
    CurlTransport transport;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(transport.send(post_to(server.url(), "b"), patient()));
    EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, SendsWhatMustNotBeRepeatedOverNewConnections) {
    ScriptedHttpServer server([](const ReceivedRequest&) { return http_reply(200, "x"); });
    CurlTransport transport;
    ASSERT_TRUE(transport.send(post_to(server.url()), patient()));
    HttpRequest once = post_to(server.url());
    once.repeatable = false;
    ASSERT_TRUE(transport.send(once, patient()));
    EXPECT_EQ(server.connections(), 2);
}

/// Drops the second request of each connection without an answer.
ScriptedReply drop_second(const ReceivedRequest& request, const std::string& body) {
    if (request.body == body) return {.bytes = {}, .then = ScriptedReply::Then::kClose};
    return http_reply(200, "x");
}

TEST(CurlTransport, DoesNotQuietlyRepeatWhatMustNotBe) {
    ScriptedHttpServer server([](const ReceivedRequest& request) { return drop_second(request, "once"); });
    CurlTransport transport;
    ASSERT_TRUE(transport.send(post_to(server.url(), "first"), patient()));
    HttpRequest once = post_to(server.url(), "once");
    once.repeatable = false;
    const HttpOutcome outcome = transport.send(once, patient());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, HttpFailureKind::kDropped);
    EXPECT_TRUE(outcome.error().may_have_arrived);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(CurlTransport, DoesNotFollowRedirects) {
    ScriptedHttpServer elsewhere([](const ReceivedRequest&) { return http_reply(200, "elsewhere"); });
    ScriptedHttpServer server([&](const ReceivedRequest&) { return http_reply(307, "", {{"Location", elsewhere.url()}}); });
    CurlTransport transport;
    const HttpOutcome outcome = transport.send(post_to(server.url(), "secret"), patient());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, 307);
    EXPECT_TRUE(elsewhere.requests().empty());
}

TEST(CurlTransport, CapsBodies) {
    for (const bool chunked : {false, true}) {
        ScriptedHttpServer server([&](const ReceivedRequest&) -> ScriptedReply {
            if (!chunked) return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n", .filler = 67'108'864};
            return {.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000000\r\n", .filler = 67'108'864};
        });
        const HttpFailure failure = failure_of(post_to(server.url()));
        EXPECT_EQ(failure.kind, HttpFailureKind::kTooLarge) << chunked;
        EXPECT_EQ(failure.error.code, ErrorCode::kCorrupt);
    }
    ScriptedHttpServer exact([](const ReceivedRequest&) -> ScriptedReply {
        return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n", .filler = 1'048'576};
    });
    CurlTransport transport;
    const HttpOutcome outcome = transport.send(post_to(exact.url()), patient());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->body.size(), 1'048'576U);
}

TEST(CurlTransport, CapsHeaders) {
    ScriptedHttpServer server([](const ReceivedRequest&) {
        std::string bytes = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 2'000; ++i) bytes += "X-Header-" + std::to_string(i) + ": " + std::string(50, 'x') + "\r\n";
        return ScriptedReply{.bytes = bytes + "Content-Length: 0\r\n\r\n"};
    });
    EXPECT_EQ(failure_of(post_to(server.url())).kind, HttpFailureKind::kTooLarge);
}

TEST(CurlTransport, TellsBrokenAnswersFromWholeOnes) {
    struct Case {
        std::string bytes;
        HttpFailureKind kind;
    };
    const std::vector<Case> cases = {
        {"", HttpFailureKind::kDropped},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", HttpFailureKind::kDropped},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", HttpFailureKind::kDropped},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", HttpFailureKind::kDropped},
        {"garbage that is not HTTP at all\r\n\r\n", HttpFailureKind::kMalformed},
        {"\x16\x03\x01 garbage", HttpFailureKind::kMalformed},
    };
    for (const Case& item : cases) {
        ScriptedHttpServer server(
            [&](const ReceivedRequest&) { return ScriptedReply{.bytes = item.bytes, .then = ScriptedReply::Then::kClose}; });
        HttpRequest once = post_to(server.url());
        once.repeatable = false;
        const HttpFailure failure = failure_of(once);
        EXPECT_EQ(failure.kind, item.kind) << item.bytes;
        EXPECT_TRUE(failure.may_have_arrived) << item.bytes;
    }
}

TEST(CurlTransport, SaysWhyNobodyAnswers) {
    const HttpFailure refused = failure_of(post_to("http://127.0.0.1:" + std::to_string(testing_support::unused_port())));
    EXPECT_EQ(refused.kind, HttpFailureKind::kRefused);
    EXPECT_FALSE(refused.may_have_arrived);
    EXPECT_EQ(refused.error.code, ErrorCode::kUnavailable);
    const HttpFailure unknown = failure_of(post_to("http://no-such-host.invalid"));
    EXPECT_EQ(unknown.kind, HttpFailureKind::kNameNotResolved);
    EXPECT_FALSE(unknown.may_have_arrived);
    ScriptedHttpServer plain([](const ReceivedRequest&) { return http_reply(200, "x"); });
    const HttpFailure tls =
        failure_of(post_to("https://127.0.0.1:" + std::to_string(plain.port())),
                   {.timeout = std::chrono::seconds(60), .connect_timeout = std::chrono::milliseconds(300), .stop = {}});
    EXPECT_TRUE(tls.kind == HttpFailureKind::kTls || tls.kind == HttpFailureKind::kTimeout) << tls.error.message;
    EXPECT_FALSE(tls.may_have_arrived);
}

TEST(CurlTransport, EndsAtItsDeadline) {
    ScriptedHttpServer server([](const ReceivedRequest&) {
        return ScriptedReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", .then = ScriptedReply::Then::kHold};
    });
    HttpLimits hasty = patient();
    hasty.timeout = std::chrono::milliseconds(50);
    const HttpFailure failure = failure_of(post_to(server.url()), hasty);
    EXPECT_EQ(failure.kind, HttpFailureKind::kTimeout);
    EXPECT_TRUE(failure.may_have_arrived);
}

TEST(CurlTransport, EndsAtOnceWhenItIsTold) {
    std::stop_source stop;
    ScriptedHttpServer server([&](const ReceivedRequest&) {
        stop.request_stop();  // the request has come, so the sender is waiting
        return ScriptedReply{.bytes = {}, .then = ScriptedReply::Then::kHold};
    });
    HttpLimits limits = patient();
    limits.stop = stop.get_token();
    const HttpFailure failure = failure_of(post_to(server.url()), limits);
    EXPECT_EQ(failure.kind, HttpFailureKind::kCancelled);
    EXPECT_EQ(failure.error.code, ErrorCode::kCancelled);
    EXPECT_EQ(failure_of(post_to(server.url()), limits).kind, HttpFailureKind::kCancelled);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(CurlTransport, SendsNoMalformedRequest) {
    for (const auto& [url, header] :
         std::vector<std::pair<std::string, Header>>{{"ftp://127.0.0.1", {"a", "b"}},
                                                     {"file:///etc/passwd", {"a", "b"}},
                                                     {"http://127.0.0.1:1", {"a", "b\r\nInjected: 1"}},
                                                     {"http://127.0.0.1:1", {"a\n", "b"}},
                                                     {"http://127.0.0.1:1", {"a: x", "b"}},
                                                     {"http://127.0.0.1:1", {"", "b"}},
                                                     {"http://127.0.0.1:1", {"a", std::string("b\0c", 3)}}}) {
        HttpRequest request = post_to(url);
        request.headers.push_back(header);
        const HttpFailure failure = failure_of(request);
        EXPECT_EQ(failure.kind, HttpFailureKind::kInvalidRequest) << url;
        EXPECT_EQ(failure.error.code, ErrorCode::kInvalidInput);
    }
}

TEST(CurlTransport, ServesManyThreadsAtOnce) {
    ScriptedHttpServer server([](const ReceivedRequest& request) { return http_reply(200, request.body); });
    CurlTransport transport;
    std::vector<std::jthread> threads;
    std::atomic<int> right = 0;
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 25; ++i) {
                const std::string body = std::to_string(t) + "/" + std::to_string(i);
                const HttpOutcome outcome = transport.send(post_to(server.url(), body), patient());
                if (outcome && outcome->body.text() == body) ++right;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(right, 16 * 25);
    EXPECT_LE(server.connections(), 16);
}

TEST(CurlTransport, GoesOnAfterFailures) {
    int count = 0;
    ScriptedHttpServer server([&](const ReceivedRequest&) -> ScriptedReply {
        if (++count % 2 == 1)
            return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", .then = ScriptedReply::Then::kClose};
        return http_reply(200, "fine");
    });
    CurlTransport transport;
    for (int i = 0; i < 6; ++i) {
        const HttpOutcome outcome = transport.send(post_to(server.url()), patient());
        EXPECT_EQ(outcome.has_value(), i % 2 == 1) << i;
    }
}

}  // namespace
}  // namespace keydeck::net
