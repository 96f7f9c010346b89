#include "engine/kms/local/ciphertext_blob.hpp"

#include <algorithm>

#include "engine/base/hex.hpp"
#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/local/encryption_context.hpp"

namespace keydeck::kms::local {
namespace {

constexpr FixedBytes<4> kMagic = {'K', 'D', 'C', 0x01};
constexpr std::size_t kUuidSize = 16;
constexpr std::size_t kSaltSize = 16;
constexpr std::string_view kBlobKeyLabel = "keydeck ciphertext blob 1";

void append_uuid(Bytes& out, std::string_view uuid) {
    std::string digits(uuid);
    std::erase(digits, '-');
    FixedBytes<kUuidSize> bytes{};
    // Ids are our own UUIDs; one that is not would only name no key.
    (void)from_hex_into(digits, bytes, "key id").has_value();
    append(out, bytes);
}

std::string to_uuid(ByteView bytes) {
    std::string text = to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

Hash32 blob_key(ByteView material, ByteView salt) {
    Bytes label;
    append_with_length(label, as_bytes(kBlobKeyLabel));
    append(label, salt);
    return crypto::hmac_sha256(material, label);
}

Bytes additional_data(ByteView header, const EncryptionContext& context) {
    Bytes data = to_bytes(header);
    append(data, encode_context(context));
    return data;
}

}  // namespace

Result<CiphertextBlob> parse_blob(ByteView blob) {
    if (blob.size() <= kBlobOverhead || !std::ranges::equal(blob.first(kMagic.size()), kMagic)) return invalid_ciphertext();
    CiphertextBlob parsed;
    parsed.header = blob.first(kBlobHeaderSize);
    parsed.sealed = blob.subspan(kBlobHeaderSize);
    parsed.key_id = to_uuid(blob.subspan(kMagic.size(), kUuidSize));
    for (const std::uint8_t byte : blob.subspan(kMagic.size() + kUuidSize, 4)) {
        parsed.version = (parsed.version << 8) | byte;
    }
    return parsed;
}

Bytes seal_blob(ByteView material, std::string_view key_id, std::int64_t version, const EncryptionContext& context,
                ByteView plaintext, Random& random) {
    Bytes blob(kMagic.begin(), kMagic.end());
    blob.reserve(kBlobOverhead + plaintext.size());
    append_uuid(blob, key_id);
    for (int shift = 24; shift >= 0; shift -= 8) blob.push_back(static_cast<std::uint8_t>(version >> shift));
    const auto salt = random.bytes<kSaltSize>();
    append(blob, salt);
    Hash32 key = blob_key(material, salt);
    const WipeOnExit guard(key);
    append(blob, crypto::seal(key, additional_data(blob, context), plaintext, random));
    return blob;
}

Result<SecretBytes> open_blob(ByteView material, const CiphertextBlob& blob, const EncryptionContext& context) {
    Hash32 key = blob_key(material, blob.header.last(kSaltSize));
    const WipeOnExit guard(key);
    Result<SecretBytes> plaintext = crypto::open(key, additional_data(blob.header, context), blob.sealed, "the ciphertext");
    if (!plaintext) return invalid_ciphertext();
    return plaintext;
}

}  // namespace keydeck::kms::local
