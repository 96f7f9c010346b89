// One HTTP exchange as values, and the seam behind which it happens.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::net {

using Header = std::pair<std::string, std::string>;

struct HttpRequest {
    std::string method = "POST";
    std::string url{};  ///< http or https
    std::vector<Header> headers{};
    ByteView body{};  ///< not copied; must outlive the exchange
    /// Whether sending it twice does no harm. A request that is not goes over a new connection: on an old one, which the
    /// peer may be closing, nobody could tell whether it arrived.
    bool repeatable = true;
    /// Past any proxy that the environment names.
    bool direct = false;
};

struct HttpResponse {
    int status = 0;
    std::vector<Header> headers;
    SecretBytes body;

    /// The first header of that name (ASCII case-insensitive), or nullptr.
    [[nodiscard]] const std::string* header(std::string_view name) const;
};

struct HttpLimits {
    std::chrono::milliseconds timeout{10'000};         ///< for the whole exchange
    std::chrono::milliseconds connect_timeout{5'000};  ///< for resolving, connecting and the TLS handshake
    std::size_t max_body = std::size_t{1} << 20;       ///< bytes
    std::stop_token stop{};                            ///< ends the exchange at once
};

/// Why there is no response.
enum class HttpFailureKind : std::uint8_t {
    kInvalidRequest,   ///< a malformed URL, a line end in a header
    kNoLibrary,        ///< libcurl is not installed
    kNameNotResolved,  ///< DNS does not know the host
    kRefused,          ///< nobody listens there
    kNoRoute,          ///< no network, or none that leads there
    kTls,              ///< no TLS, or a certificate that is not to be trusted
    kTimeout,
    kDropped,    ///< the connection broke before the response was whole
    kMalformed,  ///< what came is not HTTP
    kTooLarge,   ///< more than HttpLimits allow
    kCancelled,
};

struct HttpFailure {
    HttpFailureKind kind = HttpFailureKind::kDropped;
    bool may_have_arrived = false;  ///< some of the request was sent
    Error error;                    ///< unavailable, but: invalid_input, cancelled, corrupt (malformed, too large)
};

struct [[nodiscard]] HttpOutcome : std::expected<HttpResponse, HttpFailure> {
    using std::expected<HttpResponse, HttpFailure>::expected;
};

/// Sends requests. Thread-safe. Redirects are answers like any other: they are not followed.
class HttpTransport {
public:
    HttpTransport() = default;
    HttpTransport(const HttpTransport&) = delete;
    HttpTransport& operator=(const HttpTransport&) = delete;
    virtual ~HttpTransport() = default;
    virtual HttpOutcome send(const HttpRequest& request, const HttpLimits& limits) = 0;
};

/// The failure of that kind, with the sentence and the hint that belong to it. `host` is named in them; `detail` is what the
/// library says, empty for nothing.
[[nodiscard]] HttpFailure make_failure(HttpFailureKind kind, bool may_have_arrived, std::string_view host,
                                       std::string_view detail = {});

}  // namespace keydeck::net
