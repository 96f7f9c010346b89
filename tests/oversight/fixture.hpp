// A vault with an audit log, and events to put into it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/oversight/audit_log.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/store.hpp"

namespace keydeck::oversight {

inline constexpr Timestamp kNow = Timestamp(std::chrono::microseconds(1'790'000'000'000'000));
inline constexpr const char* kVaultId = "2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f";

template <class T>
std::string why(const Result<T>& result) {
    return result ? std::string("ok") : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? ErrorCode::kInternal : result.error().code;
}

inline AuditEvent event_of(std::int64_t n) {
    AuditEvent event;
    event.time = kNow + std::chrono::milliseconds(n);
    event.actor = n % 3 == 0 ? "operator" : "alice";
    event.surface = "cli";
    event.action = n % 2 == 0 ? "SignMessage" : "SignTransaction";
    event.target = "0x" + std::string(39, '0') + std::to_string(n % 5);
    event.user = "alice";
    event.key_id = n % 4 == 0 ? "" : "key-" + std::to_string(n % 4);
    event.result = n % 7 == 0 ? "denied" : "ok";
    event.digest = "0x" + std::string(64, 'd');
    event.detail = "{\"n\":" + std::to_string(n) + "}";
    return event;
}

class AuditTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "keydeck-audit-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        path_ = directory_ / "keydeck.db";
        for (std::size_t i = 0; i < seal_key_.size(); ++i) seal_key_[i] = static_cast<std::uint8_t>(i);
        store::VaultRecord vault;
        vault.id = kVaultId;
        vault.created_at = kNow;
        const auto created = store::Store::create(
            path_, vault, [this](sqlite::Database& database) { return start_audit_log(database, seal()); });
        ASSERT_TRUE(created) << why(created);
        auto store = store::Store::open(path_, false);
        ASSERT_TRUE(store) << why(store);
        store_ = std::move(*store);
        auto lease = store_->lease();
        ASSERT_TRUE(lease) << why(lease);
        lease_ = std::make_unique<store::Lease>(std::move(*lease));
    }
    void TearDown() override {
        lease_.reset();
        store_.reset();
        std::filesystem::remove_all(directory_);
    }

    sqlite::Database& db() { return **lease_; }
    [[nodiscard]] AuditSeal seal() const { return {kVaultId, seal_key_}; }

    Status append(std::vector<AuditEvent> events) {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        if (!db_transaction) return fail(db_transaction);
        if (const auto done = append_audit(db(), seal(), events); !done) return fail(done);
        return db_transaction->commit();
    }
    /// Events 1 to `count`, in batches of uneven size.
    void fill(std::int64_t count) {
        for (std::int64_t n = 1; n <= count;) {
            std::vector<AuditEvent> batch;
            for (std::int64_t i = 0; i < 1 + n % 4 && n <= count; ++i) batch.push_back(event_of(n++));
            const auto done = append(batch);
            ASSERT_TRUE(done) << why(done);
        }
    }
    AuditVerification verify(const std::optional<Hash32>& expected = std::nullopt) {
        const auto result = verify_audit(db(), seal(), expected);
        EXPECT_TRUE(result) << why(result);
        return result ? *result : AuditVerification{};
    }
    void sql(const std::string& text) {
        const auto done = db().execute(text);
        ASSERT_TRUE(done) << text << " " << why(done);
    }

    std::filesystem::path directory_;
    std::filesystem::path path_;
    FixedBytes<32> seal_key_{};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::Lease> lease_;
};

}  // namespace keydeck::oversight
