// What an AWS service says when it refuses, in words for a person.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/kms/aws/credentials.hpp"
#include "engine/net/http.hpp"

namespace keydeck::kms::aws {

/// What an error sentence may need to know about the call.
struct CallFacts {
    std::string_view operation;  ///< "Sign"
    std::string_view key_id;     ///< as requested; empty for none
    std::string_view region;
    std::string_view endpoint;  ///< host and port
    const Credentials* credentials = nullptr;
    /// How far the service's clock is ahead of ours, where its answer says so.
    std::optional<std::chrono::seconds> ahead;
};

/// The error of a response that is no success: AWS's name in `kms_error` (after `#`, before `:`), AWS's text in `message`
/// where it is about the request; a sentence of ours where it is about who signs, when, or what answers there.
[[nodiscard]] Error error_of(const net::HttpResponse& response, const CallFacts& facts);

/// The failure that AWS's `name` and `text` stand for; `status` decides where the name is unknown.
[[nodiscard]] Error error_of(std::string_view name, std::string text, int status, const CallFacts& facts);

[[nodiscard]] bool is_throttling(std::string_view name);
/// Whether the same call may succeed a little later.
[[nodiscard]] bool is_transient(std::string_view name);
/// Whether the name may mean that our clock is wrong.
[[nodiscard]] bool is_about_time(std::string_view name);
[[nodiscard]] bool is_about_expiry(std::string_view name);

/// A Date header (RFC 9110, IMF-fixdate: "Tue, 15 Nov 1994 08:12:31 GMT").
[[nodiscard]] std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace keydeck::kms::aws
