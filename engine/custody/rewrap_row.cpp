#include "engine/custody/rewrap_row.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/crypto/secp256k1.hpp"
#include "engine/custody/envelope.hpp"
#include "engine/custody/key_pair.hpp"

namespace keydeck::custody {
namespace {

EnvelopePlace place_of(std::string_view vault_id, const store::SealedRow& row) {
    return {vault_id, row.id, row.user_id, ethereum::Address{row.address}};
}

/// Not looked at as a point of the curve: what opens must give it.
std::optional<crypto::PublicKey> public_key_of_row(const store::SealedRow& row) {
    const ByteView bytes = row.public_key;
    crypto::PublicKey key;
    if (bytes.size() != 1 + key.xy.size() || bytes[0] != 0x04) return std::nullopt;
    std::ranges::copy(bytes.subspan(1), key.xy.begin());
    return key;
}

Result<Bytes> re_encrypt(kms::Kms& kms, const store::SealedRow& row, const EnvelopePlace& place, std::string_view key_id,
                         const kms::EncryptionContext& context) {
    kms::ReEncryptRequest request;
    request.ciphertext = row.sealed.data_key;
    request.source_context = context;
    request.source_key_id = row.key_id;
    request.destination_key_id = key_id;
    request.destination_context = context;
    Result<kms::ReEncryptResult> moved = kms.re_encrypt(request);
    if (moved && moved->ciphertext == row.sealed.data_key) {
        return fail(ErrorCode::kCorrupt, "The KMS answered ReEncrypt with what it was given; nothing was moved.");
    }
    if (moved) return std::move(moved->ciphertext);
    // A blob that the KMS does not take for one is a damaged row as well.
    const bool is_damaged = moved.error().code == ErrorCode::kCorrupt || moved.error().code == ErrorCode::kInvalidInput;
    return is_damaged ? does_not_open(place, moved.error().kms_error) : fail(moved);
}

Result<store::SealedColumns> reseal_envelope(kms::Kms& kms, Random& random, const store::SealedRow& row,
                                             const EnvelopePlace& place, std::string_view key_id, bool fresh) {
    if (fresh) {
        const Result<WalletSecret> secret = open_wallet(kms, row.key_id, place, row.sealed.secret, row.sealed.data_key);
        if (!secret) return fail(secret);
        Result<SealedWallet> sealed = seal_wallet(kms, random, key_id, place, *secret);  // proves itself
        if (!sealed) return fail(sealed);
        return store::SealedColumns{std::move(sealed->wrapped_dek), std::move(sealed->sealed)};
    }
    Result<Bytes> data_key = re_encrypt(kms, row, place, key_id, envelope_context(place));
    if (!data_key) return fail(data_key);
    if (Status proven = prove_wallet(kms, key_id, place, row.sealed.secret, *data_key); !proven) return fail(proven);
    return store::SealedColumns{std::move(*data_key), row.sealed.secret};
}

Result<store::SealedColumns> reseal_key_pair(kms::Kms& kms, const store::SealedRow& row, const EnvelopePlace& place,
                                             std::string_view key_id, const crypto::PublicKey& public_key) {
    Result<Bytes> moved = re_encrypt(kms, row, place, key_id, key_pair_context(place));
    if (!moved) return fail(moved);
    if (const auto opened = open_key_pair(kms, key_id, place, public_key, *moved); !opened) return fail(opened);
    return store::SealedColumns{std::move(*moved), row.sealed.secret};
}

}  // namespace

Result<store::SealedColumns> reseal(kms::Kms& kms, Random& random, std::string_view vault_id, const store::SealedRow& row,
                                    std::string_view key_id, bool fresh) {
    const EnvelopePlace place = place_of(vault_id, row);
    // The opened key gives the address; the row's public key must give it too: then both are one key.
    const std::optional<crypto::PublicKey> public_key = public_key_of_row(row);
    if (!public_key || ethereum::address_of(*public_key) != place.address) return does_not_open(place);
    if (row.sealed.data_key.empty()) return does_not_open(place);
    if (row.custody == Custody::kKeyPair) return reseal_key_pair(kms, row, place, key_id, *public_key);
    return reseal_envelope(kms, random, row, place, key_id, fresh);
}

}  // namespace keydeck::custody
