#include "engine/net/url.hpp"

#include <gtest/gtest.h>

namespace keydeck::net {
namespace {

TEST(Url, ReadsItsParts) {
    const auto plain = parse_url("https://KMS.us-east-1.amazonaws.com", "the endpoint");
    ASSERT_TRUE(plain);
    EXPECT_TRUE(plain->tls);
    EXPECT_EQ(plain->host, "kms.us-east-1.amazonaws.com");
    EXPECT_EQ(plain->port, 443);
    EXPECT_EQ(plain->path, "/");
    EXPECT_EQ(plain->authority(), "kms.us-east-1.amazonaws.com");
    EXPECT_EQ(plain->text(), "https://kms.us-east-1.amazonaws.com/");
    const auto full = parse_url("http://127.0.0.1:4599/a/b?x=1&y", "the endpoint");
    ASSERT_TRUE(full);
    EXPECT_FALSE(full->tls);
    EXPECT_EQ(full->port, 4599);
    EXPECT_EQ(full->path, "/a/b");
    EXPECT_EQ(full->query, "x=1&y");
    EXPECT_EQ(full->text(), "http://127.0.0.1:4599/a/b?x=1&y");
    const auto six = parse_url("http://[::1]:80?q", "the endpoint");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->authority(), "[::1]");
    EXPECT_EQ(six->path, "/");
    EXPECT_EQ(six->query, "q");
}

TEST(Url, RefusesMalformedOnes) {
    for (const std::string_view text : {"",
                                        "http",
                                        "http:",
                                        "http:/",
                                        "http://",
                                        "http:///path",
                                        "ftp://host",
                                        "file:///etc/passwd",
                                        "//host",
                                        "host",
                                        "http://host:",
                                        "http://host:0",
                                        "http://host:65536",
                                        "http://host:x",
                                        "http://host:1:2",
                                        "http://user@host",
                                        "http://user:secret@host",
                                        "http://host/a b",
                                        "http://host\n",
                                        "http://host#x",
                                        "http://host/#",
                                        "http://ho st",
                                        "http://[::1",
                                        "http://[host]",
                                        "http://[]",
                                        "http://::1",
                                        "http://[::1]x",
                                        "http://ho\\st",
                                        "http://h\xc3\xb6st"}) {
        const auto url = parse_url(text, "the endpoint");
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
    }
}

TEST(Url, KnowsThisMachine) {
    for (const std::string_view host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const std::string_view host : {"", "127.0.0.1.example.com", "128.0.0.1", "169.254.170.2", "::2", "local", "127.1"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace keydeck::net
