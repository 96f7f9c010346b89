// Scheduling the deletion of a key: level 4, the wallets that will be lost are its content.
#pragma once

#include <memory>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

[[nodiscard]] std::unique_ptr<Dialog> make_deletion_dialog(const KeyInfo& key);

}  // namespace keydeck::ui
