// A vault's database in a directory of its own, and wallets to fill it with.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/store.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::store {

inline constexpr Timestamp kNow = Timestamp(std::chrono::microseconds(1'790'000'000'000'000));
inline constexpr const char* kVaultId = "2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f";

inline VaultRecord vault_record() {
    VaultRecord vault;
    vault.id = kVaultId;
    vault.region = "us-east-1";
    vault.account = "000000000000";
    vault.key_file = "/somewhere/key";
    vault.created_at = kNow;
    return vault;
}

/// The sentence of an error, for failing tests.
template <class T>
std::string why(const Result<T>& result) {
    return result ? std::string("ok") : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? ErrorCode::kInternal : result.error().code;
}

inline AddressBytes address_of(std::int64_t n) {
    // Spread over the whole space, as hashes are; the same n gives the same address.
    AddressBytes address{};
    auto state = static_cast<std::uint64_t>(n) * 0x9E3779B97F4A7C15ULL + 0x1234567ULL;
    for (auto& byte : address) {
        state ^= state >> 29;
        state *= 0xBF58476D1CE4E5B9ULL;
        byte = static_cast<std::uint8_t>(state >> 56);
    }
    return address;
}

inline KeyRecord key_record(const std::string& id) {
    KeyRecord key;
    key.key_id = id;
    key.arn = "arn:aws:kms:us-east-1:000000000000:key/" + id;
    key.spec = "SYMMETRIC_DEFAULT";
    key.usage = "ENCRYPT_DECRYPT";
    key.state = "Enabled";
    key.region = "us-east-1";
    key.created_at = kNow;
    return key;
}

inline NewWallet new_wallet(std::int64_t id, std::int64_t user_id, const std::string& key_id,
                            const std::string& label = {}) {
    NewWallet wallet;
    wallet.id = id;
    wallet.user_id = user_id;
    wallet.label = label;
    wallet.address = address_of(id);
    wallet.key_id = key_id;
    wallet.region = "us-east-1";
    wallet.public_key = Bytes(65, static_cast<std::uint8_t>(id));
    wallet.path = "m/44'/60'/0'/0/0";
    wallet.has_mnemonic = true;
    wallet.sealed_data_key = Bytes(180, static_cast<std::uint8_t>(id * 3));
    wallet.sealed_secret = Bytes(92, static_cast<std::uint8_t>(id * 7));
    wallet.created_at = kNow;
    return wallet;
}

class StoreTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "keydeck-store-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        path_ = directory_ / "keydeck.db";
        const auto created = Store::create(path_, vault_record());
        ASSERT_TRUE(created) << why(created);
        open();
    }
    void TearDown() override {
        lease_.reset();
        store_.reset();
        std::filesystem::remove_all(directory_);
    }

    void open() {
        lease_.reset();
        auto store = Store::open(path_, false);
        ASSERT_TRUE(store) << why(store);
        store_ = std::move(*store);
        auto lease = store_->lease();
        ASSERT_TRUE(lease) << why(lease);
        lease_ = std::make_unique<Lease>(std::move(*lease));
    }

    sqlite::Database& db() { return **lease_; }

    /// Runs a function in a DbTransaction and commits it.
    template <class F>
    auto write(F&& function) -> decltype(function(std::declval<sqlite::Database&>())) {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        if (!db_transaction) return fail(db_transaction);
        auto result = function(db());
        if (!result) return result;
        if (const auto committed = db_transaction->commit(); !committed) return fail(committed);
        return result;
    }

    std::int64_t add_user(const std::string& name) {
        const auto user = write([&](auto& database) { return insert_user(database, name, kNow); });
        EXPECT_TRUE(user) << why(user);
        return user ? user->id : 0;
    }
    void add_key(const std::string& id) {
        const auto done = write([&](auto& database) { return record_key(database, key_record(id)); });
        EXPECT_TRUE(done) << why(done);
    }
    std::int64_t add_wallet(std::int64_t user_id, const std::string& key_id, const std::string& label = {}) {
        const auto id = write([&](auto& database) -> Result<std::int64_t> {
            auto reserved = reserve_wallet_ids(database, 1);
            if (!reserved) return reserved;
            const auto inserted = insert_wallet(database, new_wallet(*reserved, user_id, key_id, label));
            if (!inserted) return fail(inserted);
            return reserved;
        });
        EXPECT_TRUE(id) << why(id);
        return id ? *id : 0;
    }

    std::filesystem::path directory_;
    std::filesystem::path path_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Lease> lease_;
};

}  // namespace keydeck::store
