// An HTTP server on loopback that answers what a test tells it to, right or wrong: real sockets, one thread a connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace keydeck::testing_support {

struct ReceivedRequest {
    std::string method;
    std::string target;  ///< path and query, as on the request line
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    int connection = 0;  ///< counts from 1

    /// The value of a header (ASCII case-insensitive); empty where there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
};

struct ScriptedReply {
    std::string bytes;       ///< sent as they are
    std::size_t filler = 0;  ///< so many `a` follow
    enum class Then : std::uint8_t {
        kKeep,   ///< the connection waits for the next request
        kClose,  ///< it is closed
        kHold,   ///< it stays open and nothing more comes
    } then = Then::kKeep;
};

/// A whole response with its Content-Length.
[[nodiscard]] ScriptedReply http_reply(int status, std::string_view body,
                                       const std::vector<std::pair<std::string, std::string>>& headers = {});

class ScriptedHttpServer {
public:
    using Handler = std::function<ScriptedReply(const ReceivedRequest&)>;
    /// The handler is called from the connections' threads, one at a time.
    explicit ScriptedHttpServer(Handler handler);
    ~ScriptedHttpServer();
    ScriptedHttpServer(const ScriptedHttpServer&) = delete;
    ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

    [[nodiscard]] int port() const { return port_; }
    /// "http://127.0.0.1:<port>"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<ReceivedRequest> requests() const;
    [[nodiscard]] int connections() const { return connections_; }

private:
    void accept_all();
    void serve(int socket, int connection);

    Handler handler_;
    int port_ = 0;
    int listener_ = -1;
    std::atomic<int> connections_ = 0;
    std::atomic<bool> ending_ = false;
    mutable std::mutex mutex_;
    std::mutex handling_;
    std::vector<ReceivedRequest> requests_;
    std::vector<int> sockets_;
    std::vector<std::jthread> threads_;
    std::jthread acceptor_;
};

/// A port on loopback where nobody listens.
[[nodiscard]] int unused_port();

}  // namespace keydeck::testing_support
