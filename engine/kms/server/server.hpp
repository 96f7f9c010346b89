// `keydeck kms serve`: the embedded KMS over HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/local/local_kms.hpp"

namespace keydeck::kms::server {

/// A call that changes something, as it was asked for.
struct ServedChange {
    std::string_view operation;      ///< "ScheduleKeyDeletion"
    std::string_view key_id;         ///< KeyId or TargetKeyId as the request has it; may be empty
    std::string_view access_key_id;  ///< who asks
};

/// What the owner of the KMS has to say about changes; each may be null. Called from any thread.
struct ChangeGuard {
    /// Before it is carried out: an error is the answer.
    std::function<Status(const ServedChange& change)> before;
    /// After it, and before the answer: an error is the answer, though the change stays.
    std::function<Status(const ServedChange& change, const Status& done)> after;
};

/// A call that was answered, for whoever counts them.
struct ServedCall {
    std::string_view operation;
    std::string_view key_id;       ///< as the answer names it (an ARN), else as the request does: anything; may be empty
    const Error* error = nullptr;  ///< null where it succeeded
    std::chrono::nanoseconds latency{};
};

using CallNote = std::function<void(const ServedCall&)>;

struct ServerOptions {
    std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
    std::uint16_t port = 0;             ///< 0: any that is free
    /// Beyond loopback both are needed: this, and a certificate with its key (PEM).
    bool allow_remote = false;
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
    int threads = 0;  ///< that serve connections; 0: one for each processor, at most 4
    /// For a whole request from its first byte, and for an answer to be taken.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(120);
    std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
    std::chrono::milliseconds expire_every = std::chrono::minutes(1);
    std::size_t most_connections = 1024;
    /// Told what went wrong on our side: one sentence, no secrets. Called from any thread.
    std::function<void(std::string_view)> note_fault;
    ChangeGuard guard;
    /// Told of every call of an operation that there is, those of strangers too. Called from any thread; may be null.
    CallNote note_call;
    /// Called as often as `expire_every` says, on a thread that may wait for a disk; may be null.
    std::function<void()> keep_house;
};

inline constexpr std::size_t kMostBody = 262'144;   ///< bytes; more is 413
inline constexpr std::size_t kMostHeader = 16'384;  ///< bytes; more is 431

/// Serves until it is stopped. What was answered with success is durable. Once a minute keys whose deletion is due are
/// destroyed, whether anybody asks or not.
class Server {
public:
    /// `kms`, unlocked, `clock` and `random` must outlive it. Errors: denied (beyond loopback without allow_remote and TLS;
    /// a port one may not take), invalid_input (no address, no certificate), unavailable (the port is taken).
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(LocalKms& kms, const Clock& clock, Random& random,
                                                               const ServerOptions& options);
    /// Stops.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// http://127.0.0.1:4599
    [[nodiscard]] std::string url() const;
    /// Takes no more connections, lets requests under way be answered, closes the others, and returns when all are gone or
    /// the drain timeout has passed. Calling it again does nothing.
    void stop();

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace keydeck::kms::server
