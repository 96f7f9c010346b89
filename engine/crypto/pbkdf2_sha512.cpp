// PBKDF2-HMAC-SHA512, one password at a time or several side by side.
#include "engine/crypto/must.hpp"
#include "engine/crypto/pbkdf2.hpp"
#include "engine/crypto/sha512_lanes.hpp"

namespace keydeck::crypto {
namespace {

using Jobs = std::span<const Pbkdf2Job>;

void run_one(const Pbkdf2Job& job, std::uint32_t iterations) {
    pbkdf2_block(HmacKey<Sha512>(job.passphrase), job.salt, 1, iterations, job.out.data());
}

void run_one_by_one(Jobs jobs, std::uint32_t iterations) {
    for (const Pbkdf2Job& job : jobs) run_one(job, iterations);
}

#if defined(__x86_64__)

template <std::size_t Lanes>
void start_lane(Pbkdf2State<Lanes>& state, std::size_t lane, const Pbkdf2Job& job) {
    const HmacKey<Sha512> key(job.passphrase);
    pbkdf2_first(key, job.salt, 1, job.out.data());
    for (std::size_t i = 0; i < 8; ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, job.out.data() + 8 * i, sizeof word);
        word = Sha512::big_endian(word);
        state.inner[i][lane] = key.inner().h[i];
        state.outer[i][lane] = key.outer().h[i];
        state.block[i][lane] = word;
        state.sum[i][lane] = word;
    }
}

template <std::size_t Lanes>
void finish_lane(const Pbkdf2State<Lanes>& state, std::size_t lane, const Pbkdf2Job& job) {
    for (std::size_t i = 0; i < 8; ++i) {
        const std::uint64_t word = Sha512::big_endian(state.sum[i][lane]);
        std::memcpy(job.out.data() + 8 * i, &word, sizeof word);
    }
}

/// Runs 1 to `Lanes` jobs; lanes without a job count along on zeros.
template <std::size_t Lanes>
void run_together(Jobs jobs, std::uint32_t iterations, void (*loop)(Pbkdf2State<Lanes>&, std::uint32_t)) {
    Pbkdf2State<Lanes> state{};
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) start_lane(state, lane, jobs[lane]);
    loop(state, iterations - 1);
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) finish_lane(state, lane, jobs[lane]);
    OPENSSL_cleanse(&state, sizeof state);
}

/// Groups of `Lanes`; what is left over goes together too when there are at least `worth` of them, so many that one by one
/// would take longer.
template <std::size_t Lanes>
void run_in_groups(Jobs jobs, std::uint32_t iterations, std::size_t worth,
                   void (*loop)(Pbkdf2State<Lanes>&, std::uint32_t)) {
    while (jobs.size() >= worth) {
        const std::size_t taken = std::min(Lanes, jobs.size());
        run_together<Lanes>(jobs.first(taken), iterations, loop);
        jobs = jobs.subspan(taken);
    }
    run_one_by_one(jobs, iterations);
}

#endif

}  // namespace

SecretBytes pbkdf2_hmac_sha512(ByteView passphrase, ByteView salt, std::uint32_t iterations) {
    must(iterations > 0, "PBKDF2 (no iterations asked for)");
    SecretBytes out(Sha512::kDigest);
    run_one({passphrase, salt, out.span()}, iterations);
    return out;
}

std::size_t widest_lanes() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") != 0) return 8;
    if (__builtin_cpu_supports("avx2") != 0) return 4;
#endif
    return 1;
}

void pbkdf2_hmac_sha512_in_lanes(std::size_t lanes, std::span<const Pbkdf2Job> jobs, std::uint32_t iterations) {
    must(iterations > 0, "PBKDF2 (no iterations asked for)");
    for (const Pbkdf2Job& job : jobs) must(job.out.size() == Sha512::kDigest, "PBKDF2 (an output that is not 64 bytes)");
#if defined(__x86_64__)
    // One group takes as long as 1.9 single runs with eight lanes, and as 2.4 with four.
    if (lanes == 8) return run_in_groups<8>(jobs, iterations, 2, pbkdf2_eight_lanes);
    if (lanes == 4) return run_in_groups<4>(jobs, iterations, 3, pbkdf2_four_lanes);
#endif
    must(lanes == 1, "PBKDF2 (a number of lanes that there is not)");
    run_one_by_one(jobs, iterations);
}

void pbkdf2_hmac_sha512_many(std::span<const Pbkdf2Job> jobs, std::uint32_t iterations) {
    pbkdf2_hmac_sha512_in_lanes(widest_lanes(), jobs, iterations);
}

}  // namespace keydeck::crypto
