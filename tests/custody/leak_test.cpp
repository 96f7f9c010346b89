// No plaintext secret at rest: the vault's files are searched for what was brought in and taken out.
#include <algorithm>

#include "engine/base/base64.hpp"
#include "engine/custody/wallet_secret.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kMnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";
constexpr std::string_view kPrivateKey = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
constexpr std::string_view kPassphrase = "a passphrase nobody guesses";
constexpr std::string_view kVaultPassphrase = "the vault's own passphrase";

class LeakTest : public VaultTest {
protected:
    void describe_vault(VaultCreation& creation) override { creation.passphrase = SecretBytes::copy_of(kVaultPassphrase); }

    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        ASSERT_TRUE(engine_->unlock(SecretBytes::copy_of(kVaultPassphrase)));
        add_user("alice");
        add_user("bob");
    }
    Wallet import(ImportWallet request) {
        request.user = "alice";
        auto wallet = engine_->import_wallet(operator_, std::move(request));
        EXPECT_TRUE(wallet) << why(wallet);
        return wallet ? *wallet : Wallet{};
    }

    /// A secret in each form somebody could have written it in.
    void add_forms(const std::string& name, ByteView secret) {
        const std::string raw(as_text(secret));
        std::string reversed(raw.rbegin(), raw.rend());
        std::string upper = to_hex(secret);
        std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
        forms_.emplace_back(name + ", raw", raw);
        forms_.emplace_back(name + ", reversed", reversed);
        forms_.emplace_back(name + ", hex", to_hex(secret));
        forms_.emplace_back(name + ", upper hex", upper);
        forms_.emplace_back(name + ", base64", to_base64(secret).substr(0, 40));
        // A part is as bad as the whole.
        if (raw.size() >= 32) forms_.emplace_back(name + ", first half", raw.substr(0, raw.size() / 2));
        if (raw.size() >= 32) forms_.emplace_back(name + ", second half", raw.substr(raw.size() / 2));
    }

    void expect_nothing_leaked() {
        std::size_t searched = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(base_)) {
            if (!entry.is_regular_file()) continue;
            const std::string content = read_all(entry.path());
            searched += content.size();
            for (const auto& [name, form] : forms_) {
                ASSERT_GE(form.size(), 8U) << name;
                EXPECT_EQ(content.find(form), std::string::npos) << name << " stands in " << entry.path();
            }
        }
        EXPECT_GT(searched, 100'000U) << "the files were not there to be searched";
    }

    std::vector<std::pair<std::string, std::string>> forms_;
};

