// What a mistyped word was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keydeck::ui {

/// At most three of the names, the nearest first: those that `word` begins, or that are at most two slips from it (a letter
/// more, less, other or swapped), short words fewer.
[[nodiscard]] std::vector<std::string> near_names(std::string_view word, const std::vector<std::string>& names);

}  // namespace keydeck::ui
