// The served KMS under load: four connections that each send the next signed request as soon as an answer has come, by one
// thread of its own with epoll, the requests prepared beforehand. SPEED.md's floor: Sign 4,800/s, Encrypt 7,900, Decrypt
// 9,900, GetPublicKey 11,600; the aim is twice that. Client and server share the machine's processors.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/base64.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/server/server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace keydeck;
using kms::LocalKms;

constexpr int kConnections = 4;
constexpr int kRequests = 64;  // prepared for each operation

void must(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "bench: %s failed\n", what);
    std::abort();
}

/// A key store and its server, for the whole program.
class Service {
public:
    Service() {
        const kms::RootSecret secret{kms::RootSecret::Kind::kKeyFile, SecretBytes(32)};
        must(LocalKms::create(directory_ / "kms.db", secret, {}, clock_, random_).has_value(), "making a key store");
        kms = LocalKms::open(directory_ / "kms.db", clock_, random_).value();
        must(kms->unlock(secret).has_value(), "unlocking");
        access_key = kms->create_access_key(false).value();
        ecc = kms->create_key({kms::KeySpec::kEccSecgP256k1, kms::KeyUsage::kSignVerify, "", {}}).value().key_id;
        symmetric = kms->create_key({}).value().key_id;
        ciphertext = to_base64(kms->encrypt(symmetric, Bytes(64, 7), {}).value().ciphertext);
        auto started = kms::server::Server::start(*kms, clock_, random_, {});
        must(started.has_value(), "starting the server");
        server = std::move(*started);
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service() {
        server.reset();
        kms.reset();
    }

    /// As AWS's SDKs write it: about that many headers, of about that length.
    [[nodiscard]] std::string signed_request(std::string_view operation, std::string_view body) const {
        const std::string amz_date = kms::aws::to_amz_date(clock_.now());
        const std::vector<kms::aws::Header> headers = {{"content-type", "application/x-amz-json-1.1"},
                                                       {"host", "127.0.0.1:" + std::to_string(server->port())},
                                                       {"x-amz-date", amz_date},
                                                       {"x-amz-target", "TrentService." + std::string(operation)}};
        const kms::aws::SignedRequest request{
            .method = "POST", .path = "/", .query = "", .headers = headers, .body = as_bytes(body)};
        const kms::aws::Scope scope{kms->region(), "kms", std::string_view(amz_date).substr(0, 8)};
        const std::string signature =
            kms::aws::signature(request, scope, amz_date, kms::aws::signing_key(access_key.secret.view(), scope).view());
        std::string out = "POST / HTTP/1.1\r\nAccept-Encoding: identity\r\nUser-Agent: keydeck bench\r\n";
        for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\r\n");
        out += "Authorization: " +
               kms::aws::authorization_header(access_key.id, scope, kms::aws::signed_headers(request), signature) + "\r\n";
        out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        return out + std::string(body);
    }

    std::unique_ptr<LocalKms> kms;
    std::unique_ptr<kms::server::Server> server;
    kms::AccessKey access_key;
    std::string ecc;
    std::string symmetric;
    std::string ciphertext;

private:
    testing_support::TemporaryDirectory temporary_;
    const std::filesystem::path directory_ = temporary_.path();
    SystemClock clock_;
    mutable SystemRandom random_;
};

Service& service() {
    static Service made;
    return made;
}

/// One keep-alive connection. An answer is whole when its Content-Length has come.
class Connection {
public:
    explicit Connection(std::uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        must(connect(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "connecting");
        const int on = 1;
        setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { close(descriptor_); }
    [[nodiscard]] int descriptor() const { return descriptor_; }

    void send(const std::string& request) {
        must(::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
             "sending");
    }
    /// Whether a whole answer has come; it must be 200.
    bool receive() {
        const ssize_t count = recv(descriptor_, in_.data() + filled_, in_.size() - filled_, 0);
        must(count > 0, "receiving");
        filled_ += static_cast<std::size_t>(count);
        const std::string_view text(in_.data(), filled_);
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string_view::npos) return false;
        if (!text.starts_with("HTTP/1.1 200 ")) std::fprintf(stderr, "%.*s\n", static_cast<int>(filled_), in_.data());
        must(text.starts_with("HTTP/1.1 200 "), "a request");
        const std::size_t length = text.find("Content-Length: ");
        must(length < end, "finding the length");
        if (filled_ < end + 4 + std::strtoul(in_.data() + length + 16, nullptr, 10)) return false;
        filled_ = 0;
        return true;
    }

private:
    int descriptor_;
    std::size_t filled_ = 0;
    std::array<char, 16384> in_{};
};

/// Keeps every connection busy until `calls` answers have come.
void load(const std::vector<std::string>& requests, std::int64_t calls) {
    std::vector<std::unique_ptr<Connection>> connections;
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    std::int64_t sent = 0;
    for (int i = 0; i < kConnections; ++i) {
        connections.push_back(std::make_unique<Connection>(service().server->port()));
        epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
        must(epoll_ctl(poll, EPOLL_CTL_ADD, connections.back()->descriptor(), &event) == 0, "epoll");
    }
    const auto send_next = [&](Connection& connection) {
        if (sent == calls) return;
        connection.send(requests[static_cast<std::size_t>(sent++) % requests.size()]);
    };
    for (const auto& connection : connections) send_next(*connection);
    for (std::int64_t received = 0; received < calls;) {
        std::array<epoll_event, kConnections> events{};
        const int ready = epoll_wait(poll, events.data(), kConnections, -1);
        for (int i = 0; i < ready; ++i) {
            Connection& connection = *connections[events[static_cast<std::size_t>(i)].data.u32];
            if (!connection.receive()) continue;
            ++received;
            send_next(connection);
        }
    }
    close(poll);
}

void run(benchmark::State& state, std::string_view operation, const std::function<std::string(int)>& body) {
    std::vector<std::string> requests;
    requests.reserve(kRequests);
    for (int i = 0; i < kRequests; ++i) requests.push_back(service().signed_request(operation, body(i)));
    const bool small = std::getenv("KEYDECK_BENCH_SMALL") != nullptr;  // NOLINT(concurrency-mt-unsafe): nobody sets it
    const std::int64_t calls = small ? 100 : 5000;
    for (auto _ : state) load(requests, calls);
    state.counters["calls"] = benchmark::Counter(static_cast<double>(calls), benchmark::Counter::kIsIterationInvariantRate);
}

void serve_sign(benchmark::State& state) {
    run(state, "Sign", [](int i) {
        const Bytes digest(32, static_cast<std::uint8_t>(i));
        return R"({"KeyId":")" + service().ecc + R"(","Message":")" + to_base64(digest) +
               R"(","MessageType":"DIGEST","SigningAlgorithm":"ECDSA_SHA_256"})";
    });
}
void serve_get_public_key(benchmark::State& state) {
    run(state, "GetPublicKey", [](int) { return R"({"KeyId":")" + service().ecc + "\"}"; });
}
void serve_encrypt(benchmark::State& state) {
    run(state, "Encrypt", [](int i) {
        const Bytes plaintext(64, static_cast<std::uint8_t>(i));
        return R"({"KeyId":")" + service().symmetric + R"(","Plaintext":")" + to_base64(plaintext) +
               R"(","EncryptionContext":{"purpose":"bench"}})";
    });
}
void serve_decrypt(benchmark::State& state) {
    run(state, "Decrypt", [](int) { return R"({"CiphertextBlob":")" + service().ciphertext + "\"}"; });
}
void serve_generate_data_key(benchmark::State& state) {
    run(state, "GenerateDataKey", [](int) { return R"({"KeyId":")" + service().symmetric + R"(","KeySpec":"AES_256"})"; });
}
void serve_create_key(benchmark::State& state) {
    run(state, "CreateKey", [](int) { return "{}"; });
}

BENCHMARK(serve_sign)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(serve_encrypt)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(serve_decrypt)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(serve_get_public_key)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(serve_generate_data_key)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(serve_create_key)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
