// What a transaction costs around its signature: from JSON to the digest and to the raw bytes, and back.
#include <benchmark/benchmark.h>

#include <string>

#include "engine/base/json.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/call.hpp"
#include "engine/ethereum/message.hpp"
#include "engine/ethereum/transaction.hpp"

namespace {

using namespace keydeck;
using namespace keydeck::ethereum;

// An ERC-20 transfer as EIP-1559, as a wallet would send it.
constexpr std::string_view kJson =
    R"({"type":"0x2","chainId":"0x1","nonce":"0x2a","to":"0xBA975da4d2459Aa3F11D31291a25A8358F84946d","value":"0x0","gas":"0xfde8",)"
    R"("maxFeePerGas":"0x6fc23ac00","maxPriorityFeePerGas":"0x59682f00","data":"0xa9059cbb0000000000000000000000005f63260eecf7f5e1)"
    R"(84046a03c89b3edd147cb820000000000000000000000000000000000000000000000000000000000ee6b280"})";

Transaction transaction() { return parse_transaction_json(kJson)->transaction; }

crypto::RecoverableSignature signature() { return *crypto::sign(Bytes(32, 0x46), signing_hash(transaction())); }

void parse_json_alone(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(json::parse(kJson, "the transaction"));
}
BENCHMARK(parse_json_alone);

void parse_transaction(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_transaction_json(kJson));
}
BENCHMARK(parse_transaction);

void hash_transaction(benchmark::State& state) {
    const Transaction t = transaction();
    for (auto _ : state) benchmark::DoNotOptimize(signing_hash(t));
}
BENCHMARK(hash_transaction);

void serialize_transaction(benchmark::State& state) {
    const Transaction t = transaction();
    const auto s = signature();
    for (auto _ : state) benchmark::DoNotOptimize(serialize_signed(t, s));
}
BENCHMARK(serialize_transaction);

/// All that a signature in a batch costs but the signature itself.
void parse_hash_serialize(benchmark::State& state) {
    const auto s = signature();
    for (auto _ : state) {
        const auto request = parse_transaction_json(kJson);
        benchmark::DoNotOptimize(signing_hash(request->transaction));
        benchmark::DoNotOptimize(crypto::keccak256(serialize_signed(request->transaction, s)));
    }
}
BENCHMARK(parse_hash_serialize);

void decode_and_recover(benchmark::State& state) {
    const Bytes raw = serialize_signed(transaction(), signature());
    for (auto _ : state) benchmark::DoNotOptimize(decode_transaction(raw));
}
BENCHMARK(decode_and_recover);

void decode_calldata(benchmark::State& state) {
    const Transaction t = transaction();
    for (auto _ : state) benchmark::DoNotOptimize(decode_call(*t.to, t.data));
}
BENCHMARK(decode_calldata);

void hash_message(benchmark::State& state) {
    const std::string message(100, 'm');
    for (auto _ : state) benchmark::DoNotOptimize(message_hash(as_bytes(message)));
}
BENCHMARK(hash_message);

}  // namespace
