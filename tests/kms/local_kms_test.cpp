// LocalKms as a file: sealing, secrets, damage, other processes.
#include "engine/kms/local/local_kms.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

#include "engine/base/file.hpp"
#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/signature.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using test::key_file_secret;
using test::passphrase_secret;
using test::TemporaryDirectory;
using test::TemporaryKms;

const CreateKeyRequest kEcc{KeySpec::kEccSecgP256k1, KeyUsage::kSignVerify, "", {}};
const CreateKeyRequest kSymmetric{};

Bytes read_all(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_all(const std::filesystem::path& path, ByteView content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

bool contains(ByteView haystack, ByteView needle) {
    return std::search(haystack.begin(), haystack.end(), std::boyer_moore_searcher(needle.begin(), needle.end())) !=
           haystack.end();
}

// Every file of the directory: the database, its WAL, its -shm.
bool any_file_contains(const std::filesystem::path& directory, ByteView needle) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (contains(read_all(entry.path()), needle)) return true;
    }
    return false;
}

// Changes rows behind the KMS's back, as someone with the file would.
void tamper(const std::filesystem::path& path, std::string_view sql) {
    auto database = sqlite::Database::open(path, {.mode = sqlite::OpenMode::kReadWrite, .application_id = 0x4B444B4D});
    ASSERT_TRUE(database) << database.error().message;
    const Status done = database->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
}

SecretBytes material(std::string_view hex_digits) { return SecretBytes::copy_of(*from_hex(hex_digits, "test")); }

const std::string kMaterial = "c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77";

TEST(LocalKmsFile, IsPrivateAndNeverOverwritten) {
    TemporaryKms local;
    EXPECT_EQ(*file_mode(local.path()), 0600U);
    const Bytes before = read_all(local.path());
    const Status again = LocalKms::create(local.path(), key_file_secret(7), {}, local.clock, local.random);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(read_all(local.path()), before);
}

