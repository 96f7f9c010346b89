// A vault whose pool has two keys and whose wallets' private keys are known, over a KMS whose ReEncrypt can be watched.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/store/sealed_rows.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {

/// Lets a test act before each ReEncrypt (counted from 1) and choose its answer.
class WatchedKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    using Answer = std::optional<Result<kms::ReEncryptResult>>;

    Result<kms::ReEncryptResult> re_encrypt(const kms::ReEncryptRequest& request) override {
        const int nth = ++calls_;
        if (watch) {
            if (Answer answer = watch(nth, request)) return std::move(*answer);
        }
        return inner_.re_encrypt(request);
    }
    Result<kms::Page<kms::Rotation>> list_key_rotations(std::string_view key_id, const kms::PageRequest& page) override {
        if (hides_rotations) return fail(ErrorCode::kDenied, "No.", {}, "AccessDeniedException");
        return inner_.list_key_rotations(key_id, page);
    }
    kms::Kms& inner() { return inner_; }
    bool hides_rotations = false;
    std::function<Answer(int, const kms::ReEncryptRequest&)> watch;

private:
    std::atomic<int> calls_ = 0;
};

class RewrapTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        watch();
    }
    /// Opens the vault with a KMS to be watched in between.
    void watch() {
        open([this](kms::Kms& inner) {
            auto watched = std::make_unique<WatchedKms>(inner);
            kms_ = watched.get();
            return watched;
        });
    }
    void create_many(std::int64_t count, Custody custody = Custody::kEnvelope) {
        const auto made = engine_->create_wallets(operator_, for_user("alice", custody, {}, count));
        ASSERT_TRUE(made) << why(made);
        const auto pool = engine_->pool_status(operator_);
        ASSERT_TRUE(pool && pool->keys.size() == 2);
        first_ = pool->keys[0].id;
        second_ = pool->keys[1].id;
        for (const Wallet& wallet : wallets()) keys_.emplace(name_of(wallet), private_key(name_of(wallet)));
    }
    std::string private_key(const std::string& wallet) {
        const auto key = engine_->export_private_key(operator_, wallet);
        EXPECT_TRUE(key) << why(key);
        return key ? std::string(key->text()) : std::string();
    }
    std::vector<Wallet> wallets(const std::string& key = {}) {
        WalletQuery query;
        query.key = key;
        auto listed = engine_->list_wallets(operator_, query);
        EXPECT_TRUE(listed) << why(listed);
        return listed ? std::move(*listed) : std::vector<Wallet>{};
    }
    std::int64_t under(const std::string& key) { return static_cast<std::int64_t>(wallets(key).size()); }
    store::SealedColumns sealed(std::int64_t wallet) {
        auto columns = custody::ask_store(*vault_, [&](auto& d) { return store::sealed_columns(d, wallet); });
        EXPECT_TRUE(columns) << why(columns);
        return columns ? std::move(*columns) : store::SealedColumns{};
    }
    Result<JobInfo> rewrap_from(const std::string& key, const Progress& progress = {}) {
        Rewrap request;
        request.from = key;
        return engine_->rewrap(operator_, request, progress);
    }
    /// Every wallet is there with the same address and private key, signs, and is counted under its key.
    void expect_all_open() {
        open();
        std::map<std::string, std::int64_t> counted;
        const auto now = wallets();
        EXPECT_EQ(now.size(), keys_.size());
        for (const Wallet& wallet : now) {
            ++counted[wallet.key_id];
            ASSERT_TRUE(keys_.contains(name_of(wallet)));
            EXPECT_EQ(private_key(name_of(wallet)), keys_[name_of(wallet)]);
            EXPECT_TRUE(engine_->sign_message(operator_, name_of(wallet), as_bytes("m")));
        }
        for (const std::string& key : {first_, second_}) {
            const auto info = engine_->key(operator_, key);
            ASSERT_TRUE(info) << why(info);
            EXPECT_EQ(info->wallets, counted[key]) << key;
        }
        expect_sound_audit();
    }
    JobInfo newest_job() {
        const auto jobs = engine_->list_jobs(operator_, 0, 1);
        EXPECT_TRUE(jobs && !jobs->empty());
        return jobs && !jobs->empty() ? jobs->front() : JobInfo{};
    }

    WatchedKms* kms_ = nullptr;  // lives in engine_
    std::string first_;
    std::string second_;
    std::map<std::string, std::string> keys_;  // address and private key
};

}  // namespace keydeck
