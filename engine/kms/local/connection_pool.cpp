#include "engine/kms/local/connection_pool.hpp"

namespace keydeck::kms::local {
namespace {

constexpr std::size_t kMostIdle = 32;
constexpr int kImpatientMs = 50;

}  // namespace

Result<ConnectionPool::Lease> ConnectionPool::lease() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            if (Status in_place = idle_.back().require_in_place(); !in_place) return fail(in_place);
            sqlite::Database database = std::move(idle_.back());
            idle_.pop_back();
            return Lease(*this, std::move(database));
        }
    }
    Result<sqlite::Database> opened = sqlite::Database::open(path_, options_);
    if (!opened) return fail(opened);
    const std::lock_guard lock(mutex_);
    if (Status same = opened->require_same_file(file_); !same) return fail(same);
    return Lease(*this, std::move(*opened));
}

Result<sqlite::Database> ConnectionPool::open_impatient() const {
    sqlite::OpenOptions options = options_;
    options.busy_timeout_ms = kImpatientMs;
    return sqlite::Database::open(path_, options);
}

void ConnectionPool::give_back(sqlite::Database database) noexcept {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMostIdle) idle_.push_back(std::move(database));
}

}  // namespace keydeck::kms::local
