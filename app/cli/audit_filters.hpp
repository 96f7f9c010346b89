// What `audit list` may be asked for.
#pragma once

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// The query with its key as an id and an address with its checksum. A filter that names nothing is an error and not an
/// empty list. Errors: invalid_input (no such action or result, with the names there are), not_found (no such actor, user,
/// target or key), denied.
Result<AuditQuery> checked_filters(Context& context, AuditQuery query);

}  // namespace keydeck::cli
