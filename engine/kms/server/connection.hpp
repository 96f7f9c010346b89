// One client: reads requests, has them answered, writes the answers, in order. Internal to this folder: Asio's types stand
// in no header that others see.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <unordered_set>

#include "engine/base/random.hpp"
#include "engine/kms/server/server.hpp"
#include "engine/kms/server/service.hpp"

namespace keydeck::kms::server {

namespace asio = boost::asio;

/// What all connections share.
struct Shared {
    Service& service;
    Random& random;
    const ServerOptions& options;
    asio::thread_pool& workers;  ///< for what is slow
    std::atomic<std::size_t>& connections;
};

class Connection;

/// One thread's connections. Everything here happens on that thread.
struct Loop {
    std::unordered_set<Connection*> connections;  // first: those that io still holds take leave of it
    asio::io_context io{1};
    asio::steady_timer timer{io};
    bool draining = false;

    /// Closes, once a second, the connections whose deadline has passed.
    void watch();
    /// No further request is read; who waits for one is closed.
    void drain();
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Loop& loop, const Shared& shared);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection();

    virtual void start() = 0;
    virtual void drain() = 0;
    void close_if_late(std::chrono::steady_clock::time_point now) {
        if (now > deadline_) close();
    }

protected:
    virtual void close() = 0;
    void allow(std::chrono::milliseconds time) { deadline_ = std::chrono::steady_clock::now() + time; }
    [[nodiscard]] Loop& loop() { return loop_; }
    [[nodiscard]] const Shared& shared() const { return shared_; }

private:
    Loop& loop_;
    Shared shared_;
    std::chrono::steady_clock::time_point deadline_;
};

/// `tls` is null for plain HTTP.
[[nodiscard]] std::shared_ptr<Connection> make_connection(asio::ip::tcp::socket socket, asio::ssl::context* tls, Loop& loop,
                                                          const Shared& shared);

}  // namespace keydeck::kms::server
