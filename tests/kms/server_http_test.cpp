// The served KMS as an HTTP server: connections, limits, who asks.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/kms/served_kms.hpp"

namespace keydeck::kms {
namespace {

using test::Draft;
using test::HttpAnswer;
using test::ServedKms;
using test::Socket;

TEST(ServerHttp, AnswersWithAwsHeaders) {
    ServedKms served;
    const HttpAnswer answer = served.call("ListKeys");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"Keys":[],"Truncated":false})");
    EXPECT_EQ(answer.headers.at("content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(answer.headers.at("x-amzn-requestid").size(), 36U);
    EXPECT_TRUE(answer.headers.at("date").ends_with(" GMT"));
    EXPECT_NE(served.call("ListKeys").headers.at("x-amzn-requestid"), answer.headers.at("x-amzn-requestid"));
}

TEST(ServerHttp, AConnectionServesManyRequests) {
    ServedKms served;
    Socket socket(served.server->port());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(socket.send(served.request({.operation = i % 2 == 0 ? "CreateKey" : "ListKeys"})));
        EXPECT_EQ(socket.receive().status, 200);
    }
    socket.send(served.request({.close = true}));
    const HttpAnswer last = socket.receive();
    EXPECT_EQ(last.headers.at("connection"), "close");
    EXPECT_TRUE(socket.ended());
}

TEST(ServerHttp, PipelinedRequestsAreAnsweredInOrder) {
    ServedKms served;
    std::string all;
    for (int i = 0; i < 40; ++i) {
        // Slow ones (another thread's work) between quick ones.
        all +=
            i % 4 == 0
                ? served.request({.operation = "CreateKey", .body = "{\"Description\":\"" + std::to_string(i) + "\"}"})
                : served.request({.operation = "GenerateRandom", .body = "{\"NumberOfBytes\":" + std::to_string(i) + "}"});
    }
    Socket socket(served.server->port());
    ASSERT_TRUE(socket.send(all));
    for (int i = 0; i < 40; ++i) {
        const HttpAnswer answer = socket.receive();
        ASSERT_EQ(answer.status, 200) << answer.body;
        if (i % 4 == 0) {
            EXPECT_NE(answer.body.find("\"Description\":\"" + std::to_string(i) + "\""), std::string::npos);
        } else {
            EXPECT_EQ(answer.member("Plaintext").size(), static_cast<std::size_t>((i + 2) / 3 * 4));
        }
    }
}

TEST(ServerHttp, ARequestMayComeByteByByte) {
    ServedKms served;
    const std::string request = served.request({.operation = "GenerateRandom", .body = R"({"NumberOfBytes":3})"});
    Socket socket(served.server->port());
    for (const char c : request) ASSERT_TRUE(socket.send({&c, 1}));
    EXPECT_EQ(socket.receive().member("Plaintext").size(), 4U);
}

TEST(ServerHttp, AChunkedBodyIsABody) {
    ServedKms served;
    Draft draft{.operation = "GenerateRandom", .body = R"({"NumberOfBytes":3})"};
    std::string request = served.request(draft);
    request.erase(request.find("Content-Length"));
    request += "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"Num\r\ne;ext=1\r\nberOfBytes\":3}\r\n0\r\nTrailer: x\r\n\r\n";
    Socket socket(served.server->port());
    ASSERT_TRUE(socket.send(request + served.request(draft)));
    EXPECT_EQ(socket.receive().member("Plaintext").size(), 4U);
    EXPECT_EQ(socket.receive().member("Plaintext").size(), 4U) << "what follows it is the next request";
}

TEST(ServerHttp, WhoWaitsForContinueIsToldSo) {
    ServedKms served;
    std::string request = served.request({.unsigned_ = {{"Expect", "100-continue"}}});
    const std::size_t head = request.find("\r\n\r\n") + 4;
    Socket socket(served.server->port());
    ASSERT_TRUE(socket.send(request.substr(0, head)));
    EXPECT_EQ(socket.receive().status, 100);
    ASSERT_TRUE(socket.send(request.substr(head)));
    EXPECT_EQ(socket.receive().status, 200);
    ASSERT_TRUE(socket.send(request)) << "nobody waits: the body is there";
    EXPECT_EQ(socket.receive().status, 200);
}

TEST(ServerHttp, WhatIsTooLongIsRefusedAndTheServerGoesOn) {
    ServedKms served;
    const HttpAnswer announced =
        served.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_EQ(announced.status, 413);
    EXPECT_EQ(announced.type(), "RequestEntityTooLargeException");
    Socket chunked(served.server->port());
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    for (int i = 0; i < 20 && chunked.send(chunk); ++i) {
    }
    EXPECT_EQ(chunked.receive().status, 413);
    EXPECT_EQ(served.send("POST / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n").status, 431);
    EXPECT_EQ(served.send("POST /" + std::string(40'000, 'x')).status, 431) << "a line without an end";
    // The longest that is taken: it is understood and then refused for its sense.
    const std::string most = "{\"Marker\":\"" + std::string(server::kMostBody - 14, 'm') + "\"}";
    EXPECT_EQ(served.call("ListKeys", most).type(), "InvalidMarkerException");
    EXPECT_EQ(served.call("ListKeys").status, 200);
}

TEST(ServerHttp, MalformedRequestsAreRefusedAndTheServerGoesOn) {
    ServedKms served;
    const std::vector<std::string> table = {
        "\r\n\r\nGARBAGE\r\n\r\n",
        "POST / HTTP/9.9\r\n\r\n",
        "POST  / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nNo colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),  // a TLS client that took the wrong door
        std::string(64, '\0'),
    };
    for (const std::string& bytes : table) {
        Socket socket(served.server->port());
        socket.send(bytes);
        socket.finish_sending();
        const HttpAnswer answer = socket.receive();
        EXPECT_TRUE(answer.status == 400 || answer.status == 0) << bytes << answer.status;
    }
    EXPECT_EQ(served.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
    EXPECT_EQ(served.send("POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").status, 404);
    EXPECT_EQ(served.call("ListKeys").status, 200);
    EXPECT_TRUE(served.faults().empty());
}

TEST(ServerHttp, SlowClientsAreLeftAndTheServerGoesOn) {
    server::ServerOptions options;
    options.request_timeout = std::chrono::milliseconds(300);
    options.idle_timeout = std::chrono::milliseconds(50);
    ServedKms served(options);
    Socket idle(served.server->port());
    Socket half(served.server->port());
    half.send("POST / HTTP/1.1\r\nContent-Le");
    Socket bodiless(served.server->port());
    bodiless.send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
    EXPECT_EQ(served.call("ListKeys").status, 200);
    EXPECT_TRUE(idle.ended());
    EXPECT_TRUE(half.ended());
    EXPECT_TRUE(bodiless.ended());
    EXPECT_EQ(served.call("ListKeys").status, 200);
}

TEST(ServerHttp, OtherMethodsEndTheConnection) {
    ServedKms served;
    for (const std::string method : {"HEAD", "GET", "PUT", "OPTIONS"}) {
        Socket socket(served.server->port());
        socket.send(method + " / HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(socket.receive().headers["connection"], "close") << method;
        EXPECT_TRUE(socket.ended()) << method;
    }
}

TEST(ServerHttp, MoreConnectionsThanItTakesAreClosed) {
    server::ServerOptions options;
    options.most_connections = 2;
    ServedKms served(options);
    Socket first(served.server->port());
    first.send(served.request({}));
    EXPECT_EQ(first.receive().status, 200);
    {
        Socket second(served.server->port());
        second.send(served.request({}));
        EXPECT_EQ(second.receive().status, 200);
        Socket third(served.server->port());
        EXPECT_TRUE(third.ended());
    }
    // Once the second has gone there is room again; the server may notice a little later than we.
    HttpAnswer answer;
    for (int i = 0; i < 1000 && answer.status == 0; ++i) answer = served.call("ListKeys");
    EXPECT_EQ(answer.status, 200);
    first.send(served.request({}));
    EXPECT_EQ(first.receive().status, 200);
}

TEST(ServerHttp, FiveHundredConnections) {
    ServedKms served;
    std::vector<Socket> sockets;
    for (int i = 0; i < 500; ++i) {
        sockets.emplace_back(served.server->port());
        ASSERT_TRUE(sockets.back().connected()) << i;
    }
    const std::string request = served.request({});
    for (Socket& socket : sockets) ASSERT_TRUE(socket.send(request));
    for (Socket& socket : sockets) EXPECT_EQ(socket.receive().status, 200);
    // Half of them go without a word, some in the middle of a request.
    for (std::size_t i = 0; i < sockets.size(); i += 2) sockets[i].send(request.substr(0, i % 300));
    sockets.erase(sockets.begin(), sockets.begin() + 250);
    for (std::size_t i = 1; i < sockets.size(); i += 2) {
        ASSERT_TRUE(sockets[i].send(request));
        EXPECT_EQ(sockets[i].receive().status, 200);
    }
    EXPECT_EQ(served.call("ListKeys").status, 200);
}

TEST(ServerHttp, StoppingLetsARequestUnderWayBeAnswered) {
    ServedKms served;
    const auto key = served.local.kms->create_key({.description = "", .tags = {}, .origin = Origin::kExternal});
    ASSERT_TRUE(key);
    Socket busy(served.server->port());
    Socket idle(served.server->port());
    busy.send(served.request({.operation = "ListKeys"}));
    ASSERT_EQ(busy.receive().status, 200);
    idle.send(served.request({.operation = "ListKeys"}));
    ASSERT_EQ(idle.receive().status, 200);
    // It makes an RSA key, which takes a while; the first of two pipelined requests is surely being answered when the
    // server is told to stop.
    busy.send(served.request({.operation = "ListKeys"}) +
              served.request({.operation = "GetParametersForImport",
                              .body = "{\"KeyId\":\"" + key->key_id +
                                      R"(","WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_4096"})"}));
    ASSERT_EQ(busy.receive().status, 200);
    served.server->stop();
    const HttpAnswer answer = busy.receive();
    EXPECT_TRUE(answer.status == 200 || answer.status == 0) << answer.body;
    EXPECT_TRUE(idle.ended());
    EXPECT_FALSE(Socket(served.server->port()).connected());
    served.server->stop();
}

TEST(ServerHttp, ListensOnLoopbackUnlessBothAreGiven) {
    test::TemporaryKms local;
    const auto start = [&](const server::ServerOptions& options) {
        const auto started = server::Server::start(*local.kms, local.clock, local.random, options);
        return started ? Status{} : Status(std::unexpected(started.error()));
    };
    server::ServerOptions options;
    options.address = "0.0.0.0";
    EXPECT_EQ(start(options).error().code, ErrorCode::kDenied);
    options.allow_remote = true;
    EXPECT_EQ(start(options).error().code, ErrorCode::kDenied);
    options.tls_certificate = "/nowhere/cert.pem";
    EXPECT_EQ(start(options).error().code, ErrorCode::kDenied);
    options.tls_key = "/nowhere/key.pem";
    EXPECT_EQ(start(options).error().code, ErrorCode::kInvalidInput) << "no such certificate";
    options.allow_remote = false;
    EXPECT_EQ(start(options).error().code, ErrorCode::kDenied);
    for (const char* loopback : {"127.0.0.1", "127.8.8.8", "::1"}) {
        server::ServerOptions plain;
        plain.address = loopback;
        const Status started = start(plain);
        EXPECT_TRUE(started || std::string_view(loopback) == "::1") << loopback;  // a machine may have no IPv6
    }
    for (const char* wrong : {"", "localhost", "300.1.1.1", "1.2.3"}) {
        server::ServerOptions named;
        named.address = wrong;
        EXPECT_EQ(start(named).error().code, ErrorCode::kInvalidInput) << wrong;
    }
    const auto first = server::Server::start(*local.kms, local.clock, local.random, {});
    ASSERT_TRUE(first);
    EXPECT_EQ((*first)->url(), "http://127.0.0.1:" + std::to_string((*first)->port()));
    server::ServerOptions taken;
    taken.port = (*first)->port();
    EXPECT_EQ(start(taken).error().code, ErrorCode::kUnavailable);
}

// Who asks ----------------------------------------------------------------------------------------------------------------

TEST(ServerAuthentication, EachFlawHasItsError) {
    ServedKms served;
    AccessKey stranger{.id = "AKIAAAAAAAAAAAAAAAAA", .secret = served.access_key.secret.clone(), .session_token = {}};
    AccessKey liar{.id = served.access_key.id, .secret = SecretBytes::copy_of("wrong"), .session_token = {}};
    const Timestamp now = served.local.clock.now();
    struct Case {
        std::string request;
        std::string type;
        std::string message_part;
    };
    std::string tampered = served.request({.body = R"({"Limit":10})"});
    tampered.replace(tampered.find("10}"), 2, "11");
    std::string other_target = served.request({});
    other_target.replace(other_target.find("TrentService.ListKeys"), 21, "TrentService.CreateKey");
    const auto without = [&](std::string name) {
        std::string request = served.request({});
        const std::size_t at = request.find(name);
        return request.erase(at, request.find("\r\n", at) + 2 - at);
    };
    const auto authorization = [&](const std::string& value) {
        return "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: TrentService.ListKeys\r\nX-Amz-Date: " +
               aws::to_amz_date(now) + "\r\nAuthorization: " + value + "\r\nContent-Length: 2\r\n\r\n{}";
    };
    const std::string credential = "Credential=" + served.access_key.id + "/" + aws::to_amz_date(now).substr(0, 8);
    const auto at = [&](std::chrono::seconds offset) { return test::signed_request({}, served.access_key, now + offset); };
    const std::vector<Case> table = {
        {without("Authorization"), "MissingAuthenticationTokenException", "Missing Authentication Token"},
        {authorization(""), "IncompleteSignatureException", ""},
        {authorization("Basic dXNlcjpwYXNz"), "IncompleteSignatureException", ""},
        {authorization("AWS4-HMAC-SHA256 nonsense"), "IncompleteSignatureException", ""},
        {authorization("AWS4-HMAC-SHA256 " + credential + "/us-east-1/kms/aws4_request, SignedHeaders=host"),
         "IncompleteSignatureException", "requires 'Signature' parameter."},
        {authorization("AWS4-HMAC-SHA256 " + credential +
                       "/us-east-1/kms, SignedHeaders=host, Signature=" + std::string(64, '0')),
         "IncompleteSignatureException", "slash-delimited"},
        {without("x-amz-date"), "IncompleteSignatureException", "requires existence of either a 'X-Amz-Date'"},
        {test::signed_request({}, stranger, now), "UnrecognizedClientException",
         "The security token included in the request is invalid."},
        {test::signed_request({}, liar, now), "InvalidSignatureException",
         "The request signature we calculated does not match the signature you provided."},
        {tampered, "InvalidSignatureException", "does not match"},
        {other_target, "InvalidSignatureException", "does not match"},
        {served.request({.region = "eu-central-1"}), "InvalidSignatureException", "valid region, not 'eu-central-1'"},
        {served.request({.service = "s3"}), "InvalidSignatureException", "correct service: 'kms'"},
        {served.request({.scope_date = "20200101"}), "InvalidSignatureException", "does not match YYYYMMDD"},
        {served.request({.leave_unsigned = {"host"}}), "InvalidSignatureException", "'Host'"},
        {served.request({.leave_unsigned = {"x-amz-target"}}), "InvalidSignatureException", "'x-amz-target'"},
        {served.request({.leave_unsigned = {"x-amz-date"}}), "InvalidSignatureException", "'x-amz-date'"},
        {served.request({.session_token = "anything"}), "UnrecognizedClientException", "security token"},
        {served.request({.more = {{"x-amz-content-sha256", std::string(64, '0')}}}), "InvalidSignatureException",
         "x-amz-content-sha256"},
        {served.request({.more = {{"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}}}), "InvalidSignatureException",
         "x-amz-content-sha256"},
        {at(std::chrono::seconds(-901)), "InvalidSignatureException", "Signature expired: "},
        {at(std::chrono::seconds(901)), "InvalidSignatureException", "Signature not yet current: "},
    };
    for (const Case& test : table) {
        const HttpAnswer answer = served.send(test.request);
        EXPECT_EQ(answer.status, 400) << test.request;
        EXPECT_EQ(answer.type(), test.type) << test.request << answer.body;
        EXPECT_NE(answer.message().find(test.message_part), std::string::npos) << answer.message();
    }
    EXPECT_EQ(served.send(at(std::chrono::seconds(-900))).status, 200);
    EXPECT_EQ(served.send(at(std::chrono::seconds(899))).status, 200);
    EXPECT_EQ(served.call("ListKeys").status, 200);
    EXPECT_TRUE(served.local.kms->list_keys({})->items.empty()) << "none of them did anything";
}

TEST(ServerAuthentication, OddButRightRequestsAreTaken) {
    ServedKms served;
    EXPECT_EQ(served.send(served.request({.target = "/?b=2&a=1"})).status, 200);
    EXPECT_EQ(served.send(served.request({.more = {{"x-amz-meta", "  two   blanks  "}, {"x-amz-meta", "again"}}})).status,
              200);
    EXPECT_EQ(served.send(served.request({.unsigned_ = {{"User-Agent", "anybody"}, {"X-Amzn-Trace-Id", "1"}}})).status, 200);
}

TEST(ServerAuthentication, SessionTokensMustBeTheKeys) {
    ServedKms served;
    const auto temporary = served.local.kms->create_access_key(true);
    ASSERT_TRUE(temporary);
    const auto send = [&](std::optional<std::string> token) {
        return served.send(test::signed_request({.session_token = std::move(token)}, *temporary, served.local.clock.now()));
    };
    const std::string right(temporary->session_token.text());
    EXPECT_EQ(send(right).status, 200);
    EXPECT_EQ(send(std::nullopt).type(), "UnrecognizedClientException");
    EXPECT_EQ(send(right.substr(1)).type(), "UnrecognizedClientException");
    EXPECT_EQ(send("").type(), "UnrecognizedClientException");
}

TEST(ServerAuthentication, ARemovedKeyIsRefusedAtOnce) {
    ServedKms served;
    Socket socket(served.server->port());
    socket.send(served.request({}));
    ASSERT_EQ(socket.receive().status, 200);
    // By another process.
    ASSERT_TRUE(served.local.open()->remove_access_key(served.access_key.id));
    socket.send(served.request({}));
    EXPECT_EQ(socket.receive().type(), "UnrecognizedClientException");
}

TEST(ServerAuthentication, TheDayMayChange) {
    ServedKms served;
    EXPECT_EQ(served.call("ListKeys").status, 200);
    served.local.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(served.call("ListKeys").status, 200);
}

}  // namespace
}  // namespace keydeck::kms
