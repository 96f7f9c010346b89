// What a view may know about the world while it handles a key or draws.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "engine/kms_calls.hpp"
#include "engine/types.hpp"
#include "ui/row_writers.hpp"
#include "ui/terminal/frame.hpp"
#include "ui/terminal/key.hpp"

namespace keydeck::ui {

class Keymap;

using SteadyTime = std::chrono::steady_clock::time_point;

struct Now {
    SteadyTime steady{};
    Timestamp wall{};
};

struct Scene {
    Now now;
    Session session = Session::of_operator("tui");
    std::optional<VaultInfo> vault;  ///< none until it has been read
    std::string environment;         ///< DEMO, LOCAL, an AWS profile and region
    bool read_only = false;
    Charset charset = Charset::kUnicode;
    Size screen{24, 80};
    const Keymap* keymap = nullptr;             ///< what is bound otherwise than the tables say; the desk's
    std::shared_ptr<const RowWriters> writers;  ///< how rows are written for other programs; null: not at all
    std::optional<FailedKmsCall> failed_call;   ///< while the outcome of a task is delivered that failed because of it
    bool passphrase_refused = false;            ///< while the outcome of a task is delivered that waited for one in vain
    Key key;                                    ///< what was pressed last; it opens dialogs, so it must not confirm them

    /// How many there are in the vault; -1 where that is not known, or is not for this session to know.
    [[nodiscard]] std::int64_t all_wallets() const { return vault && session.is_operator() ? vault->wallets : -1; }
    [[nodiscard]] std::int64_t all_users() const { return vault && session.is_operator() ? vault->users : -1; }

    /// Text from outside, fit to show here.
    [[nodiscard]] std::string safe(std::string_view outside) const { return safe_text(outside, charset); }
};

}  // namespace keydeck::ui
