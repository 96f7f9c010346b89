#include "engine/crypto/sha512_lanes.hpp"

namespace keydeck::crypto {

void pbkdf2_four_lanes(Pbkdf2State<4>& state, std::uint32_t count) { Sha512Lanes<4>::iterate(state, count); }

}  // namespace keydeck::crypto
