// The verbs on users.
#pragma once

#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

[[nodiscard]] Result<User> add_user(OpenVault& vault, const Session& session, std::string_view name);
[[nodiscard]] Result<std::vector<User>> list_users(OpenVault& vault, const Session& session, const UserQuery& query);
[[nodiscard]] Result<User> show_user(OpenVault& vault, const Session& session, std::string_view name);
[[nodiscard]] Result<User> rename_user(OpenVault& vault, const Session& session, std::string_view name,
                                       std::string_view new_name);
[[nodiscard]] Result<User> set_user_locked(OpenVault& vault, const Session& session, std::string_view name, bool locked);
[[nodiscard]] Status remove_user(OpenVault& vault, const Session& session, std::string_view name);

}  // namespace keydeck::custody
