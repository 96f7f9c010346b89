// `.`: the command lines of what one is about to do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

struct CallRow {
    std::string key;
    std::string what;
    std::string line;
};

/// `y` copies the line under the cursor; nothing here runs one.
[[nodiscard]] std::unique_ptr<Dialog> make_call_dialog(std::vector<CallRow> rows);

}  // namespace keydeck::ui
