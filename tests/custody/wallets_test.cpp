// Creating, importing, listing, exporting and retiring wallets.
#include <algorithm>
#include <set>

#include "engine/store/wallets.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

// The first account of Hardhat and Anvil: https://hardhat.org/hardhat-network/docs/reference#accounts
constexpr std::string_view kMnemonic = "test test test test test test test test test test test junk";
constexpr std::string_view kPrivateKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr std::string_view kAddress = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
constexpr std::string_view kSecondAddress = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

class WalletsTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (!HasFatalFailure()) add_user("alice");
    }
    Result<Wallet> import_mnemonic(std::string_view mnemonic, const std::string& path = {}, const std::string& label = {}) {
        ImportWallet request;
        request.user = "alice";
        request.label = label;
        request.path = path;
        request.mnemonic = SecretBytes::copy_of(mnemonic);
        return engine_->import_wallet(operator_, std::move(request));
    }
    Result<Wallet> import_key(std::string_view key) {
        ImportWallet request;
        request.user = "alice";
        request.private_key = SecretBytes::copy_of(key);
        return engine_->import_wallet(operator_, std::move(request));
    }
    CreateWallets many(std::int64_t count, const std::string& label = {}) {
        return for_user("alice", Custody::kEnvelope, label, count);
    }
};

TEST_F(WalletsTest, CreatesAnEnvelopeWalletAndThePoolItNeeds) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    EXPECT_EQ(wallet.user, "alice");
    EXPECT_EQ(wallet.label, "main");
    EXPECT_EQ(wallet.custody, Custody::kEnvelope);
    EXPECT_TRUE(wallet.has_mnemonic);
    EXPECT_FALSE(wallet.imported);
    EXPECT_EQ(wallet.path, "m/44'/60'/0'/0/0");
    EXPECT_EQ(wallet.public_key.size(), 65U);
    EXPECT_EQ(wallet.state, WalletState::kReady);
    EXPECT_EQ(wallet.region, "us-east-1");
    const auto pool = engine_->pool_status(operator_);
    ASSERT_TRUE(pool) << why(pool);
    ASSERT_EQ(pool->keys.size(), 2U);
    EXPECT_EQ(pool->keys[0].alias, "alias/keydeck-pool-1");
    EXPECT_EQ(pool->keys[1].alias, "alias/keydeck-pool-2");
    EXPECT_EQ(pool->wallets, 1);
    expect_sound_audit();
}

TEST_F(WalletsTest, CreatesAKmsWalletWhoseKeyCarriesItsTags) {
    const Wallet wallet = create("alice", Custody::kKmsKey, "vaulted");
    EXPECT_FALSE(wallet.has_mnemonic);
    EXPECT_TRUE(wallet.path.empty());
    const auto key = engine_->key(operator_, wallet.key_id);
    ASSERT_TRUE(key) << why(key);
    EXPECT_EQ(key->spec, "ECC_SECG_P256K1");
    EXPECT_EQ(key->usage, "SIGN_VERIFY");
    EXPECT_EQ(key->purpose, "wallet");
    EXPECT_EQ(key->wallets, 1);
    std::set<std::string> tags;
    for (const auto& [name, value] : key->tags) tags.insert(name);
    EXPECT_EQ(tags, (std::set<std::string>{"keydeck:vault", "keydeck:purpose", "keydeck:journal", "keydeck:user",
                                           "keydeck:wallet"}));
    EXPECT_EQ(engine_->pool_status(operator_)->keys.size(), 0U) << "a wallet with a key of its own needs no pool";
}

TEST_F(WalletsTest, CreatesEveryLengthOfMnemonic) {
    for (const unsigned words : {12U, 15U, 18U, 21U, 24U}) {
        CreateWallets request = many(1);
        request.words = words;
        const auto made = engine_->create_wallets(operator_, request);
        ASSERT_TRUE(made) << why(made);
        const auto mnemonic = engine_->export_mnemonic(operator_, name_of(made->front()));
        ASSERT_TRUE(mnemonic) << why(mnemonic);
        EXPECT_EQ(std::ranges::count(mnemonic->text(), ' ') + 1, words);
    }
}

