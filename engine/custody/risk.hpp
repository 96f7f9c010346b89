// How much a signature can hurt, told from what will be signed and whom this vault has dealt with before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/uint256.hpp"
#include "engine/ethereum/call.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/typed_data.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/store/recipients.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// Whom a user knows, the one who owns the wallet that signs: another user's signatures make nobody known. Reads through one
/// connection; remembers what it has read. Thread rule: that of its database.
class Acquaintances {
public:
    Acquaintances(sqlite::Database& database, std::int64_t user_id) : database_(&database), user_id_(user_id) {}
    [[nodiscard]] Result<store::Standing> standing(const AddressBytes& address);
    /// Whether nothing need be said of a recipient: it is in the address book, a wallet of the user's own, or signed towards
    /// before (trusted before, where it is to be trusted) and like no other.
    [[nodiscard]] bool is_settled(const store::Recipient& recipient) const;
    void settle(const AddressBytes& address, store::Standing standing);
    /// Known addresses that a hurried eye takes for this one: same first 4 and last 4 digits.
    [[nodiscard]] Result<std::vector<store::LookAlike>> look_alikes(const AddressBytes& address);
    /// Whether the user has signed nothing for this chain. False in a vault where nobody has signed for any: none is usual
    /// there.
    [[nodiscard]] Result<bool> is_other_chain(const Uint256& chain_id);
    /// Whether the user has signed typed data of this kind (typed_message.hpp) before.
    [[nodiscard]] Result<bool> has_signed(const Hash32& message_kind);

private:
    sqlite::Database* database_;
    std::int64_t user_id_;
    // What is known stays known; what is not may become so with the next signature, and is asked again.
    std::unordered_map<std::string, store::Standing> settled_;  // by the 20 bytes
    std::unordered_set<std::string> used_chains_;
};

/// A graded look at what will be signed. Only what deserves to be read is a warning.
struct Assessment {
    Risk risk = Risk::kOrdinary;
    std::vector<std::string> warnings;  ///< what makes it risky comes first: a refusal names the first one
    std::string challenge;
    std::string challenge_prompt;

    void warn(std::string sentence) { warnings.push_back(std::move(sentence)); }
    void risky(std::string sentence) { insert_risky(risky_count, std::move(sentence)); }
    /// Risky, and to be read before everything else.
    void loud(std::string sentence) { insert_risky(0, std::move(sentence)); }
    /// What must be typed; the first one asked for stands.
    void ask_for_word(std::string_view word);
    void ask_for_address_middle(const AddressBytes& address, std::string_view whose);

private:
    void insert_risky(std::size_t at, std::string sentence) {
        risk = Risk::kRisky;
        warnings.insert(warnings.begin() + static_cast<std::ptrdiff_t>(at), std::move(sentence));
        ++risky_count;
    }
    std::size_t risky_count = 0;
};

/// Who gains by a call: those it names where it is known (recipient, spender, operator); the one called where it names
/// nobody or value goes along. Nobody gains by one that only takes rights back.
[[nodiscard]] std::vector<store::Recipient> beneficiaries_of_call(const AddressBytes& to, const Uint256& value,
                                                                  const std::optional<ethereum::DecodedCall>& call);
/// The same of a transaction. Empty also where it creates a contract.
[[nodiscard]] std::vector<store::Recipient> beneficiaries_of(const ethereum::Transaction& transaction,
                                                             const std::optional<ethereum::DecodedCall>& call);
/// Whether an address is one of those.
[[nodiscard]] bool gains(const std::vector<store::Recipient>& beneficiaries, const AddressBytes& address);

[[nodiscard]] Result<Assessment> assess_transaction(Acquaintances& known, const ethereum::Transaction& transaction,
                                                    const std::optional<ethereum::DecodedCall>& call);
/// `now`: permits that last more than a year are named.
[[nodiscard]] Result<Assessment> assess_typed_data(Acquaintances& known, const ethereum::TypedData& data, Timestamp now);
[[nodiscard]] Assessment assess_message(ByteView message);
[[nodiscard]] Result<Assessment> assess_authorization(Acquaintances& known, const Uint256& chain_id,
                                                      const AddressBytes& delegate);

/// First-time and look-alike warnings for somebody who gains by a signature; `whose` as in ask_for_address_middle().
[[nodiscard]] Status assess_beneficiary(Acquaintances& known, const store::Recipient& recipient, std::string_view whose,
                                        Assessment& out);
/// Risky where the user has signed nothing for the chain.
[[nodiscard]] Status assess_chain(Acquaintances& known, const Uint256& chain_id, Assessment& out);

/// Whose account stands behind it: ` (yours)`, ` (bob-cold, address book)`, ` (a stranger's)`.
[[nodiscard]] std::string account_words(const store::Standing& standing);

/// What a call gives away for good, or hides.
void assess_call(const ethereum::DecodedCall& call, Assessment& out);

/// The decoded call of a transaction that makes one.
[[nodiscard]] std::optional<ethereum::DecodedCall> call_of(const ethereum::Transaction& transaction,
                                                           const ethereum::AddressWords& words = {});

/// Whom a typed message gives power or tokens to (a permit's spender).
[[nodiscard]] std::vector<store::Recipient> beneficiaries_of(const ethereum::TypedData& data);

/// How many characters of a UTF-8 text would be shown as tokens (engine/hidden_characters.hpp), line feeds aside.
[[nodiscard]] std::size_t count_hidden_characters(std::string_view text);

}  // namespace keydeck::custody
