// The contents of a version 3 keystore file, before any passphrase is tried. Only keystore.cpp and its tests use this.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

struct ScryptParameters {
    std::uint64_t n = 0;
    std::uint64_t r = 0;
    std::uint64_t p = 0;
};

struct Pbkdf2Parameters {
    std::uint32_t iterations = 0;  ///< of HMAC-SHA256
};

struct KeystoreFile {
    std::variant<ScryptParameters, Pbkdf2Parameters> kdf;
    Bytes salt;
    FixedBytes<16> iv{};
    Bytes ciphertext;  ///< 1 to 32 bytes: old geth left a key's leading zero bytes out
    Hash32 mac{};
    std::optional<Address> address;
};

/// Reads the JSON. Field names may differ in case (`Crypto`, `KDF`), numbers may be decimal strings, hex may begin with 0x;
/// fields it does not know are left alone (x-ethers, name, meta). Error: invalid_input naming the field; also for scrypt
/// that needs over 1 GiB or 16 times geth's work, and for over ten million PBKDF2 rounds: a file must not be able to stop
/// the program.
[[nodiscard]] Result<KeystoreFile> parse_keystore(std::string_view json);

}  // namespace keydeck::ethereum
