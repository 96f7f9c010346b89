// Addresses, amounts and times in the words of a preview.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/base/uint256.hpp"
#include "engine/custody/risk.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// `alice / main`.
[[nodiscard]] std::string who(const Wallet& wallet);

/// Who stands behind addresses, as far as this session may know: contacts, and wallets of its own (the operator's: all).
/// One look into the store for each address. The store's first failure is kept, for status() at the end.
class Names {
public:
    Names(Acquaintances& known, const Session& session, const Wallet& signer)
        : known_(&known), is_operator_(session.is_operator()), signer_(&signer) {}

    /// For a sentence: `bob-cold (address book)`, `bob / main`, or the address in full.
    [[nodiscard]] std::string instead_of(const AddressBytes& address);
    /// For a line: the address in full and what it is called. `gains`: also whether it is known or new.
    [[nodiscard]] std::string beside(const AddressBytes& address, bool gains);
    /// What the user has never signed anything for.
    [[nodiscard]] bool is_new(const AddressBytes& address);
    [[nodiscard]] bool has_name(const AddressBytes& address) { return !name_of(address).empty(); }
    /// `(yours)`, `(bob-cold, address book)` or `(a stranger's)` behind an account in full.
    [[nodiscard]] std::string whose(const AddressBytes& account);
    [[nodiscard]] const Wallet& signer() const { return *signer_; }
    [[nodiscard]] const Status& status() const { return status_; }

private:
    const store::Standing& standing(const AddressBytes& address);
    [[nodiscard]] bool is_own_wallet(const AddressBytes& address);
    [[nodiscard]] std::string name_of(const AddressBytes& address);

    Acquaintances* known_;
    bool is_operator_;
    const Wallet* signer_;
    std::map<AddressBytes, store::Standing> read_;
    Status status_;
};

/// `UNLIMITED (2^256-1)`; another number that nobody means is named in full behind the word.
[[nodiscard]] std::string unlimited_words(const Uint256& amount);

/// Whether a field or argument of this name holds a moment in Unix seconds (deadline, expiry, validBefore, …).
[[nodiscard]] bool names_a_time(std::string_view name);
/// What stands under such a name: the number and `= 2036-09-28 12:00 UTC (in 9 years)`.
[[nodiscard]] std::string time_value(std::string_view name, const Uint256& seconds, const std::optional<Timestamp>& now);
/// `2036-09-28 12:00 UTC (in 9 years)`, `2020-01-01 00:00 UTC (over)`, `never` beyond the calendar. Without `now`: the date
/// alone. Unix seconds.
[[nodiscard]] std::string time_words(const Uint256& seconds, const std::optional<Timestamp>& now);

}  // namespace keydeck::custody
