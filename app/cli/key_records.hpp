// What people read of a key's life.
#pragma once

#include <optional>
#include <string>

#include "engine/types.hpp"

namespace keydeck::cli {

/// How long until then: `29 days 3 hours`, `5 hours`, `less than an hour`; `any moment now` once it has passed.
[[nodiscard]] std::string time_until(Timestamp then, Timestamp now);

/// A pending deletion: its time and how long that is; empty where there is none.
[[nodiscard]] std::string deletion_words(const std::optional<Timestamp>& date, Timestamp now);

}  // namespace keydeck::cli
