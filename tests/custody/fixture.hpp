// A vault in a directory of its own, with the real engine on it and a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/vault_creation.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/engine.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck {

inline constexpr Timestamp kStart = Timestamp(std::chrono::microseconds(1'790'000'000'000'000));

template <class T>
std::string why(const Result<T>& result) {
    if (result) return "ok";
    const Error& error = result.error();
    return std::string(to_string(error.code)) + ": " + error.message + " [" + error.hint + "] " + error.kms_error;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value()) << "it succeeded";
    return result ? ErrorCode::kInternal : result.error().code;
}

/// Whether an operation failed with this code; says what happened instead.
template <class T>
testing::AssertionResult fails_with(ErrorCode code, const Result<T>& result) {
    if (!result && result.error().code == code) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "expected " << to_string(code) << ", got " << why(result);
}

inline CreateWallets for_user(const std::string& user, Custody custody = Custody::kEnvelope, const std::string& label = {},
                              std::int64_t count = 1) {
    CreateWallets request;
    request.user = user;
    request.custody = custody;
    request.label = label;
    request.count = count;
    return request;
}

class VaultTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "keydeck-custody-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        base_ = pattern;
        directory_ = base_ / "vault";
        VaultCreation creation;
        creation.directory = directory_;
        creation.scrypt_n = 1024;
        describe_vault(creation);
        const Status created = custody::create_vault(creation, clock_, random_);
        ASSERT_TRUE(created) << why(created);
        open();
    }
    void TearDown() override {
        engine_.reset();
        std::filesystem::remove_all(base_);
    }

    /// What kind of vault; a key file beside it unless a test says otherwise.
    virtual void describe_vault(VaultCreation& creation) { creation.key_file = base_ / "key"; }

    EngineOptions options() {
        EngineOptions options;
        options.directory = directory_;
        options.pool_size = 2;
        options.key_search_pause = std::chrono::milliseconds(1);
        options.clock = &clock_;
        options.random = &random_;
        return options;
    }

    /// Opens the vault as a new process would.
    void open(const custody::KmsWrapper& wrap = {}) { open_with(options(), wrap); }
    void open_with(const EngineOptions& options, const custody::KmsWrapper& wrap = {}) {
        engine_.reset();
        auto vault = custody::OpenVault::open(options, wrap);
        ASSERT_TRUE(vault) << why(vault);
        vault_ = vault->get();
        engine_ = std::make_unique<Engine>(std::move(*vault));
    }

    void add_user(const std::string& name) {
        const auto user = engine_->add_user(operator_, name);
        ASSERT_TRUE(user) << why(user);
    }
    Wallet create(const std::string& user, Custody custody = Custody::kEnvelope, const std::string& label = {}) {
        auto wallets = engine_->create_wallets(operator_, for_user(user, custody, label));
        EXPECT_TRUE(wallets) << why(wallets);
        return wallets && !wallets->empty() ? wallets->front() : Wallet{};
    }
    static std::string name_of(const Wallet& wallet) { return checksum_address(wallet.address); }

    /// Runs SQL on keydeck.db behind the engine's back.
    void meddle(const std::string& sql) {
        auto lease = vault_->store().lease();
        ASSERT_TRUE(lease) << why(lease);
        const Status done = (**lease).execute(sql);
        ASSERT_TRUE(done) << why(done);
    }
    std::vector<AuditEvent> events(const AuditQuery& query = {}) {
        auto listed = engine_->list_audit(operator_, query);
        EXPECT_TRUE(listed) << why(listed);
        return listed ? std::move(*listed) : std::vector<AuditEvent>{};
    }
    AuditEvent last_event() {
        auto all = events();
        EXPECT_FALSE(all.empty());
        return all.empty() ? AuditEvent{} : std::move(all.back());
    }
    void expect_sound_audit() {
        const auto verified = engine_->verify_audit(operator_, std::nullopt);
        ASSERT_TRUE(verified) << why(verified);
        EXPECT_TRUE(verified->valid) << verified->reason;
    }

    ManualClock clock_{kStart};
    SystemRandom random_;
    std::filesystem::path base_;
    std::filesystem::path directory_;
    std::unique_ptr<Engine> engine_;
    custody::OpenVault* vault_ = nullptr;  // lives in engine_
    const Session operator_ = Session::of_operator("test");
    const Session alice_ = Session::of_user("alice", "test");
    const Session bob_ = Session::of_user("bob", "test");
};

/// A vault with alice and bob, each with an envelope wallet: alice-main and bob-main.
class TwoUsersTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        add_user("bob");
        alices_ = create("alice", Custody::kEnvelope, "alice-main");
        bobs_ = create("bob", Custody::kEnvelope, "bob-main");
    }
    Wallet alices_;
    Wallet bobs_;
};

inline std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace keydeck
