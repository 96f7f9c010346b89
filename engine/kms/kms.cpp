#include "engine/kms/kms.hpp"

#include <algorithm>
#include <array>

#include "engine/kms/kms_error.hpp"

namespace keydeck::kms {

namespace {

struct SpecRow {
    KeySpec spec;
    std::string_view name;
    KeyUsage usage;
};

constexpr std::array kSpecs = {
    SpecRow{KeySpec::kSymmetricDefault, "SYMMETRIC_DEFAULT", KeyUsage::kEncryptDecrypt},
    SpecRow{KeySpec::kEccSecgP256k1, "ECC_SECG_P256K1", KeyUsage::kSignVerify},
    SpecRow{KeySpec::kHmac224, "HMAC_224", KeyUsage::kGenerateVerifyMac},
    SpecRow{KeySpec::kHmac256, "HMAC_256", KeyUsage::kGenerateVerifyMac},
    SpecRow{KeySpec::kHmac384, "HMAC_384", KeyUsage::kGenerateVerifyMac},
    SpecRow{KeySpec::kHmac512, "HMAC_512", KeyUsage::kGenerateVerifyMac},
};
constexpr std::array<std::string_view, 3> kUsages = {"ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"};
constexpr std::array<std::string_view, 4> kStates = {"Enabled", "Disabled", "PendingDeletion", "PendingImport"};
constexpr std::array<std::string_view, 2> kOrigins = {"AWS_KMS", "EXTERNAL"};

/// The enumerator whose number is the name's place in the table.
template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto* found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

const SpecRow& row_of(KeySpec spec) { return kSpecs.at(static_cast<std::size_t>(spec)); }

}  // namespace

std::string_view to_string(KeySpec spec) { return row_of(spec).name; }
std::string_view to_string(KeyUsage usage) { return kUsages.at(static_cast<std::size_t>(usage)); }
std::string_view to_string(KeyState state) { return kStates.at(static_cast<std::size_t>(state)); }
std::string_view to_string(Origin origin) { return kOrigins.at(static_cast<std::size_t>(origin)); }

KeyUsage usage_of(KeySpec spec) { return row_of(spec).usage; }

bool is_hmac(KeySpec spec) { return usage_of(spec) == KeyUsage::kGenerateVerifyMac; }

Result<KeySpec> parse_key_spec(std::string_view text) {
    const auto* found = std::ranges::find(kSpecs, text, &SpecRow::name);
    if (found != kSpecs.end()) return found->spec;
    return validation_error("The key spec must be SYMMETRIC_DEFAULT, ECC_SECG_P256K1 or HMAC_224, _256, _384 or _512.");
}

Result<KeyUsage> parse_key_usage(std::string_view text) {
    if (const auto usage = named<KeyUsage>(kUsages, text)) return *usage;
    return validation_error("The key usage must be ENCRYPT_DECRYPT, SIGN_VERIFY or GENERATE_VERIFY_MAC.");
}

Result<KeyState> parse_key_state(std::string_view text) {
    if (const auto state = named<KeyState>(kStates, text)) return *state;
    return validation_error("The key state must be Enabled, Disabled, PendingDeletion or PendingImport.");
}

Result<Origin> parse_origin(std::string_view text) {
    if (const auto origin = named<Origin>(kOrigins, text)) return *origin;
    return validation_error("The origin must be AWS_KMS or EXTERNAL.");
}

}  // namespace keydeck::kms
