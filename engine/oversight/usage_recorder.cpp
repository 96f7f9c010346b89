#include "engine/oversight/usage_recorder.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/store/keys.hpp"

namespace keydeck::oversight {
namespace {

// Where nothing is written for long, more rows than this are kept by the hour, or without their keys.
constexpr std::size_t kMostRows = 20'000;
constexpr std::int64_t kHour = std::chrono::microseconds(std::chrono::hours(1)).count();

constexpr std::size_t kMostErrorNames = 32;
constexpr std::size_t kLongestName = 64;
constexpr std::string_view kOtherError = "Other";

/// AWS's name or ours; one that is no name (an answer may say anything) is `Other`.
std::string_view error_name(const Error& error) {
    const std::string_view name = error.kms_error.empty() ? to_string(error.code) : std::string_view(error.kms_error);
    const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
    return name.size() <= kLongestName && std::ranges::all_of(name, fits) ? name : kOtherError;
}

/// Whether the KMS took the request: then AWS bills it, also one that it refuses. A throttled one it does not take, and an
/// error without AWS's name is of before or after it.
bool was_taken(const Error* error) {
    return error == nullptr || (!error->kms_error.empty() && error->code != ErrorCode::kThrottled);
}

/// Whether the operation uses the key's material: what says that something still needs the key.
bool uses_key(std::string_view operation) {
    constexpr std::array kUses{"Decrypt",
                               "Encrypt",
                               "GenerateDataKey",
                               "GenerateDataKeyPair",
                               "GenerateDataKeyPairWithoutPlaintext",
                               "GenerateDataKeyWithoutPlaintext",
                               "ReEncrypt",
                               "Sign",
                               "Verify"};
    return std::ranges::find(kUses, operation) != kUses.end();
}

/// Rows stand in the order of their minutes: the newest use of a key stays.
Status note_uses(sqlite::Database& database, const UsageRows& rows) {
    std::map<std::string_view, std::int64_t> last;
    for (const auto& [key, bucket] : rows) {
        if (!key.key_id.empty() && bucket.calls > bucket.failures && uses_key(key.operation)) last[key.key_id] = key.minute;
    }
    for (const auto& [key_id, minute] : last) {
        if (Status noted = store::note_key_used(database, key_id, from_micros(minute)); !noted) return noted;
    }
    return {};
}

void count_error(UsageBucket& bucket, std::string_view name, std::int64_t times = 1) {
    auto at = bucket.errors.find(name);
    if (at == bucket.errors.end()) {
        const bool is_full = bucket.errors.size() >= kMostErrorNames;
        at = bucket.errors.try_emplace(std::string(is_full ? kOtherError : name), 0).first;
    }
    at->second += times;
}

}  // namespace

UsageFlush::UsageFlush(UsageFlush&& other) noexcept
    : recorder_(std::exchange(other.recorder_, nullptr)),
      rows_(std::move(other.rows_)),
      lock_(std::move(other.lock_)),
      written_(other.written_) {}

UsageFlush::~UsageFlush() {
    if (recorder_ != nullptr) recorder_->give_back(rows_);
}

Status UsageFlush::write(sqlite::Database& database, Timestamp now) {
    if (Status begun = database.prepare("SAVEPOINT usage").run(); !begun) return begun;
    Status done = write_usage(database, rows_, now);
    if (done) done = note_uses(database, rows_);
    if (!done) {
        if (Status back = database.prepare("ROLLBACK TO usage").run(); !back) return fail(done);
    }
    written_ = done.has_value();
    return database.prepare("RELEASE usage").run();
}

void UsageFlush::committed() {
    if (written_) recorder_ = nullptr;
    if (written_ && lock_.owns_lock()) lock_.unlock();
}

std::size_t UsageRecorder::Hash::operator()(const KeyView& key) const {
    constexpr std::size_t kMix = 0x9E3779B97F4A7C15U;
    const std::hash<std::string_view> text;
    const std::size_t names = (text(key.key_id) * kMix) ^ text(key.operation);
    return (names * kMix) ^ std::hash<std::int64_t>()(key.minute);
}

UsageBucket& UsageRecorder::bucket_for(const KeyView& key) {
    if (const auto found = table_.find(key); found != table_.end()) return found->second;
    KeyView at = key;
    if (table_.size() >= kMostRows) at.minute -= at.minute % kHour;
    if (table_.size() >= 2 * kMostRows) at.key_id = {};
    if (const auto found = table_.find(at); found != table_.end()) return found->second;
    return table_[{at.minute, std::string(at.key_id), std::string(at.operation)}];
}

void UsageRecorder::record(const MeteredCall& call) {
    const std::int64_t minute = to_micros(minute_of(clock_.now()));
    const std::scoped_lock lock(mutex_);
    UsageBucket& bucket = bucket_for({minute, call.key_id, call.operation});
    ++bucket.calls;
    if (was_taken(call.error)) ++bucket.requests;
    bucket.latency.add(call.latency);
    if (call.throttled_tries > 0) count_error(bucket, kThrottledTry, call.throttled_tries);
    if (call.error == nullptr) return;
    ++bucket.failures;
    count_error(bucket, error_name(*call.error));
}

void UsageRecorder::note(std::string_view key_id, std::string_view operation, std::string_view name) {
    const std::int64_t minute = to_micros(minute_of(clock_.now()));
    const std::scoped_lock lock(mutex_);
    count_error(bucket_for({minute, key_id, operation}), name);
}

bool UsageRecorder::has_pending() const {
    const std::scoped_lock lock(mutex_);
    return !table_.empty();
}

UsageRows UsageRecorder::pending() const {
    const std::scoped_lock lock(mutex_);
    return {table_.begin(), table_.end()};
}

std::optional<UsageFlush> UsageRecorder::flush() {
    std::unique_lock<std::mutex> flushing(flushing_);
    UsageRows rows;
    {
        const std::scoped_lock lock(mutex_);
        for (auto& [key, bucket] : table_) rows.emplace(key, std::move(bucket));
        table_.clear();
    }
    if (rows.empty()) return std::nullopt;
    return UsageFlush(*this, std::move(rows), std::move(flushing));
}

void UsageRecorder::give_back(const UsageRows& rows) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, bucket] : rows) bucket_for({key.minute, key.key_id, key.operation}).merge(bucket);
}

Result<UsageRecorder::Moment> UsageRecorder::moment(sqlite::Database& database) const {
    const std::scoped_lock flushing(flushing_);
    Result<sqlite::DbTransaction> snapshot = sqlite::DbTransaction::begin_read(database);
    if (!snapshot) return fail(snapshot);
    return Moment{std::move(*snapshot), pending()};
}

Result<UsageRows> UsageRecorder::read(sqlite::Database& database, const MetricsQuery& query) const {
    const Result<Moment> now = moment(database);
    if (!now) return fail(now);
    Result<UsageRows> rows = read_usage(database, query);
    if (rows) merge_rows(*rows, now->pending, query);
    return rows;
}

}  // namespace keydeck::oversight
