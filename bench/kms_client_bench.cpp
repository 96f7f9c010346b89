// The AWS client against a server that always gives the same answer, so that the client is what is measured. SPEED.md wants
// four times the calls of boto3 and of the JavaScript SDK one at a time, eight times with 32 in flight:
// kms_client_peers.py runs those against the same server.
#include <benchmark/benchmark.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bench/fixed_kms_server.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/aws/aws_kms.hpp"

namespace {

using namespace keydeck;

/// The server, in a process of its own that ends with this one; KEYDECK_BENCH_PORT names one that runs already.
int server_port() {
    static const int port = [] {
        int free_port = 0;
        if (const char* given = std::getenv("KEYDECK_BENCH_PORT")) {  // NOLINT(concurrency-mt-unsafe): no thread yet
            std::from_chars(given, given + std::strlen(given), free_port);
            return free_port;
        }
        const int listener = bench::listen_on_loopback(free_port);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            bench::serve_fixed_answer(listener);
        }
        close(listener);
        return free_port;
    }();
    return port;
}

const char* variable(const char* name) {
    if (std::strcmp(name, "AWS_ACCESS_KEY_ID") == 0) return "AKIDEXAMPLE";
    if (std::strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0) return "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    return nullptr;
}

kms::Kms& client() {
    static SystemClock clock;
    static SystemRandom random;
    static const std::unique_ptr<kms::aws::AwsKms> made =
        kms::aws::AwsKms::open({.region = "us-east-1",
                                .endpoint = "http://127.0.0.1:" + std::to_string(server_port()),
                                .environment = variable},
                               clock, random)
            .value();
    return *made;
}

void sign(benchmark::State& state) {
    const Hash32 digest{};
    kms::Kms& kms = client();
    for (auto _ : state) {
        const auto signature = kms.sign(bench::kFixedKeyArn, digest, kms::MessageType::kDigest);
        if (!signature) {
            state.SkipWithError(signature.error().message.c_str());
            break;
        }
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sign)->Name("aws/sign/one_at_a_time")->UseRealTime();
BENCHMARK(sign)->Name("aws/sign/32_in_flight")->Threads(32)->UseRealTime();

}  // namespace
