// What a migration found and did, as JSON and for people.
#pragma once

#include <string>
#include <string_view>

#include "app/cli/output.hpp"
#include "engine/migration.hpp"

namespace keydeck::cli {

[[nodiscard]] std::string to_json(const FernetColumn& column);
/// `mode` is what was asked for: `check`, `migrate`, `verify`, `rollback`.
[[nodiscard]] std::string to_json(const FernetReport& report, std::string_view mode);

/// The report with its columns, its problems and what else is to be known, for people.
void show(Output& out, const FernetReport& report, std::string_view mode);
/// The same on standard error, before a question.
void note_check(Output& out, const FernetReport& report);

}  // namespace keydeck::cli
