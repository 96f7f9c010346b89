// How the screens write rows for other programs: as the command line does.
#pragma once

#include <memory>

#include "ui/row_writers.hpp"

namespace keydeck::cli {

[[nodiscard]] std::shared_ptr<const ui::RowWriters> row_writers();

}  // namespace keydeck::cli
