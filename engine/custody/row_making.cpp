#include "engine/custody/row_making.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/custody/parallel.hpp"
#include "engine/kms/call_scope.hpp"

namespace keydeck::custody {
namespace {

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

Status hand_over(std::vector<store::NewWallet>& batch, const TakeRows& take) {
    if (batch.empty()) return {};
    return take(std::exchange(batch, {}));
}

}  // namespace

Status make_rows_in_parallel(OpenVault& vault, const RowPlan& plan, const MakeRows& make, const TakeRows& take) {
    const std::int64_t piece_count = (plan.count + plan.piece - 1) / plan.piece;
    const std::int64_t workers = std::min(static_cast<std::int64_t>(calls_at_once(vault)), piece_count);
    Pieces pieces(piece_count, kPiecesAhead * workers);
    const auto work = [&] {
        const kms::CallScope scope(plan.stop);
        for (std::int64_t piece = pieces.next(); piece >= 0; piece = pieces.next()) {
            pieces.put(piece, make(piece * plan.piece, std::min(plan.count, (piece + 1) * plan.piece)));
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
        if (static_cast<std::int64_t>(collected.size()) < plan.batch) continue;
        if (Status taken = hand_over(collected, take); !taken) return taken;
    }
    return hand_over(collected, take);
}

}  // namespace keydeck::custody