TEST_F(WalletsTest, RefusesWhatCannotBeMade) {
    for (const unsigned words : {0U, 11U, 13U, 25U, 27U}) {
        CreateWallets request = many(1);
        request.words = words;
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->create_wallets(operator_, request))) << words;
    }
    for (const std::int64_t count : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{100'001}}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->create_wallets(operator_, many(count)))) << count;
    }
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->create_wallets(operator_, for_user("dave"))));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope,
                                                                                                 std::string(kAddress)))));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope,
                                                                                                 std::string(64, 'x'), 2))));
    EXPECT_TRUE(engine_->list_wallets(operator_, {})->empty());
}

TEST_F(WalletsTest, CreatesManyInOrderWithProgressAndNumberedLabels) {
    std::vector<std::int64_t> reported;
    const Progress progress{[&](std::int64_t done, std::int64_t total) {
                                EXPECT_EQ(total, 1100);
                                reported.push_back(done);
                            },
                            {}};
    const auto made = engine_->create_wallets(operator_, many(1100, "w"), progress);
    ASSERT_TRUE(made) << why(made);
    ASSERT_EQ(made->size(), 1100U);
    std::set<AddressBytes> addresses;
    std::set<std::string> keys;
    for (std::size_t i = 0; i < made->size(); ++i) {
        EXPECT_EQ((*made)[i].label, "w-" + std::to_string(i + 1));
        addresses.insert((*made)[i].address);
        keys.insert((*made)[i].key_id);
    }
    EXPECT_EQ(addresses.size(), 1100U);
    EXPECT_EQ(keys.size(), 2U) << "keys are drawn from the whole pool";
    ASSERT_FALSE(reported.empty());
    EXPECT_EQ(reported.back(), 1100);
    EXPECT_TRUE(std::ranges::is_sorted(reported));
    for (const char* label : {"w-1", "w-33", "w-1000", "w-1100"}) {
        EXPECT_TRUE(engine_->sign_message(operator_, label, as_bytes("hello"))) << label;
    }
    EXPECT_EQ(engine_->vault()->wallets, 1100);
    expect_sound_audit();
}

TEST_F(WalletsTest, ManyKmsWallets) {
    const auto made = engine_->create_wallets(operator_, for_user("alice", Custody::kKmsKey, "k", 20));
    ASSERT_TRUE(made) << why(made);
    ASSERT_EQ(made->size(), 20U);
    EXPECT_EQ(made->back().label, "k-20");
    EXPECT_TRUE(engine_->doctor(operator_)->empty());
}

TEST_F(WalletsTest, ATakenLabelAmongManyMakesNothing) {
    create("alice", Custody::kEnvelope, "w-7");
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->create_wallets(operator_, many(10, "w"))));
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 1U);
}

TEST_F(WalletsTest, StoppedOnTheWayKeepsWhatIsComplete) {
    std::stop_source source;
    const Progress progress{[&](std::int64_t done, std::int64_t) {
                                if (done > 0) source.request_stop();
                            },
                            source.get_token()};
    const auto made = engine_->create_wallets(operator_, many(2500), progress);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, made));
    const auto there = engine_->list_wallets(operator_, {});
    ASSERT_TRUE(there);
    ASSERT_GE(there->size(), 1000U);
    EXPECT_LT(there->size(), 2500U);
    EXPECT_NE(made.error().message.find(std::to_string(there->size())), std::string::npos) << made.error().message;
    EXPECT_TRUE(engine_->sign_message(operator_, name_of(there->back()), as_bytes("x")));
    expect_sound_audit();
}

TEST_F(WalletsTest, ImportsAMnemonic) {
    const auto wallet = import_mnemonic(kMnemonic, {}, "hardhat");
    ASSERT_TRUE(wallet) << why(wallet);
    EXPECT_EQ(name_of(*wallet), kAddress);
    EXPECT_TRUE(wallet->imported);
    EXPECT_TRUE(wallet->has_mnemonic);
    EXPECT_EQ(wallet->path, "m/44'/60'/0'/0/0");
    const auto second =
        import_mnemonic("  TEST test\ttest test test test test test test test test\n junk ", "m/44h/60h/0h/0/1");
    ASSERT_TRUE(second) << why(second);
    EXPECT_EQ(name_of(*second), kSecondAddress);
    EXPECT_EQ(second->path, "m/44'/60'/0'/0/1");
    const auto mnemonic = engine_->export_mnemonic(operator_, "hardhat");
    ASSERT_TRUE(mnemonic) << why(mnemonic);
    EXPECT_EQ(mnemonic->text(), kMnemonic);
    const auto key = engine_->export_private_key(operator_, "hardhat");
    ASSERT_TRUE(key) << why(key);
    EXPECT_EQ(key->text(), kPrivateKey);
}

