// A client of the served KMS that says exactly what a test wants said: bytes on a socket.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "engine/kms/local/values.hpp"

namespace keydeck::kms::test {

struct HttpAnswer {
    int status = 0;                              ///< 0: the connection ended before an answer
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;

    [[nodiscard]] std::string member(std::string_view name) const {
        const auto parsed = json::parse(body, "the answer");
        const json::Value* value = parsed ? parsed->find(name) : nullptr;
        return value == nullptr                   ? std::string()
               : value->kind == json::Kind::kBool ? (value->boolean ? "true" : "false")
                                                  : value->text;
    }
    [[nodiscard]] std::string type() const { return member("__type"); }
    [[nodiscard]] std::string message() const { return member("message"); }
};

class Socket {
public:
    explicit Socket(std::uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = connect(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    }
    Socket(Socket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_), in_(std::move(other.in_)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(connected_, other.connected_);
        std::swap(in_, other.in_);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    [[nodiscard]] bool connected() const { return connected_; }

    /// False when the other side has gone.
    bool send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t count = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    void finish_sending() { shutdown(descriptor_, SHUT_WR); }

    /// The next answer. A 100 Continue is one too.
    HttpAnswer receive() {
        HttpAnswer answer;
        std::size_t end = 0;
        while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return answer;
        }
        const std::string head = in_.substr(0, end);
        in_.erase(0, end + 4);
        answer.status = std::stoi(head.substr(9, 3));
        for (std::size_t line = head.find("\r\n"); line != std::string::npos;) {
            const std::size_t next = head.find("\r\n", line + 2);
            const std::string text = head.substr(line + 2, next == std::string::npos ? next : next - line - 2);
            answer.headers[ascii_lower(text.substr(0, text.find(':')))] = text.substr(text.find(':') + 2);
            line = next;
        }
        const std::size_t length =
            answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
        while (in_.size() < length) {
            if (!more()) return {};
        }
        answer.body = in_.substr(0, length);
        in_.erase(0, length);
        return answer;
    }
    /// Waits for the end of the connection; false when bytes come instead.
    bool ended() { return !more() && in_.empty(); }

private:
    bool more() {
        char piece[16384];
        pollfd wait{descriptor_, POLLIN, 0};
        if (poll(&wait, 1, 30'000) != 1) return false;
        const ssize_t count = recv(descriptor_, piece, sizeof piece, 0);
        if (count <= 0) return false;
        in_.append(piece, static_cast<std::size_t>(count));
        return true;
    }

    int descriptor_;
    bool connected_ = false;
    std::string in_;
};

/// A request before it is signed; tests bend one thing of it.
struct Draft {
    std::string operation = "ListKeys";
    std::string body = "{}";
    std::string method = "POST";
    std::string target = "/";
    std::string region = "us-east-1";
    std::string service = "kms";
    std::optional<std::string> scope_date{};
    std::optional<std::string> session_token{};
    std::vector<aws::Header> more{};       ///< signed as well
    std::vector<aws::Header> unsigned_{};  ///< sent, not signed
    std::vector<std::string> leave_unsigned{};
    bool close = false;
};

/// The whole request, signed with the key at `now`.
[[nodiscard]] inline std::string signed_request(const Draft& draft, const AccessKey& key, Timestamp now) {
    const std::string amz_date = aws::to_amz_date(now);
    std::vector<aws::Header> headers = {{"host", "localhost"},
                                        {"content-type", "application/x-amz-json-1.1"},
                                        {"x-amz-date", amz_date},
                                        {"x-amz-target", "TrentService." + draft.operation}};
    if (draft.session_token) headers.emplace_back("x-amz-security-token", *draft.session_token);
    headers.insert(headers.end(), draft.more.begin(), draft.more.end());
    std::vector<aws::Header> to_sign;
    for (const aws::Header& header : headers) {
        if (std::ranges::find(draft.leave_unsigned, header.first) == draft.leave_unsigned.end()) to_sign.push_back(header);
    }
    const std::size_t question = std::min(draft.target.find('?'), draft.target.size());
    const std::string query = draft.target.substr(std::min(question + 1, draft.target.size()));
    const aws::SignedRequest request{.method = draft.method,
                                     .path = std::string_view(draft.target).substr(0, question),
                                     .query = query,
                                     .headers = to_sign,
                                     .body = as_bytes(draft.body)};
    const std::string date = draft.scope_date.value_or(amz_date.substr(0, 8));
    const aws::Scope scope{draft.region, draft.service, date};
    const std::string signature =
        aws::signature(request, scope, amz_date, aws::signing_key(key.secret.view(), scope).view());
    std::string out = draft.method + " " + draft.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
    for (const auto& [name, value] : draft.unsigned_) out += name + ": " + value + "\r\n";
    out += "Authorization: " + aws::authorization_header(key.id, scope, aws::signed_headers(request), signature) + "\r\n";
    if (draft.close) out += "Connection: close\r\n";
    return out + "Content-Length: " + std::to_string(draft.body.size()) + "\r\n\r\n" + draft.body;
}

}  // namespace keydeck::kms::test
