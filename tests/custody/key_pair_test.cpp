// Custody key-pair: the KMS makes the pair, the vault keeps its private key encrypted under a pool key.
#include <algorithm>
#include <functional>
#include <set>

#include "engine/base/base64.hpp"
#include "engine/custody/key_pair.hpp"
#include "engine/ethereum/keystore.hpp"
#include "engine/kms/signature.hpp"
#include "engine/store/jobs.hpp"
#include "engine/store/wallets.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

class KeyPairTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        add_user("bob");
        alices_ = create("alice", Custody::kKeyPair, "pair");
        bobs_ = create("bob", Custody::kKeyPair, "other");
    }
    void expect_signs(const std::string& wallet, const AddressBytes& address) {
        const auto signature = engine_->sign_message(operator_, wallet, as_bytes("hello"));
        ASSERT_TRUE(signature) << why(signature);
        const auto verified = Engine::verify_message(as_bytes("hello"), to_hex_0x(signature->signature), address);
        ASSERT_TRUE(verified) << why(verified);
        EXPECT_TRUE(verified->valid);
    }
    store::SealedColumns sealed(const Wallet& wallet) {
        auto columns = custody::ask_store(*vault_, [&](auto& d) { return store::sealed_columns(d, wallet.id); });
        EXPECT_TRUE(columns) << why(columns);
        return columns ? std::move(*columns) : store::SealedColumns{};
    }
    custody::EnvelopePlace place(const Wallet& wallet) {
        return {vault_->record().id, wallet.id, wallet.user_id, {wallet.address}};
    }
    Wallet alices_;
    Wallet bobs_;
};

TEST_F(KeyPairTest, IsAWalletUnderAPoolKey) {
    EXPECT_EQ(alices_.custody, Custody::kKeyPair);
    EXPECT_EQ(alices_.state, WalletState::kReady);
    EXPECT_FALSE(alices_.has_mnemonic);
    EXPECT_EQ(alices_.path, "");
    EXPECT_EQ(alices_.public_key.size(), 65U);
    EXPECT_EQ(engine_->key(operator_, alices_.key_id)->purpose, "pool");
    EXPECT_NE(alices_.address, bobs_.address);
    EXPECT_TRUE(sealed(alices_).secret.empty());
    EXPECT_FALSE(sealed(alices_).data_key.empty());
    EXPECT_EQ(engine_->list_keys(operator_, {})->size(), 2U) << "no key of its own";
    expect_signs("pair", alices_.address);
    expect_signs("pair", alices_.address);  // from locked memory
    open();
    expect_signs("pair", alices_.address);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->sign_message(bob_, "pair", as_bytes("m"))));
    EXPECT_TRUE(engine_->sign_message(bob_, "other", as_bytes("m")));
    AuditQuery query;
    query.action = "CreateWallet";
    EXPECT_NE(events(query).front().detail.find("key-pair"), std::string::npos);
    expect_sound_audit();
}

TEST_F(KeyPairTest, WhatLiesInTheRowIsTheKmssEncryptOfThePrivateKey) {
    const auto der = vault_->unlocked_kms().value()->decrypt(alices_.key_id, sealed(alices_).data_key,
                                                             custody::key_pair_context(place(alices_)));
    ASSERT_TRUE(der) << why(der);
    const auto key = kms::parse_pkcs8_private_key(der->plaintext.view());
    ASSERT_TRUE(key) << why(key);
    EXPECT_EQ(ethereum::address_of(*crypto::public_key_of(key->view())).bytes, alices_.address);
    const auto context = custody::key_pair_context(place(alices_));
    EXPECT_NE(context, custody::envelope_context(place(alices_))) << "an own purpose";
    EXPECT_EQ(context.at("keydeck:vault"), vault_->record().id);
    EXPECT_EQ(context.at("keydeck:wallet"), std::to_string(alices_.id));
    EXPECT_EQ(context.at("keydeck:user"), std::to_string(alices_.user_id));
}

