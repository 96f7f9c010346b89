// secp256k1 through OpenSSL: an implementation that shares nothing with libsecp256k1, to compare ours with.
#pragma once

#include <utility>

#include "engine/base/bytes.hpp"

namespace keydeck::crypto {

/// X ‖ Y of private_key·G.
FixedBytes<64> openssl_public_key(const FixedBytes<32>& private_key);

/// r and s, made with a random nonce; s may be high.
std::pair<FixedBytes<32>, FixedBytes<32>> openssl_sign(const FixedBytes<32>& private_key, const FixedBytes<32>& digest);

bool openssl_verifies(const FixedBytes<64>& public_key, const FixedBytes<32>& digest, const FixedBytes<32>& r,
                      const FixedBytes<32>& s);

/// n - number.
FixedBytes<32> order_minus(const FixedBytes<32>& number);

}  // namespace keydeck::crypto
