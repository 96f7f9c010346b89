// The verbs on the address book.
#pragma once

#include <string_view>
#include <vector>

#include "engine/contacts.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Errors: denied, invalid_input, already_exists; rejected for an address that is a look-alike of a contact's or a wallet's.
[[nodiscard]] Result<Contact> add_contact(OpenVault& vault, const Session& session, const Contact& contact);
/// Anybody may read it: a preview shows its names to everybody who signs.
[[nodiscard]] Result<std::vector<Contact>> list_contacts(OpenVault& vault, const Session& session, std::string_view filter);
[[nodiscard]] Status remove_contact(OpenVault& vault, const Session& session, std::string_view name);

}  // namespace keydeck::custody
