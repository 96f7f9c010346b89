// From what a screen says now and what it said before to the lines that are worth saying.
#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

#include "ui/linear/spoken.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// Says what changed, each thing once, one sentence a line. Text being typed is echoed as it comes; what a field thinks of
/// it is said when one goes on.
class Speaker {
public:
    static constexpr std::chrono::seconds kProgressEvery{10};

    explicit Speaker(Charset charset) : charset_(charset) {}

    /// The text to write. What others change in a list is said at most so often as progress is.
    [[nodiscard]] std::string say(const Spoken& now, Occasion occasion, SteadyTime time);
    /// Whether all of the dialog that is open has been said.
    [[nodiscard]] bool dialog_is_said() const { return dialog_is_said_; }
    /// The next line of the dialog, the one before, the first one, or all that was not said yet.
    [[nodiscard]] std::string read_on(const Spoken& now, Reading reading);
    /// The row under the cursor with the names of the columns, and its details.
    [[nodiscard]] std::string describe(const Spoken& now);
    /// A line of its own, for whoever writes beside the speaker.
    [[nodiscard]] std::string line(const std::string& text);
    /// Forgets what was said, so that the next say() says all of it.
    void forget();

private:
    void add(const std::string& text);
    bool echo(const std::optional<SpokenInput>& before, const std::optional<SpokenInput>& now);
    void say_dialog(const SpokenDialog& dialog, bool other_dialog);
    void say_line(const std::string& text);
    void find_said_to(const std::vector<std::string>& lines);
    void say_dialog_from_beginning(const SpokenDialog& dialog);
    bool say_view(const SpokenView& view);
    void say_screen(const Spoken& now, Occasion occasion, SteadyTime time);
    void say_messages(const Spoken& now);
    void say_progress(const std::string& progress, SteadyTime time);

    Charset charset_;
    Spoken last_;
    std::vector<std::string> lines_said_;  ///< of the dialog
    std::string typed_label_;              ///< the field that was typed into since
    bool knows_view_ = false;
    bool dialog_is_said_ = false;
    std::size_t line_ = 0;                 ///< of the dialog, the one said last
    std::size_t said_to_ = 0;              ///< so many of its lines were said, none between them left out
    std::set<std::string> heard_;          ///< those lines
    std::optional<SteadyTime> view_said_;  ///< on an event
    bool owes_dialog_ = false;             ///< its text changed while somebody typed
    bool line_is_open_ = false;
    std::optional<SteadyTime> progress_said_;
    std::string out_;
};

}  // namespace keydeck::ui
