// Encrypting, data keys, signing.
#include <fmt/format.h>

#include <utility>

#include "engine/kms/aws/impl.hpp"
#include "engine/kms/wire_secret.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kSigningAlgorithm = "ECDSA_SHA_256";

/// An answer whose secret has been taken out of it.
struct Parted {
    SecretBytes secret;
    json::Value rest;
};

Result<Parted> part(Result<SecretBytes> body, std::string_view operation, std::string_view field) {
    if (!body) return fail(body);
    Result<SecretBytes> secret = take_base64_field(*body, field);
    if (!secret) return malformed_answer(operation, fmt::format("it is not JSON, or its {} is not base64", field));
    Result<json::Value> rest = parse_answer(*body, operation);
    if (!rest) return fail(rest);
    if (secret->empty()) return malformed_answer(operation, fmt::format("{} is missing or empty", field));
    return Parted{std::move(*secret), std::move(*rest)};
}

/// The key that was used, which must be the one that was asked for.
std::string read_key_arn(AnswerReader& reader, std::string_view requested, std::string_view field = "KeyId") {
    std::string arn = reader.text(field);
    check_key_arn(reader, field, arn, requested);
    return arn;
}

void check_algorithm(AnswerReader& reader, std::string_view field, std::string_view due) {
    const std::string algorithm = reader.text_or_empty(field);
    if (!algorithm.empty() && algorithm != due) reader.refuse(field, "is another algorithm than the one that was asked for");
}

Result<SecretBytes> data_key_request(std::string_view key_id, int number_of_bytes, const EncryptionContext& context) {
    return RequestWriter()
        .text("KeyId", key_id)
        .number("NumberOfBytes", number_of_bytes)
        .context("EncryptionContext", context)
        .finish();
}

Result<SecretBytes> key_pair_request(std::string_view key_id, const EncryptionContext& context) {
    return RequestWriter()
        .text("KeyId", key_id)
        .text("KeyPairSpec", to_string(KeySpec::kEccSecgP256k1))
        .context("EncryptionContext", context)
        .finish();
}

Result<DataKey> read_data_key(const json::Value& answer, std::string_view operation, std::string_view key_id) {
    AnswerReader reader(answer, operation);
    DataKey out;
    out.ciphertext = reader.blob("CiphertextBlob");
    out.key_arn = read_key_arn(reader, key_id);
    return checked(reader, std::move(out));
}

Result<DataKeyPair> read_key_pair(const json::Value& answer, std::string_view operation, std::string_view key_id) {
    AnswerReader reader(answer, operation);
    DataKeyPair out;
    out.private_key_ciphertext = reader.blob("PrivateKeyCiphertextBlob");
    out.public_key = reader.blob("PublicKey");
    out.key_arn = read_key_arn(reader, key_id);
    check_algorithm(reader, "KeyPairSpec", to_string(KeySpec::kEccSecgP256k1));
    return checked(reader, std::move(out));
}

RequestWriter message_request(std::string_view key_id, ByteView message, MessageType type) {
    RequestWriter body;
    body.text("KeyId", key_id)
        .blob("Message", message)
        .text("MessageType", type == MessageType::kDigest ? "DIGEST" : "RAW")
        .text("SigningAlgorithm", kSigningAlgorithm);
    return body;
}

}  // namespace

Result<EncryptResult> AwsKms::encrypt(std::string_view key_id, ByteView plaintext, const EncryptionContext& context) {
    RequestWriter body;
    body.text("KeyId", key_id).context("EncryptionContext", context);
    const Result<json::Value> answer = impl_->ask("Encrypt", key_id, body.finish_with_secret("Plaintext", plaintext));
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "Encrypt");
    EncryptResult out;
    out.ciphertext = reader.blob("CiphertextBlob");
    out.key_arn = read_key_arn(reader, key_id);
    return checked(reader, std::move(out));
}

Result<DecryptResult> AwsKms::decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) {
    RequestWriter body;
    body.text_if("KeyId", key_id).blob("CiphertextBlob", ciphertext).context("EncryptionContext", context);
    Result<Parted> answer = part(impl_->call("Decrypt", key_id, body.finish()), "Decrypt", "Plaintext");
    if (!answer) return fail(answer);
    AnswerReader reader(answer->rest, "Decrypt");
    DecryptResult out;
    out.key_arn = read_key_arn(reader, key_id);
    out.plaintext = std::move(answer->secret);
    return checked(reader, std::move(out));
}

Result<ReEncryptResult> AwsKms::re_encrypt(const ReEncryptRequest& request) {
    RequestWriter body;
    body.blob("CiphertextBlob", request.ciphertext)
        .context("SourceEncryptionContext", request.source_context)
        .text_if("SourceKeyId", request.source_key_id)
        .text("DestinationKeyId", request.destination_key_id)
        .context("DestinationEncryptionContext", request.destination_context);
    const Result<json::Value> answer = impl_->ask("ReEncrypt", request.destination_key_id, body.finish());
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "ReEncrypt");
    ReEncryptResult out;
    out.ciphertext = reader.blob("CiphertextBlob");
    out.source_key_arn = read_key_arn(reader, request.source_key_id, "SourceKeyId");
    out.key_arn = read_key_arn(reader, request.destination_key_id);
    return checked(reader, std::move(out));
}

