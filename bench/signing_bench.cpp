// Signing batches against the bare curve, and making wallets. CPU time is what counts: figures of a release build, on a
// quiet machine.
#include <benchmark/benchmark.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/engine.hpp"

namespace {

using namespace keydeck;

bool is_small() { return std::getenv("KEYDECK_BENCH_SMALL") != nullptr; }  // NOLINT(concurrency-mt-unsafe): nothing sets it

std::size_t batch_size() { return is_small() ? 50 : 10'000; }

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread
}

/// A vault in a directory of its own, with one envelope wallet "w".
class BenchVault {
public:
    BenchVault() {
        std::string pattern = (std::filesystem::temp_directory_path() / "keydeck-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread
        directory_ = pattern;
        VaultCreation creation;
        creation.directory = directory_ / "vault";
        creation.key_file = directory_ / "key";
        if (Status made = Engine::create_vault(creation); !made) give_up(made.error());
        EngineOptions options;
        options.directory = creation.directory;
        Result<std::unique_ptr<Engine>> engine = Engine::open(options);
        if (!engine) give_up(engine.error());
        engine_ = std::move(*engine);
        if (const Result<User> user = engine_->add_user(session(), "alice"); !user) give_up(user.error());
        create(1, "w");
    }
    ~BenchVault() {
        engine_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    BenchVault(const BenchVault&) = delete;
    BenchVault& operator=(const BenchVault&) = delete;

    void create(std::int64_t count, const std::string& label) {
        CreateWallets request;
        request.user = "alice";
        request.count = count;
        request.label = label;
        if (const auto made = engine_->create_wallets(session(), request); !made) give_up(made.error());
    }
    Engine& engine() { return *engine_; }
    static const Session& session() {
        static const Session kSession = Session::of_operator("bench");
        return kSession;
    }

private:
    std::filesystem::path directory_;
    std::unique_ptr<Engine> engine_;
};

/// The floor: libsecp256k1 through our thinnest wrapper, one signature and one verification, nothing else.
void bare_sign_and_verify(benchmark::State& state) {
    const Hash32 key = crypto::keccak256(as_bytes("bench"));
    const crypto::PublicKey public_key = *crypto::public_key_of(key);
    Hash32 digest = crypto::keccak256(as_bytes("digest"));
    for ([[maybe_unused]] const auto& turn : state) {
        const auto signature = crypto::sign(key, digest);
        bool good = crypto::verify(public_key, digest, {signature->r, signature->s});
        benchmark::DoNotOptimize(good);
        ++digest[0];
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bare_sign_and_verify);

void sign_messages(benchmark::State& state) {
    BenchVault vault;
    std::vector<std::string> texts;
    texts.reserve(batch_size());
    for (std::size_t i = 0; i < batch_size(); ++i) texts.push_back("Sign in to demo.example, number " + std::to_string(i));
    const std::vector<std::string_view> messages(texts.begin(), texts.end());
    for ([[maybe_unused]] const auto& turn : state) {
        const Status done = vault.engine().sign_messages(BenchVault::session(), "w", messages,
                                                         [](std::size_t, const Result<MessageSignature>& result) {
                                                             if (!result) give_up(result.error());
                                                         });
        if (!done) give_up(done.error());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages.size()));
}
BENCHMARK(sign_messages)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

/// With `risky` 0 each item is graded too, its recipient known.
void sign_transactions(benchmark::State& state) {
    BenchVault vault;
    const std::string to = checksum_address(vault.engine().wallet(BenchVault::session(), "w")->address);
    std::string lines;
    for (std::size_t i = 0; i < batch_size(); ++i) {
        lines += R"({"chainId":1,"nonce":)" + std::to_string(i) + R"(,"gas":21000,"maxFeePerGas":"30000000000",)" +
                 R"("maxPriorityFeePerGas":"1500000000","value":"1000000000000000","to":")" + to + "\"}\n";
    }
    const bool allow_risky = state.range(0) != 0;
    for ([[maybe_unused]] const auto& turn : state) {
        const Status done = vault.engine().sign_transactions(BenchVault::session(), "w", lines, allow_risky,
                                                             [](std::size_t, const Result<TransactionSignature>& result) {
                                                                 if (!result) give_up(result.error());
                                                             });
        if (!done) give_up(done.error());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch_size()));
}
BENCHMARK(sign_transactions)->ArgName("risky")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

/// One at a time: each with its own durable commit.
void sign_one_message(benchmark::State& state) {
    BenchVault vault;
    for ([[maybe_unused]] const auto& turn : state) {
        const auto signature = vault.engine().sign_message(BenchVault::session(), "w", as_bytes("hello"));
        if (!signature) give_up(signature.error());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sign_one_message)->Unit(benchmark::kMicrosecond)->UseRealTime();

void create_wallets(benchmark::State& state) {
    BenchVault vault;
    const std::int64_t count = is_small() ? 20 : 5'000;
    for ([[maybe_unused]] const auto& turn : state) vault.create(count, {});
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(create_wallets)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
