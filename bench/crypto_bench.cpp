// What the primitives cost. The `Library…` ones are libsecp256k1 called directly: ours must cost nothing beyond it.
#include <benchmark/benchmark.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/kdf.hpp"
#include "engine/crypto/secp256k1.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::uint32_t kSeedIterations = 2048;  // BIP-39

Bytes some_key() { return Bytes(kPrivateKeySize, 7); }

void Keccak(benchmark::State& state) {
    Bytes data(static_cast<std::size_t>(state.range(0)), 1);
    for (auto _ : state) data[0] = keccak256(data)[0];
}
BENCHMARK(Keccak)->Arg(64)->Arg(1088);

void Sha256Of300(benchmark::State& state) {
    Bytes data(300, 1);
    for (auto _ : state) data[0] = sha256(data)[0];
}
BENCHMARK(Sha256Of300);

void HmacSha256Of300(benchmark::State& state) {
    Bytes data(300, 1);
    for (auto _ : state) data[0] = hmac_sha256(data, data)[0];
}
BENCHMARK(HmacSha256Of300);

void Seal(benchmark::State& state) {
    SystemRandom random;
    const Bytes data(100, 1);
    for (auto _ : state) benchmark::DoNotOptimize(seal(some_key(), data, data, random));
}
BENCHMARK(Seal);

void Open(benchmark::State& state) {
    SystemRandom random;
    const Bytes data(100, 1);
    const Bytes sealed = seal(some_key(), data, data, random);
    for (auto _ : state) benchmark::DoNotOptimize(open(some_key(), data, sealed, "it"));
}
BENCHMARK(Open);

void Secret(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(SecretBytes(32).data());
}
BENCHMARK(Secret);

void Sign(benchmark::State& state) {
    const Bytes key = some_key();
    Hash32 digest{};
    for (auto _ : state) digest[0] = sign(key, digest).value().r[0];
}
BENCHMARK(Sign);

void LibrarySign(benchmark::State& state) {
    secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    const Bytes key = some_key();
    Hash32 digest{};
    secp256k1_ecdsa_recoverable_signature signature;
    for (auto _ : state) {
        secp256k1_ecdsa_sign_recoverable(context, &signature, digest.data(), key.data(), nullptr, nullptr);
        digest[0] = signature.data[0];
    }
    secp256k1_context_destroy(context);
}
BENCHMARK(LibrarySign);

void Verify(benchmark::State& state) {
    const Hash32 digest{};
    const PublicKey key = public_key_of(some_key()).value();
    const RecoverableSignature made = sign(some_key(), digest).value();
    for (auto _ : state) benchmark::DoNotOptimize(verify(key, digest, {made.r, made.s}));
}
BENCHMARK(Verify);

void Recover(benchmark::State& state) {
    const Hash32 digest{};
    const RecoverableSignature made = sign(some_key(), digest).value();
    for (auto _ : state) benchmark::DoNotOptimize(recover(digest, made));
}
BENCHMARK(Recover);

void PublicKeyOf(benchmark::State& state) {
    const Bytes key = some_key();
    for (auto _ : state) benchmark::DoNotOptimize(public_key_of(key));
}
BENCHMARK(PublicKeyOf);

void Seed(benchmark::State& state) {
    const Bytes words(80, 'w');
    for (auto _ : state) benchmark::DoNotOptimize(pbkdf2_hmac_sha512(words, as_bytes("mnemonic"), kSeedIterations));
}
BENCHMARK(Seed);

void ManySeeds(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const Bytes words(80, 'w');
    SecretBytes out(64 * count);
    std::vector<Pbkdf2Job> jobs;
    jobs.reserve(count);
    for (std::size_t i = 0; i < count; ++i) jobs.push_back({words, as_bytes("mnemonic"), out.span().subspan(64 * i, 64)});
    for (auto _ : state) pbkdf2_hmac_sha512_many(jobs, kSeedIterations);
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ManySeeds)->Arg(2)->Arg(8)->Arg(64);

}  // namespace
}  // namespace keydeck::crypto