Result<DataKey> AwsKms::generate_data_key(std::string_view key_id, int number_of_bytes, const EncryptionContext& context) {
    constexpr std::string_view kOperation = "GenerateDataKey";
    Result<Parted> answer =
        part(impl_->call(kOperation, key_id, data_key_request(key_id, number_of_bytes, context)), kOperation, "Plaintext");
    if (!answer) return fail(answer);
    Result<DataKey> out = read_data_key(answer->rest, kOperation, key_id);
    if (!out) return out;
    if (answer->secret.size() != static_cast<std::size_t>(number_of_bytes))
        return malformed_answer(kOperation, "the key is not as long as was asked for");
    out->plaintext = std::move(answer->secret);
    return out;
}

Result<DataKey> AwsKms::generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                            const EncryptionContext& context) {
    constexpr std::string_view kOperation = "GenerateDataKeyWithoutPlaintext";
    const Result<json::Value> answer = impl_->ask(kOperation, key_id, data_key_request(key_id, number_of_bytes, context));
    if (!answer) return fail(answer);
    return read_data_key(*answer, kOperation, key_id);
}

Result<DataKeyPair> AwsKms::generate_data_key_pair(std::string_view key_id, const EncryptionContext& context) {
    constexpr std::string_view kOperation = "GenerateDataKeyPair";
    Result<Parted> answer =
        part(impl_->call(kOperation, key_id, key_pair_request(key_id, context)), kOperation, "PrivateKeyPlaintext");
    if (!answer) return fail(answer);
    Result<DataKeyPair> out = read_key_pair(answer->rest, kOperation, key_id);
    if (out) out->private_key_plaintext = std::move(answer->secret);
    return out;
}

Result<DataKeyPair> AwsKms::generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                     const EncryptionContext& context) {
    constexpr std::string_view kOperation = "GenerateDataKeyPairWithoutPlaintext";
    const Result<json::Value> answer = impl_->ask(kOperation, key_id, key_pair_request(key_id, context));
    if (!answer) return fail(answer);
    return read_key_pair(*answer, kOperation, key_id);
}

Result<Bytes> AwsKms::generate_random(int number_of_bytes) {
    constexpr std::string_view kOperation = "GenerateRandom";
    const Result<Parted> answer =
        part(impl_->call(kOperation, "", RequestWriter().number("NumberOfBytes", number_of_bytes).finish()), kOperation,
             "Plaintext");
    if (!answer) return fail(answer);
    if (answer->secret.size() != static_cast<std::size_t>(number_of_bytes))
        return malformed_answer(kOperation, "there are not as many bytes as were asked for");
    return to_bytes(answer->secret.view());
}

Result<PublicKeyResult> AwsKms::get_public_key(std::string_view key_id) {
    const Result<json::Value> answer = impl_->ask("GetPublicKey", key_id, RequestWriter().text("KeyId", key_id).finish());
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "GetPublicKey");
    PublicKeyResult out;
    out.public_key = reader.blob("PublicKey");
    out.key_arn = read_key_arn(reader, key_id);
    const std::string spec = reader.text("KeySpec");
    const std::string usage = reader.text("KeyUsage");
    if (Status read = reader.status(); !read) return fail(read);
    const Result<KeySpec> known_spec = parse_key_spec(spec);
    const Result<KeyUsage> known_usage = parse_key_usage(usage);
    if (!known_spec || !known_usage) {
        return fail(ErrorCode::kRejected,
                    fmt::format("Keydeck does not use keys like {} (spec {}, usage {}).", out.key_arn, spec, usage));
    }
    out.spec = *known_spec;
    out.usage = *known_usage;
    return out;
}

Result<SignResult> AwsKms::sign(std::string_view key_id, ByteView message, MessageType type) {
    const Result<json::Value> answer = impl_->ask("Sign", key_id, message_request(key_id, message, type).finish());
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "Sign");
    SignResult out;
    out.signature = reader.blob("Signature");
    out.key_arn = read_key_arn(reader, key_id);
    check_algorithm(reader, "SigningAlgorithm", kSigningAlgorithm);
    return checked(reader, std::move(out));
}

Status AwsKms::verify(std::string_view key_id, ByteView message, MessageType type, ByteView signature) {
    const Result<json::Value> answer =
        impl_->ask("Verify", key_id, message_request(key_id, message, type).blob("Signature", signature).finish());
    if (!answer) return fail(answer);
    AnswerReader reader(*answer, "Verify");
    if (!reader.boolean("SignatureValid")) reader.refuse("SignatureValid", "is false, which AWS says by an error");
    static_cast<void>(read_key_arn(reader, key_id));
    check_algorithm(reader, "SigningAlgorithm", kSigningAlgorithm);
    return reader.status();
}

}  // namespace keydeck::kms::aws
