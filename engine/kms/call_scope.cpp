#include "engine/kms/call_scope.hpp"

#include <utility>

namespace keydeck::kms {
namespace {

thread_local std::stop_token current_token;

}  // namespace

CallScope::CallScope(std::stop_token stop) : outer_(std::exchange(current_token, std::move(stop))) {}

CallScope::~CallScope() { current_token = std::move(outer_); }

std::stop_token CallScope::current() { return current_token; }

}  // namespace keydeck::kms
