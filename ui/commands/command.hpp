// The commands of `:`. A table with the words of the command line; each entry leads to a place and to actions there.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/effects.hpp"

namespace keydeck::ui {

/// What stands behind the words of a command: what it is completed with.
enum class Operand : std::uint8_t { kNone, kText, kUser, kWallet, kKey, kKeyState, kContact, kJob, kAlert, kTheme };

/// What becomes of it.
enum class Use : std::uint8_t {
    kNone,
    kRow,        ///< it is looked up, and the cursor put on it
    kFilter,     ///< the place is narrowed by it as by `/`
    kScopeUser,  ///< the place shows what belongs to this user
    kScopeKey,   ///< or to this key
    kForm,       ///< it stands in the form already when that opens
    kTheme,
};

/// A thing that was looked up.
struct Object {
    std::string select;  ///< as Place::select has it
    std::string name;
    std::string state;  ///< user: active, locked; job, key: as the engine says it
};

struct Command {
    std::string_view words;  ///< as of the command line: `key rotate`
    std::string_view help;
    std::optional<ScreenId> screen{};
    std::array<std::string_view, 2>
        actions{};  ///< names: run there one after the other, the second in what the first opened
    Operand operand = Operand::kNone;
    Use use = Use::kNone;
    bool may_lack = false;                           ///< the operand may be left out
    std::string (*refuse)(const Object&) = nullptr;  ///< why not with this one; an empty answer: it can
    std::unique_ptr<Dialog> (*form)(std::string) = nullptr;
    std::string (*off)(const Scene&) = nullptr;  ///< why not at all, where its action does not say
};

/// All of them; the screens' own names stand first.
[[nodiscard]] const std::vector<Command>& commands();

/// `KEY`: how the help calls an operand; empty for none.
[[nodiscard]] std::string_view placeholder(Operand operand);

/// A line as far as it was understood.
struct Understood {
    const Command* command = nullptr;
    std::string operand;
    std::string problem;            ///< one sentence; empty: it can be carried out
    std::vector<std::string> near;  ///< what may have been meant
};

/// Reads a line; the word `keydeck` before it is passed over.
[[nodiscard]] Understood understand(std::string_view line);

/// What the command does with its operand, which may have been looked up.
[[nodiscard]] Deed deed_of(const Command& command, const std::string& operand, const Object* object);

}  // namespace keydeck::ui
