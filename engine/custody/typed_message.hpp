// Typed messages whose meaning is known: what gives others power over tokens, and what makes somebody else call for one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/uint256.hpp"
#include "engine/ethereum/call.hpp"
#include "engine/ethereum/typed_data.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

enum class TypedKind : std::uint8_t {
    kOther,
    kPermit,      ///< ERC-2612, DAI's older form, and Permit2's (PermitSingle, PermitBatch, PermitTransferFrom, …)
    kTransfer,    ///< ERC-3009: TransferWithAuthorization, ReceiveWithAuthorization
    kCall,        ///< a Safe's transaction, ERC-2771's forward request: `to`, `value`, `data`
    kDelegation,  ///< of votes (ERC-5805)
    kAuthority,   ///< MetaMask's Delegation: its delegate acts as the delegator, as far as the caveats let it
    kCredit,      ///< Aave's DelegationWithSig: its delegatee borrows, the signer owes
    kOrder,       ///< Seaport's OrderComponents
    kBulkOrder,   ///< Seaport's BulkOrder: a tree of those, each of which can be filled
};
[[nodiscard]] TypedKind kind_of(const ethereum::TypedData& data);

/// The leaves of a message by their paths: `details.token`, `permitted[1].amount`. Views into the message.
class TypedFields {
public:
    explicit TypedFields(const std::vector<ethereum::TypedDataLine>& lines);
    [[nodiscard]] const ethereum::TypedDataLine* find(std::string_view path) const;
    [[nodiscard]] std::optional<AddressBytes> address(std::string_view path) const;
    [[nodiscard]] std::optional<Uint256> number(std::string_view path) const;
    [[nodiscard]] std::string_view text(std::string_view path) const;
    /// How many elements stand under an array's name.
    [[nodiscard]] std::size_t count(std::string_view array) const;
    /// The paths of what has a type: `tree[0][1]`.
    [[nodiscard]] std::vector<std::string> paths_of(std::string_view type) const;

private:
    std::map<std::string, const ethereum::TypedDataLine*, std::less<>> fields_;
};

/// The same type for the same domain (its name, version, contract and chain): what a user who confirmed it once has seen.
[[nodiscard]] Hash32 message_kind(const ethereum::TypedData& data);

/// MetaMask's ANY_DELEGATE: anybody may act. https://github.com/MetaMask/delegation-framework, DelegationManager.sol
[[nodiscard]] bool is_anybody(const AddressBytes& delegate);

/// In a permit: a number that is no time, nonce or item.
[[nodiscard]] bool is_amount(const ethereum::TypedDataLine& line);
/// The whole range of the type, or more than tokens count: nobody means an amount by it.
[[nodiscard]] bool is_unlimited(const ethereum::TypedDataLine& line);

/// The call that a message of the kind kCall asks for; none where it only sends value.
[[nodiscard]] std::optional<ethereum::DecodedCall> call_in(const ethereum::TypedData& data, const TypedFields& fields,
                                                           const ethereum::AddressWords& words = {});

}  // namespace keydeck::custody
