#include "engine/custody/secrets/secret_seal.hpp"

#include <algorithm>

#include "engine/base/hex.hpp"
#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/secrets.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kPurpose = "secret";
constexpr int kDataKeySize = 32;

/// The context again, each field with its length: what the data key is bound to binds the value too.
Bytes additional_data(const kms::EncryptionContext& context) {
    Bytes out;
    append_with_length(out, as_bytes("keydeck secret v1"));
    for (const auto& [name, value] : context) {
        append_with_length(out, as_bytes(name));
        append_with_length(out, as_bytes(value));
    }
    return out;
}

std::unexpected<Error> does_not_open(const SecretPlace& place, std::string kms_error = {}) {
    return fail(ErrorCode::kCorrupt,
                "The sealed value of the secret " + std::string(place.name) + ", version " + std::to_string(place.version) +
                    ", does not open: it was altered, or belongs elsewhere.",
                "Restore the vault from a backup; `keydeck audit verify` tells whether more was changed.",
                std::move(kms_error));
}

/// A blob that the KMS does not take for one is a damaged row as well.
std::unexpected<Error> refused(const SecretPlace& place, const Error& error) {
    const bool is_damaged = error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kInvalidInput;
    if (is_damaged) return does_not_open(place, error.kms_error);
    return std::unexpected(error);
}

Result<store::SealedSecret> seal_under_data_key(kms::Kms& kms, Random& random, std::string_view key_id,
                                                const kms::EncryptionContext& context, const SecretBytes& value) {
    Result<kms::DataKey> data_key = kms.generate_data_key(key_id, kDataKeySize, context);
    if (!data_key) return fail(data_key);
    if (data_key->plaintext.size() != kDataKeySize || data_key->ciphertext.empty()) {
        return fail(ErrorCode::kCorrupt, "The KMS answered with a data key that is not 32 bytes.");
    }
    Bytes sealed = crypto::seal(data_key->plaintext.view(), additional_data(context), value.view(), random);
    return store::SealedSecret{std::move(data_key->ciphertext), std::move(sealed)};
}

Result<Bytes> re_encrypt(kms::Kms& kms, std::string_view from_key_id, std::string_view to_key_id, const SecretPlace& place,
                         ByteView ciphertext) {
    kms::ReEncryptRequest request;
    request.ciphertext = ciphertext;
    request.source_context = secret_context(place);
    request.source_key_id = from_key_id;
    request.destination_key_id = to_key_id;
    request.destination_context = request.source_context;
    Result<kms::ReEncryptResult> moved = kms.re_encrypt(request);
    if (!moved) return refused(place, moved.error());
    if (std::ranges::equal(moved->ciphertext, ciphertext)) {
        return fail(ErrorCode::kCorrupt, "The KMS answered ReEncrypt with what it was given; nothing was moved.");
    }
    return std::move(moved->ciphertext);
}

}  // namespace

kms::EncryptionContext secret_context(const SecretPlace& place) {
    Bytes called;
    append_with_length(called, as_bytes(place.name));
    append_with_length(called, as_bytes(place.environment));
    kms::EncryptionContext context{
        {"keydeck:vault", std::string(place.vault_id)},     {"keydeck:secret", std::to_string(place.secret_id)},
        {"keydeck:user", std::to_string(place.user_id)},    {"keydeck:version", std::to_string(place.version)},
        {"keydeck:called", to_hex(crypto::sha256(called))}, {"keydeck:purpose", std::string(kPurpose)}};
    if (place.context != nullptr) context.insert(place.context->begin(), place.context->end());
    return context;
}

Status check_context(const std::vector<std::pair<std::string, std::string>>& context) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : context) {
        if (name.empty() || name.starts_with("keydeck:") || name.starts_with("aws:")) {
            return fail(ErrorCode::kInvalidInput,
                        "A name in the encryption context must not be empty, nor begin with keydeck: or aws:.");
        }
        if (std::ranges::find(names, name) != names.end()) {
            return fail(ErrorCode::kInvalidInput, "The encryption context has the same name twice.");
        }
        names.push_back(name);
    }
    return {};
}

Result<store::SealedSecret> seal_secret(kms::Kms& kms, Random& random, std::string_view key_id, const SecretPlace& place,
                                        const SecretBytes& value) {
    const kms::EncryptionContext context = secret_context(place);
    store::SealedSecret sealed;
    if (value.size() > kDirectSecretSize) {
        Result<store::SealedSecret> made = seal_under_data_key(kms, random, key_id, context, value);
        if (!made) return made;
        sealed = std::move(*made);
    } else {
        Result<kms::EncryptResult> encrypted = kms.encrypt(key_id, value.view(), context);
        if (!encrypted) return fail(encrypted);
        sealed.value = std::move(encrypted->ciphertext);
    }
    // Opened once before anybody is told that it is kept: what does not open is lost.
    const Result<SecretBytes> opened = open_secret(kms, key_id, place, sealed);
    if (!opened && opened.error().code != ErrorCode::kCorrupt) return fail(opened);
    if (!opened || !equal_in_constant_time(opened->view(), value.view())) {
        return fail(ErrorCode::kCorrupt, "The KMS answered with a ciphertext that does not open; nothing was kept.");
    }
    return sealed;
}

Result<SecretBytes> open_secret(kms::Kms& kms, std::string_view key_id, const SecretPlace& place,
                                const store::SealedSecret& sealed) {
    const kms::EncryptionContext context = secret_context(place);
    const bool has_data_key = !sealed.data_key.empty();
    Result<kms::DecryptResult> opened = kms.decrypt(key_id, has_data_key ? sealed.data_key : sealed.value, context);
    if (!opened) return refused(place, opened.error());
    if (!has_data_key) return std::move(opened->plaintext);
    if (opened->plaintext.size() != kDataKeySize) return does_not_open(place);
    Result<SecretBytes> value =
        crypto::open(opened->plaintext.view(), additional_data(context), sealed.value, "the secret's value");
    if (!value) return does_not_open(place);
    return value;
}

Result<store::SealedSecret> reseal_secret(kms::Kms& kms, Random& random, std::string_view from_key_id,
                                          std::string_view to_key_id, const SecretPlace& place,
                                          const store::SealedSecret& sealed, bool fresh_data_key) {
    if (fresh_data_key) {
        const Result<SecretBytes> value = open_secret(kms, from_key_id, place, sealed);
        if (!value) return fail(value);
        return seal_secret(kms, random, to_key_id, place, *value);  // proves itself
    }
    const bool has_data_key = !sealed.data_key.empty();
    // Under a data key the value's own seal tells whether it is the same; without one, only the value does.
    SecretBytes before;
    if (!has_data_key) {
        Result<SecretBytes> opened = open_secret(kms, from_key_id, place, sealed);
        if (!opened) return fail(opened);
        before = std::move(*opened);
    }
    Result<Bytes> moved = re_encrypt(kms, from_key_id, to_key_id, place, has_data_key ? sealed.data_key : sealed.value);
    if (!moved) return fail(moved);
    store::SealedSecret out =
        has_data_key ? store::SealedSecret{std::move(*moved), sealed.value} : store::SealedSecret{{}, std::move(*moved)};
    const Result<SecretBytes> opened = open_secret(kms, to_key_id, place, out);
    if (!opened) return fail(opened);
    if (has_data_key || equal_in_constant_time(opened->view(), before.view())) return out;
    return fail(ErrorCode::kCorrupt, "The KMS answered ReEncrypt with another value; nothing was moved.");
}

}  // namespace keydeck::custody
