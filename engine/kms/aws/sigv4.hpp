// Signature Version 4, AWS's signing of requests: pure functions, the same ones for who signs and for who verifies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::kms::aws {

using Header = std::pair<std::string, std::string>;

/// What is signed. All views; nothing is copied.
struct SignedRequest {
    std::string_view method;  ///< "POST"
    std::string_view path;    ///< as on the request line, before `?`; "/" when empty
    std::string_view query;   ///< as on the request line, after `?`
    /// Those to be signed, in any case and order; `host` and `x-amz-date` among them. Values of a repeated name are
    /// joined in the order given.
    std::span<const Header> headers;
    /// Hashed, unless `x-amz-content-sha256` is among the headers: then that header's value is what is signed, and who
    /// verifies must ask content_hash_holds() too.
    ByteView body;
};

struct Scope {
    std::string_view region;
    std::string_view service;
    std::string_view date;  ///< YYYYMMDD
};

/// 32 bytes, good for the scope's day: HMAC-SHA256 over date, region, service and "aws4_request" in turn.
[[nodiscard]] SecretBytes signing_key(ByteView secret_access_key, const Scope& scope);

/// 64 lower-case hex digits. `amz_date` is YYYYMMDDTHHMMSSZ, the value of x-amz-date.
[[nodiscard]] std::string signature(const SignedRequest& request, const Scope& scope, std::string_view amz_date,
                                    ByteView signing_key);

/// The text whose hash is signed; shown where a signature does not match.
[[nodiscard]] std::string canonical_request(const SignedRequest& request);

/// The names of the headers, lower-case, in order, each once: "host;x-amz-date".
[[nodiscard]] std::string signed_headers(const SignedRequest& request);

/// Whether `x-amz-content-sha256` is absent or is the hash of the body.
[[nodiscard]] bool content_hash_holds(const SignedRequest& request);

/// "AWS4-HMAC-SHA256 Credential=<id>/<scope>, SignedHeaders=…, Signature=…"
[[nodiscard]] std::string authorization_header(std::string_view access_key_id, const Scope& scope,
                                               std::string_view signed_headers, std::string_view signature);

/// An Authorization header taken apart: views into it.
struct ParsedAuthorization {
    std::string_view access_key_id;
    Scope scope;
    std::string_view signed_header_list;           ///< as written: "host;x-amz-date"
    std::vector<std::string_view> signed_headers;  ///< lower-case names, none twice, none empty
    std::string_view signature;                    ///< 64 lower-case hex digits
};

/// Reads what authorization_header() writes, its three parts in any order. Error: invalid_input with AWS's name
/// IncompleteSignatureException and a sentence that says which part is missing or malformed.
[[nodiscard]] Result<ParsedAuthorization> parse_authorization(std::string_view header);

/// YYYYMMDDTHHMMSSZ; its first eight characters are a scope's date.
[[nodiscard]] std::string to_amz_date(Timestamp time);

/// Reads exactly that form. Error: invalid_input.
[[nodiscard]] Result<Timestamp> parse_amz_date(std::string_view text);

}  // namespace keydeck::kms::aws
