// From a request to its answer.
#pragma once

#include <functional>
#include <string_view>

#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/server/authentication.hpp"
#include "engine/kms/server/request.hpp"
#include "engine/kms/server/server.hpp"

namespace keydeck::kms::server {

/// AWS's JSON 1.1 protocol over a LocalKms. Thread-safe.
class Service {
public:
    /// `note_fault` is told what went wrong on our side, of which the caller learns nothing.
    Service(LocalKms& kms, const Clock& clock, std::function<void(std::string_view)> note_fault, ChangeGuard guard = {},
            CallNote note_call = {})
        : kms_(kms),
          authenticator_(kms, clock),
          note_fault_(std::move(note_fault)),
          guard_(std::move(guard)),
          note_call_(std::move(note_call)) {}

    /// Whether answering waits for the disk or costs so much that it belongs on a thread of its own.
    [[nodiscard]] static bool is_slow(const HttpRequest& request);
    /// Never fails: errors are answers too.
    [[nodiscard]] Answer answer(const HttpRequest& request);

private:
    [[nodiscard]] Result<WipingText> run(const HttpRequest& request);
    [[nodiscard]] Answer error_answer(const Error& error) const;

    LocalKms& kms_;
    Authenticator authenticator_;
    std::function<void(std::string_view)> note_fault_;
    ChangeGuard guard_;
    CallNote note_call_;
};

/// `{"__type":…,"message":…}`, for what goes wrong before a request is understood as well.
[[nodiscard]] Answer make_error(unsigned status, std::string_view type, std::string_view message);

/// What a target and a body ask for, read and done: everything but the signature. For the service and for fuzzing.
[[nodiscard]] Result<WipingText> run_operation(LocalKms& kms, std::string_view operation, ByteView body);

}  // namespace keydeck::kms::server
