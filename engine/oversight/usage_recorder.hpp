// Calls of the KMS as this process has seen them and not yet written down.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/oversight/usage_metrics.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::oversight {

// What is counted beside the errors of calls, under names that no KMS answers with.
/// A try that the KMS throttled and that was made again: the call may have succeeded.
inline constexpr std::string_view kThrottledTry = "Retried.ThrottlingException";
/// What the KMS had decrypted for did not open: the seal that is Keydeck's own was altered, or belongs elsewhere.
inline constexpr std::string_view kSealBroken = "Keydeck.SealBroken";
/// Whether a name in UsageBucket::errors is one of these, and no call's.
[[nodiscard]] constexpr bool is_note(std::string_view name) { return name == kThrottledTry || name == kSealBroken; }

/// One call, as the meter saw it.
struct MeteredCall {
    std::string_view key_id;       ///< normalised (key_id_of); may be empty
    std::string_view operation;    ///< AWS's name
    const Error* error = nullptr;  ///< null where it succeeded
    std::chrono::nanoseconds latency{};
    int throttled_tries = 0;  ///< that were made again
};

class UsageRecorder;

/// What is pending, on its way into the database. Given back when it goes out of scope without committed().
class UsageFlush {
public:
    UsageFlush(UsageFlush&& other) noexcept;
    UsageFlush(const UsageFlush&) = delete;
    UsageFlush& operator=(const UsageFlush&) = delete;
    UsageFlush& operator=(UsageFlush&&) = delete;
    ~UsageFlush();

    /// Writes it inside the caller's DbTransaction, as a step of its own: where that fails (somebody has broken the tables)
    /// the rest of the DbTransaction stands and what is pending stays so. Error: where the DbTransaction itself is lost.
    [[nodiscard]] Status write(sqlite::Database& database, Timestamp now);
    /// The DbTransaction it was written in has been committed.
    void committed();

private:
    friend class UsageRecorder;
    UsageFlush(UsageRecorder& recorder, UsageRows rows, std::unique_lock<std::mutex> lock)
        : recorder_(&recorder), rows_(std::move(rows)), lock_(std::move(lock)) {}

    UsageRecorder* recorder_;
    UsageRows rows_;
    std::unique_lock<std::mutex> lock_;
    bool written_ = false;
};

/// Thread-safe. Calls are in memory until a UsageFlush takes them along in some DbTransaction.
class UsageRecorder {
public:
    /// `clock` tells the minute, and outlives it.
    explicit UsageRecorder(const Clock& clock) : clock_(clock) {}
    UsageRecorder(const UsageRecorder&) = delete;
    UsageRecorder& operator=(const UsageRecorder&) = delete;
    ~UsageRecorder() = default;

    void record(const MeteredCall& call);
    /// What came of a call after it: counted by `name` among the errors of key and operation, neither as a call nor as a
    /// failure of the KMS.
    void note(std::string_view key_id, std::string_view operation, std::string_view name);
    [[nodiscard]] bool has_pending() const;
    [[nodiscard]] UsageRows pending() const;

    /// What is pending, to be written; nothing where there is none. While it is held, readers wait.
    [[nodiscard]] std::optional<UsageFlush> flush();

    /// A moment of the database, and what was pending at that very moment: nothing is missing, nothing counted twice.
    struct Moment {
        sqlite::DbTransaction snapshot;
        UsageRows pending;
    };
    /// The connection must have no DbTransaction open.
    [[nodiscard]] Result<Moment> moment(sqlite::Database& database) const;
    /// read_usage(), and what is pending.
    [[nodiscard]] Result<UsageRows> read(sqlite::Database& database, const MetricsQuery& query) const;

private:
    friend class UsageFlush;
    /// A key of a row, not copied.
    struct KeyView {
        std::int64_t minute;
        std::string_view key_id;
        std::string_view operation;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const KeyView& key) const;
        std::size_t operator()(const UsageKey& key) const { return (*this)(KeyView{key.minute, key.key_id, key.operation}); }
    };
    struct Equal {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            return a.minute == b.minute && a.key_id == b.key_id && a.operation == b.operation;
        }
    };
    using Table = std::unordered_map<UsageKey, UsageBucket, Hash, Equal>;
    UsageBucket& bucket_for(const KeyView& key);
    void give_back(const UsageRows& rows);

    const Clock& clock_;
    mutable std::mutex flushing_;  // held from taking what is pending until it is committed or given back; before mutex_
    mutable std::mutex mutex_;     // guards table_
    Table table_;
};

}  // namespace keydeck::oversight
