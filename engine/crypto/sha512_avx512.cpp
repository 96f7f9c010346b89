#include "engine/crypto/sha512_lanes.hpp"

namespace keydeck::crypto {

void pbkdf2_eight_lanes(Pbkdf2State<8>& state, std::uint32_t count) { Sha512Lanes<8>::iterate(state, count); }

}  // namespace keydeck::crypto
