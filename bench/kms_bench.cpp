// The embedded KMS called directly: what a call costs beyond its cryptography. SPEED.md asks the server for 10,000 Sign/s
// and 16,000 Encrypt/s.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace keydeck;
using kms::LocalKms;

void must(bool ok) {
    if (ok) return;
    std::fprintf(stderr, "the benchmark's key store failed\n");
    std::abort();
}

// One key store for the program, in a directory that goes with it.
class Store {
public:
    Store() {
        kms::RootSecret secret{kms::RootSecret::Kind::kKeyFile, SecretBytes(32)};
        must(LocalKms::create(directory_ / "kms.db", secret, {}, clock_, random_).has_value());
        kms = LocalKms::open(directory_ / "kms.db", clock_, random_).value();
        must(kms->unlock(secret).has_value());
        ecc = kms->create_key({kms::KeySpec::kEccSecgP256k1, kms::KeyUsage::kSignVerify, "", {}}).value().key_id;
        symmetric = kms->create_key({}).value().key_id;
        must(kms->create_alias("alias/bench", symmetric).has_value());
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store() { kms.reset(); }

    std::unique_ptr<LocalKms> kms;
    std::string ecc;
    std::string symmetric;

private:
    testing_support::TemporaryDirectory temporary_;
    const std::filesystem::path directory_ = temporary_.path();
    SystemClock clock_;
    SystemRandom random_;
};

Store& store() {
    static Store made;
    return made;
}

const kms::EncryptionContext kContext = {{"keydeck:vault", "0b7e4b2c"}, {"keydeck:wallet", "4711"}};

void bare_sign(benchmark::State& state) {
    const Bytes key(32, 0x11);
    Hash32 digest{};
    for (auto _ : state) {
        ++digest[0];
        benchmark::DoNotOptimize(crypto::sign(key, digest).value());
    }
}
BENCHMARK(bare_sign);

void sign_digest(benchmark::State& state) {
    Hash32 digest{};
    for (auto _ : state) {
        ++digest[0];
        benchmark::DoNotOptimize(store().kms->sign(store().ecc, digest, kms::MessageType::kDigest).value());
    }
}
BENCHMARK(sign_digest)->Threads(1)->Threads(2)->UseRealTime();

void encrypt_32_bytes(benchmark::State& state) {
    const Bytes plaintext(32, 0x22);
    for (auto _ : state) benchmark::DoNotOptimize(store().kms->encrypt(store().symmetric, plaintext, kContext).value());
}
BENCHMARK(encrypt_32_bytes)->Threads(1)->Threads(2)->UseRealTime();

void encrypt_by_alias(benchmark::State& state) {
    const Bytes plaintext(32, 0x22);
    for (auto _ : state) benchmark::DoNotOptimize(store().kms->encrypt("alias/bench", plaintext, kContext).value());
}
BENCHMARK(encrypt_by_alias);

void decrypt_32_bytes(benchmark::State& state) {
    const Bytes sealed = store().kms->encrypt(store().symmetric, Bytes(32, 0x22), kContext).value().ciphertext;
    for (auto _ : state) benchmark::DoNotOptimize(store().kms->decrypt("", sealed, kContext).value());
}
BENCHMARK(decrypt_32_bytes)->Threads(1)->Threads(2)->UseRealTime();

void generate_data_key(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(store().kms->generate_data_key(store().symmetric, 32, kContext).value());
}
BENCHMARK(generate_data_key)->Threads(1)->Threads(2)->UseRealTime();

void get_public_key(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(store().kms->get_public_key(store().ecc).value());
}
BENCHMARK(get_public_key)->Threads(1)->Threads(2)->UseRealTime();

void describe_key(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(store().kms->describe_key(store().ecc).value());
}
BENCHMARK(describe_key);

void create_key_durably(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            store()
                .kms->create_key({kms::KeySpec::kEccSecgP256k1, kms::KeyUsage::kSignVerify, "", {{"vault", "x"}}})
                .value());
    }
}
BENCHMARK(create_key_durably)->UseRealTime();

}  // namespace