TEST_F(WalletsTest, ImportsAPrivateKeyAndHasNoMnemonicForIt) {
    const auto wallet = import_key(" ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80\n");
    ASSERT_TRUE(wallet) << why(wallet);
    EXPECT_EQ(name_of(*wallet), kAddress);
    EXPECT_FALSE(wallet->has_mnemonic);
    EXPECT_TRUE(wallet->path.empty());
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->export_mnemonic(operator_, kAddress)));
    EXPECT_EQ(engine_->export_private_key(operator_, kAddress)->text(), kPrivateKey);
}

TEST_F(WalletsTest, KeystoreGoesOutAndComesBack) {
    ASSERT_TRUE(import_key(kPrivateKey));
    const SecretBytes passphrase = SecretBytes::copy_of("swordfish");
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->export_keystore(operator_, kAddress, {})));
    const auto keystore = engine_->export_keystore(operator_, kAddress, passphrase);
    ASSERT_TRUE(keystore) << why(keystore);
    EXPECT_EQ(keystore->find("ac0974bec39a17e3"), std::string::npos);
    ASSERT_TRUE(engine_->destroy_wallet(operator_, kAddress, 1));
    ImportWallet request;
    request.user = "alice";
    request.keystore_json = *keystore;
    request.keystore_passphrase = SecretBytes::copy_of("wrong");
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->import_wallet(operator_, std::move(request))));
    request = {};
    request.user = "alice";
    request.keystore_json = *keystore;
    request.keystore_passphrase = passphrase.clone();
    const auto back = engine_->import_wallet(operator_, std::move(request));
    ASSERT_TRUE(back) << why(back);
    EXPECT_EQ(name_of(*back), kAddress);
}

TEST_F(WalletsTest, RefusesABadImport) {
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, import_mnemonic("test test test")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput,
                           import_mnemonic("test test test test test test test test test test test test")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, import_mnemonic(kMnemonic, "44/60/0")));
    for (const std::string_view key : {"0x", "0x12", "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff8g",
                                       "0x0000000000000000000000000000000000000000000000000000000000000000",
                                       "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, import_key(key))) << key;
    }
    ImportWallet none;
    none.user = "alice";
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->import_wallet(operator_, std::move(none))));
    ImportWallet both;
    both.user = "alice";
    both.mnemonic = SecretBytes::copy_of(kMnemonic);
    both.private_key = SecretBytes::copy_of(kPrivateKey);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->import_wallet(operator_, std::move(both))));
    ImportWallet path;
    path.user = "alice";
    path.path = "m/0";
    path.private_key = SecretBytes::copy_of(kPrivateKey);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->import_wallet(operator_, std::move(path))));
    EXPECT_TRUE(engine_->list_wallets(operator_, {})->empty());
}

TEST_F(WalletsTest, AnAddressComesInOnce) {
    ASSERT_TRUE(import_key(kPrivateKey));
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, import_key(kPrivateKey)));
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, import_mnemonic(kMnemonic)));
    ASSERT_TRUE(engine_->remove_wallet(operator_, kAddress));
    const auto hidden = import_key(kPrivateKey);
    ASSERT_TRUE(fails_with(ErrorCode::kAlreadyExists, hidden));
    EXPECT_NE(hidden.error().hint.find("--destroy"), std::string::npos);
}

TEST_F(WalletsTest, IsFoundByAddressLabelAndUser) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    std::string lower = name_of(wallet);
    std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    for (const std::string& name : {name_of(wallet), lower, std::string("main"), std::string("alice")}) {
        const auto found = engine_->wallet(operator_, name);
        ASSERT_TRUE(found) << name << ": " << why(found);
        EXPECT_EQ(found->id, wallet.id);
    }
    std::string wrong = name_of(wallet);
    for (char& c : wrong) {
        if (c >= 'a' && c <= 'f') {
            c = static_cast<char>(c - 32);
            break;
        }
    }
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->wallet(operator_, wrong))) << "a broken checksum: " << wrong;
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->wallet(operator_, kAddress)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->wallet(operator_, "nobody")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->wallet(operator_, "")));
    create("alice");
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->wallet(operator_, "alice"))) << "alice has two now";
}

