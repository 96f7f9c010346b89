#include "engine/kms/server/connection.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "engine/kms/server/http_message.hpp"

namespace keydeck::kms::server {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kPiece = 8192;           // read at once; most requests are shorter
constexpr std::size_t kMostDrained = 1 << 20;  // of what a client still sends after its answer
constexpr auto kFarewell = std::chrono::seconds(2);

Answer too_long() {
    return make_error(413, "RequestEntityTooLargeException", "The request is longer than this service accepts.");
}
Answer header_too_long() {
    return make_error(431, "RequestHeaderTooLargeException", "The request's header is longer than this service accepts.");
}
Answer malformed() { return make_error(400, "MalformedHttpRequestException", "The request is not HTTP/1.1."); }

tcp::socket& socket_of(tcp::socket& socket) { return socket; }
tcp::socket& socket_of(asio::ssl::stream<tcp::socket>& stream) { return stream.next_layer(); }

template <class Stream>
class ConnectionOver final : public Connection {
public:
    ConnectionOver(Stream stream, Loop& loop, const Shared& shared)
        : Connection(loop, shared), stream_(std::move(stream)), in_(kPiece) {}

    void start() override {
        error_code ignored;
        socket_of(stream_).set_option(tcp::no_delay(true), ignored);
        request_.emplace();
        if constexpr (std::is_same_v<Stream, tcp::socket>) {
            wait();
        } else {
            allow(shared().options.request_timeout);
            stream_.async_handshake(asio::ssl::stream_base::server, [self = me()](error_code error) {
                if (!error) self->wait();
            });
        }
    }

    void drain() override {
        if (idle_) close();
    }

private:
    std::shared_ptr<ConnectionOver> me() { return std::static_pointer_cast<ConnectionOver>(shared_from_this()); }

    void close() override {
        error_code ignored;
        socket_of(stream_).shutdown(tcp::socket::shutdown_both, ignored);
        socket_of(stream_).close(ignored);
    }

    /// For the next request.
    void wait() {
        if (begin_ < end_) {
            allow(shared().options.request_timeout);
            parse();
            return;
        }
        if (loop().draining) {
            close();
            return;
        }
        idle_ = true;
        allow(shared().options.idle_timeout);
        read();
    }

    void read() {
        make_room();
        stream_.async_read_some(asio::buffer(in_.data() + end_, in_.size() - end_),
                                [self = me()](error_code error, std::size_t count) {
                                    if (error) return;  // gone, or closed by us
                                    self->received(count);
                                });
    }