TEST_F(KeyPairTest, ExportsThePrivateKeyAndAKeystoreButNoMnemonic) {
    const auto key = engine_->export_private_key(operator_, "pair");
    ASSERT_TRUE(key) << why(key);
    const auto bytes = from_hex(key->text().substr(2), "key");
    ASSERT_TRUE(bytes);
    EXPECT_EQ(ethereum::address_of(*crypto::public_key_of(*bytes)).bytes, alices_.address);
    const SecretBytes passphrase = SecretBytes::copy_of("a passphrase");
    const auto keystore = engine_->export_keystore(alice_, "pair", passphrase);
    ASSERT_TRUE(keystore) << why(keystore);
    const auto opened = ethereum::open_keystore(*keystore, passphrase.view());
    ASSERT_TRUE(opened) << why(opened);
    EXPECT_TRUE(std::ranges::equal(opened->view(), *bytes));
    const auto mnemonic = engine_->export_mnemonic(operator_, "pair");
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, mnemonic));
    EXPECT_NE(mnemonic.error().message.find("key-pair"), std::string::npos) << mnemonic.error().message;
    EXPECT_NE(mnemonic.error().hint.find("--private-key"), std::string::npos);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->export_private_key(bob_, "pair")));
}

TEST_F(KeyPairTest, NoPlaintextReachesTheFiles) {
    const auto key = engine_->export_private_key(operator_, "pair");
    ASSERT_TRUE(key);
    expect_signs("pair", alices_.address);
    const Bytes raw = from_hex(key->text().substr(2), "key").value();
    std::size_t searched = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(base_)) {
        if (!entry.is_regular_file()) continue;
        const std::string content = read_all(entry.path());
        searched += content.size();
        for (const std::string& form : {std::string(as_text(raw)), to_hex(raw), to_base64(raw).substr(0, 40)}) {
            EXPECT_EQ(content.find(form), std::string::npos) << entry.path();
        }
    }
    EXPECT_GT(searched, 100'000U);
}

TEST_F(KeyPairTest, RowsThatWereSwappedDoNotOpen) {
    const auto swap = [&](const std::vector<const char*>& columns) {
        std::string set;
        for (const char* column : columns) {
            const std::string name = column;
            set += (set.empty() ? "" : ", ") + name + " = (SELECT k." + name + " FROM kept k WHERE k.id <> wallets.id)";
        }
        meddle("CREATE TEMP TABLE kept AS SELECT * FROM wallets; UPDATE wallets SET " + set + "; DROP TABLE kept;");
        open();
    };
    const auto expect_corrupt = [&](const char* what) {
        for (const char* wallet : {"pair", "other"}) {
            EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(operator_, wallet, as_bytes("m")))) << what;
            EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->export_private_key(operator_, wallet))) << what;
        }
    };
    swap({"sealed_data_key", "key_ref"});
    expect_corrupt("another's private key");
    swap({"sealed_data_key", "key_ref"});
    expect_signs("pair", alices_.address);
    swap({"user_id"});
    expect_corrupt("another's wallet");
    swap({"user_id"});
    swap({"public_key"});
    expect_corrupt("another's public key");
    swap({"public_key"});
    expect_signs("other", bobs_.address);
}

TEST_F(KeyPairTest, AnAlteredRowDoesNotOpen) {
    const std::string where = " WHERE id = " + std::to_string(alices_.id);
    const store::SealedColumns before = sealed(alices_);
    for (const char* change : {"sealed_data_key = x''", "sealed_data_key = zeroblob(length(sealed_data_key))",
                               "sealed_data_key = substr(sealed_data_key, 2)", "custody = 'envelope'",
                               "address = x'3535353535353535353535353535353535353535'"}) {
        meddle(std::string("UPDATE wallets SET ") + change + where);
        open();
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(operator_, "pair", as_bytes("m")))) << change;
        meddle("UPDATE wallets SET sealed_data_key = x'" + to_hex(before.data_key) +
               "', custody = 'key-pair', address = x'" + to_hex(alices_.address) + "'" + where);
    }
    expect_signs("pair", alices_.address);
}

