// The server of kms_client_bench as a program: prints its port and serves until it is ended.
#include <cstdio>

#include "bench/fixed_kms_server.hpp"

int main() {
    int port = 0;
    const int listener = keydeck::bench::listen_on_loopback(port);
    std::printf("%d\n", port);
    std::fflush(stdout);
    keydeck::bench::serve_fixed_answer(listener);
}
