// A Fernet token as it stands in a cell: what parses is refused by a key that did not make it, and what a key made opens.
#include <algorithm>
#include <cstdlib>

#include "engine/crypto/fernet.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    using crypto::FernetKey;
    using crypto::FernetToken;
    static const FernetKey key = *FernetKey::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    static SystemRandom random;
    const ByteView input(data, size);
    const auto token = FernetToken::parse(as_text(input));
    if (token) {
        require(token->is_signed_by(key) || !token->open(key));
        require(token->most_plaintext() < size);
    }
    const auto sealed = FernetToken::parse(FernetToken::seal(key, input, from_micros(0), random));
    require(sealed.has_value());
    const auto opened = sealed->open(key);
    require(opened && std::ranges::equal(opened->view(), input));
    const auto parsed_key = FernetKey::parse(as_text(input));
    require(!parsed_key || size == 44);
    return 0;
}
