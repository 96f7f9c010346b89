// PrivateKeyInfo: what is read is a private key, written again as the same key.
#include <algorithm>
#include <cstdlib>

#include "engine/kms/signature.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const auto key = kms::parse_pkcs8_private_key({data, size});
    if (!key) return key.error().code == ErrorCode::kCorrupt ? 0 : (std::abort(), 0);
    if (!crypto::is_private_key(key->view())) std::abort();
    const auto written = kms::to_pkcs8_private_key(key->view(), crypto::public_key_of(key->view()).value());
    const auto again = kms::parse_pkcs8_private_key(written.view());
    if (!again || !std::ranges::equal(again->view(), key->view())) std::abort();
    return 0;
}
