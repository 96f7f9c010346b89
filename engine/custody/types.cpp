// The words and conversions of the public values.
#include "engine/types.hpp"

#include "engine/ethereum/address.hpp"

namespace keydeck {

std::string checksum_address(const AddressBytes& address) { return ethereum::to_checksum(ethereum::Address{address}); }

Result<AddressBytes> parse_address_text(std::string_view text) {
    const Result<ethereum::Address> parsed = ethereum::parse_address(text, "address");
    if (!parsed) return fail(parsed);
    return parsed->bytes;
}

std::string_view to_string(Custody custody) {
    switch (custody) {
        case Custody::kKmsKey:
            return "kms-key";
        case Custody::kEnvelope:
            return "envelope";
        case Custody::kKeyPair:
            return "key-pair";
    }
    return "envelope";
}

Result<Custody> parse_custody(std::string_view text) {
    for (const Custody custody : {Custody::kKmsKey, Custody::kEnvelope, Custody::kKeyPair}) {
        if (to_string(custody) == text) return custody;
    }
    return fail(ErrorCode::kInvalidInput, "The custody must be envelope or kms-key.");
}

std::string_view to_string(WalletState state) {
    switch (state) {
        case WalletState::kReady:
            return "ready";
        case WalletState::kUserLocked:
            return "user locked";
        case WalletState::kKeyDisabled:
            return "key disabled";
        case WalletState::kAtRisk:
            return "at risk";
        case WalletState::kLost:
            return "lost";
        case WalletState::kRemoved:
            return "removed";
    }
    return "ready";
}

}  // namespace keydeck
