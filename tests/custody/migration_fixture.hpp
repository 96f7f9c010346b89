// An application's database beside the vault, its secrets encrypted with Fernet.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/base64.hpp"
#include "engine/crypto/fernet.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/migration.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {

inline constexpr std::string_view kFernetKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
inline constexpr std::string_view kLegacyKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Lets a test act before each Encrypt and Decrypt (each counted from 1) and choose their answers.
class MigrationKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    static Error denied() { return kms::kms_fail("AccessDeniedException", "Not authorized").error(); }
    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override {
        if (refuses) return std::unexpected(denied());
        return inner_.describe_key(key_id);
    }
    Result<kms::EncryptResult> encrypt(std::string_view key_id, ByteView plaintext,
                                       const kms::EncryptionContext& context) override {
        const int nth = ++encrypts;
        if (watch) {
            if (std::optional<Error> error = watch(nth)) return std::unexpected(std::move(*error));
        }
        if (refuses) return std::unexpected(denied());
        auto result = inner_.encrypt(key_id, plaintext, context);
        if (other_shape && result) reshape(result->ciphertext);
        return result;
    }
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override {
        const int nth = ++decrypts;
        if (refuses) return std::unexpected(denied());
        if (watch_decrypt) {
            if (std::optional<Error> error = watch_decrypt(nth)) return std::unexpected(std::move(*error));
        }
        Bytes blob = to_bytes(ciphertext);
        if (other_shape) reshape(blob);
        auto result = inner_.decrypt(key_id, blob, context);
        if (lies && result && !result->plaintext.empty()) result->plaintext.data()[0] ^= 1;
        return result;
    }
    kms::Kms& inner() { return inner_; }
    std::atomic<int> encrypts = 0;
    std::atomic<int> decrypts = 0;
    bool lies = false;
    bool refuses = false;      ///< AccessDenied, whatever it is asked
    bool other_shape = false;  ///< its blobs begin like those of no KMS that is known
    std::function<std::optional<Error>(int)> watch;
    std::function<std::optional<Error>(int)> watch_decrypt;

private:
    static void reshape(Bytes& blob) {
        for (std::size_t i = 0; i < 4 && i < blob.size(); ++i) blob[i] ^= 0x5a;
    }
};

class MigrationTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        open_watched();
        CreateKey wanted;
        wanted.alias = "app";
        const auto key = engine_->create_key(operator_, wanted);
        ASSERT_TRUE(key) << why(key);
        key_id_ = key->id;
        app_ = base_ / "app.db";
        sqlite::OpenOptions create;
        create.mode = sqlite::OpenMode::kCreate;
        ASSERT_TRUE(sqlite::Database::open(app_, create));
        run("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret TEXT, escrow BLOB)");
    }
    void open_watched() {
        open([this](kms::Kms& inner) {
            auto watched = std::make_unique<MigrationKms>(inner);
            kms_ = watched.get();
            return watched;
        });
    }

    sqlite::Database app() {
        auto database = sqlite::Database::open_foreign(app_, {});
        EXPECT_TRUE(database) << why(database);
        return std::move(*database);
    }
    void run(const std::string& sql) {
        const Status done = app().execute(sql);
        ASSERT_TRUE(done) << sql << ": " << why(done);
    }
    std::vector<sqlite::Value> values(const std::string& sql) const { return values_of(app_, sql); }
    static std::vector<sqlite::Value> values_of(const std::filesystem::path& file, const std::string& sql) {
        auto database = sqlite::Database::open_foreign(file, {});
        EXPECT_TRUE(database) << why(database);
        auto row = database->prepare(sql);
        std::vector<sqlite::Value> values;
        auto more = row.step();
        for (; more && *more; more = row.step()) values.push_back(row.value(0));
        EXPECT_TRUE(more) << sql << ": " << why(more);
        return values;
    }
    std::string text(const std::string& sql) const {
        const auto all = values(sql);
        EXPECT_EQ(all.size(), 1U) << sql;
        const auto* string = all.empty() ? nullptr : std::get_if<std::string>(&all.front());
        EXPECT_NE(string, nullptr) << sql << " is no text";
        return string == nullptr ? "" : *string;
    }
    std::int64_t number(const std::string& sql) const {
        const auto all = values(sql);
        const auto* integer = all.empty() ? nullptr : std::get_if<std::int64_t>(&all.front());
        EXPECT_NE(integer, nullptr) << sql << " is no number";
        return integer == nullptr ? -1 : *integer;
    }
    std::string token(std::string_view value, std::string_view key = kFernetKey) {
        return crypto::FernetToken::seal(*crypto::FernetKey::parse(key), as_bytes(value), clock_.now(), random_);
    }
    std::string opened_token(const std::string& text, std::string_view key = kFernetKey) {
        const auto parsed = crypto::FernetToken::parse(text);
        EXPECT_TRUE(parsed) << text;
        if (!parsed) return {};
        const auto value = parsed->open(*crypto::FernetKey::parse(key));
        EXPECT_TRUE(value) << why(value);
        return value ? std::string(value->text()) : std::string();
    }
    /// What the application's reader does: decrypt(CiphertextBlob=…), with a context where it has one.
    std::string opened(std::string_view base64, const kms::EncryptionContext& context = {}) {
        const auto blob = from_base64(base64, "the cell");
        EXPECT_TRUE(blob) << why(blob);
        if (!blob) return {};
        const auto value = vault_->kms().decrypt({}, *blob, context);
        EXPECT_TRUE(value) << why(value);
        return value ? std::string(value->plaintext.text()) : std::string();
    }
    std::string sealed(std::string_view value, std::string_view key = "alias/app") {
        const auto made = vault_->kms().encrypt(key, as_bytes(value), {});
        EXPECT_TRUE(made) << why(made);
        return made ? to_base64(made->ciphertext) : std::string();
    }
    /// Users 1 to `count`, with `secret-N` as text and `escrow-N` as a blob.
    void fill(int count) {
        sqlite::Database database = app();
        auto begin = database.execute("BEGIN");
        ASSERT_TRUE(begin);
        auto insert = database.prepare("INSERT INTO users (id, name, secret, escrow) VALUES (?, ?, ?, CAST(? AS BLOB))");
        for (int i = 1; i <= count; ++i) {
            const std::string number = std::to_string(i);
            insert.bind(1, std::int64_t{i}).bind(2, "user " + number);
            insert.bind(3, token("secret-" + number)).bind(4, token("escrow-" + number));
            ASSERT_TRUE(insert.run());
        }
        ASSERT_TRUE(database.execute("COMMIT"));
    }
    FernetMigration request(std::vector<std::string> columns = {"users.secret", "users.escrow"}) const {
        FernetMigration request;
        request.database = app_;
        request.columns = std::move(columns);
        request.keys.push_back(SecretBytes::copy_of(kFernetKey));
        request.to = "alias/app";
        return request;
    }
    Result<FernetReport> migrate() { return engine_->migrate_fernet(operator_, request()); }
    /// Every user's cells open to what fill() put there.
    void expect_all_migrated(int count) {
        for (int i = 1; i <= count; ++i) {
            const std::string number = std::to_string(i);
            EXPECT_EQ(opened(text("SELECT secret FROM users WHERE id = " + number)), "secret-" + number);
            EXPECT_EQ(opened(text("SELECT CAST(escrow AS TEXT) FROM users WHERE id = " + number)), "escrow-" + number);
        }
        EXPECT_EQ(number("SELECT count(*) FROM users WHERE typeof(secret) = 'text' AND typeof(escrow) = 'blob' AND id <= " +
                         std::to_string(count)),
                  count);
    }
    static const FernetProblem& only_problem(const FernetReport& report) {
        static const FernetProblem none;
        EXPECT_EQ(report.problem_count, 1);
        EXPECT_EQ(report.problems.size(), 1U);
        return report.problems.empty() ? none : report.problems.front();
    }

    MigrationKms* kms_ = nullptr;  // lives in engine_
    std::filesystem::path app_;
    std::string key_id_;
};

}  // namespace keydeck
