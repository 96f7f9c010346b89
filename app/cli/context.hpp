// What every command has at hand: the global options, the settings, the engine (opened at the first need), the output.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/output.hpp"
#include "app/cli/settings.hpp"
#include "engine/engine.hpp"

namespace keydeck::cli {

/// A command's exit status, or the error it ends with.
using Outcome = Result<int>;

/// Which screen, and how it is shown.
struct ScreenOptions {
    std::string screen;
    std::string filter;
    bool once = false;
    bool linear = false;
    std::string size;  ///< COLSxROWS, with `once`

    [[nodiscard]] bool any() const { return once || linear || !screen.empty() || !filter.empty() || !size.empty(); }
};

struct GlobalOptions {
    SettingOptions settings;
    ScreenOptions screens;
    std::string as_user;
    bool json = false;
    bool yes = false;
    bool read_only = false;
    bool only_looks = false;  ///< --once: the vault is opened read-only though nobody asked for that
    bool ascii = false;       ///< of the screens
    bool mono = false;        ///< of the screens
};

class Context {
public:
    explicit Context(Output& output) : out_(output) {}

    GlobalOptions options;
    std::function<Outcome()> chosen;  ///< the command that the line named; empty for the TUI

    [[nodiscard]] Output& out() { return out_; }
    [[nodiscard]] bool json() const { return out_.json(); }
    [[nodiscard]] Session session() const;
    /// Read once. Errors: those of load_settings.
    Result<const Settings*> settings();

    /// The vault's engine, opened at the first call. Enough for lists, which need no unlock.
    Result<Engine*> engine();
    /// The same, its passphrase given: from --passphrase-file or, on a terminal, from a prompt. Errors: those of
    /// Engine::open; locked (no passphrase to be had), denied (the wrong one).
    Result<Engine*> unlocked_engine();
    /// For commands that write. Error: denied with --read-only.
    Result<Engine*> writing_engine();
    /// Opens another directory than the settings name (the demo's).
    Result<Engine*> open_engine(const std::string& directory, const std::optional<KmsWeather>& weather = {});
    void close_engine() { engine_.reset(); }

    /// Before what cannot be undone (or not for ever: `until`): `--yes`, or the word `yes` typed on a terminal. Errors:
    /// rejected (nobody to ask), cancelled.
    Status confirm(std::string_view sentence, std::string_view until = "This cannot be undone.");
    /// The same for what is graver still: this very word must be typed.
    Status confirm_with(std::string_view word, std::string_view sentence);
    /// Before what loses nothing but is easily done by mistake: asks on a terminal; elsewhere and with `--yes`, nothing.
    /// Error: cancelled.
    Status ask_first(std::string_view sentence, std::string_view question);
    /// Before a signature: nothing where nobody is asked and the risk is ordinary; else the preview and its challenge.
    /// Errors: the preview's; rejected (risky, and nobody to ask), cancelled.
    Status approve(const std::function<Result<SigningPreview>(Engine&)>& preview);

private:
    Result<SecretBytes> passphrase();
    Output& out_;
    std::optional<Settings> settings_;
    std::unique_ptr<Engine> engine_;
};

/// The error for what CLI.md promises and this version does not have.
[[nodiscard]] std::unexpected<Error> not_in_this_version(std::string_view what);

/// A whole number in decimal digits, nothing else. Error: invalid_input naming `what` and the range.
Result<std::int64_t> parse_number(std::string_view text, std::string_view what, std::int64_t least, std::int64_t most);

/// The same as transaction JSON has it: decimal digits, or `0x` and hex digits; leading zeros allowed.
Result<std::int64_t> parse_quantity(std::string_view text, std::string_view what, std::int64_t least, std::int64_t most);

}  // namespace keydeck::cli
