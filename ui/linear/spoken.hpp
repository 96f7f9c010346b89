// A screen as what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/linear/words.hpp"

namespace keydeck::ui {

/// What a view says.
struct SpokenView {
    std::string heading;               ///< "Users. 3 users."
    std::vector<std::string> body;     ///< what stands there beside the row under the cursor, if that is not a list's rows
    std::string row;                   ///< "Row 1 of 3: alice, 3 wallets, active."
    std::vector<std::string> in_full;  ///< the row with the names of its columns, then its details
    std::string status;                ///< worth saying of the row; not where it stands
};

/// A review of more lines than a small screen shows is not said at once: it is begun, and read on by keys.
inline constexpr std::size_t kLinesAtOnce = 20;

/// How one who hears a dialog moves about in it.
enum class Reading : std::uint8_t { kNext, kPrevious, kFirst, kRest };

/// What a dialog says.
struct SpokenDialog {
    std::uint64_t id = 0;
    std::string title;
    std::vector<std::string> lines;
    std::vector<std::string> focus;  ///< the lines of the field that has it
    std::string buttons;
    std::string hints;
    std::optional<SpokenInput> input;  ///< text is being typed, and may be repeated
    std::uint64_t text = 0;            ///< another number: its text is another one, to be said from the beginning
    bool at_once = true;               ///< all of it is to be said when it opens
};

/// Why something is to be said.
enum class Occasion : std::uint8_t {
    kTime,   ///< nothing but time has passed: "3 m ago" becoming "4 m ago" is no news
    kEvent,  ///< somebody else did something, or work came to an end
    kKey,    ///< a key was pressed
};

struct Spoken {
    std::string where;     ///< vault, environment, what may be done
    std::string standing;  ///< alerts
    SpokenView view;
    std::optional<SpokenInput> filter;  ///< while one is being typed
    std::optional<SpokenDialog> dialog;
    std::uint64_t toasts = 0;  ///< how many there were
    std::string toast;
    std::uint64_t errors = 0;
    std::string error;
    std::string progress;  ///< of what takes long
};

/// A view's status without where the cursor stands.
[[nodiscard]] std::string spoken_status(std::string_view status);

}  // namespace keydeck::ui
