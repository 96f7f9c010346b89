#include "engine/custody/migration/walk.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "engine/custody/assembly_line.hpp"
#include "engine/custody/parallel.hpp"

namespace keydeck::custody::migration {
namespace {

// Cells that one thread takes at a time: few where each takes a network's time and there are many threads.
constexpr std::size_t kPiece = 32;
constexpr std::size_t kRemotePiece = 8;
// Cells read ahead of those that are settled: a commit must not idle the others. Large blobs must not fill the memory.
constexpr std::size_t kCellsAhead = 2048;
constexpr std::size_t kBytesAhead = std::size_t{16} << 20;
constexpr std::int64_t kCellsARead = 256;
// The application writes too: nothing is locked for long, and a pause is heeded soon.
constexpr std::size_t kCellsACommit = 500;
constexpr auto kTimeACommit = std::chrono::milliseconds(250);

using Piece = std::vector<Cell>;
using Done = std::vector<Outcome>;

class Walk {
public:
    explicit Walk(const CellWalk& walk) : walk_(walk), last_commit_(std::chrono::steady_clock::now()) {}

    Status run() {
        Line line(calls_at_once(walk_.vault), walk_.stop, [this](Piece piece) {
            Done done;
            done.reserve(piece.size());
            for (Cell& cell : piece) done.push_back(walk_.work(std::move(cell)));
            return done;
        });
        while (!walk_.stop.stop_requested()) {
            while (column_ < walk_.columns.size() && cells_ahead_ < kCellsAhead && bytes_ahead_ < kBytesAhead) {
                if (Status read = read_more(line); !read) return read;
            }
            if (line.waiting() == 0) return settle();
            if (Status taken = take(line); !taken) return taken;
            if (is_time_to_commit()) {
                if (Status settled = settle(); !settled) return settled;
            }
        }
        if (Status settled = settle(); !settled) return settled;
        return fail(ErrorCode::kCancelled, "Stopped.");
    }

private:
    using Line = AssemblyLine<Piece, Done>;

    Status read_more(Line& line) {
        const AppColumn& column = walk_.columns[column_];
        Result<std::vector<Cell>> cells =
            read_cells(walk_.database, column, last_ ? &*last_ : nullptr, kCellsARead, walk_.journaled);
        if (!cells) return fail(cells);
        if (cells->empty()) {
            ++column_;
            last_.reset();
            return {};
        }
        last_ = Cell{};
        last_->place = cells->back().place;
        if (walk_.complete) {
            if (Status completed = walk_.complete(*cells); !completed) return completed;
        }
        Piece piece;
        const std::size_t size = walk_.vault.has_remote_kms() ? kRemotePiece : kPiece;
        for (Cell& cell : *cells) {
            ++cells_ahead_;
            bytes_ahead_ += cell.text().size();
            piece.push_back(std::move(cell));
            if (piece.size() == size) line.put(std::exchange(piece, {}));
        }
        if (!piece.empty()) line.put(std::move(piece));
        return {};
    }

    Status take(Line& line) {
        std::optional<Error> stop;
        for (Outcome& outcome : line.take()) {
            --cells_ahead_;
            bytes_ahead_ -= outcome.cell.text().size();
            // Only what is to be replaced or noted needs its value any more; a large one is not kept.
            if (outcome.content.empty() && !outcome.is_found) outcome.cell.value = std::monostate();
            if (outcome.stop && !stop) stop = std::move(outcome.stop);
            if (!stop) batch_.push_back(std::move(outcome));
        }
        if (!stop) return {};
        if (Status settled = settle(); !settled) return settled;
        return std::unexpected(std::move(*stop));
    }

    [[nodiscard]] bool is_time_to_commit() const {
        return batch_.size() >= kCellsACommit || std::chrono::steady_clock::now() - last_commit_ >= kTimeACommit;
    }

    Status settle() {
        last_commit_ = std::chrono::steady_clock::now();
        if (batch_.empty()) return {};
        Status settled = walk_.settle(batch_);
        batch_.clear();
        return settled;
    }

    const CellWalk& walk_;
    std::size_t column_ = 0;
    std::optional<Cell> last_;  // its place alone
    std::size_t cells_ahead_ = 0;
    std::size_t bytes_ahead_ = 0;
    Done batch_;
    std::chrono::steady_clock::time_point last_commit_;
};

}  // namespace

Status walk_cells(const CellWalk& walk) { return Walk(walk).run(); }

}  // namespace keydeck::custody::migration