TEST(LocalKmsFile, MakingOneWhereNoneCanBeLeavesNothing) {
    TemporaryDirectory directory;
    ManualClock clock(from_micros(0));
    SystemRandom random;
    const auto path = directory.path() / "missing" / "kms.db";
    EXPECT_FALSE(LocalKms::create(path, key_file_secret(), {}, clock, random));
    const Status empty = LocalKms::create(directory.path() / "a.db", passphrase_secret(""), {}, clock, random);
    EXPECT_EQ(empty.error().code, ErrorCode::kInvalidInput);
    RootSecret short_file{RootSecret::Kind::kKeyFile, SecretBytes(31)};
    EXPECT_FALSE(LocalKms::create(directory.path() / "b.db", short_file, {}, clock, random));
    const Status bad_n = LocalKms::create(directory.path() / "c.db", passphrase_secret("x"), {.scrypt_n = 3}, clock, random);
    EXPECT_FALSE(bad_n);
    const LocalKmsOptions misplaced[] = {
        {.region = ""},  {.region = "us east"},      {.region = "us:east"},      {.region = std::string(33, 'a')},
        {.account = ""}, {.account = "12345678901"}, {.account = "12345678901x"}};
    for (const LocalKmsOptions& options : misplaced) {
        const Status made = LocalKms::create(directory.path() / "d.db", key_file_secret(), options, clock, random);
        EXPECT_EQ(made.error().code, ErrorCode::kInvalidInput) << options.region << " " << options.account;
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
    EXPECT_EQ(LocalKms::open(path, clock, random).error().code, ErrorCode::kNotFound);
}

TEST(LocalKmsFile, KeysSurviveReopening) {
    TemporaryKms local;
    const auto symmetric = local.kms->create_key(kSymmetric);
    const auto ecc = local.kms->create_key({kEcc.spec, kEcc.usage, "described", {{"vault", "v"}}});
    ASSERT_TRUE(local.kms->create_alias("alias/one", ecc->key_id));
    const auto sealed = local.kms->encrypt(symmetric->key_id, as_bytes("kept"), {{"a", "b"}});
    const auto public_key = local.kms->get_public_key(ecc->key_id);
    local.kms = local.open();
    EXPECT_EQ(local.kms->decrypt("", sealed->ciphertext, {{"a", "b"}})->plaintext.text(), "kept");
    EXPECT_EQ(local.kms->get_public_key("alias/one")->public_key, public_key->public_key);
    EXPECT_EQ(local.kms->describe_key(ecc->key_id)->description, "described");
    EXPECT_EQ(local.kms->list_resource_tags(ecc->key_id, {})->items.size(), 1U);
}

TEST(LocalKmsFile, RegionAndAccountStandInArns) {
    TemporaryDirectory directory;
    ManualClock clock(from_micros(0));
    SystemRandom random;
    const auto path = directory.path() / "kms.db";
    ASSERT_TRUE(
        LocalKms::create(path, key_file_secret(), {.region = "eu-west-2", .account = "123456789012"}, clock, random));
    auto kms = LocalKms::open(path, clock, random);
    ASSERT_TRUE((*kms)->unlock(key_file_secret()));
    const auto key = (*kms)->create_key(kSymmetric);
    EXPECT_EQ(key->arn, "arn:aws:kms:eu-west-2:123456789012:key/" + key->key_id);
}

TEST(LocalKmsSealing, MaterialStandsNowhereInTheFiles) {
    TemporaryKms local;
    const auto symmetric = local.kms->create_key_with_material(kSymmetric, material(kMaterial));
    const auto ecc = local.kms->create_key_with_material(kEcc, material("1234" + kMaterial.substr(4)));
    ASSERT_TRUE(symmetric && ecc);
    ASSERT_TRUE(local.kms->encrypt(symmetric->key_id, as_bytes("a plaintext nobody may find"), {}));
    ASSERT_TRUE(local.kms->sign(ecc->key_id, as_bytes("x"), MessageType::kRaw));
    ASSERT_TRUE(local.kms->rotate_key_on_demand(symmetric->key_id));
    const auto& directory = local.directory.path();
    EXPECT_TRUE(any_file_contains(directory, as_bytes(symmetric->key_id))) << "the search finds what is there";
    for (const std::string& digits : {kMaterial, "1234" + kMaterial.substr(4)}) {
        const Bytes bytes = *from_hex(digits, "test");
        EXPECT_FALSE(any_file_contains(directory, bytes));
        EXPECT_FALSE(any_file_contains(directory, ByteView(bytes).first(8)));
        EXPECT_FALSE(any_file_contains(directory, as_bytes(digits)));
    }
    EXPECT_FALSE(any_file_contains(directory, key_file_secret().bytes.view()));
    EXPECT_FALSE(any_file_contains(directory, as_bytes("a plaintext nobody")));
}

TEST(LocalKmsSealing, GivenMaterialIsTheKey) {
    TemporaryKms local;
    const auto ecc = local.kms->create_key_with_material(kEcc, material(kMaterial));
    const auto expected = crypto::public_key_of(material(kMaterial).view());
    EXPECT_EQ(local.kms->get_public_key(ecc->key_id)->public_key, to_public_key_info(*expected));
    EXPECT_EQ(local.kms->create_key_with_material(kSymmetric, SecretBytes(31)).error().kms_error, "ValidationException");
    EXPECT_EQ(local.kms->create_key_with_material(kEcc, SecretBytes(32)).error().kms_error, "ValidationException")
        << "zero is no private key";
}

TEST(LocalKmsSealing, SwappedRowsDoNotOpen) {
    TemporaryKms local;
    const auto first = local.kms->create_key(kEcc);
    const auto second = local.kms->create_key(kEcc);
    const auto pool = local.kms->create_key(kSymmetric);
    ASSERT_TRUE(local.kms->rotate_key_on_demand(pool->key_id));
    const auto sealed = local.kms->encrypt(pool->key_id, as_bytes("x"), {});
    local.kms.reset();
    // Sealed material exchanged between two keys, public keys with it; and between two versions of one.
    tamper(local.path(),
           "CREATE TEMP TABLE kept AS SELECT * FROM key_versions WHERE key IN (1, 2);"
           "UPDATE key_versions SET sealed = (SELECT sealed FROM kept WHERE key = 3 - key_versions.key),"
           " public_key = (SELECT public_key FROM kept WHERE key = 3 - key_versions.key) WHERE key IN (1, 2);"
           "UPDATE key_versions SET version = -version WHERE key = 3; UPDATE key_versions SET version = 3 + version WHERE "
           "key = 3;");
    local.kms = local.open();
    for (const std::string& id : {first->key_id, second->key_id}) {
        EXPECT_EQ(local.kms->sign(id, as_bytes("x"), MessageType::kRaw).error().code, ErrorCode::kCorrupt);
        EXPECT_EQ(local.kms->get_public_key(id).error().code, ErrorCode::kCorrupt);
    }
    EXPECT_EQ(local.kms->decrypt("", sealed->ciphertext, {}).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(local.kms->encrypt(pool->key_id, as_bytes("x"), {}).error().code, ErrorCode::kCorrupt);
}

TEST(LocalKmsSealing, ChangedRowsDoNotOpen) {
    const char* const changes[] = {
        "UPDATE key_versions SET public_key = x'"  // another point than the material's
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8'",
        "UPDATE key_versions SET sealed = zeroblob(length(sealed))",
        "UPDATE key_versions SET sealed = x''",
        "UPDATE key_versions SET sealed = substr(sealed, 1, length(sealed) - 1)",
        "UPDATE keys SET key_id = '1234abcd-12ab-34cd-56ef-1234567890ab'",
        "DELETE FROM key_versions",
    };
    for (const char* change : changes) {
        TemporaryKms local;
        std::string id = local.kms->create_key(kEcc)->key_id;
        local.kms.reset();
        tamper(local.path(), change);
        local.kms = local.open();
        id = local.kms->list_keys({})->items.at(0).key_id;
        EXPECT_EQ(local.kms->sign(id, as_bytes("x"), MessageType::kRaw).error().code, ErrorCode::kCorrupt) << change;
    }
}

TEST(LocalKmsSealing, AChangedSpecOrUsageDoesNotOpen) {
    TemporaryKms local;
    const auto ecc = local.kms->create_key(kEcc);
    local.kms.reset();
    // A signing key turned into an encrypting one would let its private key be used as an AES key.
    tamper(local.path(), "UPDATE keys SET spec = 'SYMMETRIC_DEFAULT', usage = 'ENCRYPT_DECRYPT'");
    local.kms = local.open();
    EXPECT_EQ(local.kms->encrypt(ecc->key_id, as_bytes("x"), {}).error().code, ErrorCode::kCorrupt);
    tamper(local.path(), "UPDATE keys SET spec = 'nonsense'");
    EXPECT_EQ(local.kms->describe_key(ecc->key_id).error().code, ErrorCode::kCorrupt);
}

TEST(LocalKmsLock, WithoutTheSecretListsWorkAndKeysDoNot) {
    TemporaryKms local;
    const auto ecc = local.kms->create_key(kEcc);
    const auto pool = local.kms->create_key(kSymmetric);
    const auto sealed = local.kms->encrypt(pool->key_id, as_bytes("x"), {});
    const auto signature = local.kms->sign(ecc->key_id, as_bytes("x"), MessageType::kRaw);
    local.kms->lock();
    EXPECT_FALSE(local.kms->is_unlocked());
    LocalKms& kms = *local.kms;
    EXPECT_EQ(kms.list_keys({})->items.size(), 2U);
    EXPECT_TRUE(kms.describe_key(ecc->key_id));
    EXPECT_TRUE(kms.create_alias("alias/x", ecc->key_id));
    EXPECT_TRUE(kms.disable_key(ecc->key_id));
    EXPECT_EQ(kms.sign(ecc->key_id, as_bytes("x"), MessageType::kRaw).error().kms_error, "DisabledException");
    EXPECT_TRUE(kms.enable_key(ecc->key_id));
    const auto locked = [](const auto& result) { return !result && result.error().code == ErrorCode::kLocked; };
    EXPECT_TRUE(locked(kms.create_key(kEcc)));
    EXPECT_TRUE(locked(kms.sign(ecc->key_id, as_bytes("x"), MessageType::kRaw)));
    EXPECT_TRUE(locked(kms.verify(ecc->key_id, as_bytes("x"), MessageType::kRaw, signature->signature)));
    EXPECT_TRUE(locked(kms.get_public_key(ecc->key_id)));
    EXPECT_TRUE(locked(kms.encrypt(pool->key_id, as_bytes("x"), {})));
    EXPECT_TRUE(locked(kms.decrypt("", sealed->ciphertext, {})));
    EXPECT_TRUE(locked(kms.generate_data_key(pool->key_id, 32, {})));
    EXPECT_TRUE(locked(kms.generate_data_key_pair(pool->key_id, {})));
    EXPECT_TRUE(locked(kms.rotate_key_on_demand(pool->key_id)));
    EXPECT_TRUE(locked(kms.derive_key("x")));
    ASSERT_TRUE(kms.unlock(key_file_secret()));
    EXPECT_TRUE(kms.decrypt("", sealed->ciphertext, {}));
}

TEST(LocalKmsLock, DerivedKeysAreTheVaultsOwnAndLastingOnes) {
    TemporaryKms local;
    const auto seal = local.kms->derive_key("audit seal");
    ASSERT_TRUE(seal);
    EXPECT_EQ(seal->size(), 32U);
    EXPECT_TRUE(std::ranges::equal(local.open()->derive_key("audit seal")->view(), seal->view()));
    EXPECT_FALSE(std::ranges::equal(local.kms->derive_key("audit seal ")->view(), seal->view()));
    EXPECT_FALSE(std::ranges::equal(TemporaryKms().kms->derive_key("audit seal")->view(), seal->view()));
}

TEST(LocalKmsLock, TheWrongKeyFileIsDenied) {
    TemporaryKms local;
    auto kms = LocalKms::open(local.path(), local.clock, local.random);
    EXPECT_EQ((*kms)->secret_kind(), RootSecret::Kind::kKeyFile);
    const Status wrong = (*kms)->unlock(key_file_secret(0x43));
    EXPECT_EQ(wrong.error().code, ErrorCode::kDenied);
    EXPECT_EQ(wrong.error().message, "The key file does not open this vault.");
    EXPECT_EQ((*kms)->unlock(passphrase_secret("x")).error().code, ErrorCode::kDenied);
    EXPECT_EQ((*kms)->unlock({RootSecret::Kind::kKeyFile, SecretBytes(0)}).error().code, ErrorCode::kDenied);
    EXPECT_FALSE((*kms)->is_unlocked());
    EXPECT_TRUE((*kms)->unlock(key_file_secret()));
}

class PassphraseTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(LocalKms::create(path(), passphrase_secret("correct horse"), {.scrypt_n = 1024}, clock_, random_));
    }
    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "kms.db"; }
    [[nodiscard]] std::unique_ptr<LocalKms> open() {
        auto kms = LocalKms::open(path(), clock_, random_);
        EXPECT_TRUE(kms) << kms.error().message;
        return kms ? std::move(*kms) : nullptr;
    }
    TemporaryDirectory directory_;
    ManualClock clock_{from_micros(0)};
    SystemRandom random_;
};

