#include "engine/kms/server/server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <thread>
#include <vector>

#include "engine/kms/server/connection.hpp"

namespace keydeck::kms::server {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr int kMostThreads = 4;
constexpr std::size_t kWorkers = 4;
constexpr auto kBreather = std::chrono::milliseconds(50);
constexpr rlim_t kDescriptors = 16'384;

/// Hundreds of connections need more descriptors than shells give.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kDescriptors) return;
    limit.rlim_cur = std::min(kDescriptors, limit.rlim_max);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

Status check_exposure(const asio::ip::address& address, const ServerOptions& options) {
    if (address.is_loopback()) return {};
    const bool tls = !options.tls_certificate.empty() && !options.tls_key.empty();
    if (options.allow_remote && tls) return {};
    return fail(ErrorCode::kDenied, fmt::format("{} is reachable from other machines.", address.to_string()),
                "Beyond loopback both --allow-remote and --tls-cert FILE with --tls-key FILE are needed.");
}

Result<std::unique_ptr<asio::ssl::context>> load_tls(const ServerOptions& options) {
    if (options.tls_certificate.empty() && options.tls_key.empty()) return nullptr;
    if (options.tls_certificate.empty() || options.tls_key.empty()) {
        return fail(ErrorCode::kInvalidInput, "A certificate and its key belong together.",
                    "Name both: --tls-cert FILE --tls-key FILE.");
    }
    auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    error = tls->set_options(asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                                 asio::ssl::context::no_tlsv1_1 | asio::ssl::context::single_dh_use,
                             error);
    error = tls->use_certificate_chain_file(options.tls_certificate.string(), error);
    if (error) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} is no certificate in PEM form.", options.tls_certificate.string()));
    }
    error = tls->use_private_key_file(options.tls_key.string(), asio::ssl::context::pem, error);
    if (error) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} is not the key of {}.", options.tls_key.string(), options.tls_certificate.string()));
    }
    return tls;
}

std::unexpected<Error> cannot_listen(const tcp::endpoint& at, const error_code& error) {
    const std::string where = fmt::format("{}:{}", at.address().to_string(), at.port());
    if (error == asio::error::address_in_use) {
        return fail(ErrorCode::kUnavailable, fmt::format("{} is taken by another program.", where),
                    "Choose another port with --listen, or 0 for any that is free.");
    }
    const ErrorCode code = error == asio::error::access_denied ? ErrorCode::kDenied : ErrorCode::kUnavailable;
    return fail(code, fmt::format("Cannot listen on {}: {}.", where, error.message()));
}

}  // namespace

struct Server::Impl {
    Impl(LocalKms& a_kms, const Clock& clock, Random& a_random, const ServerOptions& given)
        : kms(a_kms),
          random(a_random),
          options(given),
          service(a_kms, clock, given.note_fault, given.guard, given.note_call),
          shared{service, random, options, workers, connections} {}

    Status listen(const asio::ip::address& address);
    void run();
    void accept();
    void accepted(error_code error, tcp::socket socket);
    void expire_later();
    void stop();

    LocalKms& kms;
    Random& random;
    ServerOptions options;
    Service service;
    std::unique_ptr<asio::ssl::context> tls;
    asio::thread_pool workers{kWorkers};
    std::atomic<std::size_t> connections = 0;
    Shared shared;
    std::vector<std::unique_ptr<Loop>> loops;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards;
    std::unique_ptr<tcp::acceptor> acceptor;  // these live on the first loop
    std::unique_ptr<asio::steady_timer> breather;
    std::unique_ptr<asio::steady_timer> expiry;
    std::size_t next = 0;
    tcp::endpoint bound;
    std::vector<std::thread> threads;
    bool stopped = false;
};

