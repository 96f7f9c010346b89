#include "engine/net/http.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/text.hpp"

namespace keydeck::net {
namespace {

/// What to say of a kind: a sentence with the host in it, and what to try next.
struct Words {
    HttpFailureKind kind;
    ErrorCode code;
    std::string_view sentence;
    std::string_view hint;
};

constexpr Words kWords[] = {
    {HttpFailureKind::kInvalidRequest, ErrorCode::kInvalidInput, "The request to {} cannot be sent", ""},
    {HttpFailureKind::kNoLibrary, ErrorCode::kUnavailable, "{} cannot be reached: libcurl is not installed",
     "Install it (Debian: apt install libcurl4)."},
    {HttpFailureKind::kNameNotResolved, ErrorCode::kUnavailable, "The name {} cannot be resolved",
     "Check the network, the region and the endpoint."},
    {HttpFailureKind::kRefused, ErrorCode::kUnavailable, "{} refuses the connection",
     "Check that the service runs there, and the endpoint's port."},
    {HttpFailureKind::kNoRoute, ErrorCode::kUnavailable, "There is no route to {}", "Check the network."},
    {HttpFailureKind::kTls, ErrorCode::kUnavailable, "No trusted TLS connection to {} can be made",
     "Check the endpoint; AWS_CA_BUNDLE names a file of certificates to trust."},
    {HttpFailureKind::kTimeout, ErrorCode::kUnavailable, "{} did not answer in time", "Check the network, or try again."},
    {HttpFailureKind::kDropped, ErrorCode::kUnavailable, "{} broke the connection off before its answer was whole",
     "Try again."},
    {HttpFailureKind::kMalformed, ErrorCode::kCorrupt, "What {} answers is not HTTP", "Check the endpoint."},
    {HttpFailureKind::kTooLarge, ErrorCode::kCorrupt, "{} answers more than is allowed", "Check the endpoint."},
    {HttpFailureKind::kCancelled, ErrorCode::kCancelled, "The call to {} was cancelled", ""},
};

}  // namespace

const std::string* HttpResponse::header(std::string_view name) const {
    const std::string wanted = ascii_lower(name);
    const auto found = std::ranges::find_if(headers, [&](const Header& h) { return ascii_lower(h.first) == wanted; });
    return found == headers.end() ? nullptr : &found->second;
}

HttpFailure make_failure(HttpFailureKind kind, bool may_have_arrived, std::string_view host, std::string_view detail) {
    const Words& words = *std::ranges::find(kWords, kind, &Words::kind);
    std::string sentence = fmt::format(fmt::runtime(words.sentence), host);
    if (!detail.empty()) sentence += fmt::format(" ({})", detail);
    sentence += '.';
    return {kind, may_have_arrived, Error{words.code, std::move(sentence), std::string(words.hint), {}}};
}

}  // namespace keydeck::net
