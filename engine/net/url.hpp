// Addresses of HTTP services.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace keydeck::net {

struct Url {
    bool tls = false;        ///< https
    std::string host;        ///< lower-case; an IPv6 address without its brackets
    std::uint16_t port = 0;  ///< the scheme's own where none was written
    std::string path;        ///< as written; "/" where none was
    std::string query;       ///< as written, without the `?`

    /// As the Host header wants it: the port only where it is not the scheme's own, brackets around IPv6.
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string text() const;
};

/// Reads an absolute http or https URL (RFC 3986) with no user, no password and no fragment. `what` names it in the error
/// ("AWS_ENDPOINT_URL"). Error: invalid_input.
[[nodiscard]] Result<Url> parse_url(std::string_view text, std::string_view what);

/// Whether a host is this machine: `localhost`, 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace keydeck::net
