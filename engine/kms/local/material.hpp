// What key material must look like.
#pragma once

#include <cstddef>

#include "engine/base/secret.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms::local {

/// In bytes, both included. The KMS itself makes the least.
struct MaterialSizes {
    std::size_t least;
    std::size_t most;
};

/// 32 bytes for symmetric and secp256k1 keys; an HMAC key's from its hash's length to its hash's block.
[[nodiscard]] MaterialSizes material_sizes(KeySpec spec);

/// Whether these bytes can be a key's of this spec: the length, and 1 to n - 1 on secp256k1.
[[nodiscard]] bool fits(KeySpec spec, const SecretBytes& material);

}  // namespace keydeck::kms::local
