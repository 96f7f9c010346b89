// The environment's variables, behind a seam so that tests need not change the process's own.
#pragma once

#include <functional>
#include <string>

namespace keydeck::kms::aws {

/// The value of a variable, as getenv gives it; nullptr where it is not set. A pointer and not a text, so that a secret is
/// copied into locked memory at once.
using Environment = std::function<const char*(const char* name)>;

/// The process's own.
[[nodiscard]] Environment process_environment();

/// For what is no secret. Empty where the variable is not set: an empty one counts as not set everywhere.
[[nodiscard]] std::string variable(const Environment& environment, const char* name);

}  // namespace keydeck::kms::aws
