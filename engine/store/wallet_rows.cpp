#include "engine/store/wallet_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/store/keys.hpp"
#include "engine/store/rows.hpp"

namespace keydeck::store {
namespace {

struct CustodyWord {
    Custody custody;
    std::string_view word;
};
constexpr std::array<CustodyWord, 3> kCustodyWords{
    {{Custody::kKmsKey, "kms-key"}, {Custody::kEnvelope, "envelope"}, {Custody::kKeyPair, "key-pair"}}};

// The gravest first: what a person has to know before anything else.
WalletState state_of(bool removed, bool user_locked, std::string_view key_state) {
    if (removed) return WalletState::kRemoved;
    if (key_state == kKeyDestroyed) return WalletState::kLost;
    if (key_state == "PendingDeletion") return WalletState::kAtRisk;
    if (user_locked) return WalletState::kUserLocked;
    if (key_state == "Disabled") return WalletState::kKeyDisabled;
    return WalletState::kReady;
}

}  // namespace

std::string_view custody_word(Custody custody) {
    const auto* const found = std::ranges::find(kCustodyWords, custody, &CustodyWord::custody);
    return found == kCustodyWords.end() ? std::string_view() : found->word;
}

std::optional<Custody> custody_of_word(std::string_view word) {
    const auto* const found = std::ranges::find(kCustodyWords, word, &CustodyWord::word);
    if (found == kCustodyWords.end()) return std::nullopt;
    return found->custody;
}

Result<Wallet> read_wallet(const sqlite::Statement& row) {
    Wallet wallet;
    wallet.id = row.integer(0);
    const ByteView address = row.blob(4);
    const auto custody = custody_of_word(row.text(5));
    if (address.size() != wallet.address.size() || !custody) {
        return fail(ErrorCode::kCorrupt, fmt::format("The row of wallet {} is damaged.", wallet.id), "keydeck doctor");
    }
    std::ranges::copy(address, wallet.address.begin());
    wallet.custody = *custody;
    wallet.user_id = row.integer(1);
    wallet.user = row.text(2);
    wallet.label = row.text(3);
    wallet.key_id = row.text(6);
    wallet.key_alias = row.text(7);
    wallet.region = row.text(8);
    wallet.public_key = to_bytes(row.blob(9));
    wallet.path = row.text(10);
    wallet.has_mnemonic = row.integer(11) != 0;
    wallet.imported = row.integer(12) != 0;
    wallet.created_at = from_micros(row.integer(13));
    wallet.last_signed_at = optional_time(row, 14);
    wallet.signatures = row.integer(15);
    wallet.state = state_of(!row.is_null(16), row.integer(17) != 0, row.text(18));
    wallet.key_version = row.integer(19);
    return wallet;
}

}  // namespace keydeck::store
