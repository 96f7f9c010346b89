#include "engine/custody/envelope_making.hpp"

#include <string>
#include <utility>

#include "engine/ethereum/address.hpp"
#include "engine/ethereum/hd_key.hpp"
#include "engine/ethereum/mnemonic.hpp"

namespace keydeck::custody {
namespace {

// Enough to fill the SIMD lanes, few enough that locked memory holds the seeds of every thread. Where a call takes a
// network's time there are many threads: smaller pieces keep all of them busy.
constexpr std::int64_t kPiece = 32;
constexpr std::int64_t kRemotePiece = 8;

}  // namespace

Result<store::NewWallet> seal_into_row(OpenVault& vault, KeyPool& pool, std::int64_t user_id, std::int64_t wallet_id,
                                       const WalletSecret& secret) {
    const Result<crypto::PublicKey> public_key = crypto::public_key_of(secret.private_key.view());
    if (!public_key) return fail(public_key);
    const ethereum::Address address = ethereum::address_of(*public_key);
    Result<KeyPool::Sealed> sealed = pool.seal({vault.record().id, wallet_id, user_id, address}, secret);
    if (!sealed) return fail(sealed);
    store::NewWallet row;
    row.id = wallet_id;
    row.user_id = user_id;
    row.address = address.bytes;
    row.custody = Custody::kEnvelope;
    row.key_id = std::move(sealed->key.id);
    row.key_version = sealed->key.version;
    row.region = vault.record().region;
    row.public_key.push_back(0x04);
    append(row.public_key, public_key->xy);
    row.path = secret.path;
    row.has_mnemonic = !secret.entropy.empty();
    row.sealed_data_key = std::move(sealed->wallet.wrapped_dek);
    row.sealed_secret = std::move(sealed->wallet.sealed);
    row.created_at = vault.now();
    return row;
}

Result<std::vector<store::NewWallet>> make_envelopes(OpenVault& vault, KeyPool& pool, const EnvelopePlan& plan,
                                                     std::int64_t begin, std::int64_t end) {
    static const std::vector<std::uint32_t> kPath = *ethereum::parse_path(ethereum::kDefaultPath);
    const auto count = static_cast<std::size_t>(end - begin);
    std::vector<SecretBytes> entropies;
    std::vector<SecretBytes> mnemonics;
    entropies.reserve(count);
    mnemonics.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        Result<SecretBytes> entropy = ethereum::generate_entropy(plan.words, vault.random());
        if (!entropy) return fail(entropy);
        Result<SecretBytes> mnemonic = ethereum::mnemonic_from_entropy(entropy->view());
        if (!mnemonic) return fail(mnemonic);
        entropies.push_back(std::move(*entropy));
        mnemonics.push_back(std::move(*mnemonic));
    }
    const std::vector<SecretBytes> seeds = ethereum::seeds_from_mnemonics(mnemonics);

    std::vector<store::NewWallet> rows;
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Result<ethereum::HdKey> master = ethereum::HdKey::from_seed(seeds[i].view());
        if (!master) return fail(master);
        const Result<ethereum::HdKey> key = master->derive(kPath);
        if (!key) return fail(key);
        const WalletSecret secret{key->private_key().clone(), std::move(entropies[i]), std::string(ethereum::kDefaultPath)};
        Result<store::NewWallet> row =
            seal_into_row(vault, pool, plan.user_id, plan.first_id + begin + static_cast<std::int64_t>(i), secret);
        if (!row) return fail(row);
        rows.push_back(std::move(*row));
    }
    return rows;
}

Status make_envelopes_in_parallel(OpenVault& vault, KeyPool& pool, const EnvelopePlan& plan, std::int64_t batch,
                                  const TakeRows& take) {
    const RowPlan rows{plan.count, vault.has_remote_kms() ? kRemotePiece : kPiece, batch, plan.stop};
    const auto make = [&](std::int64_t begin, std::int64_t end) { return make_envelopes(vault, pool, plan, begin, end); };
    return make_rows_in_parallel(vault, rows, make, take);
}

}  // namespace keydeck::custody
