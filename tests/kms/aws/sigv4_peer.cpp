// Signs the requests it reads, one JSON object a line, and prints one signature a line: the half of sigv4_peer_test.py that
// is ours.
#include <fmt/format.h>

#include <iostream>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/kms/aws/sigv4.hpp"

namespace {

using namespace keydeck;

std::string_view text_of(const json::Value& object, std::string_view name) { return object.find(name)->text; }

std::string sign(const json::Value& line) {
    std::vector<kms::aws::Header> headers;
    for (const json::Value& pair : line.find("headers")->items) headers.emplace_back(pair.items[0].text, pair.items[1].text);
    const Bytes body = from_hex(text_of(line, "body"), "body").value();
    const std::string_view date = text_of(line, "date");
    const kms::aws::Scope scope{text_of(line, "region"), text_of(line, "service"), date.substr(0, 8)};
    const SecretBytes key = kms::aws::signing_key(as_bytes(text_of(line, "secret")), scope);
    const kms::aws::SignedRequest request{text_of(line, "method"), text_of(line, "path"), text_of(line, "query"), headers,
                                          body};
    return kms::aws::authorization_header(text_of(line, "id"), scope, kms::aws::signed_headers(request),
                                          kms::aws::signature(request, scope, date, key.view()));
}

}  // namespace

int main() {
    std::string line;
    while (std::getline(std::cin, line)) fmt::print("{}\n", sign(json::parse(line, "line").value()));
}