TEST_F(LeakTest, ImportSignExportLeaveNothingInTheFiles) {
    ImportWallet from_mnemonic;
    from_mnemonic.label = "m";
    from_mnemonic.mnemonic = SecretBytes::copy_of(kMnemonic);
    import(std::move(from_mnemonic));
    ImportWallet from_key;
    from_key.label = "k";
    from_key.private_key = SecretBytes::copy_of(kPrivateKey);
    const Wallet keyed = import(std::move(from_key));

    add_forms("the mnemonic", as_bytes(kMnemonic));
    add_forms("its first words", as_bytes(kMnemonic.substr(0, 24)));
    add_forms("its entropy", ethereum::entropy_from_mnemonic(kMnemonic)->view());
    const SecretBytes seed = ethereum::seed_from_mnemonic(kMnemonic);
    add_forms("its seed", seed.view());
    add_forms("the private key", *from_hex(kPrivateKey, "key"));
    add_forms("the keystore's passphrase", as_bytes(kPassphrase));
    add_forms("the vault's passphrase", as_bytes(kVaultPassphrase));

    for (const char* wallet : {"m", "k"}) {
        EXPECT_TRUE(engine_->sign_message(operator_, wallet, as_bytes("hello")));
        EXPECT_FALSE(engine_->export_private_key(bob_, wallet));
        EXPECT_FALSE(engine_->export_mnemonic(bob_, wallet));
        const auto key = engine_->export_private_key(operator_, wallet);
        ASSERT_TRUE(key);
        add_forms(std::string("the exported key of ") + wallet, *from_hex(key->text(), "key"));
    }
    ASSERT_TRUE(engine_->export_mnemonic(operator_, "m"));
    ASSERT_TRUE(engine_->export_keystore(operator_, "k", SecretBytes::copy_of(kPassphrase)));
    // Refusals that were handed a secret.
    ImportWallet again;
    again.user = "alice";
    again.mnemonic = SecretBytes::copy_of(kMnemonic);
    EXPECT_FALSE(engine_->import_wallet(operator_, std::move(again)));
    ImportWallet broken;
    broken.user = "alice";
    broken.mnemonic = SecretBytes::copy_of(std::string(kMnemonic) + " yellow");
    EXPECT_FALSE(engine_->import_wallet(operator_, std::move(broken)));
    ImportWallet long_key;
    long_key.user = "alice";
    long_key.private_key = SecretBytes::copy_of(std::string(kPrivateKey) + "00");
    EXPECT_FALSE(engine_->import_wallet(operator_, std::move(long_key)));
    EXPECT_FALSE(engine_->unlock(SecretBytes::copy_of("a passphrase nobody guesses")));

    expect_nothing_leaked();  // with the vault open: the WALs too
    for (const AuditEvent& event : events()) {
        const std::string json = Engine::to_cloudtrail_json(event, *engine_->vault());
        for (const auto& [name, form] : forms_) EXPECT_EQ(json.find(form), std::string::npos) << name;
    }
    engine_.reset();
    expect_nothing_leaked();  // and closed
}

TEST_F(LeakTest, ErrorsNameNoSecret) {
    const auto look = [&](const Error& error) {
        for (const auto& [name, form] : forms_) {
            EXPECT_EQ((error.message + error.hint).find(form), std::string::npos) << name << ": " << error.message;
        }
    };
    add_forms("a word", as_bytes("sausagefest"));
    add_forms("the key", as_bytes(kPrivateKey.substr(0, 40)));
    for (const std::string_view mnemonic :
         {"legal winner thank year wave sausagefest worth useful legal winner thank yellow", "sausagefest"}) {
        ImportWallet request;
        request.user = "alice";
        request.mnemonic = SecretBytes::copy_of(mnemonic);
        const auto refused = engine_->import_wallet(operator_, std::move(request));
        ASSERT_FALSE(refused);
        look(refused.error());
    }
    for (const std::string& key :
         {std::string(kPrivateKey) + "x", std::string(kPrivateKey.substr(0, 63)) + "z", std::string(kPrivateKey) + "0"}) {
        ImportWallet request;
        request.user = "alice";
        request.private_key = SecretBytes::copy_of(key);
        const auto refused = engine_->import_wallet(operator_, std::move(request));
        ASSERT_FALSE(refused);
        look(refused.error());
    }
}

TEST_F(LeakTest, ADestroyedWalletsCiphertextIsGoneFromTheFiles) {
    const Wallet wallet = create("alice");
    Bytes sealed;
    {
        auto lease = vault_->store().lease();
        auto statement = (**lease).prepare("SELECT sealed_secret FROM wallets WHERE id = ?");
        statement.bind(1, wallet.id);
        ASSERT_EQ(*statement.step(), true);
        sealed = to_bytes(statement.blob(0));
    }
    ASSERT_GT(sealed.size(), 40U);
    const std::string needle(as_text(ByteView(sealed).subspan(5, 30)));
    const auto occurrences = [&] {
        int count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            if (read_all(entry.path()).find(needle) != std::string::npos) ++count;
        }
        return count;
    };
    EXPECT_GE(occurrences(), 1);
    ASSERT_TRUE(engine_->destroy_wallet(operator_, "alice", 1));
    EXPECT_EQ(occurrences(), 0);
}

}  // namespace
}  // namespace keydeck
