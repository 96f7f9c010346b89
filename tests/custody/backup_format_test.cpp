// The backup file: whatever was done to it is noticed before anything of it is believed.
#include <bit>
#include <random>

#include "engine/crypto/hash.hpp"
#include "engine/custody/backup/contents.hpp"
#include "engine/custody/backup/manifest.hpp"
#include "engine/custody/backup/snapshot.hpp"
#include "engine/secrets.hpp"
#include "engine/store/schema.hpp"
#include "engine/store/store.hpp"
#include "tests/custody/backup_fixture.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;
using namespace custody::backup;

/// A backup of several chunks: beside the databases it holds a file of settings of three and a half.
class BackupFileTest : public BackupTest {
protected:
    void SetUp() override {
        BackupTest::SetUp();
        if (HasFatalFailure()) return;
        std::string noise(kChunkSize * 7 / 2, '\0');
        random_.fill({reinterpret_cast<std::uint8_t*>(noise.data()), noise.size()});
        write_all(base_ / "settings", noise);
        sound_ = make("sound");
        ASSERT_GT(sound_.size(), kHeaderSize + 3 * kSealedChunkSize);
        ASSERT_TRUE(verify(base_ / "sound"));
    }
    std::string make(const std::string& name) {
        BackupOptions options = backup_options(base_ / name);
        options.settings = {base_ / "settings"};
        const auto made = engine_->back_up(operator_, options);
        EXPECT_TRUE(made) << why(made);
        return read_all(base_ / name);
    }
    static std::size_t start_of_chunk(std::size_t number) { return kHeaderSize + number * kSealedChunkSize; }
    [[nodiscard]] std::string chunk(std::size_t number) const {
        return sound_.substr(start_of_chunk(number), kSealedChunkSize);
    }

    /// What verify() says of these bytes, which are not the sound ones.
    ErrorCode refusal(std::string_view bytes) {
        EXPECT_NE(bytes, sound_);
        write_all(base_ / "altered", bytes);
        const auto verified = verify(base_ / "altered");
        return verified ? ErrorCode::kInternal : verified.error().code;
    }
    /// The same with one byte changed, in a copy that is kept: writing megabytes for each would take its time.
    ErrorCode refusal_of_flip(std::size_t at, char bits, bool restoring = false) {
        const fs::path copy = base_ / "flipped";
        if (!fs::exists(copy)) write_all(copy, sound_);
        const auto put = [&](char byte) {
            std::fstream file(copy, std::ios::binary | std::ios::in | std::ios::out);
            file.seekp(static_cast<std::streamoff>(at));
            file.put(byte);
        };
        put(static_cast<char>(sound_[at] ^ bits));
        const auto verified = verify(copy);
        if (restoring) expect_nothing_restored(copy);
        put(sound_[at]);
        return verified ? ErrorCode::kInternal : verified.error().code;
    }
    /// And that restoring it leaves nothing behind.
    void expect_nothing_restored(const fs::path& file) {
        const auto before = everything();
        const auto restored = restore(restore_options(file, base_ / "new" / "vault"));
        EXPECT_FALSE(restored);
        EXPECT_EQ(everything(), before);
    }

    std::string sound_;
};

TEST_F(BackupFileTest, AFlippedBitOfTheHeaderIsRefused) {
    for (std::size_t at = 0; at < kHeaderSize; ++at) {
        for (const char bit : {'\x01', '\x80'}) {
            const ErrorCode code = refusal_of_flip(at, bit);
            EXPECT_TRUE(code == ErrorCode::kDenied || code == ErrorCode::kCorrupt || code == ErrorCode::kRejected) << at;
        }
    }
}

TEST_F(BackupFileTest, AFlippedByteAnywhereIsDamage) {
    std::set<std::size_t> places;
    for (std::size_t chunk = 0; start_of_chunk(chunk) < sound_.size(); ++chunk) {
        for (std::size_t near = 0; near < 16; ++near) {
            places.insert(start_of_chunk(chunk) + near);
            if (chunk > 0) places.insert(start_of_chunk(chunk) - 1 - near);
        }
    }
    for (std::size_t near = 1; near <= 20; ++near) places.insert(sound_.size() - near);
    std::mt19937 generator(20261130);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same places each time
    std::uniform_int_distribution<std::size_t> anywhere(kHeaderSize, sound_.size() - 1);
    while (places.size() < 250) places.insert(anywhere(generator));
    for (const std::size_t at : places) EXPECT_EQ(refusal_of_flip(at, 0x20, at % 16 == 0), ErrorCode::kCorrupt) << at;
}

