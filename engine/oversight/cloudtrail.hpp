// Audit events in the shape of AWS CloudTrail's records.
#pragma once

#include <string>

#include "engine/types.hpp"

namespace keydeck::oversight {

/// One JSON object without a line end: eventVersion, eventTime, eventSource (`keydeck`), eventName, userIdentity,
/// requestParameters (with the event's detail), responseElements, errorCode where it failed, resources, eventID (a UUID made
/// of the hash), and in additionalEventData the chain: sequence, previousHash, hash.
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
[[nodiscard]] std::string to_cloudtrail_json(const AuditEvent& event, const VaultInfo& vault);

}  // namespace keydeck::oversight
