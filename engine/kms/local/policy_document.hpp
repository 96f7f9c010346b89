// Key policies: kept, never enforced.
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/kms/local/key_name.hpp"

namespace keydeck::kms::local {

/// A JSON object of at most 32768 characters. Errors: ValidationException, MalformedPolicyDocumentException.
[[nodiscard]] Status check_policy_document(std::string_view policy);

/// The policy AWS gives a key that was made without one: the account may do everything.
[[nodiscard]] std::string default_policy(const Place& place);

}  // namespace keydeck::kms::local