TEST_F(BackupFileTest, WhatIsCutShortOrAddedToIsRefused) {
    std::set<std::size_t> lengths;
    for (std::size_t length = 0; length <= kHeaderSize + 40; ++length) lengths.insert(length);
    for (std::size_t chunk = 1; start_of_chunk(chunk) < sound_.size(); ++chunk) {
        for (std::size_t near = 0; near <= 30; ++near) {
            lengths.insert(start_of_chunk(chunk) - near);
            lengths.insert(start_of_chunk(chunk) + near);
        }
    }
    for (std::size_t near = 1; near <= 40; ++near) lengths.insert(sound_.size() - near);
    const fs::path shrinking = base_ / "shrinking";
    write_all(shrinking, sound_);
    for (auto length = lengths.rbegin(); length != lengths.rend(); ++length) {
        fs::resize_file(shrinking, *length);
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, verify(shrinking))) << *length;
        if (*length % 16 == 0) expect_nothing_restored(shrinking);
    }
    for (const std::size_t more : {1U, 2U, 28U, 29U, 4096U})
        EXPECT_EQ(refusal(sound_ + std::string(more, '\0')), ErrorCode::kCorrupt) << more;
    EXPECT_EQ(refusal(sound_ + sound_), ErrorCode::kCorrupt);
    EXPECT_EQ(refusal(sound_ + std::string(2 * kSealedChunkSize, 'x')), ErrorCode::kCorrupt);
}

TEST_F(BackupFileTest, ChunksHaveTheirPlace) {
    const std::string header = sound_.substr(0, kHeaderSize);
    const std::string rest = sound_.substr(start_of_chunk(2));
    EXPECT_EQ(refusal(header + chunk(1) + chunk(0) + rest), ErrorCode::kCorrupt) << "swapped";
    EXPECT_EQ(refusal(header + chunk(0) + chunk(0) + rest), ErrorCode::kCorrupt) << "twice";
    EXPECT_EQ(refusal(header + chunk(0) + rest), ErrorCode::kCorrupt) << "one is missing";
    EXPECT_EQ(refusal(header + chunk(0) + chunk(1) + chunk(1) + rest), ErrorCode::kCorrupt) << "one too many";
    const std::string other = make("other");  // of the same vault, under the same passphrase
    std::string mixed = sound_;
    mixed.replace(start_of_chunk(1), kSealedChunkSize, other.substr(start_of_chunk(1), kSealedChunkSize));
    EXPECT_EQ(refusal(mixed), ErrorCode::kCorrupt);
    EXPECT_NE(refusal(other.substr(0, kHeaderSize) + sound_.substr(kHeaderSize)), ErrorCode::kInternal);
}

TEST_F(BackupFileTest, AHostileHeaderCostsNothing) {
    // scrypt's n, r and p stand at 20, 28 and 32.
    const auto with = [&](std::size_t at, std::initializer_list<int> numbers) {
        std::string bytes = sound_;
        for (const int number : numbers) bytes[at++] = static_cast<char>(number);
        return bytes;
    };
    EXPECT_EQ(refusal(with(20, {0, 0, 1, 0, 0, 0, 0, 0})), ErrorCode::kCorrupt) << "terabytes";
    EXPECT_EQ(refusal(with(20, {0, 0, 0, 0, 0, 0x20, 0, 0})), ErrorCode::kCorrupt) << "2 GiB";
    EXPECT_EQ(refusal(with(20, {0x80, 0, 0, 0, 0, 0, 0, 0})), ErrorCode::kCorrupt);
    EXPECT_EQ(refusal(with(20, {0, 0, 0, 0, 0, 0, 0, 0})), ErrorCode::kCorrupt);
    EXPECT_EQ(refusal(with(20, {0, 0, 0, 0, 0, 0, 0, 1})), ErrorCode::kCorrupt);
    EXPECT_EQ(refusal(with(20, {0, 0, 0, 0, 0, 0, 0, 17})), ErrorCode::kCorrupt) << "no power of two";
    EXPECT_EQ(refusal(with(28, {0, 0, 0, 9})), ErrorCode::kCorrupt);
    EXPECT_EQ(refusal(with(32, {0x7F, 0, 0, 1})), ErrorCode::kCorrupt);
    EXPECT_EQ(refusal(with(16, {0, 0, 0, 2})), ErrorCode::kRejected) << "a later version";
    RestoreOptions options = restore_options(base_ / "sound", base_ / "new");
    options.largest_scrypt_n = 8;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, restore(options)));
    options.largest_scrypt_n = 16;
    EXPECT_TRUE(restore(options));
}

