// The operations the server answers, one row each.
#pragma once

#include <span>
#include <string_view>

#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/server/fields.hpp"
#include "engine/kms/server/json_writer.hpp"

namespace keydeck::kms::server {

/// One request being answered.
struct Call {
    LocalKms& kms;
    Fields& in;
    JsonWriter& out;
    SecretBytes plaintext;  ///< Encrypt's, taken out of the body before it was parsed
};

struct Operation {
    std::string_view name;
    /// Reads its members, lets LocalKms do it, and writes the answer.
    Status (*run)(Call& call);
    /// Waits for the disk or makes an RSA key: not for a thread that serves connections.
    bool slow = false;
    bool takes_dry_run = false;
    bool has_plaintext = false;  ///< its request's Plaintext is a secret

    /// What waits for the disk changes something; making an RSA key changes nothing.
    [[nodiscard]] bool changes() const { return slow && name != "GetParametersForImport"; }
};

[[nodiscard]] std::span<const Operation> key_operations();
[[nodiscard]] std::span<const Operation> naming_operations();
[[nodiscard]] std::span<const Operation> rotation_operations();
[[nodiscard]] std::span<const Operation> encryption_operations();
[[nodiscard]] std::span<const Operation> signing_operations();
[[nodiscard]] std::span<const Operation> import_operations();

/// Nullptr when there is none of that name. The name of one that AWS has and this KMS has not answers
/// UnsupportedOperationException.
[[nodiscard]] const Operation* find_operation(std::string_view name);

// What several operations share.

/// A KeyId that may be left out, but not be empty.
[[nodiscard]] Result<std::string_view> optional_key_id(Fields& in, std::string_view name);
/// An ARN of this KMS for what a request called a key, where no alias is accepted.
[[nodiscard]] std::string arn_of(const LocalKms& kms, std::string_view key_id);
void write_metadata(JsonWriter& out, const LocalKms& kms, const KeyMetadata& key);
void write_algorithms(JsonWriter& out, KeySpec spec);
/// `NextMarker` where there is more, and `Truncated`.
template <class T>
void write_page_end(JsonWriter& out, const Page<T>& page) {
    if (!page.next_marker.empty()) out.text("NextMarker", page.next_marker);
    out.boolean("Truncated", !page.next_marker.empty());
}

}  // namespace keydeck::kms::server
