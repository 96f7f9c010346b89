// What a key press or a completion may ask for. Values only: the desk and the loop carry them out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ui/commands/call.hpp"
#include "ui/linear/spoken.hpp"
#include "ui/task.hpp"

namespace keydeck::ui {

class Dialog;
struct Scene;

enum class ScreenId : std::uint8_t { kHome = 1, kUsers = 2, kWallets = 3, kKeys = 4, kAudit = 5, kJobs = 6, kHealth = 7 };

/// A screen and what it is narrowed to. Empty members do not narrow.
struct Place {
    ScreenId screen = ScreenId::kUsers;
    std::string user;      ///< wallets, audit: of this user
    std::string key_id;    ///< wallets, audit: of this key
    std::string key_name;  ///< how people call that key
    std::string target;    ///< audit: about this address, user or key; jobs: `newest`, the one about to begin
    std::string select;    ///< put the cursor on this: a user's name, an address, a key id, an event's number
    std::string filter;
    bool operator==(const Place&) const = default;
};

/// What is kept under `!`. An error stays in the message line until it has been seen.
struct Message {
    Timestamp time{};
    bool is_error = false;
    std::string text;
    std::vector<std::string> details;
};

struct Effects;

/// A reversible action just done: `z` lists it and offers to take it back for a minute. Either a question and the task that
/// does it, or something that asks by itself and calls `on_done` when all of it has been taken back.
struct Undo {
    std::string question{};  ///< "Enable key pool-05 again?"
    Task task{};
    std::function<void(const Scene&, Effects&, std::function<void()> on_done)> ask{};
};

struct Copy {
    std::string what;  ///< "address"
    std::string value;
};

/// What a command asks for: to go somewhere and, once the row of `place.select` is selected there, to run actions as if
/// their keys were pressed: the first of the screen, the second of the dialog that it opened. Dropped if the row is not
/// there or a key is pressed first.
struct Deed {
    std::string says;            ///< the command's words, for what is said of it
    std::optional<Place> place;  ///< none: where one is
    std::vector<std::string> actions;
    std::function<void(const Scene&, Effects&)> instead;  ///< in place of the last action, where that is not off
};

struct Effects {
    std::vector<Task> tasks;
    std::vector<std::unique_ptr<Dialog>> open;
    bool close = false;  ///< the dialog that is speaking
    std::optional<Place> go;
    bool back = false;
    std::vector<std::string> toasts;
    std::vector<std::string> asides;  ///< toasts that are not shown while another is
    std::vector<Message> messages;
    std::optional<Undo> undo;
    std::optional<Copy> copy;
    std::optional<Deed> deed;
    std::vector<NamedCall> calls;      ///< to be shown as command lines
    std::optional<std::string> theme;  ///< the name of one
    bool refresh = false;              ///< the vault was changed: read again what is shown
    std::optional<bool> unlocked;      ///< a passphrase was right (true), or nobody wants to type one (false)
    bool vault_used = false;           ///< a wallet was opened: it is to be forgotten after idle minutes
    bool quit = false;
    bool suspend = false;
    bool redraw = false;
    bool flush_input = false;        ///< throw type-ahead away
    std::optional<Reading> reading;  ///< of the dialog that is speaking, where it is heard

    Effects();
    ~Effects();
    Effects(Effects&&) noexcept;
    Effects& operator=(Effects&&) noexcept;
};

}  // namespace keydeck::ui