/// Seals any plaintext, as a program would that knows the passphrase and means harm, or has a defect.
class BackupContentsTest : public BackupTest {
protected:
    Result<BackupManifest> read_sealed(ByteView plaintext) {
        const fs::path path = base_ / ("sealed-" + std::to_string(++files_));
        auto file = OutputFile::begin(path);
        EXPECT_TRUE(file) << why(file);
        auto under = make_header(SecretBytes::copy_of(kPassphrase), 16, random_);
        EXPECT_TRUE(under) << why(under);
        auto writer = SealedWriter::begin(*file, std::move(*under), random_);
        EXPECT_TRUE(writer && writer->append(plaintext) && writer->finish() && file->finish());
        return verify(path);
    }
    /// A manifest with these bytes behind it.
    Result<BackupManifest> read_with(const std::string& manifest, std::string_view files) {
        Bytes plaintext;
        append_with_length(plaintext, as_bytes(manifest));
        append(plaintext, as_bytes(files));
        return read_sealed(plaintext);
    }
    static BackupManifest sound_manifest(std::string_view database, std::string_view seal) {
        BackupManifest manifest;
        manifest.vault_id = "v";
        manifest.kms = "aws";
        manifest.made_at = kStart;
        const auto file = [](std::string name, std::string_view content) {
            return BackupFile{std::move(name), static_cast<std::int64_t>(content.size()), crypto::sha256(as_bytes(content))};
        };
        manifest.files = {file("keydeck.db", database), file("seal.key", seal)};
        return manifest;
    }
    int files_ = 0;
};

TEST_F(BackupContentsTest, ThePlaintextIsReadToItsVeryEnd) {
    const std::string json = to_json(sound_manifest("abc", "defg"));
    const auto sound = read_with(json, "abcdefg");
    ASSERT_TRUE(sound) << why(sound);
    EXPECT_EQ(to_json(*sound), json);
    EXPECT_TRUE(read_with(to_json(sound_manifest("", "")), "")) << "empty files are files";
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_with(json, "abcdef")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_with(json, "abcdefgh")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_with(json, "abcdefG")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_with(json, "abxdefg")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_with(json, "")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_sealed({})));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_sealed(Bytes{0, 0})));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_sealed(Bytes{0, 0, 0, 9, '{', '}'})));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_sealed(Bytes{0xFF, 0xFF, 0xFF, 0xFF, '{', '}'})));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_sealed(Bytes{0, 0, 0, 0})));
}

/// A database as a version before this one left it, without the tables of the last step.
class OlderBackupTest : public BackupContentsTest {
protected:
    static constexpr std::int32_t kBeforeSecrets = 3;

    static std::string schema_of(sqlite::Database& database) {
        std::string all;
        auto rows = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
        while (*rows.step()) all.append(rows.text(0)) += '\n';
        return all;
    }
    void take_secrets_out_of(const fs::path& path) {
        auto copy = open_copy(path, store::kApplicationId, true);
        ASSERT_TRUE(copy) << why(copy);
        ASSERT_TRUE(
            copy->execute("DROP INDEX wallets_key_pair; DROP TABLE signature_minutes; DROP TABLE known_recipients; DROP "
                          "TABLE known_chains; DROP TABLE known_messages; DROP TABLE job_items;"
                          "CREATE TABLE recipients (\n    address  BLOB PRIMARY KEY,\n    first_at INTEGER NOT NULL\n"
                          ") STRICT, WITHOUT ROWID;"
                          "CREATE TABLE chains (\n    chain_id TEXT PRIMARY KEY,\n    first_at INTEGER NOT NULL\n"
                          ") STRICT, WITHOUT ROWID;"
                          "DROP TABLE contacts; DROP TABLE secret_versions; DROP TABLE secrets; DROP INDEX keys_ending;"
                          "DROP INDEX users_signed; DROP INDEX users_wallets; DROP INDEX wallets_signed;"
                          "DELETE FROM counters WHERE name IN ('last_secret_id', 'keys_enabled', 'keys_disabled',"
                          " 'keys_pending'); PRAGMA user_version = 3"));
        ASSERT_TRUE(make_self_contained(*copy));
        sqlite::OpenOptions creating;
        creating.mode = sqlite::OpenMode::kCreate;
        auto older = sqlite::Database::open(base_ / "older.db", creating);
        ASSERT_TRUE(older) << why(older);
        ASSERT_TRUE(sqlite::migrate(*older, base_ / "older.db", store::schema_steps().first(kBeforeSecrets)));
        ASSERT_EQ(schema_of(*copy), schema_of(*older)) << "it is what that version made";
    }
};

