// The tags by which a KMS key tells whose it is.
#pragma once

#include <string_view>

#include "engine/kms/kms.hpp"

namespace keydeck::custody {

inline constexpr std::string_view kTagPrefix = "keydeck:";
inline constexpr std::string_view kVaultTag = "keydeck:vault";      ///< the vault's id
inline constexpr std::string_view kPurposeTag = "keydeck:purpose";  ///< pool, wallet or hand
inline constexpr std::string_view kJournalTag = "keydeck:journal";  ///< the journal entry it was made for
inline constexpr std::string_view kUserTag = "keydeck:user";        ///< the user's id
inline constexpr std::string_view kWalletTag = "keydeck:wallet";    ///< the wallet's id

inline constexpr std::string_view kPurposePool = "pool";
inline constexpr std::string_view kPurposeWallet = "wallet";
inline constexpr std::string_view kPurposeHand = "hand";
inline constexpr std::string_view kPurposeChange = "change";  ///< in the journal only: a change of a key that is there

/// The value of a tag, or empty.
[[nodiscard]] std::string_view tag_value(const kms::Tags& tags, std::string_view name);

/// All tags of a key, page by page. Errors: the KMS's.
[[nodiscard]] Result<kms::Tags> all_tags(kms::Kms& kms, std::string_view key_id);

/// All aliases, of one key where `key_id` is not empty.
[[nodiscard]] Result<std::vector<kms::Alias>> all_aliases(kms::Kms& kms, std::string_view key_id);

/// All keys of the KMS.
[[nodiscard]] Result<std::vector<kms::KeyListEntry>> all_keys(kms::Kms& kms);

}  // namespace keydeck::custody
