// Amazon Resource Names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
#pragma once

#include <string>
#include <string_view>

namespace keydeck::custody {

/// The account, 12 digits, of `arn:partition:service:region:account:resource`; empty where there is none.
[[nodiscard]] std::string account_of(std::string_view arn);

}  // namespace keydeck::custody
