// Fernet, the encryption of Python's `cryptography.fernet`: https://github.com/fernet/spec/blob/master/Spec.md
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::crypto {

/// 16 bytes that sign and 16 that encrypt.
class FernetKey {
public:
    /// base64url of 32 bytes, padded: 44 characters. Error: invalid_input, without a character of it.
    [[nodiscard]] static Result<FernetKey> parse(std::string_view text);

private:
    friend class FernetToken;
    explicit FernetKey(SecretBytes bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] ByteView signing() const { return bytes_.view().first(16); }
    [[nodiscard]] ByteView encryption() const { return bytes_.view().last(16); }
    SecretBytes bytes_;
};

/// base64url of 0x80 ‖ seconds (8 bytes, big-endian) ‖ IV (16) ‖ AES-128-CBC ciphertext (PKCS #7) ‖ HMAC-SHA256 (32) of all
/// before it. A token has no age here: one that is years old opens.
class FernetToken {
public:
    /// Takes a token apart and checks nothing that needs a key. Canonical padded base64url alone. Error: corrupt, saying in
    /// a sentence what is wrong with it.
    [[nodiscard]] static Result<FernetToken> parse(std::string_view text);
    /// Whether a text begins as every token before the year 2106 does, whatever follows.
    [[nodiscard]] static bool is_likely(std::string_view text) { return text.starts_with("gAAAA"); }

    /// The longest plaintext that it may hold, in bytes; it may be up to 15 shorter.
    [[nodiscard]] std::size_t most_plaintext() const { return ciphertext().size() - 1; }
    /// Whether this key made it: its code, compared in constant time.
    [[nodiscard]] bool is_signed_by(const FernetKey& key) const;
    /// The code is checked first. Error: corrupt where the key did not make it, or the padding is wrong.
    [[nodiscard]] Result<SecretBytes> open(const FernetKey& key) const;

    /// A new token, as text. `now` may not lie before 1970.
    [[nodiscard]] static std::string seal(const FernetKey& key, ByteView plaintext, Timestamp now, Random& random);

private:
    explicit FernetToken(Bytes bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] ByteView signed_part() const;
    [[nodiscard]] ByteView iv() const;
    [[nodiscard]] ByteView ciphertext() const;
    [[nodiscard]] ByteView code() const;
    Bytes bytes_;
};

/// The first of these keys that made the token, as MultiFernet tries them; null where none did.
[[nodiscard]] const FernetKey* key_of(const FernetToken& token, std::span<const FernetKey> keys);

}  // namespace keydeck::crypto
