// A key's description, as AWS writes it.
#pragma once

#include <string_view>

#include "engine/kms/aws/impl.hpp"

namespace keydeck::kms::aws {

/// The member KeyMetadata of an answer. Errors: corrupt; rejected for a kind of key that Keydeck does not use (RSA, …).
[[nodiscard]] Result<KeyMetadata> read_key_metadata(const json::Value& answer, std::string_view operation,
                                                    std::string_view requested);

}  // namespace keydeck::kms::aws