Status Server::Impl::listen(const asio::ip::address& address) {
    asio::io_context& io = loops.front()->io;
    acceptor = std::make_unique<tcp::acceptor>(io);
    breather = std::make_unique<asio::steady_timer>(io);
    expiry = std::make_unique<asio::steady_timer>(io);
    const tcp::endpoint wanted(address, options.port);
    error_code error;
    error = acceptor->open(wanted.protocol(), error);
    if (!error) error = acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) error = acceptor->bind(wanted, error);
    if (!error) error = acceptor->listen(tcp::acceptor::max_listen_connections, error);
    if (!error) bound = acceptor->local_endpoint(error);
    return error ? cannot_listen(wanted, error) : Status{};
}

void Server::Impl::run() {
    for (const auto& loop : loops) {
        guards.emplace_back(asio::make_work_guard(loop->io));
        loop->watch();
    }
    accept();
    expire_later();
    for (const auto& loop : loops) {
        threads.emplace_back([&io = loop->io] { io.run(); });
    }
}

void Server::Impl::accept() {
    next = (next + 1) % loops.size();
    acceptor->async_accept(loops[next]->io, [this, loop = loops[next].get()](error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (error) {
            // Out of descriptors, most likely: when some connections have ended it goes on.
            breather->expires_after(kBreather);
            breather->async_wait([this](error_code stopping) {
                if (!stopping) accept();
            });
            return;
        }
        if (connections.fetch_add(1) >= options.most_connections) {
            connections.fetch_sub(1);  // closed unanswered, which every client takes for "try again"
        } else {
            asio::post(loop->io, [this, loop, held = std::move(socket)]() mutable {
                make_connection(std::move(held), tls.get(), *loop, shared)->start();
            });
        }
        accept();
    });
}

void Server::Impl::expire_later() {
    expiry->expires_after(options.expire_every);
    expiry->async_wait([this](error_code stopping) {
        if (stopping) return;
        asio::post(workers, [this] {
            const Result<int> expired = kms.expire();
            if (!expired && options.note_fault) options.note_fault(expired.error().message);
            if (options.keep_house) options.keep_house();
        });
        expire_later();
    });
}

void Server::Impl::stop() {
    if (std::exchange(stopped, true)) return;
    asio::post(loops.front()->io, [this] {
        error_code ignored;
        ignored = acceptor->close(ignored);
        breather->cancel();
        expiry->cancel();
    });
    for (const auto& loop : loops) {
        asio::post(loop->io, [&loop] { loop->drain(); });
    }
    const auto patience = std::chrono::steady_clock::now() + options.drain_timeout;
    while (connections.load() > 0 && std::chrono::steady_clock::now() < patience) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    workers.join();
    for (const auto& loop : loops) loop->io.stop();
    for (std::thread& thread : threads) thread.join();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(LocalKms& kms, const Clock& clock, Random& random,
                                              const ServerOptions& options) {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(options.address, error);
    if (error) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is no numeric address.", options.address),
                    "Use one like 127.0.0.1 or ::1.");
    }
    if (Status exposed = check_exposure(address, options); !exposed) return fail(exposed);
    Result<std::unique_ptr<asio::ssl::context>> tls = load_tls(options);
    if (!tls) return fail(tls);
    raise_descriptor_limit();
    auto impl = std::make_unique<Impl>(kms, clock, random, options);
    impl->tls = std::move(*tls);
    const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const int threads = options.threads > 0 ? options.threads : std::min(processors, kMostThreads);
    for (int i = 0; i < threads; ++i) impl->loops.push_back(std::make_unique<Loop>());
    if (Status listening = impl->listen(address); !listening) return fail(listening);
    impl->run();
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->bound.port(); }

std::string Server::url() const {
    const asio::ip::address address = impl_->bound.address();
    const char* scheme = impl_->tls ? "https" : "http";
    return fmt::format(fmt::runtime(address.is_v6() ? "{}://[{}]:{}" : "{}://{}:{}"), scheme, address.to_string(), port());
}

void Server::stop() { impl_->stop(); }

}  // namespace keydeck::kms::server
