// The address book's records.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/contacts.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// Errors: invalid_input (check_contact_name, check_contact_note), already_exists (the name, ASCII case ignored, or the
/// address under another name).
[[nodiscard]] Result<Contact> insert_contact(sqlite::Database& database, const Contact& contact, Timestamp now);

/// ASCII case ignored. Error: not_found.
[[nodiscard]] Result<Contact> contact_by_name(sqlite::Database& database, std::string_view name);

/// Whom the book has at an address; none where it has nobody.
[[nodiscard]] Result<std::optional<Contact>> contact_at(sqlite::Database& database, const AddressBytes& address);

/// By name, ASCII case ignored. `filter`: part of a name (ASCII case ignored), or the beginning of an address (0x…); empty:
/// everybody.
[[nodiscard]] Result<std::vector<Contact>> list_contacts(sqlite::Database& database, std::string_view filter);

/// Error: not_found.
[[nodiscard]] Status remove_contact(sqlite::Database& database, std::string_view name);

}  // namespace keydeck::store
