// The keys that rows are moved to.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/custody/rewrap_plan.hpp"

namespace keydeck::custody {

/// Thread-safe.
class RewrapTargets {
public:
    /// As the store knows the pool: enabled and not retiring. Errors: the store's.
    [[nodiscard]] static Result<RewrapTargets> of(OpenVault& vault, const RewrapPlan& plan);
    RewrapTargets(RewrapTargets&& other) noexcept
        : vault_(other.vault_),
          fixed_(std::move(other.fixed_)),
          stay_(other.stay_),
          may_stay_(other.may_stay_),
          pool_(std::move(other.pool_)) {}
    RewrapTargets(const RewrapTargets&) = delete;
    RewrapTargets& operator=(const RewrapTargets&) = delete;
    RewrapTargets& operator=(RewrapTargets&&) = delete;
    ~RewrapTargets() = default;

    /// Whether a row has a choice of keys.
    [[nodiscard]] bool are_drawn() const { return fixed_.empty() && !stay_; }
    /// The key for a row that is under `own` now: the one named, its own, or one drawn with the CSPRNG that is neither its
    /// own nor among `refused` (its own where there is no other and only the data keys are to change). Error: rejected where
    /// there is none.
    [[nodiscard]] Result<std::string> choose(std::string_view own, const std::vector<std::string>& refused);
    /// It is not drawn any more.
    void leave_out(std::string_view key_id);

private:
    explicit RewrapTargets(OpenVault& vault) : vault_(&vault) {}
    OpenVault* vault_;
    std::string fixed_;
    bool stay_ = false;      // each under its own key
    bool may_stay_ = false;  // where there is no other
    std::mutex mutex_;
    std::vector<std::string> pool_;
};

}  // namespace keydeck::custody
