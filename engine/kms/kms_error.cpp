#include "engine/kms/kms_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace keydeck::kms {
namespace {

struct NameAndCode {
    std::string_view name;
    ErrorCode code;
};

constexpr std::array kCodes = {
    NameAndCode{"ValidationException", ErrorCode::kInvalidInput},
    NameAndCode{"InvalidAliasNameException", ErrorCode::kInvalidInput},
    NameAndCode{"InvalidArnException", ErrorCode::kInvalidInput},
    NameAndCode{"InvalidMarkerException", ErrorCode::kInvalidInput},
    NameAndCode{"TagException", ErrorCode::kInvalidInput},
    NameAndCode{"SerializationException", ErrorCode::kInvalidInput},
    NameAndCode{"UnknownOperationException", ErrorCode::kInvalidInput},
    NameAndCode{"MalformedPolicyDocumentException", ErrorCode::kInvalidInput},
    NameAndCode{"InvalidImportTokenException", ErrorCode::kInvalidInput},
    NameAndCode{"ExpiredImportTokenException", ErrorCode::kInvalidInput},
    NameAndCode{"IncorrectKeyMaterialException", ErrorCode::kInvalidInput},
    NameAndCode{"NotFoundException", ErrorCode::kNotFound},
    NameAndCode{"AlreadyExistsException", ErrorCode::kAlreadyExists},
    NameAndCode{"DisabledException", ErrorCode::kRejected},
    NameAndCode{"KMSInvalidStateException", ErrorCode::kRejected},
    NameAndCode{"UnsupportedOperationException", ErrorCode::kRejected},
    NameAndCode{"InvalidKeyUsageException", ErrorCode::kRejected},
    NameAndCode{"LimitExceededException", ErrorCode::kRejected},
    NameAndCode{"ConflictException", ErrorCode::kRejected},
    NameAndCode{"DryRunOperationException", ErrorCode::kRejected},
    NameAndCode{"AccessDeniedException", ErrorCode::kDenied},
    NameAndCode{"NotAuthorizedException", ErrorCode::kDenied},
    NameAndCode{"InvalidSignatureException", ErrorCode::kDenied},
    NameAndCode{"UnrecognizedClientException", ErrorCode::kDenied},
    NameAndCode{"IncompleteSignatureException", ErrorCode::kDenied},
    NameAndCode{"MissingAuthenticationTokenException", ErrorCode::kDenied},
    NameAndCode{"InvalidCiphertextException", ErrorCode::kCorrupt},
    NameAndCode{"IncorrectKeyException", ErrorCode::kCorrupt},
    NameAndCode{"KMSInvalidSignatureException", ErrorCode::kCorrupt},
    NameAndCode{"KMSInvalidMacException", ErrorCode::kCorrupt},
    NameAndCode{"ThrottlingException", ErrorCode::kThrottled},
    NameAndCode{"KMSInternalException", ErrorCode::kUnavailable},
    NameAndCode{"DependencyTimeoutException", ErrorCode::kUnavailable},
    NameAndCode{"KeyUnavailableException", ErrorCode::kUnavailable},
};

}  // namespace

ErrorCode code_of(std::string_view kms_error) {
    const auto* found = std::ranges::find(kCodes, kms_error, &NameAndCode::name);
    return found == kCodes.end() ? ErrorCode::kInternal : found->code;
}

std::unexpected<Error> kms_fail(std::string_view name, std::string message, std::string hint) {
    return fail(code_of(name), std::move(message), std::move(hint), std::string(name));
}

std::unexpected<Error> validation_error(std::string message) { return kms_fail("ValidationException", std::move(message)); }

std::unexpected<Error> constraint_error(std::optional<std::string_view> shown, std::string_view field,
                                        std::string_view constraint) {
    const std::string value = shown ? fmt::format("Value '{}'", *shown) : "Value";
    return validation_error(
        fmt::format("1 validation error detected: {} at '{}' failed to satisfy constraint: {}", value, field, constraint));
}

std::unexpected<Error> disabled(std::string_view key_arn) {
    return kms_fail("DisabledException", fmt::format("{} is disabled.", key_arn), "Enable the key first.");
}

std::unexpected<Error> pending_deletion(std::string_view key_arn) {
    return kms_fail("KMSInvalidStateException", fmt::format("{} is pending deletion.", key_arn),
                    "Cancel the key's deletion first; it comes back disabled.");
}

std::unexpected<Error> pending_import(std::string_view key_arn) {
    return kms_fail("KMSInvalidStateException", fmt::format("{} is pending import.", key_arn),
                    "Import its key material first.");
}

std::unexpected<Error> key_not_found(std::string_view key_arn) {
    return kms_fail("NotFoundException", fmt::format("Key '{}' does not exist", key_arn));
}

std::unexpected<Error> alias_not_found(std::string_view alias_arn) {
    return kms_fail("NotFoundException", fmt::format("Alias {} is not found.", alias_arn));
}

std::unexpected<Error> invalid_key_id(std::string_view text) {
    return kms_fail("NotFoundException", fmt::format("Invalid keyId '{}'", text));
}

std::unexpected<Error> invalid_ciphertext() {
    return kms_fail("InvalidCiphertextException", "",
                    "The ciphertext is damaged, was not made by this KMS, or its encryption context is another.");
}

std::unexpected<Error> invalid_signature() {
    return kms_fail("KMSInvalidSignatureException", "", "The signature is not this key's over this message.");
}

std::unexpected<Error> invalid_mac() {
    return kms_fail("KMSInvalidMacException", "", "The code is not this key's over this message.");
}

std::unexpected<Error> incompatible_algorithm(std::string_view algorithm, std::string_view key_spec) {
    return kms_fail("InvalidKeyUsageException",
                    fmt::format("Algorithm {} is incompatible with key spec {}.", algorithm, key_spec));
}

std::unexpected<Error> incorrect_key() {
    return kms_fail("IncorrectKeyException",
                    "The key ID in the request does not identify a CMK that can perform this operation.");
}

std::unexpected<Error> ciphertext_key_gone() {
    return kms_fail("AccessDeniedException",
                    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
                    "you are not allowed to access.");
}

}  // namespace keydeck::kms
