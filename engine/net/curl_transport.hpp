// HTTP by libcurl.
#pragma once

#include <memory>
#include <string>

#include "engine/net/http.hpp"

namespace keydeck::net {

struct CurlOptions {
    std::string user_agent{};
    std::string ca_bundle{};  ///< a PEM file of the only certificates to trust; empty: the system's
};

/// Each exchange runs on the calling thread, over a connection that an earlier one may have left; connections are HTTP/2
/// where the peer offers it over TLS. Making the transport loads nothing: libcurl comes with the first request.
class CurlTransport final : public HttpTransport {
public:
    explicit CurlTransport(CurlOptions options = {});
    ~CurlTransport() override;
    HttpOutcome send(const HttpRequest& request, const HttpLimits& limits) override;

private:
    class Channels;
    CurlOptions options_;
    std::unique_ptr<Channels> channels_;
};

}  // namespace keydeck::net
