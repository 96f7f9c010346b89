// What goes with the calls to a KMS that the engine's verbs make on one thread: that they can be cancelled, and what became
// of the one that failed.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/error.hpp"

namespace keydeck {

/// A call to the KMS that was given up.
struct FailedKmsCall {
    std::string operation;  ///< AWS's name: Sign
    int tries = 0;
    std::chrono::milliseconds took{};  ///< from the first try on, the waits between them included
    std::string request_id{};          ///< the KMS's of the last try, where it gave one
};

/// While it lives, the KMS calls of the verbs that its thread calls end with `cancelled`, as soon as they can, once `stop`
/// is requested. A call that had been sent may have been carried out. (Verbs that take a Progress go by its stop instead.)
class KmsCalls {
public:
    explicit KmsCalls(std::stop_token stop);
    ~KmsCalls();
    KmsCalls(const KmsCalls&) = delete;
    KmsCalls& operator=(const KmsCalls&) = delete;

    /// The call that a verb's error comes from, where it is known.
    [[nodiscard]] std::optional<FailedKmsCall> cause_of(const Error& error) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace keydeck
