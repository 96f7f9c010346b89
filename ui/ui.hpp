// The terminal front end: the one thing of it that the program knows.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace keydeck::ui {

struct UiOptions {
    Session session = Session::of_operator("tui");
    std::string
        environment;  ///< in words, on every screen: DEMO, LOCAL, an AWS profile and region; empty: what the vault says
    bool read_only = false;
    bool ascii = false;            ///< bytes 0x20 to 0x7e only; also taken when the locale is not UTF-8
    bool linear = false;           ///< lines of words instead of a screen
    bool mono = false;             ///< no colour code; also taken when NO_COLOR is set
    std::string start_screen;      ///< users, wallets, keys, audit, jobs or health; empty: users
    std::string filter;            ///< of that screen, as one would type it there
    const Clock* clock = nullptr;  ///< the system's when null
};

/// How the screens find the terminal they would be shown on, in this order: terminal, terminfo, colours, charset, size,
/// escape-time, clipboard, bracketed-paste, synchronized-output. Severity `ok`, `notice` or `problem`; `command` mends it.
/// Needs no vault and no terminal; sets LC_CTYPE from the environment.
[[nodiscard]] std::vector<DoctorFinding> examine_terminal();

/// `users|wallets|…`: what start_screen takes.
[[nodiscard]] std::string screen_words();

/// Whether `start_screen` and `filter` name a place. Error: invalid_input, with what was probably meant.
[[nodiscard]] Status check_place(const UiOptions& options);

/// A frame to print: its size, and whether with colours.
struct FrameOptions {
    int cols = 80;
    int rows = 24;
    bool coloured = false;
};

inline constexpr int kLeastCols = 60;
inline constexpr int kLeastRows = 16;

/// The text of one frame of the start screen once everything on it has been read; needs no terminal. The engine should be
/// opened read-only. Errors: invalid_input (start_screen, filter), unavailable (a KMS that does not answer in time: the
/// process should end then, for a call is still under way). Sets LC_CTYPE from the environment.
[[nodiscard]] Result<std::string> one_frame(Engine& engine, const UiOptions& options, const FrameOptions& frame);

/// Shows the screens until the person quits. The engine is used from several threads and must outlive the call.
/// Returns 0, or 128 + n after signal n. Errors: unavailable (no terminal, or one that cannot be drawn on), invalid_input
/// (start_screen). Sets LC_CTYPE from the environment.
[[nodiscard]] Result<int> run(Engine& engine, const UiOptions& options);

}  // namespace keydeck::ui