TEST_F(PassphraseTest, OpensWithItAndNothingElse) {
    const auto kms = open();
    EXPECT_EQ(kms->secret_kind(), RootSecret::Kind::kPassphrase);
    for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse", "battery staple"}) {
        const Status status = kms->unlock(passphrase_secret(wrong));
        ASSERT_FALSE(status) << wrong;
        EXPECT_EQ(status.error().code, ErrorCode::kDenied);
        EXPECT_EQ(status.error().message, "The passphrase does not open this vault.");
    }
    EXPECT_EQ(kms->unlock(key_file_secret()).error().code, ErrorCode::kDenied);
    ASSERT_TRUE(kms->unlock(passphrase_secret("correct horse")));
    EXPECT_TRUE(kms->create_key(kEcc));
    EXPECT_FALSE(any_file_contains(directory_.path(), as_bytes("correct horse")));
}

TEST_F(PassphraseTest, DamageIsToldFromAWrongPassphrase) {
    const char* const damages[] = {
        "UPDATE vault SET sealed_root = zeroblob(60)",
        "UPDATE vault SET salt = zeroblob(32)",
        "UPDATE vault SET secret_check = zeroblob(32)",
        "UPDATE vault SET scrypt_n = 2048",
        "UPDATE vault SET region = 'eu-west-1'",
        "UPDATE vault SET checksum = zeroblob(32)",
        "UPDATE vault SET vault_id = x'00'",
        "DELETE FROM vault",
    };
    const Bytes whole = read_all(path());
    for (const char* damage : damages) {
        write_all(path(), whole);
        tamper(path(), damage);
        EXPECT_EQ(LocalKms::open(path(), clock_, random_).error().code, ErrorCode::kCorrupt) << damage;
    }
}