TEST_F(OlderBackupTest, IsRestored) {
    BackupManifest manifest = back_up(base_ / "b");
    fs::create_directory(base_ / "copy");
    ASSERT_TRUE(copy_databases(*vault_, base_ / "copy"));
    take_secrets_out_of(base_ / "copy" / "keydeck.db");
    std::string files;
    for (BackupFile& file : manifest.files) {
        const bool is_key = file.name == "key-file";
        const std::string content = read_all(is_key ? base_ / "key" : base_ / "copy" / file.name);
        file.size = static_cast<std::int64_t>(content.size());
        file.sha256 = crypto::sha256(as_bytes(content));
        files += content;
    }
    const auto sealed = read_with(to_json(manifest), files);
    ASSERT_TRUE(sealed) << why(sealed);
    lose_vault();
    const auto report = restore(restore_options(base_ / "sealed-1", directory_));
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->keys_were_checked);
    EXPECT_TRUE(report->losses.empty());
    EXPECT_TRUE(report->notices.empty()) << report->notices.front();
    EXPECT_TRUE(fs::exists(directory_ / "keydeck.db.v3.bak"));
    open();
    expect_every_wallet_signs();
    expect_sound_audit();
    const auto secrets = engine_->list_secrets(operator_, {});
    ASSERT_TRUE(secrets) << why(secrets);
    EXPECT_TRUE(secrets->empty());
}

/// Whatever the manifest says: the file itself knows where it ends.
TEST_F(BackupContentsTest, OnlyTheLastChunkEndsAFile) {
    const fs::path path = base_ / "chunks";
    auto file = OutputFile::begin(path);
    auto writer = SealedWriter::begin(*file, make_header(SecretBytes::copy_of(kPassphrase), 16, random_).value(), random_);
    ASSERT_TRUE(writer && writer->append(Bytes(2 * kChunkSize, 'x')) && writer->finish() && file->finish());
    Bytes plaintext(kChunkSize);
    const auto read_to_end = [&]() -> Result<bool> {
        auto input = InputFile::open(path);
        auto reader = SealedReader::begin(*input, SecretBytes::copy_of(kPassphrase), 16);
        if (Status begun = reader->rewind(); !begun) return fail(begun);
        for (std::uint64_t left = input->size() - kHeaderSize; left > 0; left -= kSealedChunkSize) {
            if (Status read = reader->read(plaintext); !read) return fail(read);
        }
        return reader->at_end();
    };
    const auto whole = read_to_end();
    ASSERT_TRUE(whole) << why(whole);
    EXPECT_TRUE(*whole);
    fs::resize_file(path, kHeaderSize + kSealedChunkSize);
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, read_to_end())) << "one chunk of two, cut where it ends";
}

TEST_F(BackupContentsTest, WholeChunksOfPlaintextAreNoSpecialCase) {
    for (const std::size_t size : {kChunkSize - 1, kChunkSize, kChunkSize + 1, 2 * kChunkSize}) {
        // So that manifest and file together have that size.
        std::string content(size, 'x');
        for (int i = 0; i < 3; ++i) content.resize(size - 4 - to_json(sound_manifest(content, "")).size());
        const std::string json = to_json(sound_manifest(content, ""));
        ASSERT_EQ(4 + json.size() + content.size(), size);
        const auto read = read_with(json, content);
        EXPECT_TRUE(read) << size << why(read);
    }
}

