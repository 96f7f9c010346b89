// Symmetric cryptography and data keys.
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/ciphertext_blob.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;
using sqlite::Database;

}  // namespace

Result<LocalKms::Impl::Sealer> LocalKms::Impl::sealer(std::string_view key_id, std::string_view operation) {
    Result<Lease> lease = begin();
    if (!lease) return fail(lease);
    Result<KeyRecord> key = find_usable(**lease, key_id, KeyUsage::kEncryptDecrypt, operation);
    if (!key) return fail(key);
    if (Status rotated = rotate_if_due(**lease, *key); !rotated) return fail(rotated);
    Result<MaterialPtr> material = open_current(**lease, *key);
    if (!material) return fail(material);
    return Sealer{arn_of(*key), std::move(key->key_id), key->version, std::move(*material)};
}

Bytes LocalKms::Impl::seal(const Sealer& with, ByteView plaintext, const EncryptionContext& context) {
    return local::seal_blob(with.material->secret.view(), with.key_id, with.version, context, plaintext, random);
}

// The order AWS has: the key that is named must exist and be usable; then the blob, whose own key must be that one.
Result<LocalKms::Impl::Opener> LocalKms::Impl::opener(std::string_view key_id, ByteView ciphertext) {
    auto lease = begin();
    if (!lease) return fail(lease);
    Database& database = **lease;
    std::string named;
    if (!key_id.empty()) {
        Result<KeyRecord> key = find(database, key_id, local::Aliases::kAccepted);
        if (!key) return fail(key);
        if (Status usable = check_usable(*key); !usable) return fail(usable);
        named = std::move(key->key_id);
    }
    Result<local::CiphertextBlob> blob = local::parse_blob(ciphertext);
    if (!blob) return fail(blob);
    if (!named.empty() && named != blob->key_id) return incorrect_key();
    Result<std::optional<KeyRecord>> key = local::find_key(database, blob->key_id);
    if (!key) return fail(key);
    if (!*key) return ciphertext_key_gone();
    drop_expired(**key);
    if (Status usable = check_usable(**key); !usable) return fail(usable);
    if ((*key)->usage != KeyUsage::kEncryptDecrypt) return invalid_ciphertext();
    auto material = open_material(database, **key, blob->version);
    if (!material) return fail(material);
    if (!*material) return invalid_ciphertext();
    return Opener{arn_of(**key), std::move(*material), std::move(*blob)};
}

Result<EncryptResult> LocalKms::encrypt(std::string_view key_id, ByteView plaintext, const EncryptionContext& context) {
    if (Status length = check_plaintext(plaintext); !length) return fail(length);
    if (Status text = check_context(context); !text) return fail(text);
    const Result<Impl::Sealer> sealer = impl_->sealer(key_id, "Encrypt");
    if (!sealer) return fail(sealer);
    return EncryptResult{impl_->seal(*sealer, plaintext, context), sealer->key_arn};
}

Result<DecryptResult> LocalKms::decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) {
    if (Status length = check_ciphertext(ciphertext, "ciphertextBlob"); !length) return fail(length);
    if (Status text = check_context(context); !text) return fail(text);
    const Result<Impl::Opener> opener = impl_->opener(key_id, ciphertext);
    if (!opener) return fail(opener);
    Result<SecretBytes> plaintext = local::open_blob(opener->material->secret.view(), opener->blob, context);
    if (!plaintext) return fail(plaintext);
    return DecryptResult{std::move(*plaintext), opener->key_arn};
}

Result<ReEncryptResult> LocalKms::re_encrypt(const ReEncryptRequest& request) {
    if (Status length = check_ciphertext(request.ciphertext, "ciphertextBlob"); !length) return fail(length);
    if (Status text = check_context(request.source_context); !text) return fail(text);
    if (Status text = check_context(request.destination_context); !text) return fail(text);
    const Result<Impl::Opener> opener = impl_->opener(request.source_key_id, request.ciphertext);
    if (!opener) return fail(opener);
    const Result<Impl::Sealer> sealer = impl_->sealer(request.destination_key_id, "ReEncrypt");
    if (!sealer) return fail(sealer);
    const Result<SecretBytes> plaintext =
        local::open_blob(opener->material->secret.view(), opener->blob, request.source_context);
    if (!plaintext) return fail(plaintext);
    return ReEncryptResult{impl_->seal(*sealer, plaintext->view(), request.destination_context), opener->key_arn,
                           sealer->key_arn};
}

Result<DataKey> LocalKms::generate_data_key(std::string_view key_id, int number_of_bytes, const EncryptionContext& context) {
    return impl_->generate_data_key(key_id, number_of_bytes, context, "GenerateDataKey");
}

Result<DataKey> LocalKms::generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                              const EncryptionContext& context) {
    Result<DataKey> key = impl_->generate_data_key(key_id, number_of_bytes, context, "GenerateDataKeyWithoutPlaintext");
    if (key) key->plaintext.reset();
    return key;
}

Result<DataKey> LocalKms::Impl::generate_data_key(std::string_view key_id, int number_of_bytes,
                                                  const EncryptionContext& context, std::string_view operation) {
    if (Status number = check_number_of_bytes(number_of_bytes); !number) return fail(number);
    if (Status text = check_context(context); !text) return fail(text);
    const Result<Sealer> with = sealer(key_id, operation);
    if (!with) return fail(with);
    SecretBytes plaintext(static_cast<std::size_t>(number_of_bytes));
    random.fill(plaintext.span());
    Bytes ciphertext = seal(*with, plaintext.view(), context);
    return DataKey{std::move(plaintext), std::move(ciphertext), with->key_arn};
}

Result<DataKeyPair> LocalKms::generate_data_key_pair(std::string_view key_id, const EncryptionContext& context) {
    return impl_->generate_data_key_pair(key_id, context, "GenerateDataKeyPair");
}

Result<DataKeyPair> LocalKms::generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                       const EncryptionContext& context) {
    Result<DataKeyPair> pair = impl_->generate_data_key_pair(key_id, context, "GenerateDataKeyPairWithoutPlaintext");
    if (pair) pair->private_key_plaintext.reset();
    return pair;
}

Result<DataKeyPair> LocalKms::Impl::generate_data_key_pair(std::string_view key_id, const EncryptionContext& context,
                                                           std::string_view operation) {
    if (Status text = check_context(context); !text) return fail(text);
    const Result<Sealer> with = sealer(key_id, operation);
    if (!with) return fail(with);
    SecretBytes private_key(crypto::kPrivateKeySize);
    do {
        random.fill(private_key.span());
    } while (!crypto::is_private_key(private_key.view()));
    const Result<crypto::PublicKey> public_key = crypto::public_key_of(private_key.view());
    if (!public_key) return fail(public_key);
    SecretBytes der = to_pkcs8_private_key(private_key.view(), *public_key);
    Bytes ciphertext = seal(*with, der.view(), context);
    return DataKeyPair{std::move(der), std::move(ciphertext), to_public_key_info(*public_key), with->key_arn};
}

Result<Bytes> LocalKms::generate_random(int number_of_bytes) {
    if (Status number = check_number_of_bytes(number_of_bytes); !number) return fail(number);
    Bytes bytes(static_cast<std::size_t>(number_of_bytes));
    impl_->random.fill(bytes);
    return bytes;
}

}  // namespace keydeck::kms