TEST_F(WalletsTest, RelabelsAndKeepsLabelsUnique) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    create("alice", Custody::kEnvelope, "other");
    EXPECT_EQ(engine_->label_wallet(operator_, "main", "savings")->label, "savings");
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->label_wallet(operator_, "savings", "other")));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->label_wallet(operator_, "main", "x")));
    EXPECT_EQ(engine_->label_wallet(operator_, name_of(wallet), "")->label, "");
    EXPECT_EQ(last_event().action, "LabelWallet");
}

TEST_F(WalletsTest, RemovedWalletsAreHiddenAndSignNothing) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    ASSERT_TRUE(engine_->sign_message(operator_, "main", as_bytes("x")));
    ASSERT_TRUE(engine_->remove_wallet(operator_, "main"));
    EXPECT_TRUE(engine_->list_wallets(operator_, {})->empty());
    WalletQuery all;
    all.include_removed = true;
    ASSERT_EQ(engine_->list_wallets(operator_, all)->size(), 1U);
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->sign_message(operator_, name_of(wallet), as_bytes("x"))));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->export_mnemonic(operator_, name_of(wallet))));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->remove_wallet(operator_, name_of(wallet))));
}

TEST_F(WalletsTest, DestroyingNeedsTheNumberAndErasesTheRow) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    for (const std::int64_t wrong : {0, 2, -1}) {
        EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->destroy_wallet(operator_, "main", wrong)));
    }
    ASSERT_TRUE(engine_->destroy_wallet(operator_, "main", 1));
    WalletQuery all;
    all.include_removed = true;
    EXPECT_TRUE(engine_->list_wallets(operator_, all)->empty());
    EXPECT_EQ(engine_->key(operator_, wallet.key_id)->state, "Enabled") << "no KMS key is touched";
    EXPECT_EQ(last_event().action, "DestroyWallet");

    const Wallet hidden = create("alice", Custody::kEnvelope, "hidden");
    ASSERT_TRUE(engine_->remove_wallet(operator_, "hidden"));
    ASSERT_TRUE(engine_->destroy_wallet(operator_, name_of(hidden), 1));
    EXPECT_TRUE(engine_->list_wallets(operator_, all)->empty());
}

TEST_F(WalletsTest, AWalletWhoseKmsKeyGoesOnIsNotDestroyed) {
    const Wallet wallet = create("alice", Custody::kKmsKey, "vaulted");
    const Status refused = engine_->destroy_wallet(operator_, "vaulted", 1);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().hint.find("keydeck key schedule-deletion " + wallet.key_id), std::string::npos);
    EXPECT_TRUE(engine_->sign_message(operator_, "vaulted", as_bytes("still here")));
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet.key_id, 7, 1));
    EXPECT_TRUE(engine_->destroy_wallet(operator_, "vaulted", 1));
}

TEST_F(WalletsTest, KmsWalletsHaveNothingToExport) {
    const Wallet wallet = create("alice", Custody::kKmsKey);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->export_mnemonic(operator_, name_of(wallet))));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->export_private_key(operator_, name_of(wallet))));
}

