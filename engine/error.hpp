// What can go wrong, and how a function says so. Part of the engine's public surface.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace keydeck {

/// What the caller can do about an error; nothing finer belongs here.
enum class ErrorCode : std::uint8_t {
    kInvalidInput,   ///< the request is wrong; change it
    kNotFound,       ///< there is no such thing
    kAlreadyExists,  ///< the name or address is taken
    kLocked,         ///< a passphrase or an unlock is needed first
    kDenied,         ///< the session (or the KMS's policy) does not allow it
    kThrottled,      ///< too many requests; worth a retry
    kUnavailable,    ///< network, disk or KMS out of reach; worth a retry
    kRejected,       ///< the state forbids it (a disabled key, an unacknowledged loss)
    kCorrupt,        ///< stored data is damaged or was tampered with
    kCancelled,      ///< stopped on request; nothing half done
    kInternal,       ///< a defect of ours
};

/// An error: what happened in one sentence for the user, what to try next, and the KMS's own name for it
/// (`DisabledException`) where there is one. No secret ever stands in an error.
struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;
    std::string hint;
    std::string kms_error;
};

/// The outcome of a function that can fail for outside reasons. (std::expected itself does not warn when dropped.)
template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
    using std::expected<T, Error>::expected;
};

using Status = Result<void>;

/// Makes the failure to return: `return fail(ErrorCode::kNotFound, "There is no user \"dave\".");`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {},
                                                 std::string kms_error = {}) {
    return std::unexpected<Error>(Error{code, std::move(message), std::move(hint), std::move(kms_error)});
}

/// Passes a failure on: `if (!user) return fail(user);`
template <class T>
[[nodiscard]] std::unexpected<Error> fail(const Result<T>& failed) {
    return std::unexpected<Error>(failed.error());
}

/// The word for a code in JSON and exit statuses: `invalid_input`, `not_found`, …
[[nodiscard]] std::string_view to_string(ErrorCode code);

}  // namespace keydeck
