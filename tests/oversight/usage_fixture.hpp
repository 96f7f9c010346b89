// A vault's database, and calls to put into it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/oversight/usage_recorder.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::oversight {

class UsageTest : public testing::Test {
protected:
    void SetUp() override {
        store::VaultRecord vault;
        vault.id = "2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f";
        vault.created_at = clock_.now();
        const auto created = store::Store::create(path(), vault);
        ASSERT_TRUE(created) << created.error().message;
        store_ = open();
        lease_ = std::make_unique<store::Lease>(std::move(*store_->lease()));
    }
    void TearDown() override {
        lease_.reset();
        store_.reset();
    }

    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "keydeck.db"; }
    /// As another process would.
    [[nodiscard]] std::unique_ptr<store::Store> open() const {
        auto store = store::Store::open(path(), false);
        EXPECT_TRUE(store) << store.error().message;
        return std::move(*store);
    }
    sqlite::Database& db() { return **lease_; }

    static void call(UsageRecorder& recorder, const std::string& key, const std::string& operation,
                     std::chrono::nanoseconds latency = std::chrono::microseconds(100), const Error* error = nullptr) {
        recorder.record({key, operation, error, latency});
    }
    /// Writes what is pending, in a DbTransaction of its own.
    void write(UsageRecorder& recorder) { write(recorder, db()); }
    void write(UsageRecorder& recorder, sqlite::Database& database) {
        auto db_transaction = sqlite::DbTransaction::begin_write(database);
        ASSERT_TRUE(db_transaction);
        auto flush = recorder.flush();
        ASSERT_TRUE(flush);
        const Status written = flush->write(database, clock_.now());
        ASSERT_TRUE(written) << written.error().message;
        ASSERT_TRUE(db_transaction->commit());
        flush->committed();
    }
    std::vector<Metric> read(const MetricsQuery& query = {}) {
        auto metrics = read_metrics(db(), query);
        EXPECT_TRUE(metrics) << metrics.error().message;
        return metrics ? std::move(*metrics) : std::vector<Metric>{};
    }
    void sql(const std::string& text) {
        const auto done = db().execute(text);
        ASSERT_TRUE(done) << text << ": " << done.error().message;
    }
    std::int64_t number(const std::string& query) {
        auto row = db().prepare(query);
        const auto found = row.step();
        EXPECT_TRUE(found && *found) << query;
        return row.integer(0);
    }

    testing_support::TemporaryDirectory directory_;
    ManualClock clock_{from_micros(1'790'000'000'000'000)};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::Lease> lease_;
};

}  // namespace keydeck::oversight
