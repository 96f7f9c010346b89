// The list of calls that Safe's MultiSend takes. Used within this room only.
#pragma once

#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

struct PackedCall {
    bool delegates = false;  ///< DELEGATECALL: the code called runs as the account, and no value goes along
    Address to;
    Uint256 value = 0;
    ByteView data;  ///< a view into what was read
};

/// Reads the calls that `multiSend(bytes transactions)` makes, as they stand behind each other without padding: operation (1
/// byte: 0 a call, 1 a DELEGATECALL), address (20), value (32), length of the data (32), data. Strict: the contract itself
/// reads on beyond the end of a list that is too short. Error: invalid_input, naming the call by its number from 1.
/// https://github.com/safe-global/safe-smart-account/blob/main/contracts/libraries/MultiSend.sol, and MultiSendCallOnly.sol
/// beside it, which reverts at a DELEGATECALL.
[[nodiscard]] Result<std::vector<PackedCall>> read_packed_calls(ByteView transactions);

}  // namespace keydeck::ethereum
