#include "engine/base/bytes.hpp"

#include <openssl/crypto.h>

namespace keydeck {

bool equal_in_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace keydeck
