#include "bench/fixed_kms_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unordered_map>

namespace keydeck::bench {
namespace {

void must(bool ok, const char* what) {
    if (ok) return;
    std::perror(what);
    std::_Exit(1);  // a process that does nothing but serve
}

std::string fixed_response() {
    const std::string body =
        std::string("{\"KeyId\":\"") + kFixedKeyArn +
        "\",\"Signature\":\"MEQCIDE3gGTVBrcAgVkmBX7dLyBHPpnWwxUWpxy9Sdfjk8PDAiBVfCgcQmLUpyFuO3zGHLFhx0tZbnAHYo2A1fSfa8/"
        "YVQ==\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}";
    return "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\n"
           "Content-Type: application/x-amz-json-1.1\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The length of the request at the beginning, once it is whole; 0 before.
std::size_t whole_request(std::string_view text) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    std::size_t length = 0;
    for (const std::string_view name : {"content-length: ", "Content-Length: "}) {
        const std::size_t at = text.substr(0, end).find(name);
        if (at != std::string_view::npos) length = std::strtoul(text.data() + at + name.size(), nullptr, 10);
    }
    return text.size() >= end + 4 + length ? end + 4 + length : 0;
}

}  // namespace

int listen_on_loopback(int& port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(fd, 512) == 0, "listen");
    socklen_t length = sizeof address;
    must(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
    port = ntohs(address.sin_port);
    return fd;
}

void serve_fixed_answer(int listener) {
    const std::string response = fixed_response();
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event interest{.events = EPOLLIN, .data = {.fd = listener}};
    must(epoll_ctl(poll, EPOLL_CTL_ADD, listener, &interest) == 0, "epoll_ctl");
    std::unordered_map<int, std::string> pending;
    std::array<epoll_event, 64> events;
    std::array<char, 65536> piece;
    for (;;) {
        const int count = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == listener) {
                const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                const int on = 1;
                setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                interest.data.fd = accepted;
                epoll_ctl(poll, EPOLL_CTL_ADD, accepted, &interest);
                continue;
            }
            const ssize_t got = recv(fd, piece.data(), piece.size(), 0);
            if (got <= 0) {
                pending.erase(fd);
                close(fd);
                continue;
            }
            std::string& buffer = pending[fd];
            buffer.append(piece.data(), static_cast<std::size_t>(got));
            while (const std::size_t length = whole_request(buffer)) {
                buffer.erase(0, length);
                send(fd, response.data(), response.size(), MSG_NOSIGNAL);
            }
        }
    }
}

}  // namespace keydeck::bench