    /// What was taken is at the front; what a request still lacks may need more than there is.
    void make_room() {
        if (begin_ > 0) {
            std::copy(in_.begin() + offset(begin_), in_.begin() + offset(end_), in_.begin());
            wipe_region(end_ - begin_, end_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (in_.size() - end_ < kPiece / 2) in_.resize(in_.size() + kPiece);
    }

    void received(std::size_t count) {
        if (idle_) {
            idle_ = false;
            allow(shared().options.request_timeout);
        }
        end_ += count;
        parse();
    }

    void parse() {
        using State = IncomingRequest::State;
        std::size_t used = 0;
        const State state = request_->put({in_.data() + begin_, end_ - begin_}, used);
        wipe_region(begin_, begin_ + used);
        begin_ += used;
        switch (state) {
            case State::kDone:
                respond();
                return;
            case State::kMalformed:
                give_up_on(malformed());
                return;
            case State::kHeaderTooLong:
                give_up_on(header_too_long());
                return;
            case State::kBodyTooLong:
                give_up_on(too_long());
                return;
            case State::kNeedsMore:
                break;
        }
        // A header that is not whole stays in the buffer until it is: its limit has to be ours.
        if (used == 0 && end_ - begin_ > kMostHeader) {
            give_up_on(header_too_long());
            return;
        }
        if (request_->wants_continue()) {
            asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                              [self = me()](error_code error, std::size_t) {
                                  if (!error) self->read();
                              });
            return;
        }
        read();
    }

    void respond() {
        const HttpRequest request = request_->view();
        if (!Service::is_slow(request)) {
            write(shared().service.answer(request));
            return;
        }
        // The request stays where it is until the answer is written: nothing is read meanwhile.
        asio::post(shared().workers, [self = me(), request]() mutable {
            auto answer = std::make_shared<Answer>(self->shared().service.answer(request));
            auto executor = socket_of(self->stream_).get_executor();
            asio::post(executor, [self = std::move(self), answer] { self->write(*answer); });
        });
    }

    void write(const Answer& answer) {
        // Who asks with another method than POST is lost; and the answer to HEAD may have no body, which ours has.
        const bool again = request_->keep_alive() && request_->view().method == "POST" && !loop().draining;
        out_ = to_bytes(answer, again, shared().random);
        allow(shared().options.request_timeout);
        asio::async_write(stream_, asio::buffer(out_), [self = me(), again](error_code error, std::size_t) {
            if (error) return;
            self->out_ = {};  // given back, it is wiped: what was answered may be a plaintext
            if (again) {
                self->next();
            } else {
                self->part();
            }
        });
    }

    void next() {
        request_.emplace();
        wait();
    }

    /// Answers a request that was not read to its end, and ends the connection.
    void give_up_on(const Answer& answer) {
        out_ = to_bytes(answer, false, shared().random);
        allow(shared().options.request_timeout);
        asio::async_write(stream_, asio::buffer(out_), [self = me()](error_code error, std::size_t) {
            if (!error) self->part();
        });
    }

    /// Says that nothing more comes and hears the client out for a while: closing at once would reset the connection, and
    /// the answer might be lost with it.
    void part() {
        error_code ignored;
        socket_of(stream_).shutdown(tcp::socket::shutdown_send, ignored);
        allow(kFarewell);
        out_ = {};
        begin_ = end_ = 0;
        hear_out();
    }

    void hear_out() {
        socket_of(stream_).async_read_some(asio::buffer(in_), [self = me()](error_code error, std::size_t count) {
            self->drained_ += count;
            if (error || self->drained_ > kMostDrained) {
                self->close();
            } else {
                self->hear_out();
            }
        });
    }

    static std::ptrdiff_t offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }
    void wipe_region(std::size_t from, std::size_t to) {
        wipe({reinterpret_cast<std::uint8_t*>(in_.data()) + from, to - from});
    }

    Stream stream_;
    WipingText in_;
    std::size_t begin_ = 0;  // of what was received and not taken yet
    std::size_t end_ = 0;
    std::optional<IncomingRequest> request_;
    WipingText out_;
    std::size_t drained_ = 0;
    bool idle_ = false;
};

}  // namespace

Connection::Connection(Loop& loop, const Shared& shared) : loop_(loop), shared_(shared) { loop_.connections.insert(this); }

Connection::~Connection() {
    loop_.connections.erase(this);
    shared_.connections.fetch_sub(1);
}

void Loop::watch() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([this](error_code error) {
        if (error) return;
        const auto now = std::chrono::steady_clock::now();
        for (Connection* connection : connections) connection->close_if_late(now);
        watch();
    });
}

void Loop::drain() {
    draining = true;
    for (Connection* connection : connections) connection->drain();
}

std::shared_ptr<Connection> make_connection(tcp::socket socket, asio::ssl::context* tls, Loop& loop, const Shared& shared) {
    if (tls == nullptr) return std::make_shared<ConnectionOver<tcp::socket>>(std::move(socket), loop, shared);
    using TlsStream = asio::ssl::stream<tcp::socket>;
    return std::make_shared<ConnectionOver<TlsStream>>(TlsStream(std::move(socket), *tls), loop, shared);
}

}  // namespace keydeck::kms::server
