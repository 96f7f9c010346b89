// Keys of every spec, and material that comes from outside.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/hex.hpp"
#include "engine/crypto/mac.hpp"
#include "engine/crypto/rsa.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::kms::test {

inline const Bytes kMessage = to_bytes(as_bytes("message"));

[[nodiscard]] inline CreateKeyRequest request_of(KeySpec spec, Origin origin = Origin::kAwsKms) {
    return {.spec = spec, .usage = usage_of(spec), .description = "", .tags = {}, .origin = origin};
}

[[nodiscard]] inline SecretBytes secret_of(std::string_view hex_digits) {
    return SecretBytes::copy_of(*from_hex(hex_digits, "test"));
}

/// What a client does between the two calls.
[[nodiscard]] inline Bytes wrap(const ImportParameters& parameters, WrappingAlgorithm algorithm, ByteView material) {
    const bool sha1 = algorithm == WrappingAlgorithm::kOaepSha1 || algorithm == WrappingAlgorithm::kAesKeyWrapSha1;
    const crypto::OaepHash hash = sha1 ? crypto::OaepHash::kSha1 : crypto::OaepHash::kSha256;
    if (algorithm == WrappingAlgorithm::kOaepSha1 || algorithm == WrappingAlgorithm::kOaepSha256) {
        const auto wrapped = crypto::rsa_oaep_encrypt(parameters.public_key, hash, material);
        EXPECT_TRUE(wrapped);
        return wrapped ? *wrapped : Bytes{};
    }
    const Bytes key(32, 0x17);
    const auto head = crypto::rsa_oaep_encrypt(parameters.public_key, hash, key);
    EXPECT_TRUE(head);
    Bytes out = head ? *head : Bytes{};
    append(out, crypto::aes_key_wrap_padded(key, material));
    return out;
}

[[nodiscard]] inline Bytes pkcs8_of(const SecretBytes& private_key) {
    return to_bytes(to_pkcs8_private_key(private_key.view(), *crypto::public_key_of(private_key.view())).view());
}

[[nodiscard]] inline Result<std::string> import(LocalKms& kms, const std::string& key_id, ByteView material,
                                                std::optional<Timestamp> valid_to = std::nullopt,
                                                WrappingAlgorithm algorithm = WrappingAlgorithm::kOaepSha256,
                                                WrappingKeySpec key_spec = WrappingKeySpec::kRsa2048) {
    const auto parameters = kms.get_parameters_for_import(key_id, algorithm, key_spec);
    if (!parameters) return fail(parameters);
    const Bytes wrapped = wrap(*parameters, algorithm, material);
    return kms.import_key_material(
        {.key_id = key_id, .import_token = parameters->import_token, .encrypted_material = wrapped, .valid_to = valid_to});
}

}  // namespace keydeck::kms::test
