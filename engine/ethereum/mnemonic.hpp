// BIP-39 mnemonics, English. https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::ethereum {

/// Entropy for 12, 15, 18, 21 or 24 words: 16, 20, 24, 28 or 32 bytes. Error: invalid_input for another number of words.
[[nodiscard]] Result<SecretBytes> generate_entropy(unsigned words, Random& random);

/// The words for entropy, joined by single spaces. Error: invalid_input for a length BIP-39 does not have.
[[nodiscard]] Result<SecretBytes> mnemonic_from_entropy(ByteView entropy);

/// The entropy behind a mnemonic. Case and the amount of white space between words are forgiven, since both normalise to one
/// form. Error: invalid_input: number of words, the position of a word that is not in the list (never the word itself),
/// checksum.
[[nodiscard]] Result<SecretBytes> entropy_from_mnemonic(std::string_view mnemonic);

/// PBKDF2-HMAC-SHA512(mnemonic, "mnemonic" ‖ passphrase, 2048): 64 bytes. The mnemonic's case and white space are normalised
/// first, so that whatever entropy_from_mnemonic accepts has one seed; it is not checked. Both are brought to
/// NFKD, as BIP-39 wants.
[[nodiscard]] SecretBytes seed_from_mnemonic(std::string_view mnemonic, std::string_view passphrase = {});

/// Seeds of many mnemonics without passphrase on this thread, in SIMD lanes.
[[nodiscard]] std::vector<SecretBytes> seeds_from_mnemonics(std::span<const SecretBytes> mnemonics);

}  // namespace keydeck::ethereum
