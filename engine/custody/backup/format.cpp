#include "engine/custody/backup/format.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/kdf.hpp"

namespace keydeck::custody::backup {
namespace {

// The line ends in it show a file that was sent as text.
constexpr std::string_view kMagic = "KEYDECK-BACKUP\r\n";
constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kAuthenticated = kHeaderSize - 32;

constexpr std::string_view kHeaderLabel = "keydeck backup 1: header";
constexpr std::string_view kChunkLabel = "keydeck backup 1: chunks";

static_assert(kMagic.size() + 4 + 8 + 4 + 4 + kSaltSize == kAuthenticated);
static_assert(kChunkOverhead == crypto::kGcmNonceSize + crypto::kGcmTagSize);

void append_u32_be(Bytes& out, std::uint64_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// The next `size` bytes as a number.
std::uint64_t take_number(ByteView& bytes, std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes.first(size)) value = value << 8U | byte;
    bytes = bytes.subspan(size);
    return value;
}

/// The header's code and the chunks' key, from the passphrase.
struct Keys {
    Hash32 code{};
    SecretBytes chunks;
};

Result<Keys> derive(const SecretBytes& passphrase, ByteView authenticated, ByteView salt, std::uint64_t scrypt_n) {
    const Result<SecretBytes> root = crypto::scrypt(passphrase.view(), salt, scrypt_n, kScryptR, kScryptP, 32);
    if (!root) return fail(root);
    const SecretBytes header_key = crypto::hkdf_sha256(root->view(), salt, as_bytes(kHeaderLabel), 32);
    Keys keys;
    keys.code = crypto::hmac_sha256(header_key.view(), authenticated);
    keys.chunks = crypto::hkdf_sha256(root->view(), salt, as_bytes(kChunkLabel), crypto::kAesKeySize);
    return keys;
}

/// What a chunk is bound to: the file by its whole header, its place, and whether anything follows.
Bytes place_of(const Header& header, std::uint64_t number, bool is_last) {
    Bytes place = to_bytes(header);
    append_u64_be(place, number);
    place.push_back(is_last ? 1 : 0);
    return place;
}

std::unexpected<Error> no_backup() {
    return fail(ErrorCode::kCorrupt, "This is no backup of Keydeck's, or its beginning is damaged.");
}

}  // namespace

Result<SealedUnder> make_header(const SecretBytes& passphrase, std::uint64_t scrypt_n, Random& random) {
    if (passphrase.empty())
        return fail(ErrorCode::kInvalidInput, "A backup needs a passphrase: an empty one protects nothing.");
    const auto salt = random.bytes<kSaltSize>();
    Bytes bytes = to_bytes(as_bytes(kMagic));
    append_u32_be(bytes, kVersion);
    append_u64_be(bytes, scrypt_n);
    append_u32_be(bytes, kScryptR);
    append_u32_be(bytes, kScryptP);
    append(bytes, salt);
    Result<Keys> keys = derive(passphrase, bytes, salt, scrypt_n);
    if (!keys) return fail(keys);
    append(bytes, keys->code);
    SealedUnder under;
    std::ranges::copy(bytes, under.header.begin());
    under.key = std::move(keys->chunks);
    return under;
}

Result<SealedUnder> open_header(ByteView bytes, const SecretBytes& passphrase, std::uint64_t largest_n) {
    if (bytes.size() < kHeaderSize) return no_backup();
    bytes = bytes.first(kHeaderSize);
    SealedUnder under;
    std::ranges::copy(bytes, under.header.begin());
    if (as_text(bytes.first(kMagic.size())) != kMagic) return no_backup();
    ByteView rest = bytes.subspan(kMagic.size());
    const std::uint64_t version = take_number(rest, 4);
    if (version != kVersion) {
        return fail(ErrorCode::kRejected,
                    "This backup was written by another version of Keydeck, or its beginning is damaged.",
                    "A newer Keydeck may read it.");
    }
    const std::uint64_t n = take_number(rest, 8);
    const std::uint64_t r = take_number(rest, 4);
    const std::uint64_t p = take_number(rest, 4);
    // A hostile file must not have us fill the memory, or compute for hours.
    if (n < 2 || n > largest_n || !std::has_single_bit(n) || r != kScryptR || p != kScryptP) {
        return fail(ErrorCode::kCorrupt, "The backup asks for impossible scrypt parameters: its beginning is damaged.");
    }
    Result<Keys> keys = derive(passphrase, bytes.first(kAuthenticated), rest.first(kSaltSize), n);
    if (!keys) return fail(keys);
    if (!equal_in_constant_time(keys->code, bytes.last(32))) {
        return fail(
            ErrorCode::kDenied,
            "The passphrase does not open this backup: it is another one's, or the file's first bytes were altered.");
    }
    under.key = std::move(keys->chunks);
    return under;
}

Bytes seal_chunk(const SealedUnder& under, std::uint64_t number, bool is_last, ByteView plaintext, Random& random) {
    return crypto::seal(under.key.view(), place_of(under.header, number, is_last), plaintext, random);
}

Result<SecretBytes> open_chunk(const SealedUnder& under, std::uint64_t number, bool is_last, ByteView sealed) {
    Result<SecretBytes> opened =
        crypto::open(under.key.view(), place_of(under.header, number, is_last), sealed, "the backup");
    if (opened) return opened;
    return fail(ErrorCode::kCorrupt, "The backup is damaged: it was altered, cut short or added to.",
                "Use another copy of it.");
}

}  // namespace keydeck::custody::backup
