// The address book: names that the operator gave to addresses. An address that begins and ends like another contact's or a
// wallet's gets no name (rejected): that is what address poisoning looks like.
#pragma once

#include <string>

#include "engine/types.hpp"

namespace keydeck {

struct Contact {
    std::string name;  ///< 1..64 characters, no control or invisible ones, unique (ASCII case-insensitive)
    AddressBytes address{};
    std::string note;  ///< one line of up to 256 characters; may be empty
    Timestamp created_at{};
};

}  // namespace keydeck
