// The search index over wallets: a trigram index of "label, line end, user name". Internal to the room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// Adds a wallet's texts, or takes them out; these must then be exactly what was added (the index keeps no copy of them).
[[nodiscard]] Status search_add(sqlite::Database& database, std::int64_t wallet_id, std::string_view label,
                                std::string_view user_name);
[[nodiscard]] Status search_remove(sqlite::Database& database, std::int64_t wallet_id, std::string_view label,
                                   std::string_view user_name);
/// Brings all wallets of a user, hidden ones too, from one name to another.
[[nodiscard]] Status search_rename_user(sqlite::Database& database, std::int64_t user_id, std::string_view name,
                                        std::string_view new_name);

/// The MATCH expression that every wallet with `part` in its texts satisfies (some others may too: check them). Empty where
/// no wallet can have it. A part of one or two characters is looked up among the index's terms; `too_common` then says that
/// it begins more terms than are worth naming (reading the wallets in order finds it soon).
struct SearchExpression {
    std::string match;
    bool too_common = false;
};
[[nodiscard]] Result<SearchExpression> search_expression(sqlite::Database& database, std::string_view part);

/// Whether `part` has fewer characters than a trigram.
[[nodiscard]] bool is_short(std::string_view part);

/// `part` as a LIKE pattern with ESCAPE '\'.
[[nodiscard]] std::string like_pattern(std::string_view part);

}  // namespace keydeck::store
