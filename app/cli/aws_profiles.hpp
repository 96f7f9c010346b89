// The profiles of AWS's shared configuration files, by name alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keydeck::cli {

/// The names in the text of a configuration file (`[default]`, `[profile NAME]`) or of a credentials file (`[NAME]`), in
/// order; other sections (sso-session, services) have none.
/// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
[[nodiscard]] std::vector<std::string> profiles_in(std::string_view text, bool is_credentials);

/// Those of both files, where AWS's own tools look for them, each once. What cannot be read has none.
[[nodiscard]] std::vector<std::string> aws_profiles();

}  // namespace keydeck::cli