TEST_F(KeyPairTest, TheKeysStateIsTheWallets) {
    const std::string key = alices_.key_id;
    const auto refused = [&](WalletState state, const char* kms_error) {
        for (const bool fresh : {false, true}) {
            if (fresh) open();
            const auto signature = engine_->sign_message(operator_, "pair", as_bytes("m"));
            ASSERT_TRUE(fails_with(ErrorCode::kRejected, signature));
            EXPECT_EQ(signature.error().kms_error, kms_error);
            EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->export_private_key(operator_, "pair")));
            EXPECT_EQ(engine_->wallet(operator_, "pair")->state, state);
        }
    };
    expect_signs("pair", alices_.address);  // it is open from now on
    ASSERT_TRUE(engine_->disable_key(operator_, key));
    refused(WalletState::kKeyDisabled, "DisabledException");
    ASSERT_TRUE(engine_->enable_key(operator_, key));
    expect_signs("pair", alices_.address);
    ASSERT_TRUE(vault_->kms().disable_key(key));  // behind the store's back
    open();
    refused(WalletState::kKeyDisabled, "DisabledException");
    ASSERT_TRUE(engine_->enable_key(operator_, key));
    const std::int64_t lost = engine_->deletion_impact(operator_, key)->total();
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key, 7, lost));
    refused(WalletState::kAtRisk, "KMSInvalidStateException");
    clock_.advance(std::chrono::days(7) + std::chrono::hours(1));
    ASSERT_TRUE(engine_->confirm_clock(operator_));
    refused(WalletState::kLost, "NotFoundException");
    const auto wallets = engine_->list_wallets(operator_, {});
    EXPECT_EQ(wallets->size(), 2U) << "lost ones stay in sight";
    expect_sound_audit();
}

TEST_F(KeyPairTest, ManyAreAJobThatResumes) {
    const CreateWallets request = for_user("alice", Custody::kKeyPair, "k", 1100);
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done > 0) stop.request_stop();
    };
    const auto stopped = engine_->create_wallets(operator_, request, progress);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, stopped));
    const auto jobs = custody::ask_store(*vault_, [](auto& d) { return store::list_jobs(d, 0, 1); });
    ASSERT_TRUE(jobs && jobs->size() == 1);
    EXPECT_EQ(jobs->front().state, store::JobState::kPaused);
    EXPECT_GE(jobs->front().done, 1000);
    std::vector<std::int64_t> reported;
    const auto rest = engine_->create_wallets(operator_, request,
                                              {[&](std::int64_t done, std::int64_t) { reported.push_back(done); }, {}});
    ASSERT_TRUE(rest) << why(rest);
    ASSERT_FALSE(reported.empty());
    EXPECT_EQ(reported.back(), 1100);
    WalletQuery query;
    query.user = "alice";
    const auto wallets = engine_->list_wallets(operator_, query);
    ASSERT_EQ(wallets->size(), 1101U);
    std::set<AddressBytes> addresses;
    std::set<std::string> labels;
    std::set<std::string> keys;
    for (const Wallet& wallet : *wallets) {
        addresses.insert(wallet.address);
        labels.insert(wallet.label);
        keys.insert(wallet.key_id);
    }
    EXPECT_EQ(addresses.size(), 1101U);
    EXPECT_EQ(keys.size(), 2U) << "drawn from the whole pool";
    for (int i = 1; i <= 1100; ++i) ASSERT_TRUE(labels.contains("k-" + std::to_string(i))) << i;
    open();
    for (const int i : {1, 999, 1000, 1001, 1100}) {
        const std::string label = "k-" + std::to_string(i);
        expect_signs(label, engine_->wallet(operator_, label)->address);
    }
    expect_sound_audit();
}

/// Answers with what a test makes of the true pair.
class LyingPairKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::DataKeyPair> generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                      const kms::EncryptionContext& context) override {
        auto pair = inner_.generate_data_key_pair_without_plaintext(key_id, context);
        if (pair && lie) lie(*pair, key_id, context);
        return pair;
    }
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override {
        if (before_decrypt) std::exchange(before_decrypt, nullptr)();
        return inner_.decrypt(key_id, ciphertext, context);
    }
    kms::Kms& inner() { return inner_; }
    std::function<void(kms::DataKeyPair&, std::string_view, const kms::EncryptionContext&)> lie;
    std::function<void()> before_decrypt;
};

