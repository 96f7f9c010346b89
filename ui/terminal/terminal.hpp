// The terminal, in the program's own words: the seam between the loop and curses, and the tests' harness.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/terminal/frame.hpp"
#include "ui/terminal/key.hpp"

namespace keydeck::ui {

struct Theme;
struct Spoken;
enum class Occasion : std::uint8_t;
enum class Reading : std::uint8_t;

enum class InputState : std::uint8_t { kOpen, kClosed };

/// Used by one thread. Writing to a terminal that is gone does nothing; read() reports it.
class Terminal {
public:
    Terminal() = default;
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    virtual ~Terminal() = default;

    /// Asks the terminal how large it is now.
    [[nodiscard]] virtual Size size() = 0;
    /// Shows the frame, sending only what differs from the one before.
    virtual void draw(const Frame& frame) = 0;
    /// How roles look from the next draw() on.
    virtual void set_theme(const Theme& theme) = 0;
    /// Forgets what is on the screen, so that the next draw() sends everything.
    virtual void forget() = 0;

    /// To wait on; readable when read() has something.
    [[nodiscard]] virtual int input_descriptor() const = 0;
    /// Appends what came; never blocks.
    virtual InputState read(std::vector<Input>& out) = 0;
    /// How long to wait before time_out(), while a key sequence is unfinished.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> wait() const = 0;
    virtual void time_out(std::vector<Input>& out) = 0;
    /// Throws away what was typed and not yet read.
    virtual void flush_input() = 0;

    /// Gives the terminal back, stops the process group, and takes the terminal again when it goes on.
    virtual void suspend() = 0;
    /// Takes the terminal again after somebody else stopped and continued the process.
    virtual void resume() = 0;
    virtual void set_title(std::string_view title) = 0;
    /// Asks the terminal to put text into the clipboard (OSC 52). False where it is known not to.
    virtual bool copy(std::string_view text) = 0;
    /// Whether it says things instead of drawing them: then say() stands for draw().
    [[nodiscard]] virtual bool speaks() const { return false; }
    /// Says what is new; whether all of the dialog that is open has been said.
    virtual bool say(const Spoken& /*spoken*/, Occasion /*occasion*/, std::chrono::steady_clock::time_point /*time*/) {
        return false;
    }
    /// Says the selected row in full.
    virtual void describe(const Spoken& /*spoken*/) {}
    /// Says a line of the dialog that is open, or what is left of it; whether all of it has been said.
    virtual bool read_on(const Spoken& /*spoken*/, Reading /*reading*/) { return false; }

    /// What should be told to the person about this terminal; empty: nothing.
    [[nodiscard]] virtual std::string notice() const = 0;
};

}  // namespace keydeck::ui
