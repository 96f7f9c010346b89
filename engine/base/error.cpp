#include "engine/error.hpp"

namespace keydeck {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidInput:
            return "invalid_input";
        case ErrorCode::kNotFound:
            return "not_found";
        case ErrorCode::kAlreadyExists:
            return "already_exists";
        case ErrorCode::kLocked:
            return "locked";
        case ErrorCode::kDenied:
            return "denied";
        case ErrorCode::kThrottled:
            return "throttled";
        case ErrorCode::kUnavailable:
            return "unavailable";
        case ErrorCode::kRejected:
            return "rejected";
        case ErrorCode::kCorrupt:
            return "corrupt";
        case ErrorCode::kCancelled:
            return "cancelled";
        case ErrorCode::kInternal:
            return "internal";
    }
    return "internal";
}

}  // namespace keydeck
