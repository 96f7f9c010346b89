#include "engine/custody/key_pair_making.hpp"

#include <utility>

#include "engine/custody/key_pair.hpp"

namespace keydeck::custody {
namespace {

constexpr std::int64_t kPiece = 32;
// The quota is so low that a piece of several would keep those behind it waiting.
constexpr std::int64_t kRemotePiece = 1;

Result<store::NewWallet> make_row(OpenVault& vault, KeyPool& pool, std::int64_t user_id, std::int64_t wallet_id) {
    Result<KeyPool::Pair> made = pool.make_pair({vault.record().id, wallet_id, user_id, {}});
    if (!made) return fail(made);
    store::NewWallet row;
    row.id = wallet_id;
    row.user_id = user_id;
    row.address = made->pair.address.bytes;
    row.custody = Custody::kKeyPair;
    row.key_id = std::move(made->key.id);
    row.key_version = made->key.version;
    row.region = vault.record().region;
    row.public_key.push_back(0x04);
    append(row.public_key, made->pair.public_key.xy);
    row.sealed_data_key = std::move(made->pair.private_key_ciphertext);
    row.created_at = vault.now();
    return row;
}

}  // namespace

Status make_key_pairs_in_parallel(OpenVault& vault, KeyPool& pool, const KeyPairPlan& plan, std::int64_t batch,
                                  const TakeRows& take) {
    const auto make = [&](std::int64_t begin, std::int64_t end) -> Result<std::vector<store::NewWallet>> {
        std::vector<store::NewWallet> rows;
        rows.reserve(static_cast<std::size_t>(end - begin));
        for (std::int64_t i = begin; i < end; ++i) {
            Result<store::NewWallet> row = make_row(vault, pool, plan.user_id, plan.first_id + i);
            if (!row) return fail(row);
            rows.push_back(std::move(*row));
        }
        return rows;
    };
    const RowPlan rows{plan.count, vault.has_remote_kms() ? kRemotePiece : kPiece, batch, plan.stop};
    return make_rows_in_parallel(vault, rows, make, take);
}

}  // namespace keydeck::custody
