#include "engine/kms/aws/rate_limit.hpp"

#include <algorithm>
#include <array>

namespace keydeck::kms::aws {
namespace {

struct OperationQuota {
    std::string_view operation;
    std::string_view quota;
    double per_second;
};

constexpr std::string_view kSymmetric = "cryptographic operations (symmetric)";
constexpr std::string_view kEcc = "cryptographic operations (ECC)";
constexpr double kSymmetricRate = 5'500;
constexpr double kEccRate = 300;
constexpr double kDefaultRate = 5;

constexpr std::array kQuotas = {
    OperationQuota{"CreateKey", "CreateKey", 5},
    OperationQuota{"CreateAlias", "CreateAlias", 5},
    OperationQuota{"UpdateAlias", "UpdateAlias", 5},
    OperationQuota{"DeleteAlias", "DeleteAlias", 15},
    OperationQuota{"EnableKey", "EnableKey", 5},
    OperationQuota{"DisableKey", "DisableKey", 5},
    OperationQuota{"UpdateKeyDescription", "UpdateKeyDescription", 5},
    OperationQuota{"ScheduleKeyDeletion", "ScheduleKeyDeletion", 15},
    OperationQuota{"CancelKeyDeletion", "CancelKeyDeletion", 5},
    OperationQuota{"TagResource", "TagResource", 10},
    OperationQuota{"UntagResource", "UntagResource", 5},
    OperationQuota{"EnableKeyRotation", "EnableKeyRotation", 15},
    OperationQuota{"DisableKeyRotation", "DisableKeyRotation", 5},
    OperationQuota{"RotateKeyOnDemand", "RotateKeyOnDemand", 5},
    OperationQuota{"GetKeyRotationStatus", "GetKeyRotationStatus", 1'000},
    OperationQuota{"ListKeyRotations", "ListKeyRotations", 100},
    OperationQuota{"ListResourceTags", "ListResourceTags", 2'000},
    OperationQuota{"ListKeys", "ListKeys", 500},
    OperationQuota{"ListAliases", "ListAliases", 500},
    OperationQuota{"DescribeKey", "DescribeKey", 2'000},
    OperationQuota{"GetPublicKey", "GetPublicKey", 2'000},
    OperationQuota{"Encrypt", kSymmetric, kSymmetricRate},
    OperationQuota{"Decrypt", kSymmetric, kSymmetricRate},
    OperationQuota{"ReEncrypt", kSymmetric, kSymmetricRate},
    OperationQuota{"GenerateDataKey", kSymmetric, kSymmetricRate},
    OperationQuota{"GenerateDataKeyWithoutPlaintext", kSymmetric, kSymmetricRate},
    OperationQuota{"GenerateRandom", kSymmetric, kSymmetricRate},
    OperationQuota{"GenerateDataKeyPair", "GenerateDataKeyPair (ECC_SECG_P256K1)", 25},
    OperationQuota{"GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyPair (ECC_SECG_P256K1)", 25},
    OperationQuota{"Sign", kEcc, kEccRate},
    OperationQuota{"Verify", kEcc, kEccRate},
};

}  // namespace

Quota quota_of(std::string_view operation) {
    const auto* found = std::ranges::find(kQuotas, operation, &OperationQuota::operation);
    if (found == kQuotas.end()) return {"others", kDefaultRate};
    return {found->quota, found->per_second};
}

Timer::Duration RateLimit::reserve(std::string_view operation, Timer::TimePoint now) {
    const Quota quota = quota_of(operation);
    const auto cost = std::chrono::duration_cast<Timer::Duration>(std::chrono::duration<double>(1 / quota.per_second));
    const std::scoped_lock lock(mutex_);
    // An untouched bucket is full: it was empty a second ago.
    Timer::TimePoint& empty_at = empty_at_.try_emplace(quota.name, now - std::chrono::seconds(1)).first->second;
    empty_at = std::max(empty_at, now - std::chrono::seconds(1)) + cost;
    return std::max(empty_at - now, Timer::Duration::zero());
}

bool CallsInFlight::enter(Timer::Duration patience, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (inside_ >= most_ && !left_.wait_for(lock, stop, patience, [this] { return inside_ < most_; })) return false;
    ++inside_;
    return true;
}

void CallsInFlight::leave() {
    {
        const std::scoped_lock lock(mutex_);
        --inside_;
    }
    left_.notify_one();
}

}  // namespace keydeck::kms::aws
