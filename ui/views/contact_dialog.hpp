// Giving an address a name in the address book.
#pragma once

#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// Asks for the name; the address is fixed, and shown in full.
[[nodiscard]] std::unique_ptr<Dialog> make_contact_dialog(const AddressBytes& address);
/// Asks for the address too. `name` stands there already.
[[nodiscard]] std::unique_ptr<Dialog> make_add_contact_dialog(std::string name);

}  // namespace keydeck::ui
