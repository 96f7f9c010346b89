// For calls that only a defect of ours or a lack of memory can fail. Internal to the room.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace keydeck::crypto {

/// Ends the process when `ok` is false: going on after a cryptographic call that did nothing would be worse.
inline void must(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "keydeck: %s failed\n", what);
    std::abort();
}

}  // namespace keydeck::crypto
