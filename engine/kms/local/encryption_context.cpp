#include "engine/kms/local/encryption_context.hpp"

namespace keydeck::kms::local {

Bytes encode_context(const EncryptionContext& context) {
    Bytes out;
    append_u64_be(out, context.size());
    for (const auto& [name, value] : context) {
        append_with_length(out, as_bytes(name));
        append_with_length(out, as_bytes(value));
    }
    return out;
}

}  // namespace keydeck::kms::local
