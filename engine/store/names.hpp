// What a user's name and a wallet's label may be.
#pragma once

#include <string_view>

#include "engine/error.hpp"

namespace keydeck::store {

/// 1 to 64 characters of UTF-8, no control characters (C0, DEL, C1, those of direction), no space at either end, not in the
/// shape of an address (0x and 40 hex digits), and not `operator`, which is the actor's name for the operator. Error:
/// invalid_input.
[[nodiscard]] Status check_user_name(std::string_view name);

/// The same for a label, where `operator` is allowed. An empty label means none and passes. Error: invalid_input.
[[nodiscard]] Status check_label(std::string_view label);

/// As a user's name, but `operator` is allowed: what stands beside an address in the address book. Error: invalid_input.
[[nodiscard]] Status check_contact_name(std::string_view name);
/// One line of up to 256 characters, under the same rules; empty means none. Error: invalid_input.
[[nodiscard]] Status check_contact_note(std::string_view note);

/// 1 to 128 of A–Z a–z 0–9 . _ - / @ : and no other: a name that cannot be confused with another. Error: invalid_input.
[[nodiscard]] Status check_secret_name(std::string_view name);
/// The same, up to 64 characters.
[[nodiscard]] Status check_environment(std::string_view environment);

/// Whether a text is 0x and 40 hex digits: then it can only mean an address.
[[nodiscard]] bool looks_like_address(std::string_view text);

}  // namespace keydeck::store
