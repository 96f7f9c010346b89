// The address book: whom previews know by name. Names are given and taken away here.
#pragma once

#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// The list, the cursor on the contact `select` where there is one of that name; with `remove` it asks at once whether to
/// take that one out, and says what was perhaps meant where there is none.
[[nodiscard]] std::unique_ptr<Dialog> make_contacts_dialog(std::string select = {}, bool remove = false);

}  // namespace keydeck::ui
