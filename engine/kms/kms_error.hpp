// AWS's exception names, and what a caller can do about each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace keydeck::kms {

/// The code that belongs to one of AWS's names ("DisabledException"); internal for a name nobody knows.
[[nodiscard]] ErrorCode code_of(std::string_view kms_error);

/// Makes the failure a KMS answers with: AWS's name, AWS's text (empty for some), and a hint of ours.
[[nodiscard]] std::unexpected<Error> kms_fail(std::string_view name, std::string message, std::string hint = {});

// The answers that more than one operation gives, in the texts recorded from AWS.
[[nodiscard]] std::unexpected<Error> validation_error(std::string message);
/// `1 validation error detected: Value… at '<field>' failed to satisfy constraint: <constraint>`. Without `shown` the
/// value is not repeated, as AWS does for blobs.
[[nodiscard]] std::unexpected<Error> constraint_error(std::optional<std::string_view> shown, std::string_view field,
                                                      std::string_view constraint);
[[nodiscard]] std::unexpected<Error> disabled(std::string_view key_arn);
[[nodiscard]] std::unexpected<Error> pending_deletion(std::string_view key_arn);
[[nodiscard]] std::unexpected<Error> pending_import(std::string_view key_arn);
[[nodiscard]] std::unexpected<Error> key_not_found(std::string_view key_arn);
[[nodiscard]] std::unexpected<Error> alias_not_found(std::string_view alias_arn);
[[nodiscard]] std::unexpected<Error> invalid_key_id(std::string_view text);
[[nodiscard]] std::unexpected<Error> invalid_ciphertext();
[[nodiscard]] std::unexpected<Error> invalid_signature();
[[nodiscard]] std::unexpected<Error> invalid_mac();
[[nodiscard]] std::unexpected<Error> incompatible_algorithm(std::string_view algorithm, std::string_view key_spec);
[[nodiscard]] std::unexpected<Error> incorrect_key();
[[nodiscard]] std::unexpected<Error> ciphertext_key_gone();

}  // namespace keydeck::kms
