// The command line that does what an action does, for `.`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace keydeck::ui {

/// `key rotate KEY`, in parts. Never holds a secret.
struct Call {
    std::vector<std::string> words;     ///< the command and its options
    std::vector<std::string> operands;  ///< what may begin with a dash
    std::string input;                  ///< for standard input; empty: none

    Call& option(std::string_view name, const std::string& value);
    [[nodiscard]] bool empty() const { return words.empty(); }
};

/// A call and what it stands for: a line of the list that `.` opens.
struct NamedCall {
    std::string key;   ///< that does the same; may be empty
    std::string what;  ///< "rotate…"
    Call call;
};

/// What every command line needs to mean this vault.
struct CallOptions {
    std::string vault;  ///< for `--vault`; empty: it is the default one
};

/// `keydeck key rotate alias/pool-1`, quoted for a POSIX shell.
[[nodiscard]] std::string call_line(const Call& call, const CallOptions& options, const Session& session);

}  // namespace keydeck::ui
