#include "engine/kms_calls.hpp"

#include <utility>

#include "engine/kms/call_scope.hpp"

namespace keydeck {

struct KmsCalls::Impl {
    explicit Impl(std::stop_token stop) : scope(std::move(stop)) {}
    kms::CallScope scope;
    kms::FailureWatch failures;
};

KmsCalls::KmsCalls(std::stop_token stop) : impl_(std::make_unique<Impl>(std::move(stop))) {}
KmsCalls::~KmsCalls() = default;

std::optional<FailedKmsCall> KmsCalls::cause_of(const Error& error) const {
    const std::optional<kms::FailedCall>& last = impl_->failures.last();
    // A verb may get over a call that failed and end for another reason.
    if (!last || last->kms_error != error.kms_error || last->code != error.code) return std::nullopt;
    return FailedKmsCall{last->operation, last->tries, last->took, last->request_id};
}

}  // namespace keydeck
