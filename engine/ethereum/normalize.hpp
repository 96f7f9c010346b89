// Unicode normalisation of secrets, so that a passphrase typed on another keyboard is the same passphrase.
// https://unicode.org/reports/tr15/
#pragma once

#include <string_view>

#include "engine/base/secret.hpp"

namespace keydeck::ethereum {

/// The compatibility forms: decomposed (BIP-39 has it) and composed (ethers' keystores have it). Text that is not UTF-8
/// comes back as it is: a keystore's passphrase may be any bytes.
[[nodiscard]] SecretBytes nfkd(std::string_view text);
[[nodiscard]] SecretBytes nfkc(std::string_view text);

}  // namespace keydeck::ethereum