TEST(BackupManifestTest, TakesNothingOnTrust) {
    BackupManifest manifest;
    manifest.vault_id = "6f1c0a3e-0000-4000-8000-000000000000";
    manifest.kms = "local";
    manifest.directory = "/home/alice/\"vault\"\n";
    manifest.key_file = "/k";
    manifest.made_at = kStart;
    manifest.keydeck_version = "1.2.3";
    manifest.users = 3;
    manifest.audit_head = crypto::sha256({});
    manifest.files = {{"keydeck.db", 10, {}}, {"kms.db", 20, {}}, {"key-file", 32, {}}, {"config.toml", 0, {}}};
    const std::string json = to_json(manifest);
    const auto read = parse_manifest(json);
    ASSERT_TRUE(read) << why(read);
    EXPECT_EQ(to_json(*read), json);
    EXPECT_TRUE(read->has_key_file);
    EXPECT_EQ(read->directory, manifest.directory);
    EXPECT_EQ(total_size(*read), 62);

    const auto with = [&](std::string_view from, std::string_view to) {
        std::string altered = json;
        const auto at = altered.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return altered.replace(at, from.size(), to);
    };
    const std::pair<std::string_view, std::string_view> malformed[] = {
        {"{", ""},
        {"\"format\":1", "\"format\":2"},
        {"\"format\":1,", ""},
        {"\"vault_id\":\"6f1c0a3e-0000-4000-8000-000000000000\"", "\"vault_id\":\"\""},
        {"\"vault_id\":\"6f1c0a3e-0000-4000-8000-000000000000\"", "\"vault_id\":7"},
        {"\"kms\":\"local\"", "\"kms\":\"aws\""},
        {"\"kms\":\"local\"", "\"kms\":\"\""},
        {"\"users\":3", "\"users\":-3"},
        {"\"users\":3", "\"users\":3.5"},
        {"\"users\":3", "\"users\":1e3"},
        {"\"users\":3", "\"users\":\"3\""},
        {"\"users\":3", "\"users\":99999999999999999999"},
        {"\"made_at\":\"2026", "\"made_at\":\"then"},
        {"\"name\":\"keydeck.db\"", "\"name\":\"keydeck.dB\""},
        {"\"name\":\"kms.db\"", "\"name\":\"keydeck.db\""},
        {"\"name\":\"kms.db\"", "\"name\":\"seal.key\""},
        {"\"name\":\"config.toml\"", "\"name\":\"../config.toml\""},
        {"\"name\":\"config.toml\"", "\"name\":\"/etc/passwd\""},
        {"\"name\":\"config.toml\"", "\"name\":\"a/b\""},
        {"\"name\":\"config.toml\"", "\"name\":\"..\""},
        {"\"name\":\"config.toml\"", "\"name\":\".hidden\""},
        {"\"name\":\"config.toml\"", "\"name\":\"\""},
        {"\"name\":\"config.toml\"", "\"name\":\"a\\u0000b\""},
        {"\"name\":\"config.toml\"", "\"name\":\"a\\nb\""},
        {"\"name\":\"config.toml\"", "\"name\":\"kms.db\""},
        {"\"size\":10", "\"size\":-1"},
        {"\"size\":10", "\"size\":9223372036854775807"},
        {"\"size\":10", "\"size\":9007199254740993"},
        {"\"size\":10", "\"size\":9007199254740992"},
        {"\"size\":32", "\"size\":33"},
        {"\"sha256\":\"00", "\"sha256\":\"0g"},
        {"\"sha256\":\"00", "\"sha256\":\""},
        {"\"files\":[", "\"files\":[7,"},
        {"\"files\":[", "\"files\":{},\"f\":["},
    };
    for (const auto& [from, to] : malformed)
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, parse_manifest(with(from, to)))) << from << " became " << to;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, parse_manifest("")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, parse_manifest("[]")));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, parse_manifest(json + json)));
    EXPECT_TRUE(parse_manifest(with("\"format\":1", "\"format\":1,\"of_later\":[1]"))) << "a later version may say more";
    for (int i = 0; i < 29; ++i) manifest.files.push_back({"f" + std::to_string(i), 0, {}});
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, parse_manifest(to_json(manifest)))) << "33 files";
}

TEST(BackupManifestTest, NamesOfSettingsAreMadePlain) {
    BackupManifest manifest;
    EXPECT_EQ(name_of_settings("config.toml", manifest), "config.toml");
    EXPECT_EQ(name_of_settings(".env", manifest), "_.env");
    EXPECT_EQ(name_of_settings("", manifest), "_");
    EXPECT_EQ(name_of_settings("mein Geheimnis\n", manifest), "mein_Geheimnis_");
    EXPECT_EQ(name_of_settings("seal.key", manifest), "2-seal.key");
    manifest.files = {{"a", 0, {}}, {"2-a", 0, {}}};
    EXPECT_EQ(name_of_settings("a", manifest), "3-a");
    EXPECT_LE(name_of_settings(std::string(300, 'n'), manifest).size(), 100U);
}

}  // namespace
}  // namespace keydeck
