// A ciphertext blob from anywhere: taken apart or refused, and never opened unless it was sealed here.
#include <cstdlib>

#include "engine/kms/local/ciphertext_blob.hpp"
#include "engine/kms/local/key_name.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const ByteView bytes(data, size);
    const Bytes material(32, 0x42);
    const kms::local::Place place{"us-east-1", "000000000000"};
    static_cast<void>(kms::local::parse_key_name(as_text(bytes), kms::local::Aliases::kAccepted, place).has_value());

    const auto blob = kms::local::parse_blob(bytes);
    if (!blob) return blob.error().kms_error == "InvalidCiphertextException" ? 0 : (std::abort(), 0);
    if (blob->header.size() + blob->sealed.size() != size || blob->key_id.size() != 36) std::abort();
    if (!kms::local::parse_key_name(blob->key_id, kms::local::Aliases::kRefused, place)) std::abort();
    // Nobody guesses a 128-bit tag.
    if (kms::local::open_blob(material, *blob, {})) std::abort();
    return 0;
}
