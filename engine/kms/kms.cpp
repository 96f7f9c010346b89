#include "engine/kms/kms.hpp"

#include "engine/kms/kms_error.hpp"

namespace keydeck::kms {

std::string_view to_string(KeySpec spec) {
    return spec == KeySpec::kSymmetricDefault ? "SYMMETRIC_DEFAULT" : "ECC_SECG_P256K1";
}

std::string_view to_string(KeyUsage usage) { return usage == KeyUsage::kEncryptDecrypt ? "ENCRYPT_DECRYPT" : "SIGN_VERIFY"; }

std::string_view to_string(KeyState state) {
    switch (state) {
        case KeyState::kEnabled:
            return "Enabled";
        case KeyState::kDisabled:
            return "Disabled";
        case KeyState::kPendingDeletion:
            return "PendingDeletion";
    }
    return "";
}

Result<KeySpec> parse_key_spec(std::string_view text) {
    for (const KeySpec spec : {KeySpec::kSymmetricDefault, KeySpec::kEccSecgP256k1}) {
        if (text == to_string(spec)) return spec;
    }
    return validation_error("The key spec must be SYMMETRIC_DEFAULT or ECC_SECG_P256K1.");
}

Result<KeyUsage> parse_key_usage(std::string_view text) {
    for (const KeyUsage usage : {KeyUsage::kEncryptDecrypt, KeyUsage::kSignVerify}) {
        if (text == to_string(usage)) return usage;
    }
    return validation_error("The key usage must be ENCRYPT_DECRYPT or SIGN_VERIFY.");
}

}  // namespace keydeck::kms