TEST_F(WalletsTest, AnExportIsRecordedBeforeItIsHandedOut) {
    const Wallet wallet = create("alice");
    ASSERT_TRUE(engine_->export_mnemonic(operator_, "alice"));
    const AuditEvent event = last_event();
    EXPECT_EQ(event.action, "ExportMnemonic");
    EXPECT_EQ(event.target, name_of(wallet));
    EXPECT_EQ(event.result, "ok");
    // A log that cannot be written hands nothing out.
    meddle("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
    EXPECT_FALSE(engine_->export_mnemonic(operator_, "alice"));
    EXPECT_FALSE(engine_->export_private_key(operator_, "alice"));
    EXPECT_FALSE(engine_->export_keystore(operator_, "alice", SecretBytes::copy_of("p")));
    EXPECT_FALSE(engine_->sign_message(operator_, "alice", as_bytes("x")));
}

TEST_F(WalletsTest, UsersAreManaged) {
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->add_user(operator_, "alice")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->add_user(operator_, "operator")));
    EXPECT_EQ(engine_->rename_user(operator_, "alice", "alicia")->name, "alicia");
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->user(operator_, "alice")));
    create("alicia");
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->remove_user(operator_, "alicia")));
    EXPECT_EQ(engine_->user(operator_, "alicia")->wallets, 1);
    ASSERT_TRUE(engine_->remove_wallet(operator_, "alicia"));
    ASSERT_TRUE(engine_->remove_user(operator_, "alicia"));
    EXPECT_EQ(engine_->vault()->users, 0);
    std::vector<std::string> actions;
    for (const AuditEvent& event : events()) actions.push_back(event.action + ":" + event.result);
    EXPECT_EQ(actions, (std::vector<std::string>{"CreateUser:ok", "CreateUser:already_exists", "CreateUser:invalid_input",
                                                 "RenameUser:ok", "CreateKey:ok", "CreateKey:ok", "CreateWallet:ok",
                                                 "RemoveUser:rejected", "RemoveWallet:ok", "RemoveUser:ok"}));
    expect_sound_audit();
}

TEST_F(WalletsTest, AHiddenWalletComesBack) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    ASSERT_TRUE(engine_->remove_wallet(operator_, "main"));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->restore_wallet(operator_, "main"))) << "by its address only";
    const auto restored = engine_->restore_wallet(operator_, name_of(wallet));
    ASSERT_TRUE(restored) << why(restored);
    EXPECT_EQ(restored->id, wallet.id);
    EXPECT_EQ(restored->label, "main");
    EXPECT_EQ(restored->state, WalletState::kReady);
    EXPECT_EQ(last_event().action, "RestoreWallet");
    EXPECT_EQ(last_event().target, name_of(wallet));
    EXPECT_TRUE(engine_->sign_message(operator_, "main", as_bytes("m")));
    EXPECT_EQ(engine_->vault()->wallets, 1);
    EXPECT_TRUE(engine_->restore_wallet(operator_, name_of(wallet))) << "twice is fine";
    // Its label is somebody else's when it comes back a second time.
    ASSERT_TRUE(engine_->remove_wallet(operator_, "main"));
    create("alice", Custody::kEnvelope, "main");
    EXPECT_EQ(engine_->restore_wallet(operator_, name_of(wallet))->label, "");
    // And one that was destroyed does not.
    ASSERT_TRUE(engine_->destroy_wallet(operator_, name_of(wallet), 1));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->restore_wallet(operator_, name_of(wallet))));
}

TEST_F(WalletsTest, TheDoctorFinishesAPurgeThatAReaderHeldUp) {
    const Wallet wallet = create("alice");
    std::string sealed;
    {
        auto lease = vault_->store().lease();
        auto row = (**lease).prepare("SELECT hex(sealed_secret) FROM wallets");
        ASSERT_TRUE(row.step().value());
        const auto bytes = from_hex(row.text(0), "sealed");
        sealed = std::string(as_text(*bytes));
    }
    const auto wal = directory_ / "keydeck.db-wal";
    {
        auto reader = vault_->store().lease();
        auto snapshot = sqlite::DbTransaction::begin_read(**reader);
        ASSERT_TRUE(snapshot);
        auto row = (**reader).prepare("SELECT count(*) FROM wallets");
        ASSERT_TRUE(row.step().value());
        ASSERT_TRUE(engine_->destroy_wallet(operator_, name_of(wallet), 1)) << "the row is gone all the same";
        ASSERT_NE(read_all(wal).find(sealed), std::string::npos);
        const auto told = engine_->doctor(operator_);
        ASSERT_TRUE(told) << why(told);
        EXPECT_TRUE(std::ranges::any_of(*told, [](const auto& finding) { return finding.check == "unpurged"; }));
    }
    const auto after = engine_->doctor(operator_);
    ASSERT_TRUE(after) << why(after);
    EXPECT_FALSE(std::ranges::any_of(*after, [](const auto& finding) { return finding.check == "unpurged"; }));
    for (const auto& file : {wal, directory_ / "keydeck.db"})
        EXPECT_EQ(read_all(file).find(sealed), std::string::npos) << file;
}

}  // namespace
}  // namespace keydeck
