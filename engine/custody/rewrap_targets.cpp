#include "engine/custody/rewrap_targets.hpp"

#include <algorithm>

#include "engine/store/keys.hpp"

namespace keydeck::custody {

Result<RewrapTargets> RewrapTargets::of(OpenVault& vault, const RewrapPlan& plan) {
    RewrapTargets targets(vault);
    targets.fixed_ = plan.to;
    targets.stay_ = plan.stays_under_its_key();
    targets.may_stay_ = plan.fresh_data_keys && plan.from.empty();
    const auto keys = ask_store(vault, [](sqlite::Database& database) { return store::pool_keys(database, {}); });
    if (!keys) return fail(keys);
    for (const store::KeyRecord& key : *keys) {
        if (key.state == "Enabled" && !key.retiring && key.key_id != plan.from) targets.pool_.push_back(key.key_id);
    }
    return targets;
}

Result<std::string> RewrapTargets::choose(std::string_view own, const std::vector<std::string>& refused) {
    if (!fixed_.empty()) return fixed_;
    if (stay_) return std::string(own);
    const std::scoped_lock lock(mutex_);
    std::vector<const std::string*> free;
    free.reserve(pool_.size());
    for (const std::string& key : pool_) {
        if (key != own && std::ranges::find(refused, key) == refused.end()) free.push_back(&key);
    }
    if (free.empty() && may_stay_ && refused.empty()) return std::string(own);
    if (free.empty()) {
        return fail(ErrorCode::kRejected, "No other key of the pool is enabled: there is nowhere to move to.",
                    "Enable one, or add keys: keydeck pool add");
    }
    return *free[vault_->random().below(free.size())];
}

void RewrapTargets::leave_out(std::string_view key_id) {
    const std::scoped_lock lock(mutex_);
    std::erase(pool_, key_id);
}

}  // namespace keydeck::custody
