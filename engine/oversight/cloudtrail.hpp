// Audit events in the shape of AWS CloudTrail's records.
#pragma once

#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace keydeck::oversight {

/// One JSON object without a line end: eventVersion, eventTime, eventSource (`keydeck`), eventName, userIdentity,
/// requestParameters (with the event's detail), responseElements, errorCode where it failed, resources, eventID (a UUID made
/// of the hash), and in additionalEventData the chain: sequence, previousHash, hash; and `exact`, the event's texts in hex,
/// in the rare case that JSON does not hold them as they are.
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
[[nodiscard]] std::string to_cloudtrail_json(const AuditEvent& event, const VaultInfo& vault);

/// An event as a line of an archive has it.
struct ArchivedEvent {
    AuditEvent event;
    std::string vault_id;
    std::string region;
    std::string account;
};
/// Reads what to_cloudtrail_json() writes, and nothing else, so that the event's hash can be computed again. Error:
/// invalid_input.
[[nodiscard]] Result<ArchivedEvent> from_cloudtrail_json(std::string_view line);

}  // namespace keydeck::oversight
