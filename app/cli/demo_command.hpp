// The demo, for whoever chooses it elsewhere than on the command line.
#pragma once

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// What `keydeck demo` does without options.
Outcome open_demo(Context& context);

}  // namespace keydeck::cli
