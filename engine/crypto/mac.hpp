// HMAC (FIPS 198-1) over the SHA-2 family, under keys of any length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.hpp"

namespace keydeck::crypto {

enum class MacHash : std::uint8_t { kSha224, kSha256, kSha384, kSha512 };

/// The length of its codes in bytes: 28, 32, 48 or 64.
[[nodiscard]] std::size_t mac_size(MacHash hash);

/// `key` has at least one byte.
[[nodiscard]] Bytes mac(MacHash hash, ByteView key, ByteView message);

}  // namespace keydeck::crypto
