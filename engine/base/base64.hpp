// Base64 (RFC 4648, section 4, padded): KMS blobs on the command line and, later, on the wire.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck {

[[nodiscard]] std::string to_base64(ByteView bytes);

/// Error: invalid_input for anything but canonical padded base64. `what` names the field.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text, std::string_view what);

/// The same for what must not leak.
[[nodiscard]] Result<SecretBytes> secret_from_base64(std::string_view text, std::string_view what);

/// Appends the base64 of `bytes`, which never stands anywhere else.
void append_base64(SecretBytes& out, ByteView bytes);

}  // namespace keydeck
