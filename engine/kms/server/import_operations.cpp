// Imported key material.
#include <algorithm>
#include <array>

#include "engine/kms/kms_error.hpp"
#include "engine/kms/server/operations.hpp"

namespace keydeck::kms::server {
namespace {

// The words of AWS's API model; this KMS has those of kWrappingAlgorithms and kWrappingKeySpecs.
constexpr std::array<std::string_view, 6> kAllWrappingAlgorithms = {"RSAES_PKCS1_V1_5",         "RSAES_OAEP_SHA_1",
                                                                    "RSAES_OAEP_SHA_256",       "RSA_AES_KEY_WRAP_SHA_1",
                                                                    "RSA_AES_KEY_WRAP_SHA_256", "SM2PKE"};
constexpr std::array<std::string_view, 4> kAllWrappingKeySpecs = {"RSA_2048", "RSA_3072", "RSA_4096", "SM2"};
constexpr std::array<std::string_view, 2> kExpirationModels = {"KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"};
constexpr std::array<std::string_view, 2> kImportTypes = {"NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"};

/// The enumerator whose name stands at this place of the table.
template <class Enum, std::size_t N>
Result<Enum> named(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto* found = std::ranges::find(names, text);
    if (found == names.end()) {
        return kms_fail("UnsupportedOperationException", std::string(text) + " is not supported by this KMS.");
    }
    return static_cast<Enum>(found - names.begin());
}

Status get_parameters_for_import(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    const std::string_view algorithm = call.in.required_word("WrappingAlgorithm", kAllWrappingAlgorithms);
    const std::string_view spec = call.in.required_word("WrappingKeySpec", kAllWrappingKeySpecs);
    if (Status read = call.in.check(); !read) return read;
    const auto known_algorithm = named<WrappingAlgorithm>(kWrappingAlgorithms, algorithm);
    if (!known_algorithm) return fail(known_algorithm);
    const auto known_spec = named<WrappingKeySpec>(kWrappingKeySpecs, spec);
    if (!known_spec) return fail(known_spec);
    const Result<ImportParameters> made = call.kms.get_parameters_for_import(key_id, *known_algorithm, *known_spec);
    if (!made) return fail(made);
    call.out.text("KeyId", made->key_arn)
        .blob("ImportToken", made->import_token)
        .blob("PublicKey", made->public_key)
        .time("ParametersValidTo", made->valid_to);
    return {};
}

Status import_key_material(Call& call) {
    ImportRequest request;
    request.key_id = call.in.required_text("KeyId");
    const Bytes token = call.in.required_blob("ImportToken");
    const Bytes material = call.in.required_blob("EncryptedKeyMaterial");
    request.valid_to = call.in.time("ValidTo");
    const std::string_view model = call.in.word("ExpirationModel", kExpirationModels, "KEY_MATERIAL_EXPIRES");
    call.in.word("ImportType", kImportTypes, "");
    if (Status read = call.in.check(); !read) return read;
    const bool expires = model == kExpirationModels[0];
    if (expires && !request.valid_to) {
        return validation_error("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
    }
    if (!expires && request.valid_to) {
        return validation_error("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE");
    }
    request.import_token = token;
    request.encrypted_material = material;
    const Result<std::string> arn = call.kms.import_key_material(request);
    if (!arn) return fail(arn);
    call.out.text("KeyId", *arn);
    return {};
}

Status delete_imported_key_material(Call& call) {
    const std::string_view key_id = call.in.required_text("KeyId");
    call.in.text("KeyMaterialId");
    if (Status read = call.in.check(); !read) return read;
    const Result<std::string> arn = call.kms.delete_imported_key_material(key_id);
    if (!arn) return fail(arn);
    call.out.text("KeyId", *arn);
    return {};
}

constexpr std::array kOperations = {
    Operation{.name = "GetParametersForImport", .run = get_parameters_for_import, .slow = true},
    Operation{.name = "ImportKeyMaterial", .run = import_key_material, .slow = true},
    Operation{.name = "DeleteImportedKeyMaterial", .run = delete_imported_key_material, .slow = true},
};

}  // namespace

std::span<const Operation> import_operations() { return kOperations; }

}  // namespace keydeck::kms::server
