// The terminal front end: the one thing of it that the program knows.
#pragma once

#include <string>

#include "engine/engine.hpp"

namespace keydeck::ui {

struct UiOptions {
    Session session = Session::of_operator("tui");
    std::string
        environment;  ///< in words, on every screen: DEMO, LOCAL, an AWS profile and region; empty: what the vault says
    bool read_only = false;
    bool ascii = false;            ///< bytes 0x20 to 0x7e only; also taken when the locale is not UTF-8
    bool mono = false;             ///< no colour code; also taken when NO_COLOR is set
    std::string start_screen;      ///< users, wallets, keys, audit, jobs or health; empty: users
    bool tour = false;             ///< begin with the tour of a demo
    const Clock* clock = nullptr;  ///< the system's when null
};

/// Shows the screens until the person quits. The engine is used from several threads and must outlive the call.
/// Returns 0, or 128 + n after signal n. Errors: unavailable (no terminal, or one that cannot be drawn on), invalid_input
/// (start_screen). Sets LC_CTYPE from the environment.
[[nodiscard]] Result<int> run(Engine& engine, const UiOptions& options);

}  // namespace keydeck::ui
