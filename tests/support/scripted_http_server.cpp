#include "tests/support/scripted_http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace keydeck::testing_support {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

void must(bool ok, const char* what) {
    if (ok) return;
    std::perror(what);
    std::abort();
}

int listen_on_loopback(int& port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0, "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
    must(listen(fd, 512) == 0, "listen");
    socklen_t length = sizeof address;
    must(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
    port = ntohs(address.sin_port);
    return fd;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool receive(int fd, std::string& buffer) {
    char piece[16384];
    const ssize_t got = recv(fd, piece, sizeof piece, 0);
    if (got <= 0) return false;
    buffer.append(piece, static_cast<std::size_t>(got));
    return true;
}

/// The next request of a connection; nothing when it has ended.
std::optional<ReceivedRequest> read_request(int fd, std::string& buffer) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!receive(fd, buffer)) return std::nullopt;
    }
    ReceivedRequest request;
    std::string_view head(buffer.data(), end);
    std::string_view line = head.substr(0, head.find("\r\n"));
    request.method = line.substr(0, line.find(' '));
    line.remove_prefix(request.method.size() + 1);
    request.target = line.substr(0, line.find(' '));
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
        const std::size_t next = head.find("\r\n", at + 2);
        const std::string_view header = head.substr(at + 2, next == std::string_view::npos ? next : next - at - 2);
        const std::size_t colon = header.find(':');
        std::string_view value = header.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        request.headers.emplace_back(header.substr(0, colon), value);
        at = next;
    }
    const std::string length_text = request.header("content-length");
    const std::size_t length = length_text.empty() ? 0 : std::stoul(length_text);
    while (buffer.size() < end + 4 + length) {
        if (!receive(fd, buffer)) return std::nullopt;
    }
    request.body = buffer.substr(end + 4, length);
    buffer.erase(0, end + 4 + length);
    return request;
}

/// False when the connection is over.
bool answer(int fd, const ScriptedReply& reply) {
    if (!send_all(fd, reply.bytes)) return false;
    const std::string filler(std::min<std::size_t>(reply.filler, 65536), 'a');
    for (std::size_t left = reply.filler; left > 0;) {
        const std::size_t piece = std::min(left, filler.size());
        if (!send_all(fd, std::string_view(filler).substr(0, piece))) return false;
        left -= piece;
    }
    if (reply.then == ScriptedReply::Then::kHold) {
        std::string ignored;
        while (receive(fd, ignored)) ignored.clear();
        return false;
    }
    return reply.then == ScriptedReply::Then::kKeep;
}

}  // namespace

std::string ReceivedRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (lower(key) == lower(name)) return value;
    }
    return {};
}

ScriptedReply http_reply(int status, std::string_view body,
                         const std::vector<std::pair<std::string, std::string>>& headers) {
    std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
    for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    bytes += body;
    return {.bytes = bytes};
}

ScriptedHttpServer::ScriptedHttpServer(Handler handler)
    : handler_(std::move(handler)), listener_(listen_on_loopback(port_)) {
    acceptor_ = std::jthread([this] { accept_all(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
    ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    {
        const std::scoped_lock lock(mutex_);
        for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
    }
    threads_.clear();  // joins
    for (const int fd : sockets_) close(fd);
}

std::string ScriptedHttpServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<ReceivedRequest> ScriptedHttpServer::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

void ScriptedHttpServer::accept_all() {
    for (;;) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            if (ending_) return;
            continue;
        }
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::scoped_lock lock(mutex_);
        sockets_.push_back(fd);
        const int number = ++connections_;
        threads_.emplace_back([this, fd, number] { serve(fd, number); });
    }
}

void ScriptedHttpServer::serve(int fd, int connection) {
    std::string buffer;
    while (std::optional<ReceivedRequest> request = read_request(fd, buffer)) {
        request->connection = connection;
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(*request);
        }
        ScriptedReply reply;
        {
            const std::scoped_lock lock(handling_);
            reply = handler_(*request);
        }
        if (!answer(fd, reply)) break;
    }
    shutdown(fd, SHUT_RDWR);  // closed by the destructor, so that the number is not given to another socket meanwhile
}

int unused_port() {
    int port = 0;
    close(listen_on_loopback(port));
    return port;
}

}  // namespace keydeck::testing_support
