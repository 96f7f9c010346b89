#include "engine/custody/envelope.hpp"

#include <utility>

#include "engine/crypto/aead.hpp"

namespace keydeck::custody {
namespace {

constexpr std::uint8_t kPayloadVersion = 1;
constexpr std::string_view kPurpose = "wallet-secret";
constexpr int kDataKeySize = 32;
constexpr std::size_t kMaxPath = 255;
constexpr std::size_t kMaxEntropy = 32;

/// Fields with their lengths, so that no two places share one encoding.
Bytes additional_data(const EnvelopePlace& place) {
    Bytes out;
    out.reserve(160);
    append_with_length(out, as_bytes("keydeck envelope v1"));
    append_with_length(out, as_bytes(place.vault_id));
    append_u64_be(out, static_cast<std::uint64_t>(place.wallet_id));
    append_u64_be(out, static_cast<std::uint64_t>(place.user_id));
    append_with_length(out, as_bytes(kPurpose));
    append_with_length(out, place.address.bytes);
    return out;
}

/// version ‖ private key (32) ‖ n ‖ entropy (n) ‖ n ‖ path (n).
SecretBytes encode(const WalletSecret& secret) {
    SecretBytes out(1 + crypto::kPrivateKeySize + 1 + secret.entropy.size() + 1 + secret.path.size());
    std::size_t at = 0;
    const auto put = [&](ByteView bytes) {
        for (const std::uint8_t byte : bytes) out.data()[at++] = byte;
    };
    const auto put_byte = [&](std::size_t value) { out.data()[at++] = static_cast<std::uint8_t>(value); };
    put_byte(kPayloadVersion);
    put(secret.private_key.view());
    put_byte(secret.entropy.size());
    put(secret.entropy.view());
    put_byte(secret.path.size());
    put(as_bytes(secret.path));
    return out;
}

/// Takes a field with its one-byte length off the front of `rest`; false when it is cut short.
bool take_field(ByteView& rest, ByteView& field) {
    if (rest.empty() || rest.size() < 1U + rest[0]) return false;
    field = rest.subspan(1, rest[0]);
    rest = rest.subspan(1U + rest[0]);
    return true;
}

/// What stands in an opened payload; views of it.
struct Fields {
    ByteView private_key;
    ByteView entropy;
    ByteView path;
};

bool decode(ByteView payload, Fields& out) {
    if (payload.size() < 1 + crypto::kPrivateKeySize || payload[0] != kPayloadVersion) return false;
    ByteView rest = payload.subspan(1 + crypto::kPrivateKeySize);
    out.private_key = payload.subspan(1, crypto::kPrivateKeySize);
    return take_field(rest, out.entropy) && take_field(rest, out.path) && rest.empty();
}

/// Decrypts the data key, opens the seal, and derives the address again. `fields` are views of what it answers.
Result<SecretBytes> open_payload(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place, ByteView sealed,
                                 ByteView wrapped_dek, Fields& fields) {
    if (sealed.empty() || wrapped_dek.empty()) return does_not_open(place);
    const Result<kms::DecryptResult> dek = kms.decrypt(pool_key_id, wrapped_dek, envelope_context(place));
    if (!dek) {
        if (dek.error().code == ErrorCode::kCorrupt) return does_not_open(place, dek.error().kms_error);
        return fail(dek);
    }
    if (dek->plaintext.size() != kDataKeySize) return does_not_open(place);
    Result<SecretBytes> payload = crypto::open(dek->plaintext.view(), additional_data(place), sealed, "the wallet's key");
    if (!payload || !decode(payload->view(), fields)) return does_not_open(place);
    const Result<crypto::PublicKey> key = crypto::public_key_of(fields.private_key);
    if (!key || ethereum::address_of(*key) != place.address) return does_not_open(place);
    return payload;
}

}  // namespace

std::unexpected<Error> does_not_open(const EnvelopePlace& place, std::string kms_error) {
    return fail(ErrorCode::kCorrupt,
                "The sealed key of wallet " + ethereum::to_checksum(place.address) +
                    " does not open: it was altered, or belongs to another wallet.",
                "Restore the vault from a backup; `keydeck audit verify` tells whether more was changed.",
                std::move(kms_error));
}

bool is_broken_seal(const Error& error) { return error.code == ErrorCode::kCorrupt && error.kms_error.empty(); }

kms::EncryptionContext sealing_context(const EnvelopePlace& place, std::string_view purpose) {
    return {{"keydeck:vault", std::string(place.vault_id)},
            {"keydeck:wallet", std::to_string(place.wallet_id)},
            {"keydeck:user", std::to_string(place.user_id)},
            {"keydeck:purpose", std::string(purpose)}};
}

kms::EncryptionContext envelope_context(const EnvelopePlace& place) { return sealing_context(place, kPurpose); }

Result<SealedWallet> seal_wallet(kms::Kms& kms, Random& random, std::string_view pool_key_id, const EnvelopePlace& place,
                                 const WalletSecret& secret) {
    if (secret.private_key.size() != crypto::kPrivateKeySize || secret.entropy.size() > kMaxEntropy ||
        secret.path.size() > kMaxPath) {
        return fail(ErrorCode::kInternal, "A wallet's secret has a size that does not fit its envelope.");
    }
    Result<kms::DataKey> data_key = kms.generate_data_key(pool_key_id, kDataKeySize, envelope_context(place));
    if (!data_key) return fail(data_key);
    if (data_key->plaintext.size() != kDataKeySize || data_key->ciphertext.empty()) {
        return fail(ErrorCode::kCorrupt, "The KMS answered with a data key that is not 32 bytes.");
    }
    const SecretBytes payload = encode(secret);
    SealedWallet sealed{crypto::seal(data_key->plaintext.view(), additional_data(place), payload.view(), random),
                        std::move(data_key->ciphertext)};
    // Opened once before anybody is told the address: money sent to a wallet that does not open would be lost.
    const Result<WalletSecret> opened = open_wallet(kms, pool_key_id, place, sealed.sealed, sealed.wrapped_dek);
    if (!opened && opened.error().code != ErrorCode::kCorrupt) return fail(opened);
    if (!opened || !equal_in_constant_time(opened->private_key.view(), secret.private_key.view())) {
        return fail(ErrorCode::kCorrupt, "The KMS answered with a data key that does not open what it sealed.");
    }
    return sealed;
}

Result<WalletSecret> open_wallet(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place, ByteView sealed,
                                 ByteView wrapped_dek) {
    Fields fields;
    const Result<SecretBytes> payload = open_payload(kms, pool_key_id, place, sealed, wrapped_dek, fields);
    if (!payload) return fail(payload);
    return WalletSecret{SecretBytes::copy_of(fields.private_key), SecretBytes::copy_of(fields.entropy),
                        std::string(as_text(fields.path))};
}

Status prove_wallet(kms::Kms& kms, std::string_view pool_key_id, const EnvelopePlace& place, ByteView sealed,
                    ByteView wrapped_dek) {
    Fields fields;
    const Result<SecretBytes> payload = open_payload(kms, pool_key_id, place, sealed, wrapped_dek, fields);
    return payload ? Status{} : fail(payload);
}

}  // namespace keydeck::custody
