// What is kept for the day it is needed: keystores of many wallets, and a sheet with no secret in it.
#include "engine/custody/wallet_secret.hpp"
#include "engine/ethereum/keystore.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "engine/store/wallets.hpp"
#include "tests/custody/backup_fixture.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;

class RecoveryKitTest : public BackupTest {
protected:
    void SetUp() override {
        BackupTest::SetUp();
        if (HasFatalFailure()) return;
        own_ = create("alice", Custody::kKmsKey, "own-key");
        fs::create_directory(base_ / "kit");
    }
    auto export_all(const std::vector<std::string>& wallets, const Session& session, const fs::path& directory,
                    const Progress& progress = {}) {
        return engine_->export_keystores(session, wallets, directory, SecretBytes::copy_of(kPassphrase), progress);
    }
    std::string sheet(bool html = false, const std::string& user = {}) {
        auto text = engine_->recovery_sheet(operator_, {.user = user, .html = html});
        EXPECT_TRUE(text) << why(text);
        return text ? *text : std::string();
    }
    Wallet own_;
};

TEST_F(RecoveryKitTest, EachKeystoreOpensToItsWallet) {
    std::int64_t counted = -1;
    const auto exported = export_all({"alice-main", "own-key", name_of(bobs_), "bob-main"}, operator_, base_ / "kit",
                                     {[&](std::int64_t done, std::int64_t) { counted = done; }, {}});
    ASSERT_TRUE(exported) << why(exported);
    ASSERT_EQ(exported->size(), 3U) << "bob's is named twice";
    EXPECT_EQ(counted, 3);
    for (const Wallet& wallet : {alices_, bobs_}) {
        const fs::path file = base_ / "kit" / (name_of(wallet) + ".json");
        EXPECT_EQ(fs::status(file).permissions(), fs::perms(0600));
        ASSERT_TRUE(engine_->destroy_wallet(operator_, name_of(wallet), 1));
        ImportWallet import;
        import.user = "alice";
        import.keystore_json = read_all(file);
        import.keystore_passphrase = SecretBytes::copy_of(kPassphrase);
        const auto again = engine_->import_wallet(operator_, std::move(import));
        ASSERT_TRUE(again) << why(again);
        EXPECT_EQ(again->address, wallet.address);
    }
    EXPECT_EQ((*exported)[1].wallet.address, own_.address);
    EXPECT_TRUE((*exported)[1].file.empty());
    EXPECT_NE((*exported)[1].skipped.find("KMS"), std::string::npos);
    AuditQuery query;
    query.action = "ExportKeystore";
    EXPECT_EQ(events(query).size(), 2U);
}

TEST_F(RecoveryKitTest, NothingIsOverwrittenAndTheOthersGoOn) {
    write_all(base_ / "kit" / (name_of(alices_) + ".json"), "of last year");
    const auto exported = export_all({"alice-main", "bob-main"}, operator_, base_ / "kit");
    ASSERT_TRUE(exported) << why(exported);
    EXPECT_NE((*exported)[0].skipped.find("exists already"), std::string::npos);
    EXPECT_EQ(read_all(base_ / "kit" / (name_of(alices_) + ".json")), "of last year");
    EXPECT_EQ((*exported)[1].skipped, "");
    EXPECT_TRUE(fs::exists((*exported)[1].file));
}

/// As after Ctrl-C: the same command goes on, and what it finds done is done.
TEST_F(RecoveryKitTest, WhatWasExportedBeforeIsDone) {
    const fs::path alices = base_ / "kit" / (name_of(alices_) + ".json");
    const fs::path bobs = base_ / "kit" / (name_of(bobs_) + ".json");
    ASSERT_TRUE(export_all({"alice-main"}, operator_, base_ / "kit"));
    const std::string written = read_all(alices);
    const auto again = export_all({"alice-main", "bob-main"}, operator_, base_ / "kit");
    ASSERT_TRUE(again) << why(again);
    for (const ExportedKeystore& keystore : *again) EXPECT_EQ(keystore.skipped, "");
    EXPECT_EQ((*again)[0].file, alices);
    EXPECT_EQ((*again)[1].file, bobs);
    EXPECT_EQ(read_all(alices), written) << "not made a second time";

    // Another's key, and this one's under another passphrase, are no part of this kit.
    fs::remove(bobs);
    fs::copy_file(alices, bobs);
    const auto of_another = export_all({"bob-main"}, operator_, base_ / "kit");
    ASSERT_TRUE(of_another) << why(of_another);
    EXPECT_TRUE((*of_another)[0].file.empty());
    EXPECT_NE((*of_another)[0].skipped.find("exists already"), std::string::npos);
    const std::vector<std::string> one{"alice-main"};
    const auto otherwise =
        engine_->export_keystores(operator_, one, base_ / "kit", SecretBytes::copy_of(std::string_view("another")));
    ASSERT_TRUE(otherwise) << why(otherwise);
    EXPECT_TRUE((*otherwise)[0].file.empty());
    EXPECT_NE((*otherwise)[0].skipped.find("passphrase"), std::string::npos);
}

