// The names that complete a command, and the thing a name means: read by tasks, with short queries.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/commands/command.hpp"
#include "ui/scene.hpp"
#include "ui/task.hpp"

namespace keydeck::ui {

/// One completion.
struct Name {
    std::string name;
    std::string what;  ///< "3 wallets, active"
};

inline constexpr std::int64_t kMostNames = 20;

/// Whether names of this kind are read from the vault; others are known.
[[nodiscard]] bool has_names(Operand operand);
/// Whether what is typed narrows the query; if not, all names come at once and are narrowed here.
[[nodiscard]] bool is_queried(Operand operand);

using TakeNames = std::function<void(const std::vector<Name>&, const Scene&, Effects&)>;
/// Reads the names that begin with `typed`, at most kMostNames of users and wallets. Nobody waits for it, and a failure is
/// no names.
[[nodiscard]] Task names_task(Operand operand, const std::string& typed, const Session& session, TakeNames take);

/// What a name means, and where it means nothing, names near to it.
struct Lookup {
    Result<Object> object;
    std::vector<std::string> near;
};
using TakeObject = std::function<void(const Lookup&, const Scene&, Effects&)>;
[[nodiscard]] Task lookup_task(Operand operand, const std::string& name, const Session& session, TakeObject take);

}  // namespace keydeck::ui
