// Values as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace keydeck::ui {

/// 0x454aCb…4F7956
[[nodiscard]] std::string short_address(const AddressBytes& address);
/// The same for text that may be an address; anything else stays as it is.
[[nodiscard]] std::string short_target(std::string_view text);
/// 1,204,118
[[nodiscard]] std::string grouped(std::int64_t number);
/// "1 wallet", "12 wallets"
[[nodiscard]] std::string counted(std::int64_t number, std::string_view one, std::string_view many);
/// "just now", "2 m ago", "5 h ago", "8 d ago", 2026-09-20 from thirty days on; "never" without a time. Nothing here changes
/// more often than once a minute, because an idle screen writes nothing.
[[nodiscard]] std::string time_ago(const std::optional<Timestamp>& then, Timestamp now);
/// "in 6 d 4 h", "in 3 h 12 m", "now"
[[nodiscard]] std::string time_until(Timestamp then, Timestamp now);
/// 2026-09-28
[[nodiscard]] std::string date_of(Timestamp time);
/// 2026-09-28 12:04 UTC
[[nodiscard]] std::string minute_of(Timestamp time);
/// 12:04
[[nodiscard]] std::string clock_of(Timestamp time);
/// 12:04:28 on the same day as `now`, else 2026-09-28
[[nodiscard]] std::string time_in_list(Timestamp time, Timestamp now);
/// Lower-case hex after 0x.
[[nodiscard]] std::string hex_of(ByteView bytes);
/// `pool-3` for alias/keydeck-pool-3 is not shortened: the alias without `alias/`, or the id's beginning.
[[nodiscard]] std::string key_name(std::string_view alias, std::string_view id);

/// A sentence with the names of keys as people call them: without `alias/`.
[[nodiscard]] std::string plain_names(std::string_view text);

/// Reads hex with or without `0x`. On failure says what is wrong as a person typing wants to hear it ("38 of 40 hex
/// digits").
struct HexText {
    Bytes bytes;
    std::string problem;  ///< empty: `bytes` holds the value
};
[[nodiscard]] HexText read_hex(std::string_view text);

/// Without blanks at both ends.
[[nodiscard]] std::string_view without_margins(std::string_view text);

/// JSON broken into indented lines, for reading; its characters are not changed otherwise. Text that is no JSON comes out
/// whole too.
[[nodiscard]] std::vector<std::string> indented_json(std::string_view json);

/// A JSON string literal with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace keydeck::ui