TEST(LocalKmsDamage, ADamagedFileGivesAnErrorAndIsNotTouched) {
    TemporaryKms local;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(local.kms->create_key(i % 2 == 0 ? kEcc : kSymmetric));
    local.kms.reset();
    const Bytes whole = read_all(local.path());
    ASSERT_GT(whole.size(), 8192U);
    std::vector<Bytes> damaged;
    for (const std::size_t size : {std::size_t{1}, std::size_t{99}, std::size_t{512}, std::size_t{4096}, whole.size() / 2,
                                   whole.size() - 4096, whole.size() - 1}) {
        damaged.emplace_back(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    }
    damaged.push_back(Bytes{});
    damaged.push_back(to_bytes(as_bytes("This is not a database at all, but a text somebody put in its place.")));
    damaged.push_back(Bytes(whole.size(), 0));
    Bytes header = whole;
    std::fill_n(header.begin() + 100, 200, std::uint8_t{0xA5});  // the schema's page
    damaged.push_back(header);
    Bytes other_program = whole;
    other_program[68] ^= 0xFF;  // the application id
    damaged.push_back(other_program);
    for (const Bytes& content : damaged) {
        write_all(local.path(), content);
        const auto opened = LocalKms::open(local.path(), local.clock, local.random);
        Error error;
        if (!opened) {
            error = opened.error();
        } else {
            ASSERT_TRUE((*opened)->unlock(key_file_secret()));
            const auto keys = (*opened)->list_keys({});
            ASSERT_FALSE(keys && keys->items.size() == 20) << "of " << content.size() << " bytes";
            if (!keys) error = keys.error();
        }
        EXPECT_EQ(error.code, ErrorCode::kCorrupt) << content.size() << ": " << error.message;
        EXPECT_FALSE(error.message.empty());
        EXPECT_EQ(read_all(local.path()), content) << "of " << content.size() << " bytes";
        for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(local.path().string() + suffix);
    }
    write_all(local.path(), whole);
    EXPECT_EQ(local.open()->list_keys({})->items.size(), 20U) << "the whole one still opens";
}

TEST(LocalKmsDamage, ANewerSchemaIsRefused) {
    TemporaryKms local;
    local.kms.reset();
    tamper(local.path(), "PRAGMA user_version = 99");
    const Bytes before = read_all(local.path());
    EXPECT_EQ(LocalKms::open(local.path(), local.clock, local.random).error().code, ErrorCode::kRejected);
    EXPECT_EQ(read_all(local.path()), before);
}

TEST(LocalKmsDamage, AWriteProtectedFileCanBeListed) {
    TemporaryKms local;
    const auto key = local.kms->create_key(kSymmetric);
    local.kms.reset();
    ASSERT_EQ(chmod(local.path().c_str(), 0444), 0);
    ASSERT_EQ(chmod(local.directory.path().c_str(), 0555), 0);
    // Root may write everywhere: be nobody for the while.
    const bool is_root = geteuid() == 0;
    ASSERT_TRUE(!is_root || seteuid(65534) == 0);
    auto kms = LocalKms::open(local.path(), local.clock, local.random);
    if (kms) {
        EXPECT_EQ((*kms)->list_keys({})->items.size(), 1U);
        EXPECT_EQ((*kms)->disable_key(key->key_id).error().code, ErrorCode::kDenied);
    }
    const Status made = LocalKms::create(local.directory.path() / "b.db", key_file_secret(), {}, local.clock, local.random);
    ASSERT_TRUE(!is_root || seteuid(0) == 0);
    EXPECT_TRUE(kms) << kms.error().message;
    EXPECT_EQ(made.error().code, ErrorCode::kDenied) << made.error().message;
    chmod(local.directory.path().c_str(), 0755);
}

TEST(LocalKmsDamage, AFullDiskLosesNothing) {
    TemporaryKms local;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(local.kms->create_key(kEcc));
    local.kms.reset();
    // A file may not grow any more, which SQLite meets as it meets a full disk.
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const auto size = static_cast<rlim_t>(std::filesystem::file_size(local.path()));
        const rlimit limit{size, size};
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
        const auto kms = local.open();
        if (!kms || kms->list_keys({})->items.size() != 5) _exit(3);
        for (int i = 0; i < 1000; ++i) {
            const auto made = kms->create_key({kEcc.spec, kEcc.usage, std::string(8000, 'x'), {}});
            if (made) continue;
            const bool clear = made.error().code == ErrorCode::kUnavailable && !made.error().message.empty();
            // What was there is there still, and can be used.
            const auto keys = kms->list_keys({.limit = 1000, .marker = ""});
            const bool whole = keys && keys->items.size() == static_cast<std::size_t>(5 + i);
            const bool usable = whole && kms->sign(keys->items[0].key_id, as_bytes("x"), MessageType::kRaw);
            _exit(!clear ? 4 : !whole ? 5 : !usable ? 6 : 0);
        }
        _exit(7);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    const auto kms = local.open();
    EXPECT_GE(kms->list_keys({.limit = 1000, .marker = ""})->items.size(), 5U);
    EXPECT_TRUE(kms->create_key(kEcc));
}

TEST(LocalKmsProcesses, AKeyDisabledElsewhereIsRefusedAtOnce) {
    TemporaryKms local;
    const auto other = local.open();
    const auto ecc = local.kms->create_key(kEcc);
    const auto pool = local.kms->create_key(kSymmetric);
    ASSERT_TRUE(other->sign(ecc->key_id, as_bytes("x"), MessageType::kRaw)) << "its material is now kept there";
    const auto sealed = other->encrypt(pool->key_id, as_bytes("x"), {});
    ASSERT_TRUE(local.kms->disable_key(ecc->key_id));
    EXPECT_EQ(other->sign(ecc->key_id, as_bytes("x"), MessageType::kRaw).error().kms_error, "DisabledException");
    ASSERT_TRUE(local.kms->schedule_key_deletion(pool->key_id, 7));
    EXPECT_EQ(other->decrypt("", sealed->ciphertext, {}).error().kms_error, "KMSInvalidStateException");
    ASSERT_TRUE(local.kms->enable_key(ecc->key_id));
    EXPECT_TRUE(other->sign(ecc->key_id, as_bytes("x"), MessageType::kRaw));
}

TEST(LocalKmsProcesses, ARotationElsewhereIsSeenAtOnce) {
    TemporaryKms local;
    const auto other = local.open();
    const auto pool = local.kms->create_key(kSymmetric);
    const auto before = other->encrypt(pool->key_id, as_bytes("x"), {});
    ASSERT_TRUE(local.kms->rotate_key_on_demand(pool->key_id));
    const auto after = other->encrypt(pool->key_id, as_bytes("x"), {});
    // The blob names its version in bytes 20 to 23.
    EXPECT_EQ(before->ciphertext[23], 1);
    EXPECT_EQ(after->ciphertext[23], 2);
    EXPECT_TRUE(local.kms->decrypt("", after->ciphertext, {}));
    EXPECT_TRUE(local.kms->decrypt("", before->ciphertext, {}));
}

TEST(LocalKmsRotation, TheNextUseAfterTheDateHasTheNewVersion) {
    TemporaryKms local;
    const auto pool = local.kms->create_key(kSymmetric);
    ASSERT_TRUE(local.kms->enable_key_rotation(pool->key_id, 90));
    local.clock.advance(std::chrono::days(90) - std::chrono::microseconds(1));
    EXPECT_EQ(local.kms->encrypt(pool->key_id, as_bytes("x"), {})->ciphertext[23], 1);
    local.clock.advance(std::chrono::microseconds(1));
    EXPECT_EQ(local.kms->generate_data_key(pool->key_id, 32, {})->ciphertext[23], 2);
    EXPECT_EQ(local.kms->encrypt(pool->key_id, as_bytes("x"), {})->ciphertext[23], 2) << "once, not at each use";
    // Three periods late is one rotation, and the schedule keeps its days.
    const auto next = local.kms->get_key_rotation_status(pool->key_id)->next_rotation;
    local.clock.advance(std::chrono::days(90 * 3 + 5));
    EXPECT_EQ(local.kms->encrypt(pool->key_id, as_bytes("x"), {})->ciphertext[23], 3);
    EXPECT_EQ(local.kms->get_key_rotation_status(pool->key_id)->next_rotation, *next + std::chrono::days(90 * 3));
    local.kms->lock();
    local.clock.advance(std::chrono::days(90));
    EXPECT_TRUE(local.kms->describe_key(pool->key_id)) << "a locked vault cannot rotate, and says nothing of it";
}

TEST(LocalKmsProcesses, TwoWriteAtOnce) {
    TemporaryKms local;
    const auto other = local.open();
    {
        const auto make = [](LocalKms& kms) {
            for (int i = 0; i < 50; ++i) EXPECT_TRUE(kms.create_key(i % 2 == 0 ? kEcc : kSymmetric));
        };
        std::jthread first(make, std::ref(*local.kms));
        std::jthread second(make, std::ref(*other));
        std::jthread third(make, std::ref(*other));
    }
    EXPECT_EQ(local.kms->list_keys({.limit = 1000, .marker = ""})->items.size(), 150U);
    EXPECT_EQ(other->list_keys({.limit = 1000, .marker = ""})->items.size(), 150U);
}

TEST(LocalKmsProcesses, LockingWhileOthersSignIsSafe) {
    TemporaryKms local;
    const std::string id = local.kms->create_key(kEcc)->key_id;
    std::atomic<bool> stop = false;
    {
        std::vector<std::jthread> signers;
        for (int i = 0; i < 3; ++i) {
            signers.emplace_back([&] {
                while (!stop) {
                    const auto signature = local.kms->sign(id, as_bytes("x"), MessageType::kRaw);
                    EXPECT_TRUE(signature || signature.error().code == ErrorCode::kLocked);
                }
            });
        }
        for (int i = 0; i < 50; ++i) {
            local.kms->lock();
            EXPECT_TRUE(local.kms->unlock(key_file_secret()));
        }
        stop = true;
    }
    EXPECT_TRUE(local.kms->sign(id, as_bytes("x"), MessageType::kRaw));
}

}  // namespace
}  // namespace keydeck::kms
