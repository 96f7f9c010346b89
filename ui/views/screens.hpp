// The screens there are. A new one is a file and a line in the table.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ui/view.hpp"

namespace keydeck::ui {

[[nodiscard]] std::unique_ptr<View> make_home_view();
[[nodiscard]] std::unique_ptr<View> make_users_view();
[[nodiscard]] std::unique_ptr<View> make_wallets_view();
[[nodiscard]] std::unique_ptr<View> make_keys_view();
[[nodiscard]] std::unique_ptr<View> make_audit_view();
[[nodiscard]] std::unique_ptr<View> make_jobs_view();
[[nodiscard]] std::unique_ptr<View> make_health_view();

struct ScreenEntry {
    ScreenId id;
    char32_t number;  ///< its key
    std::string_view name;
    std::string_view action;
    std::string_view help;
    std::unique_ptr<View> (*make)();
    std::string (*filter_problem)(const std::string& filter) = nullptr;  ///< null: the screen has no filter
};

[[nodiscard]] std::span<const ScreenEntry> screens();

}  // namespace keydeck::ui
