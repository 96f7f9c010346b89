// The encryption context as additional data.
#pragma once

#include "engine/base/bytes.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms::local {

/// The number of pairs, then each name and value with its length, sorted by name: {"a":"bc"} and {"ab":"c"} differ, order
/// does not matter, and an empty context equals none.
[[nodiscard]] Bytes encode_context(const EncryptionContext& context);

}  // namespace keydeck::kms::local