class LyingKeyPairTest : public KeyPairTest {
protected:
    void SetUp() override {
        KeyPairTest::SetUp();
        if (HasFatalFailure()) return;
        open([this](kms::Kms& inner) {
            auto lying = std::make_unique<LyingPairKms>(inner);
            kms_ = lying.get();
            return lying;
        });
    }
    LyingPairKms* kms_ = nullptr;  // lives in engine_
};

TEST_F(LyingKeyPairTest, NoAddressIsToldOfAPairThatDoesNotOpen) {
    const auto other = [&](std::string_view key_id, const kms::EncryptionContext& context) {
        return kms_->inner().generate_data_key_pair_without_plaintext(key_id, context).value();
    };
    const auto encrypted = [&](std::string_view key_id, ByteView plaintext, const kms::EncryptionContext& context) {
        return kms_->inner().encrypt(key_id, plaintext, context).value().ciphertext;
    };
    const std::vector<std::pair<const char*, decltype(kms_->lie)>> lies{
        {"another's private key",
         [&](auto& pair, auto key, auto& c) { pair.private_key_ciphertext = other(key, c).private_key_ciphertext; }},
        {"another's public key", [&](auto& pair, auto key, auto& c) { pair.public_key = other(key, c).public_key; }},
        {"no private key", [](auto& pair, auto, auto&) { pair.private_key_ciphertext.clear(); }},
        {"a broken ciphertext", [](auto& pair, auto, auto&) { pair.private_key_ciphertext.back() ^= 1; }},
        {"another context",
         [&](auto& pair, auto key, auto&) { pair.private_key_ciphertext = other(key, {}).private_key_ciphertext; }},
        {"no public key", [](auto& pair, auto, auto&) { pair.public_key.clear(); }},
        {"a public key with more behind it", [](auto& pair, auto, auto&) { pair.public_key.push_back(0); }},
        {"a bare private key",
         [&](auto& pair, auto key, auto& c) { pair.private_key_ciphertext = encrypted(key, Bytes(32, 1), c); }},
        {"no DER",
         [&](auto& pair, auto key, auto& c) { pair.private_key_ciphertext = encrypted(key, as_bytes("hello"), c); }}};
    const std::size_t before = engine_->list_wallets(operator_, {})->size();
    for (const auto& [what, lie] : lies) {
        kms_->lie = lie;
        EXPECT_TRUE(
            fails_with(ErrorCode::kCorrupt, engine_->create_wallets(operator_, for_user("alice", Custody::kKeyPair))))
            << what;
        EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), before) << what;
    }
    kms_->lie = nullptr;
    create("alice", Custody::kKeyPair, "honest");
    EXPECT_TRUE(engine_->sign_message(operator_, "honest", as_bytes("m")));
}

TEST_F(LyingKeyPairTest, ARowThatMovesWhileItIsOpenedIsReadAgain) {
    const auto pool = engine_->pool_status(operator_);
    ASSERT_EQ(pool->keys.size(), 2U);
    for (const std::string& from : {pool->keys[0].id, pool->keys[1].id}) {
        const std::string to = from == pool->keys[0].id ? pool->keys[1].id : pool->keys[0].id;
        WalletQuery query;
        query.key = from;
        const auto wallets = engine_->list_wallets(operator_, query);
        if (wallets->empty()) continue;
        const Wallet& wallet = wallets->front();
        kms_->before_decrypt = [&] {  // somebody rewraps it and disables the old key
            const auto context = custody::key_pair_context(place(wallet));
            auto moved = kms_->inner().re_encrypt({sealed(wallet).data_key, context, {}, to, context});
            ASSERT_TRUE(moved) << why(moved);
            const store::SealedColumns columns{std::move(moved->ciphertext), {}};
            ASSERT_TRUE(vault_->write(
                [&](auto& d) { return store::replace_sealed_columns(d, wallet.id, to, "us-east-1", columns, 1, kStart); }));
            ASSERT_TRUE(engine_->disable_key(operator_, from));
        };
        expect_signs(wallet.label, wallet.address);
        expect_signs(wallet.label, wallet.address);
        ASSERT_TRUE(engine_->enable_key(operator_, from));
    }
}

}  // namespace
}  // namespace keydeck
