#include "engine/kms/call_scope.hpp"

#include <utility>

namespace keydeck::kms {
namespace {

thread_local std::stop_token current_token;
thread_local TryWatch* current_watch = nullptr;
thread_local FailureWatch* current_failures = nullptr;

}  // namespace

CallScope::CallScope(std::stop_token stop) : outer_(std::exchange(current_token, std::move(stop))) {}

CallScope::~CallScope() { current_token = std::move(outer_); }

std::stop_token CallScope::current() { return current_token; }

TryWatch::TryWatch() : outer_(std::exchange(current_watch, this)) {}

TryWatch::~TryWatch() { current_watch = outer_; }

void TryWatch::note_throttled() {
    if (current_watch != nullptr) ++current_watch->throttled_;
}

FailureWatch::FailureWatch() : outer_(std::exchange(current_failures, this)) {}

FailureWatch::~FailureWatch() { current_failures = outer_; }

void FailureWatch::note(FailedCall failed) {
    if (current_failures != nullptr) current_failures->last_ = std::move(failed);
}

}  // namespace keydeck::kms
