// The first screen of all: there is no vault yet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ui/ui.hpp"

namespace keydeck::ui {

enum class WelcomeChoice : std::uint8_t { kNone, kDemo, kLocal, kAws, kReadOnly };

/// What is known before, and what was typed when it was asked before.
struct Welcome {
    std::string vault;                  ///< where none was found
    std::vector<std::string> profiles;  ///< of AWS's shared configuration files
    std::string region;                 ///< what AWS's variables say
    std::string key_file;               ///< where the key file would go
    std::string directory;              ///< of the vault to look at, as it was typed
    WelcomeChoice again = WelcomeChoice::kNone;
    std::string refusal;  ///< why that could not be done
};

struct WelcomeAnswer {
    WelcomeChoice choice = WelcomeChoice::kNone;  ///< none: the person left
    std::string key_file;                         ///< local; empty: the passphrase
    SecretBytes passphrase;
    std::string region;     ///< AWS; empty: the environment's or the profile's
    std::string profile;    ///< AWS; empty: the default one
    std::string directory;  ///< read-only
};

/// Asks what to begin with, on the terminal that the options describe. Nothing is made here. Errors: those of run().
[[nodiscard]] Result<WelcomeAnswer> welcome(const Welcome& known, const UiOptions& options);

}  // namespace keydeck::ui
