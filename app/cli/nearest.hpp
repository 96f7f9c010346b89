// What a mistyped name was probably meant to be; the filters of the screens ask the same.
#pragma once

#include "ui/nearest.hpp"

namespace keydeck::cli {

using ui::nearest_name;

}  // namespace keydeck::cli
