// Symmetric cryptography and data keys.
#include <array>

#include "engine/kms/kms_error.hpp"
#include "engine/kms/server/operations.hpp"

namespace keydeck::kms::server {
namespace {

constexpr std::string_view kSymmetric = "SYMMETRIC_DEFAULT";
constexpr std::array<std::string_view, 4> kEncryptionAlgorithms = {kSymmetric, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256",
                                                                   "SM2PKE"};
constexpr std::array<std::string_view, 2> kDataKeySpecs = {"AES_256", "AES_128"};
constexpr std::array<std::string_view, 9> kKeyPairSpecs = {
    "RSA_2048",      "RSA_3072",        "RSA_4096", "ECC_NIST_P256",         "ECC_NIST_P384",
    "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2",      "ECC_NIST_EDWARDS25519",
};

/// What every cryptographic call takes and this KMS has no use for: a wrong type is told all the same.
void skip_common(Fields& in) {
    in.texts("GrantTokens");
    in.flag("DryRun");
}

Status encrypt(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    call.in.require("Plaintext");
    call.in.text("Plaintext");
    const EncryptionContext context = call.in.context("EncryptionContext");
    const std::string_view algorithm = call.in.word("EncryptionAlgorithm", kEncryptionAlgorithms, kSymmetric);
    skip_common(call.in);
    if (Status read = call.in.check(); !read) return read;
    if (algorithm != kSymmetric) {
        return call.kms.refuse_algorithm(key_id, "Encrypt", KeyUsage::kEncryptDecrypt, algorithm);
    }
    const Result<EncryptResult> encrypted = call.kms.encrypt(key_id, call.plaintext.view(), context);
    if (!encrypted) return fail(encrypted);
    call.out.blob("CiphertextBlob", encrypted->ciphertext)
        .text("KeyId", encrypted->key_arn)
        .text("EncryptionAlgorithm", kSymmetric);
    return {};
}

Status decrypt(Call& call) {
    const Result<std::string_view> key_id = optional_key_id(call.in, "KeyId");
    const Bytes ciphertext = call.in.required_blob("CiphertextBlob");
    const EncryptionContext context = call.in.context("EncryptionContext");
    const std::string_view algorithm = call.in.word("EncryptionAlgorithm", kEncryptionAlgorithms, kSymmetric);
    skip_common(call.in);
    if (Status read = call.in.check(); !read) return read;
    if (!key_id) return fail(key_id);
    if (algorithm != kSymmetric) {
        return call.kms.refuse_algorithm(*key_id, "Decrypt", KeyUsage::kEncryptDecrypt, algorithm);
    }
    const Result<DecryptResult> decrypted = call.kms.decrypt(*key_id, ciphertext, context);
    if (!decrypted) return fail(decrypted);
    call.out.blob("Plaintext", decrypted->plaintext.view())
        .text("KeyId", decrypted->key_arn)
        .text("EncryptionAlgorithm", kSymmetric);
    return {};
}

Status re_encrypt(Call& call) {
    ReEncryptRequest request;
    const Bytes ciphertext = call.in.required_blob("CiphertextBlob");
    request.ciphertext = ciphertext;
    request.source_context = call.in.context("SourceEncryptionContext");
    request.destination_context = call.in.context("DestinationEncryptionContext");
    request.destination_key_id = call.in.required_text("DestinationKeyId");
    const Result<std::string_view> source = optional_key_id(call.in, "SourceKeyId");
    const std::string_view from = call.in.word("SourceEncryptionAlgorithm", kEncryptionAlgorithms, kSymmetric);
    const std::string_view to = call.in.word("DestinationEncryptionAlgorithm", kEncryptionAlgorithms, kSymmetric);
    skip_common(call.in);
    if (Status read = call.in.check(); !read) return read;
    if (!source) return fail(source);
    request.source_key_id = *source;
    if (from != kSymmetric) return call.kms.refuse_algorithm(*source, "ReEncrypt", KeyUsage::kEncryptDecrypt, from);
    if (to != kSymmetric) {
        return call.kms.refuse_algorithm(request.destination_key_id, "ReEncrypt", KeyUsage::kEncryptDecrypt, to);
    }
    const Result<ReEncryptResult> done = call.kms.re_encrypt(request);
    if (!done) return fail(done);
    call.out.blob("CiphertextBlob", done->ciphertext)
        .text("SourceKeyId", done->source_key_arn)
        .text("KeyId", done->key_arn)
        .text("SourceEncryptionAlgorithm", kSymmetric)
        .text("DestinationEncryptionAlgorithm", kSymmetric);
    return {};
}

struct DataKeyRequest {
    std::string_view key_id;
    int number_of_bytes = 0;
    EncryptionContext context;
};

Result<DataKeyRequest> read_data_key_request(Fields& in) {
    DataKeyRequest request;
    request.key_id = in.required_text("KeyId");
    const std::optional<int> number = in.integer("NumberOfBytes");
    const std::string_view spec = in.word("KeySpec", kDataKeySpecs, "");
    request.context = in.context("EncryptionContext");
    skip_common(in);
    if (Status read = in.check(); !read) return fail(read);
    if (number.has_value() == !spec.empty()) {
        return validation_error("Please specify either number of bytes or key spec.");
    }
    request.number_of_bytes = number ? *number : spec == "AES_256" ? 32 : 16;
    return request;
}

void write_data_key(JsonWriter& out, const DataKey& key) {
    out.blob("CiphertextBlob", key.ciphertext);
    if (!key.plaintext.empty()) out.blob("Plaintext", key.plaintext.view());
    out.text("KeyId", key.key_arn);
}

Status generate_data_key(Call& call) {
    const Result<DataKeyRequest> request = read_data_key_request(call.in);
    if (!request) return fail(request);
    const Result<DataKey> key = call.kms.generate_data_key(request->key_id, request->number_of_bytes, request->context);
    if (!key) return fail(key);
    write_data_key(call.out, *key);
    return {};
}

Status generate_data_key_without_plaintext(Call& call) {
    const Result<DataKeyRequest> request = read_data_key_request(call.in);
    if (!request) return fail(request);
    const Result<DataKey> key =
        call.kms.generate_data_key_without_plaintext(request->key_id, request->number_of_bytes, request->context);
    if (!key) return fail(key);
    write_data_key(call.out, *key);
    return {};
}

struct PairRequest {
    std::string_view key_id;
    EncryptionContext context;
};

Result<PairRequest> read_pair_request(Fields& in) {
    PairRequest request;
    request.key_id = in.required_text("KeyId");
    const std::string_view spec = in.required_word("KeyPairSpec", kKeyPairSpecs);
    request.context = in.context("EncryptionContext");
    skip_common(in);
    if (Status read = in.check(); !read) return fail(read);
    if (spec != to_string(KeySpec::kEccSecgP256k1)) {
        return kms_fail("UnsupportedOperationException",
                        "KeyPairSpec " + std::string(spec) + " is not supported by this KMS.");
    }
    return request;
}

void write_pair(JsonWriter& out, const DataKeyPair& pair) {
    out.blob("PrivateKeyCiphertextBlob", pair.private_key_ciphertext);
    if (!pair.private_key_plaintext.empty()) out.blob("PrivateKeyPlaintext", pair.private_key_plaintext.view());
    out.blob("PublicKey", pair.public_key)
        .text("KeyId", pair.key_arn)
        .text("KeyPairSpec", to_string(KeySpec::kEccSecgP256k1));
}

Status generate_data_key_pair(Call& call) {
    const Result<PairRequest> request = read_pair_request(call.in);
    if (!request) return fail(request);
    const Result<DataKeyPair> pair = call.kms.generate_data_key_pair(request->key_id, request->context);
    if (!pair) return fail(pair);
    write_pair(call.out, *pair);
    return {};
}

Status generate_data_key_pair_without_plaintext(Call& call) {
    const Result<PairRequest> request = read_pair_request(call.in);
    if (!request) return fail(request);
    const Result<DataKeyPair> pair = call.kms.generate_data_key_pair_without_plaintext(request->key_id, request->context);
    if (!pair) return fail(pair);
    write_pair(call.out, *pair);
    return {};
}

Status generate_random(Call& call) {
    const int number = call.in.required_integer("NumberOfBytes");
    const bool elsewhere = !call.in.text("CustomKeyStoreId").empty();
    if (Status read = call.in.check(); !read) return read;
    if (elsewhere) return kms_fail("UnsupportedOperationException", "A custom key store is not supported by this KMS.");
    Result<Bytes> bytes = call.kms.generate_random(number);
    if (!bytes) return fail(bytes);
    const WipeOnExit guard(*bytes);  // somebody's key, perhaps
    call.out.blob("Plaintext", *bytes);
    return {};
}

constexpr std::array kOperations = {
    Operation{.name = "Encrypt", .run = encrypt, .takes_dry_run = true, .has_plaintext = true},
    Operation{.name = "Decrypt", .run = decrypt, .takes_dry_run = true},
    Operation{.name = "ReEncrypt", .run = re_encrypt, .takes_dry_run = true},
    Operation{.name = "GenerateDataKey", .run = generate_data_key, .takes_dry_run = true},
    Operation{.name = "GenerateDataKeyWithoutPlaintext", .run = generate_data_key_without_plaintext, .takes_dry_run = true},
    Operation{.name = "GenerateDataKeyPair", .run = generate_data_key_pair, .takes_dry_run = true},
    Operation{.name = "GenerateDataKeyPairWithoutPlaintext",
              .run = generate_data_key_pair_without_plaintext,
              .takes_dry_run = true},
    Operation{.name = "GenerateRandom", .run = generate_random},
};

}  // namespace

std::span<const Operation> encryption_operations() { return kOperations; }

}  // namespace keydeck::kms::server
