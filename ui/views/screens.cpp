#include "ui/views/screens.hpp"

#include <array>

#include "ui/views/audit_filter.hpp"
#include "ui/views/filter_words.hpp"

namespace keydeck::ui {

std::span<const ScreenEntry> screens() {
    static constexpr std::array<ScreenEntry, 7> kScreens{{
        {ScreenId::kHome, U'1', "Home", "screen.home", "what needs you, at a glance", make_home_view},
        {ScreenId::kUsers, U'2', "Users", "screen.users", "users", make_users_view,
         [](const std::string&) { return std::string(); }},
        {ScreenId::kWallets, U'3', "Wallets", "screen.wallets", "wallets", make_wallets_view, wallet_filter_problem},
        {ScreenId::kKeys, U'4', "Keys", "screen.keys", "keys", make_keys_view, key_filter_problem},
        {ScreenId::kAudit, U'5', "Audit", "screen.audit", "audit log", make_audit_view, audit_filter_problem},
        {ScreenId::kJobs, U'6', "Jobs", "screen.jobs", "jobs", make_jobs_view},
        {ScreenId::kHealth, U'7', "Health", "screen.health", "alerts, calls, cost", make_health_view},
    }};
    return kScreens;
}

}  // namespace keydeck::ui
