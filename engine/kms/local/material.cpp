#include "engine/kms/local/material.hpp"

#include "engine/crypto/secp256k1.hpp"

namespace keydeck::kms::local {

MaterialSizes material_sizes(KeySpec spec) {
    switch (spec) {
        case KeySpec::kSymmetricDefault:
        case KeySpec::kEccSecgP256k1:
            return {32, 32};
        case KeySpec::kHmac224:
            return {28, 64};
        case KeySpec::kHmac256:
            return {32, 64};
        case KeySpec::kHmac384:
            return {48, 128};
        case KeySpec::kHmac512:
            return {64, 128};
    }
    return {};
}

bool fits(KeySpec spec, const SecretBytes& material) {
    const MaterialSizes sizes = material_sizes(spec);
    if (material.size() < sizes.least || material.size() > sizes.most) return false;
    return spec != KeySpec::kEccSecgP256k1 || crypto::is_private_key(material.view());
}

}  // namespace keydeck::kms::local
