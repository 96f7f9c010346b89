#include "engine/kms/aws/environment.hpp"

#include <cstdlib>

namespace keydeck::kms::aws {

Environment process_environment() {
    return
        [](const char* name) -> const char* { return std::getenv(name); };  // NOLINT(concurrency-mt-unsafe): nobody sets any
}

std::string variable(const Environment& environment, const char* name) {
    const char* value = environment(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace keydeck::kms::aws
