// Keystore files, version 3 (Web3 Secret Storage).
// https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

/// The private key (32 bytes) in a keystore file. scrypt and PBKDF2 (hmac-sha256); AES-128-CTR. The
/// passphrase is tried in its NFKC (ethers) and, where that does not fit, as it is (geth).
/// Errors: invalid_input naming the field for a malformed file; denied for a wrong passphrase (the MAC differs);
/// corrupt when the file's address is not the key's.
[[nodiscard]] Result<SecretBytes> open_keystore(std::string_view json, ByteView passphrase);

/// A keystore file for a key: scrypt n=262144 r=8 p=1, AES-128-CTR, as geth writes it; the passphrase in
/// its NFKC. `scrypt_n` is lowered in tests only.
[[nodiscard]] Result<std::string> make_keystore(ByteView private_key, ByteView passphrase, Random& random,
                                                std::uint64_t scrypt_n = 262'144);

}  // namespace keydeck::ethereum
