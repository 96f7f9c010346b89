// Rewrapping beside the bare ReEncrypt of the same KMS, over HTTP, in the same run: 32 calls at a time each. The KMS is a
// vault's embedded one that is served on loopback, so that client and server share the machine's processors. A row costs two
// calls (the second is the proof), the opening, its replacement and its audit event: 50 % is what the calls alone allow, and
// 40 % the least that is wanted.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/custody/envelope.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/parallel.hpp"
#include "engine/engine.hpp"
#include "engine/kms/aws/aws_kms.hpp"
#include "engine/store/sealed_rows.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace keydeck;
using Clock = std::chrono::steady_clock;

void must(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "bench: %s failed\n", what);
    std::abort();
}

template <class T>
T value_of(Result<T> result, const char* what) {
    if (!result) std::fprintf(stderr, "%s\n", result.error().message.c_str());
    must(result.has_value(), what);
    return std::move(*result);
}

void set_environment(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): before any thread reads it
}

/// AWS, as far as the vault can tell.
class Account {
public:
    explicit Account(const std::filesystem::path& base) {
        VaultCreation creation;
        creation.directory = base / "account";
        creation.key_file = base / "account.key";
        must(Engine::create_vault(creation).has_value(), "making the account");
        EngineOptions options;
        options.directory = creation.directory;
        engine_ = value_of(Engine::open(options), "opening the account");
        const NewAccessKey key = value_of(engine_->create_access_key(operator_, false), "making an access key");
        KmsServing serving;
        serving.port = 0;
        service_ = value_of(engine_->serve_kms(operator_, serving), "serving");
        set_environment("AWS_ACCESS_KEY_ID", key.id);
        set_environment("AWS_SECRET_ACCESS_KEY", std::string(key.secret.text()));
        set_environment("AWS_ENDPOINT_URL", service_->url());
        set_environment("AWS_CONFIG_FILE", "/dev/null");
        set_environment("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        set_environment("AWS_EC2_METADATA_DISABLED", "true");
    }

private:
    const Session operator_ = Session::of_operator("bench");
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<KmsService> service_;
};

/// A vault in that AWS, all its wallets under one of two pool keys.
class Vault {
public:
    explicit Vault(std::int64_t wallets) : wallets_(wallets), account_(directory_.path()) {
        VaultCreation creation;
        creation.directory = directory_.path() / "vault";
        creation.kms = "aws";
        must(Engine::create_vault(creation).has_value(), "making the vault");
        EngineOptions options;
        options.directory = creation.directory;
        options.pool_size = 2;
        auto opened = value_of(custody::OpenVault::open(options), "opening the vault");
        vault_ = opened.get();
        engine_ = std::make_unique<Engine>(std::move(opened));
        must(engine_->add_user(operator_, "alice").has_value(), "adding a user");
        CreateWallets request;
        request.user = "alice";
        request.count = wallets;
        value_of(engine_->create_wallets(operator_, request), "making wallets");
        const PoolStatus pool = value_of(engine_->pool_status(operator_), "seeing the pool");
        at_ = pool.keys[0].id;
        other_ = pool.keys[1].id;
        rewrap(other_, at_);
    }

    /// Wallets a second.
    double rewrap_all() {
        const auto begun = Clock::now();
        must(rewrap(at_, other_).done == wallets_, "rewrapping");
        std::swap(at_, other_);
        return rate(begun);
    }

    /// ReEncrypt of the same ciphertexts to the same key, whose answers are thrown away: calls a second.
    double re_encrypt_all() {
        const auto rows = value_of(
            custody::ask_store(*vault_, [&](auto& database) { return store::sealed_rows(database, {}, 0, wallets_); }),
            "reading rows");
        kms::Kms& kms = *vault_->aws_kms();
        const std::string vault_id = vault_->record().id;
        const auto begun = Clock::now();
        custody::for_each_in_parallel(rows.size(), custody::calls_at_once(*vault_), {}, [&](std::size_t i) {
            const custody::EnvelopePlace place{vault_id, rows[i].id, rows[i].user_id, {}};
            kms::ReEncryptRequest request;
            request.ciphertext = rows[i].sealed.data_key;
            request.source_key_id = at_;
            request.destination_key_id = other_;
            request.source_context = request.destination_context = custody::envelope_context(place);
            must(kms.re_encrypt(request).has_value(), "ReEncrypt");
        });
        return rate(begun);
    }

private:
    JobInfo rewrap(const std::string& from, const std::string& to) {
        Rewrap request;
        request.from = from;
        request.to = to;
        return value_of(engine_->rewrap(operator_, request), "rewrapping");
    }
    [[nodiscard]] double rate(Clock::time_point begun) const {
        return static_cast<double>(wallets_) / std::chrono::duration<double>(Clock::now() - begun).count();
    }

    const Session operator_ = Session::of_operator("bench");
    std::int64_t wallets_;
    testing_support::TemporaryDirectory directory_;
    Account account_;
    std::unique_ptr<Engine> engine_;
    custody::OpenVault* vault_ = nullptr;  // lives in engine_
    std::string at_;
    std::string other_;
};

void rewrap_beside_re_encrypt(benchmark::State& state) {
    const bool small = std::getenv("KEYDECK_BENCH_SMALL") != nullptr;  // NOLINT(concurrency-mt-unsafe): nobody sets it
    Vault vault(small ? 100 : 20000);
    double bare = 0;
    double rewrapped = 0;
    for (auto _ : state) {
        bare += vault.re_encrypt_all();
        rewrapped += vault.rewrap_all();
    }
    const auto rounds = static_cast<double>(state.iterations());
    state.counters["re_encrypt/s"] = bare / rounds;
    state.counters["rewrap/s"] = rewrapped / rounds;
    state.counters["percent"] = 100 * rewrapped / bare;
}

BENCHMARK(rewrap_beside_re_encrypt)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