TEST_F(RecoveryKitTest, AHiddenWalletIsExportedByItsAddress) {
    ASSERT_TRUE(engine_->remove_wallet(operator_, "bob-main"));
    const auto exported = export_all({name_of(bobs_)}, operator_, base_ / "kit");
    ASSERT_TRUE(exported) << why(exported);
    EXPECT_EQ((*exported)[0].skipped, "");
    EXPECT_TRUE(fs::exists(base_ / "kit" / (name_of(bobs_) + ".json")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, export_all({name_of(bobs_)}, alice_, base_ / "kit")));
    EXPECT_FALSE(engine_->export_private_key(operator_, name_of(bobs_))) << "not one by one";
    fs::remove(base_ / "kit" / (name_of(bobs_) + ".json"));
    ASSERT_TRUE(engine_->lock_user(operator_, "bob"));
    const auto locked = export_all({name_of(bobs_)}, operator_, base_ / "kit");
    ASSERT_TRUE(locked) << why(locked);
    EXPECT_NE((*locked)[0].skipped.find("bob is locked"), std::string::npos) << (*locked)[0].skipped;
}

TEST_F(RecoveryKitTest, WhatIsWrongIsSaidBeforeAnythingIsWritten) {
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, export_all({"alice-main"}, operator_, base_ / "no")));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, export_all({"alice-main", "nobody"}, operator_, base_ / "kit")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, export_all({"alice-main", "bob-main"}, alice_, base_ / "kit")));
    const std::vector<std::string> one{"alice-main"};
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->export_keystores(operator_, one, base_ / "kit", {})));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, export_all(one, operator_, base_ / "kit", {{}, stop.get_token()})));
    EXPECT_TRUE(fs::is_empty(base_ / "kit"));
    const auto own = export_all({"alice-main"}, alice_, base_ / "kit");
    ASSERT_TRUE(own) << why(own);
    EXPECT_FALSE(own->front().file.empty()) << "one's own";
}

TEST_F(RecoveryKitTest, TheSheetTellsWhatMustBeKnown) {
    const std::string text = sheet();
    const auto vault = engine_->vault();
    for (const std::string& part :
         {vault->id, vault->path, vault->region, vault->account, vault->key_file, name_of(alices_), name_of(bobs_),
          name_of(own_), std::string("alice-main"), std::string("Wallets of bob"), std::string("m/44'/60'/0'/0/0"),
          std::string("kms-key: the private key"), std::string("envelope: the mnemonic"), own_.key_id,
          engine_->key(operator_, own_.key_id)->arn, engine_->wallet(operator_, "alice-main")->key_alias,
          to_hex_0x(engine_->verify_audit(operator_, std::nullopt)->head)})
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    EXPECT_EQ(text.find("key-pair: "), std::string::npos) << "of custodies that are in use only";
    EXPECT_EQ(sheet(false, "bob").find(name_of(alices_)), std::string::npos);
    ASSERT_TRUE(engine_->remove_wallet(operator_, "bob-main"));
    EXPECT_NE(sheet(false, "bob").find(name_of(bobs_)), std::string::npos) << "a hidden one holds money too";
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->recovery_sheet(operator_, {.user = "carol"})));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->recovery_sheet(alice_, {})));
}

TEST_F(RecoveryKitTest, NoSecretIsInTheSheet) {
    const std::string pages = sheet() + sheet(true);
    std::vector<std::string> secrets{to_hex(as_bytes(read_all(base_ / "key")))};
    for (const Wallet& wallet : {alices_, bobs_}) {
        const auto opened = custody::open_wallet_secret(*vault_, wallet, "test");
        ASSERT_TRUE(opened) << why(opened);
        secrets.push_back(to_hex(opened->private_key.view()));
        secrets.push_back(to_hex(opened->entropy.view()));
        const auto columns = custody::ask_store(
            *vault_, [&](sqlite::Database& database) { return store::sealed_columns(database, wallet.id); });
        ASSERT_TRUE(columns) << why(columns);
        // Not even sealed: a sheet of paper cannot be rewrapped.
        secrets.push_back(to_hex(columns->data_key).substr(0, 32));
        secrets.push_back(to_hex(columns->secret).substr(0, 32));
        const SecretBytes mnemonic = ethereum::mnemonic_from_entropy(opened->entropy.view()).value();
        secrets.emplace_back(mnemonic.text());
        secrets.emplace_back(mnemonic.text().substr(0, mnemonic.text().find(' ', 12)));
    }
    for (const std::string& secret : secrets) {
        ASSERT_GE(secret.size(), 8U);
        EXPECT_EQ(pages.find(secret), std::string::npos);
    }
}

TEST_F(RecoveryKitTest, NamesDoNoHarmOnAScreenNorInABrowser) {
    // As somebody with the file could write it: the engine takes no such label.
    meddle(
        "UPDATE wallets SET label = '<script>alert(''1'')</script> & \"\xE2\x80\xAE"
        "txet' WHERE label = 'alice-main'");
    const std::string text = sheet();
    EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos);
    EXPECT_NE(text.find("\\u{202e}"), std::string::npos);
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    const std::string html = sheet(true);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_NE(html.find("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;"), std::string::npos);
    EXPECT_EQ(html.find("\xE2\x80\xAE"), std::string::npos);
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
}

}  // namespace
}  // namespace keydeck
