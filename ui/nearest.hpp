// What a mistyped name was probably meant to be.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace keydeck::ui {

/// At most three of the names, the nearest first: those that `word` begins, or that are at most two slips from it (a letter
/// more, less, other or swapped), short words fewer.
[[nodiscard]] std::vector<std::string> near_names(std::string_view word, const std::vector<std::string>& names);

/// The nearest of them; empty where none is near.
[[nodiscard]] std::string nearest_name(std::string_view word, const std::vector<std::string>& names);

/// Names that begin with `beginning`: some of them, for there may be more than can be read.
using ListNames = std::function<Result<std::vector<std::string>>(const std::string& beginning)>;

/// The names near to `word` where they have to be asked for: by ever shorter beginnings of it, down to two characters (after
/// 0x, where it begins so); then, up to three in all, those that share its longest beginning. For a worker thread. Errors:
/// those of `list`.
[[nodiscard]] Result<std::vector<std::string>> find_near(std::string_view word, const ListNames& list);

}  // namespace keydeck::ui
