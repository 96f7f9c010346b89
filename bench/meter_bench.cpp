// What the meter costs a call, beside a Sign of the embedded KMS that it is around. Figures of a release build.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/bytes.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/oversight/metered_kms.hpp"
#include "engine/oversight/usage_recorder.hpp"

namespace {

using namespace keydeck;

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread
}

const SystemClock kClock;

/// An embedded KMS with a signing key, bare and metered.
class Subject {
public:
    Subject() {
        std::string pattern = (std::filesystem::temp_directory_path() / "keydeck-meter-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread
        directory_ = pattern;
        const auto secret = [] { return kms::RootSecret{kms::RootSecret::Kind::kKeyFile, SecretBytes(32)}; };
        const auto path = directory_ / "kms.db";
        if (Status made = kms::LocalKms::create(path, secret(), {}, kClock, random_); !made) give_up(made.error());
        auto opened = kms::LocalKms::open(path, kClock, random_);
        if (!opened) give_up(opened.error());
        local_ = std::move(*opened);
        if (Status unlocked = local_->unlock(secret()); !unlocked) give_up(unlocked.error());
        metered_ = std::make_unique<oversight::MeteredKms>(*local_, recorder_);
        const auto key = local_->create_key({kms::KeySpec::kEccSecgP256k1, kms::KeyUsage::kSignVerify, {}, {}});
        if (!key) give_up(key.error());
        key_ = key->key_id;
    }
    ~Subject() {
        metered_.reset();
        local_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    void sign(kms::Kms& kms) const {
        const Hash32 digest{1, 2, 3};
        auto signature = kms.sign(key_, digest, kms::MessageType::kDigest);
        if (!signature) give_up(signature.error());
        benchmark::DoNotOptimize(signature);
    }
    kms::Kms& bare() { return *local_; }
    kms::Kms& metered() { return *metered_; }

private:
    std::filesystem::path directory_;
    SystemRandom random_;
    std::unique_ptr<kms::LocalKms> local_;
    oversight::UsageRecorder recorder_{kClock};
    std::unique_ptr<oversight::MeteredKms> metered_;
    std::string key_;
};

Subject& subject() {
    static Subject one;
    return one;
}

void sign_bare(benchmark::State& state) {
    for (auto unused : state) subject().sign(subject().bare());
}
void sign_metered(benchmark::State& state) {
    for (auto unused : state) subject().sign(subject().metered());
}

/// The meter alone: two looks at the watch, one at the clock, and the record.
void record_alone(benchmark::State& state) {
    static oversight::UsageRecorder recorder(kClock);
    const std::string key = "2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f";
    for (auto unused : state) {
        const auto begun = std::chrono::steady_clock::now();
        recorder.record({oversight::key_id_of(key), "Sign", nullptr, std::chrono::steady_clock::now() - begun});
    }
}

BENCHMARK(record_alone)->Unit(benchmark::kNanosecond);
BENCHMARK(record_alone)->Threads(4)->Unit(benchmark::kNanosecond);
BENCHMARK(sign_bare)->Unit(benchmark::kMicrosecond);
BENCHMARK(sign_metered)->Unit(benchmark::kMicrosecond);

}  // namespace
