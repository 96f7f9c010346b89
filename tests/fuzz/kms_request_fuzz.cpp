// A request to the served KMS: the first line is the operation, the rest its body. Whatever comes, it is an answer of AWS's
// names, and the same again; what needs no key changes nothing.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/server/service.hpp"

namespace {

using namespace keydeck;
using kms::LocalKms;

/// One key store for the run, in memory where the machine has it. Locked: nothing a request could make is made, so that the
/// run does not wait for the disk, and all parsing is done before a key is asked for.
LocalKms& locked_kms() {
    static const SystemClock clock;
    static SystemRandom random;
    static const std::unique_ptr<LocalKms> made = [] {
        const std::filesystem::path shared = "/dev/shm";
        const std::filesystem::path directory =
            (std::filesystem::is_directory(shared) ? shared : std::filesystem::temp_directory_path()) /
            ("keydeck-fuzz-" + std::to_string(getpid()));
        std::filesystem::create_directories(directory);
        const kms::RootSecret secret{kms::RootSecret::Kind::kKeyFile, SecretBytes(32)};
        if (!LocalKms::create(directory / "kms.db", secret, {}, clock, random)) std::abort();
        auto opened = LocalKms::open(directory / "kms.db", clock, random);
        if (!opened) std::abort();
        // The connections stay good, and nothing is left behind.
        (void)(*opened)->list_keys({}).has_value();
        std::filesystem::remove_all(directory);
        return std::move(*opened);
    }();
    return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view operation = text.substr(0, end);
    const std::string_view body = text.substr(std::min(end + 1, text.size()));
    const auto answered = kms::server::run_operation(locked_kms(), operation, as_bytes(body));
    if (answered) {
        if (!json::parse({answered->data(), answered->size()}, "the answer")) std::abort();
        return 0;
    }
    // A failure of ours without AWS's name would be a 500: only the lock (or the file that is gone) may be its cause.
    const Error& error = answered.error();
    const bool ours = error.code == ErrorCode::kLocked || error.code == ErrorCode::kUnavailable ||
                      error.code == ErrorCode::kNotFound || error.code == ErrorCode::kDenied;
    if (error.kms_error.empty() && !ours) std::abort();
    // The answer's own JSON must hold whatever the message repeats of the request.
    const kms::server::Answer made = kms::server::make_error(400, error.kms_error, error.message);
    if (!json::parse({made.body.data(), made.body.size()}, "the answer")) std::abort();
    return 0;
}
