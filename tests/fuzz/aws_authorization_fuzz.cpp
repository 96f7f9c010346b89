// An Authorization header from outside: what parses, written again, parses to the same.
#include <cstdlib>

#include "engine/kms/aws/answer_error.hpp"
#include "engine/kms/aws/sigv4.hpp"
#include "engine/net/url.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    using namespace keydeck::kms::aws;
    const std::string_view text = as_text({data, size});
    if (const auto parsed = parse_authorization(text)) {
        const std::string again =
            authorization_header(parsed->access_key_id, parsed->scope, parsed->signed_header_list, parsed->signature);
        const auto twice = parse_authorization(again);
        require(twice && twice->access_key_id == parsed->access_key_id && twice->signature == parsed->signature);
        require(twice->signed_headers == parsed->signed_headers);
    }
    if (const auto time = parse_amz_date(text)) require(to_amz_date(*time) == text);
    static_cast<void>(parse_http_date(text));
    if (const auto url = net::parse_url(text, "the address")) {
        const auto twice = net::parse_url(url->text(), "the address");
        require(twice && twice->text() == url->text());
    }
    const std::vector<Header> headers = {{"host", std::string(text)}, {"HOST", "x"}};
    static_cast<void>(canonical_request({"GET", text, text, headers, {}}));
    return 0;
}
