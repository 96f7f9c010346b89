// The address book: names that the operator gave to addresses.
#pragma once

#include <string>

#include "engine/types.hpp"

namespace keydeck {

struct Contact {
    std::string name;  ///< 1..64 characters, no control characters, unique (ASCII case-insensitive)
    AddressBytes address{};
    std::string note;  ///< may be empty
    Timestamp created_at{};
};

}  // namespace keydeck
