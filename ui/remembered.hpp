// Where a person was when the program ended: the screen, whose rows it showed, its filter, how each list was sorted. Theirs,
// not the vault's.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace keydeck::ui {

struct Remembered {
    struct Order {
        std::string name;  ///< `last-sign`
        bool down = false;
        bool operator==(const Order&) const = default;
    };
    /// What the screen showed the rows of; of all where nothing stands here.
    struct Scope {
        std::string user{};
        std::string key_id{};
        std::string key_name{};  ///< as it was called then
        std::string target{};    ///< an address
        bool operator==(const Scope&) const = default;
    };
    std::string screen;                  ///< `users`
    std::string filter;                  ///< of that screen
    std::map<std::string, Order> sorts;  ///< by screen
    Scope scope{};                       ///< of that screen
    bool operator==(const Remembered&) const = default;
};

/// Lines of text, the first `keydeck-tui 1`. Bytes of the filter and of names that are no visible ASCII stand as %XX.
[[nodiscard]] std::string to_text(const Remembered& remembered);
/// Error: invalid_input, with what is wrong, for anything that to_text() would not have written.
[[nodiscard]] Result<Remembered> parse_remembered(std::string_view text);

/// `$XDG_STATE_HOME/keydeck/tui-VAULT`, else below ~/.local/state; empty where there is no home.
[[nodiscard]] std::filesystem::path remembered_path(std::string_view vault_id);
/// Nothing where there is no file. Errors: invalid_input (malformed), unavailable (unreadable, or no regular file).
[[nodiscard]] Result<std::optional<Remembered>> read_remembered(const std::filesystem::path& path);
/// The file is 0600, its directory is made 0700, and it is replaced as a whole. Error: unavailable.
[[nodiscard]] Status write_remembered(const std::filesystem::path& path, const Remembered& remembered);

}  // namespace keydeck::ui
