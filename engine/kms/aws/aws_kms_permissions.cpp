// Whether the caller may: the same calls with DryRun.
// https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
#include <array>

#include "engine/kms/aws/impl.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kDryRun = "DryRun";

/// An error is the only answer there is.
Result<bool> permission_in(const Result<SecretBytes>& answer, std::string_view operation) {
    if (answer) return malformed_answer(operation, "it was carried out, though only the permission was asked for");
    if (answer.error().kms_error == "DryRunOperationException") return true;
    if (answer.error().kms_error == "AccessDeniedException") return false;
    return fail(answer);
}

}  // namespace

Result<bool> AwsKms::may_generate_data_key(std::string_view key_id, const EncryptionContext& context) {
    constexpr int kBytes = 32;
    RequestWriter body;
    body.text("KeyId", key_id).number("NumberOfBytes", kBytes).context("EncryptionContext", context).boolean(kDryRun, true);
    return permission_in(impl_->call("GenerateDataKey", key_id, body.finish()), "GenerateDataKey");
}

Result<bool> AwsKms::may_generate_key_pair(std::string_view key_id, const EncryptionContext& context) {
    constexpr std::string_view kOperation = "GenerateDataKeyPairWithoutPlaintext";
    RequestWriter body;
    body.text("KeyId", key_id)
        .text("KeyPairSpec", to_string(KeySpec::kEccSecgP256k1))
        .context("EncryptionContext", context)
        .boolean(kDryRun, true);
    return permission_in(impl_->call(kOperation, key_id, body.finish()), kOperation);
}

Result<bool> AwsKms::may_decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) {
    RequestWriter body;
    body.text("KeyId", key_id)
        .blob("CiphertextBlob", ciphertext)
        .context("EncryptionContext", context)
        .boolean(kDryRun, true);
    return permission_in(impl_->call("Decrypt", key_id, body.finish()), "Decrypt");
}

Result<bool> AwsKms::may_re_encrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) {
    RequestWriter body;
    body.blob("CiphertextBlob", ciphertext)
        .context("SourceEncryptionContext", context)
        .text("SourceKeyId", key_id)
        .text("DestinationKeyId", key_id)
        .context("DestinationEncryptionContext", context)
        .boolean(kDryRun, true);
    return permission_in(impl_->call("ReEncrypt", key_id, body.finish()), "ReEncrypt");
}

Result<bool> AwsKms::may_sign(std::string_view key_id) {
    constexpr std::array<std::uint8_t, 32> kDigest{};
    RequestWriter body;
    body.text("KeyId", key_id)
        .blob("Message", kDigest)
        .text("MessageType", "DIGEST")
        .text("SigningAlgorithm", "ECDSA_SHA_256")
        .boolean(kDryRun, true);
    return permission_in(impl_->call("Sign", key_id, body.finish()), "Sign");
}

}  // namespace keydeck::kms::aws
