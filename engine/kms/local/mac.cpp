// Message authentication with HMAC keys.
#include "engine/crypto/mac.hpp"

#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;

/// HMAC_224 to HMAC_512 each go with one algorithm.
bool goes_with(KeySpec spec, MacAlgorithm algorithm) {
    return static_cast<int>(spec) - static_cast<int>(KeySpec::kHmac224) == static_cast<int>(algorithm);
}

}  // namespace

Result<MacResult> LocalKms::Impl::authenticate(std::string_view key_id, ByteView message, MacAlgorithm algorithm,
                                               std::string_view operation) {
    Result<Lease> lease = begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = find_usable(**lease, key_id, KeyUsage::kGenerateVerifyMac, operation);
    if (!key) return fail(key);
    if (!goes_with(key->spec, algorithm)) {
        return incompatible_algorithm(kMacAlgorithms.at(static_cast<std::size_t>(algorithm)), to_string(key->spec));
    }
    const Result<MaterialPtr> material = open_current(**lease, *key);
    if (!material) return fail(material);
    const auto hash = static_cast<crypto::MacHash>(algorithm);
    return MacResult{crypto::mac(hash, (*material)->secret.view(), message), arn_of(*key)};
}

Result<MacResult> LocalKms::generate_mac(std::string_view key_id, ByteView message, MacAlgorithm algorithm) {
    if (Status length = check_message(message); !length) return fail(length);
    return impl_->authenticate(key_id, message, algorithm, "GenerateMac");
}

Result<std::string> LocalKms::verify_mac(std::string_view key_id, ByteView message, ByteView mac, MacAlgorithm algorithm) {
    if (Status length = check_message(message); !length) return fail(length);
    if (Status length = check_ciphertext(mac, "mac"); !length) return fail(length);
    Result<MacResult> due = impl_->authenticate(key_id, message, algorithm, "VerifyMac");
    if (!due) return fail(due);
    if (!equal_in_constant_time(due->mac, mac)) return invalid_mac();
    return std::move(due->key_arn);
}

}  // namespace keydeck::kms
