#include "engine/ethereum/keystore.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hex.hpp"
#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/kdf.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/keystore_file.hpp"
#include "engine/ethereum/normalize.hpp"

namespace keydeck::ethereum {
namespace {

// The first half of the derived key encrypts, the second authenticates.
constexpr std::size_t kDerivedSize = 32;
constexpr std::size_t kHalf = kDerivedSize / 2;

Result<SecretBytes> derive_key(const KeystoreFile& file, ByteView passphrase) {
    if (const auto* scrypt = std::get_if<ScryptParameters>(&file.kdf))
        return crypto::scrypt(passphrase, file.salt, scrypt->n, scrypt->r, scrypt->p, kDerivedSize);
    const auto& pbkdf2 = std::get<Pbkdf2Parameters>(file.kdf);
    return crypto::pbkdf2_hmac_sha256(passphrase, file.salt, pbkdf2.iterations, kDerivedSize);
}

Hash32 mac_of(const SecretBytes& derived, ByteView ciphertext) {
    crypto::Keccak256 hash;
    hash.update(derived.view().last(kHalf));
    hash.update(ciphertext);
    return hash.finish();
}

// The derived key that fits the file. As ethers makes it, from the passphrase's NFKC, or as geth does, from the bytes as
// they were typed: they differ for few passphrases. Error: denied when neither fits.
Result<SecretBytes> fitting_key(const KeystoreFile& file, ByteView passphrase) {
    const auto fits = [&](const SecretBytes& derived) {
        return equal_in_constant_time(mac_of(derived, file.ciphertext), file.mac);
    };
    const auto composed = nfkc(as_text(passphrase));
    auto derived = derive_key(file, composed.view());
    if (!derived || fits(*derived)) return derived;
    if (composed.text() != as_text(passphrase)) {
        derived = derive_key(file, passphrase);
        if (!derived || fits(*derived)) return derived;
    }
    return fail(ErrorCode::kDenied, "The keystore's passphrase is wrong.",
                "If you are sure of it, the file may be damaged: its checksum (mac) does not fit.");
}

// A key whose leading zero bytes old geth left out gets them back.
SecretBytes padded_key(SecretBytes key) {
    if (key.size() == crypto::kPrivateKeySize) return key;
    SecretBytes padded(crypto::kPrivateKeySize);
    std::ranges::copy(key.view(), padded.span().last(key.size()).begin());
    return padded;
}

std::string to_json(const KeystoreFile& file, const ScryptParameters& scrypt, const std::string& id) {
    return fmt::format(
        R"({{"address":"{}","crypto":{{"cipher":"aes-128-ctr","ciphertext":"{}","cipherparams":{{"iv":"{}"}},"kdf":"scrypt",)"
        R"("kdfparams":{{"dklen":{},"n":{},"p":{},"r":{},"salt":"{}"}},"mac":"{}"}},"id":"{}","version":3}})",
        to_hex(file.address->bytes), to_hex(file.ciphertext), to_hex(file.iv), kDerivedSize, scrypt.n, scrypt.p, scrypt.r,
        to_hex(file.salt), to_hex(file.mac), id);
}

}  // namespace

Result<SecretBytes> open_keystore(std::string_view json, ByteView passphrase) {
    const auto file = parse_keystore(json);
    if (!file) return fail(file);
    const auto derived = fitting_key(*file, passphrase);
    if (!derived) return fail(derived);
    auto key = padded_key(crypto::aes128_ctr(derived->view().first(kHalf), file->iv, file->ciphertext));
    const auto public_key = crypto::public_key_of(key.view());
    if (!public_key) return fail(ErrorCode::kCorrupt, "The keystore file holds no valid private key.");
    if (file->address && *file->address != address_of(*public_key))
        return fail(ErrorCode::kCorrupt, "The keystore file's address is not the address of its key.");
    return key;
}

Result<std::string> make_keystore(ByteView private_key, ByteView passphrase, Random& random, std::uint64_t scrypt_n) {
    const auto public_key = crypto::public_key_of(private_key);
    if (!public_key) return fail(public_key);
    const ScryptParameters scrypt{scrypt_n, 8, 1};
    KeystoreFile file;
    file.kdf = scrypt;
    file.salt = to_bytes(random.bytes<32>());
    file.iv = random.bytes<16>();
    file.address = address_of(*public_key);
    const auto derived = derive_key(file, nfkc(as_text(passphrase)).view());
    if (!derived) return fail(derived);
    const auto ciphertext = crypto::aes128_ctr(derived->view().first(kHalf), file.iv, private_key);
    file.ciphertext = to_bytes(ciphertext.view());
    file.mac = mac_of(*derived, file.ciphertext);
    return to_json(file, scrypt, random.uuid());
}

}  // namespace keydeck::ethereum
