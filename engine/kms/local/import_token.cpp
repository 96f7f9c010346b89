#include "engine/kms/local/import_token.hpp"

#include <algorithm>

#include "engine/crypto/aead.hpp"
#include "engine/crypto/rsa.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms::local {
namespace {

// One byte for the algorithm, eight for the date, then the wrapping key.
constexpr std::size_t kHeader = 9;
constexpr std::size_t kAesKey = 32;

Bytes additional_data(std::string_view key_id) {
    Bytes data;
    append_with_length(data, as_bytes("keydeck import token 1"));
    append_with_length(data, as_bytes(key_id));
    return data;
}

std::unexpected<Error> invalid_token() {
    return kms_fail("InvalidImportTokenException", "The import token is invalid or belongs to another KMS key.");
}

/// The modulus's length, with which the wrapped AES key begins: the DER's size tells the three apart.
std::size_t modulus_size(const ImportToken& token) {
    if (token.wrapping_key.size() < 1500) return 256;
    return token.wrapping_key.size() < 2100 ? 384 : 512;
}

}  // namespace

Bytes seal_token(ByteView sealing_key, std::string_view key_id, const ImportToken& token, Random& random) {
    SecretBytes plain(kHeader);
    plain.data()[0] = static_cast<std::uint8_t>(token.algorithm);
    const auto micros = static_cast<std::uint64_t>(to_micros(token.valid_to));
    for (std::size_t i = 0; i < 8; ++i) plain.data()[1 + i] = static_cast<std::uint8_t>(micros >> (56 - 8 * i));
    plain.append(token.wrapping_key.view());
    return crypto::seal(sealing_key, additional_data(key_id), plain.view(), random);
}

Result<ImportToken> open_token(ByteView sealing_key, std::string_view key_id, ByteView sealed) {
    const Result<SecretBytes> plain = crypto::open(sealing_key, additional_data(key_id), sealed, "the import token");
    if (!plain || plain->size() <= kHeader || plain->data()[0] >= kWrappingAlgorithms.size()) return invalid_token();
    ImportToken token;
    token.algorithm = static_cast<WrappingAlgorithm>(plain->data()[0]);
    std::uint64_t micros = 0;
    for (std::size_t i = 0; i < 8; ++i) micros = micros << 8 | plain->data()[1 + i];
    token.valid_to = from_micros(static_cast<std::int64_t>(micros));
    token.wrapping_key = SecretBytes::copy_of(plain->view().subspan(kHeader));
    return token;
}

Result<SecretBytes> unwrap(const ImportToken& token, ByteView encrypted_material) {
    const bool direct = token.algorithm == WrappingAlgorithm::kOaepSha1 || token.algorithm == WrappingAlgorithm::kOaepSha256;
    const bool sha1 =
        token.algorithm == WrappingAlgorithm::kOaepSha1 || token.algorithm == WrappingAlgorithm::kAesKeyWrapSha1;
    const crypto::OaepHash hash = sha1 ? crypto::OaepHash::kSha1 : crypto::OaepHash::kSha256;
    const std::size_t size = std::min(modulus_size(token), encrypted_material.size());
    Result<SecretBytes> opened = crypto::rsa_oaep_decrypt(token.wrapping_key.view(), hash,
                                                          direct ? encrypted_material : encrypted_material.first(size));
    if (!opened || (!direct && opened->size() != kAesKey)) return invalid_ciphertext();
    if (direct) return opened;
    Result<SecretBytes> material = crypto::aes_key_unwrap_padded(opened->view(), encrypted_material.subspan(size));
    if (!material) return invalid_ciphertext();
    return material;
}

}  // namespace keydeck::kms::local
