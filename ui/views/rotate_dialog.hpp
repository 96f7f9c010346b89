// Rotating a key, once or by itself from now on (level 2): a form, then a preview that a capital C confirms.
#pragma once

#include <memory>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

[[nodiscard]] std::unique_ptr<Dialog> make_rotate_dialog(const KeyInfo& key);

/// Why it cannot be rotated; empty: it can.
[[nodiscard]] std::string why_not_rotate(const KeyInfo& key, const Scene& scene);

}  // namespace keydeck::ui
