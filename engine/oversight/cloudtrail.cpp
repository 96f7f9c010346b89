#include "engine/oversight/cloudtrail.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::oversight {
namespace {

// A UUID of version 8 (RFC 9562, section 5.8) out of the event's hash: the same event always has the same id.
std::string event_id(Hash32 hash) {
    hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0FU) | 0x80U);
    hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3FU) | 0x80U);
    std::string text = to_hex(ByteView(hash).first(16));
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

std::string user_identity(const AuditEvent& event, const VaultInfo& vault) {
    Detail identity;
    identity.text("type", event.actor == "operator" ? "Operator" : "User");
    identity.text("principalId", event.actor).text("accountId", vault.account).text("userName", event.actor);
    return identity.done();
}

std::string request_parameters(const AuditEvent& event) {
    Detail parameters;
    if (!event.target.empty()) parameters.text("target", event.target);
    if (!event.user.empty()) parameters.text("user", event.user);
    if (!event.key_id.empty()) parameters.text("keyId", event.key_id);
    if (event.detail.empty()) return parameters.done();
    // Somebody with the file may have written anything there: what is no JSON, or has several lines, goes out as text, and
    // the export stays one line of JSON.
    const bool one_line = event.detail.find_first_of("\r\n") == std::string::npos;
    if (one_line && json::parse(event.detail, "the detail")) {
        parameters.raw("detail", event.detail);
    } else {
        parameters.text("detail", event.detail);
    }
    return parameters.done();
}

std::string resources(const AuditEvent& event, const VaultInfo& vault) {
    if (event.key_id.empty()) return "[]";
    Detail key;
    key.text("ARN", fmt::format("arn:aws:kms:{}:{}:key/{}", vault.region, vault.account, event.key_id));
    key.text("accountId", vault.account).text("type", "AWS::KMS::Key");
    return fmt::format("[{}]", key.done());
}

}  // namespace

std::string to_cloudtrail_json(const AuditEvent& event, const VaultInfo& vault) {
    const bool failed = event.result != "ok";
    Detail record;
    record.text("eventVersion", "1.08").raw("userIdentity", user_identity(event, vault));
    record.text("eventTime", to_rfc3339(event.time)).text("eventSource", "keydeck").text("eventName", event.action);
    record.text("awsRegion", vault.region)
        .text("sourceIPAddress", "localhost")
        .text("userAgent", "keydeck/" + event.surface);
    if (failed) record.text("errorCode", event.result);
    record.raw("requestParameters", request_parameters(event));
    record.raw("responseElements", event.digest.empty() ? "null" : Detail().text("digest", event.digest).done());
    Detail chain;
    chain.text("vaultId", vault.id).number("sequence", event.id);
    chain.text("previousHash", to_hex_0x(event.previous)).text("hash", to_hex_0x(event.hash));
    record.raw("additionalEventData", chain.done());
    record.text("eventID", event_id(event.hash)).raw("resources", resources(event, vault));
    record.text("eventType", "KeydeckAction").boolean("managementEvent", true).text("eventCategory", "Management");
    record.text("recipientAccountId", vault.account);
    return record.done();
}

}  // namespace keydeck::oversight
