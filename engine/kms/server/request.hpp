// A request and its answer, free of HTTP's library.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/base/bytes.hpp"
#include "engine/kms/server/wiping.hpp"

namespace keydeck::kms::server {

using HeaderView = std::pair<std::string_view, std::string_view>;

/// Views into what the connection holds.
struct HttpRequest {
    std::string_view method;
    std::string_view target;  ///< as on the request line: path, and perhaps `?` and a query
    std::span<const HeaderView> headers;
    ByteView body;

    /// The value of the first header of that name (any case).
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

struct Answer {
    unsigned status = 200;
    WipingText body;
};

}  // namespace keydeck::kms::server
