// What a mistyped name was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keydeck::ui {

/// The name that `word` begins or is at most two slips from (a letter more, less, other or swapped), short words fewer;
/// empty where none is so near.
[[nodiscard]] std::string_view nearest_name(std::string_view word, const std::vector<std::string>& names);

}  // namespace keydeck::ui
