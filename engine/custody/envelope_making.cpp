#include "engine/custody/envelope_making.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "engine/custody/parallel.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/hd_key.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "engine/kms/call_scope.hpp"

namespace keydeck::custody {
namespace {

// Enough to fill the SIMD lanes, few enough that locked memory holds the seeds of every thread. Where a call takes a
// network's time there are many threads: smaller pieces keep all of them busy.
constexpr std::int64_t kPiece = 32;
constexpr std::int64_t kRemotePiece = 8;
// Pieces that may be finished but not yet taken, for each thread: the commit of one batch must not idle the others.
constexpr std::int64_t kPiecesAhead = 40;

/// Pieces made by several threads, taken in order by one. Guarded by its mutex.
class Pieces {
public:
    Pieces(std::int64_t pieces, std::int64_t ahead) : pieces_(pieces), ahead_(ahead) {}

    /// The next piece to make, or -1 when there is nothing more to do.
    std::int64_t next() {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stopped_ || next_ >= pieces_ || next_ < taken_ + ahead_; });
        return stopped_ || next_ >= pieces_ ? -1 : next_++;
    }
    void put(std::int64_t piece, Result<std::vector<store::NewWallet>> made) {
        const std::scoped_lock lock(mutex_);
        made_.emplace(piece, std::move(made));
        ready_.notify_one();
    }
    /// Waits for the piece whose turn it is.
    Result<std::vector<store::NewWallet>> take() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return made_.contains(taken_); });
        auto node = made_.extract(taken_++);
        room_.notify_all();
        return std::move(node.mapped());
    }
    void stop() {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        room_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::condition_variable room_;
    std::map<std::int64_t, Result<std::vector<store::NewWallet>>> made_;
    std::int64_t pieces_;
    std::int64_t ahead_;
    std::int64_t next_ = 0;
    std::int64_t taken_ = 0;
    bool stopped_ = false;
};

/// Makes the workers stop before they are joined, however the scope is left.
class StopOnExit {
public:
    explicit StopOnExit(Pieces& pieces) : pieces_(pieces) {}
    ~StopOnExit() { pieces_.stop(); }
    StopOnExit(const StopOnExit&) = delete;
    StopOnExit& operator=(const StopOnExit&) = delete;

private:
    Pieces& pieces_;
};

Status hand_over(std::vector<store::NewWallet>& batch, const std::function<Status(std::vector<store::NewWallet>)>& take) {
    if (batch.empty()) return {};
    return take(std::exchange(batch, {}));
}

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
    row.key_id = std::move(sealed->key_id);
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
                                  const std::function<Status(std::vector<store::NewWallet>)>& take) {
    const std::int64_t size = vault.has_remote_kms() ? kRemotePiece : kPiece;
    const std::int64_t piece_count = (plan.count + size - 1) / size;
    const std::int64_t workers = std::min(static_cast<std::int64_t>(calls_at_once(vault)), piece_count);
    Pieces pieces(piece_count, kPiecesAhead * workers);
    const auto work = [&] {
        const kms::CallScope scope(plan.stop);
        for (std::int64_t piece = pieces.next(); piece >= 0; piece = pieces.next()) {
            pieces.put(piece, make_envelopes(vault, pool, plan, piece * size, std::min(plan.count, (piece + 1) * size)));
        }
    };
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(workers));
    const StopOnExit stop(pieces);  // leaves the scope before the threads are joined
    for (std::int64_t i = 0; i < workers; ++i) threads.emplace_back(work);

    std::vector<store::NewWallet> collected;
    for (std::int64_t piece = 0; piece < piece_count; ++piece) {
        Result<std::vector<store::NewWallet>> made = pieces.take();
        if (!made) {
            // What was made before is whole: it is kept, unless nobody wants more.
            if (made.error().code != ErrorCode::kCancelled) {
                if (Status taken = hand_over(collected, take); !taken) return taken;
            }
            return fail(made);
        }
        std::ranges::move(*made, std::back_inserter(collected));
        if (static_cast<std::int64_t>(collected.size()) < batch) continue;
        if (Status taken = hand_over(collected, take); !taken) return taken;
    }
    return hand_over(collected, take);
}

}  // namespace keydeck::custody
