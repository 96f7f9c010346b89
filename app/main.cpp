#include <cstdio>
#include <exception>

#include "app/cli/command_line.hpp"

int main(int argc, char** argv) {
    try {
        return keydeck::cli::run(argc, argv);
    } catch (const std::exception& problem) {  // out of memory; a defect of ours
        std::fprintf(stderr, "error: %s\n", problem.what());
        return 1;
    }
}
