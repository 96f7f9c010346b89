// The demo's vault: made, found again, and removed; never anybody else's.
#pragma once

#include <string>
#include <vector>

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// `--vault DIR` if the line says so, else `$XDG_DATA_HOME/keydeck-demo`. The environment's vault is not the demo's.
Result<std::string> demo_directory(const Context& context);

/// Opens the demo vault, making it first where there is none: with its keys in the embedded KMS, or in AWS after saying what
/// that costs. `kms` is `local`, `aws` or empty (what is there, else local). What an interrupted creation or removal left is
/// cleared away. Errors: rejected (a vault without the demo's mark, or with its keys elsewhere), denied (--read-only and
/// nothing there), cancelled, those of Engine::open.
Result<Engine*> open_demo_vault(Context& context, const std::string& directory, const std::string& kms);

/// Schedules the deletion of every key in AWS that bears this demo's tag, after asking on a terminal; returns those keys.
/// Nothing for a demo with the embedded KMS, and where there is none. Errors: rejected for a vault without the demo's mark;
/// the KMS's: then keys may be left, and calling again goes on.
Result<std::vector<KeyInfo>> retire_demo_keys(Context& context, const std::string& directory);

/// Removes the demo vault, file by file, and the directory once it is empty. Nothing there is no error.
/// Error: rejected for a vault without the demo's mark; then nothing is touched.
Status remove_demo_vault(const std::string& directory);

}  // namespace keydeck::cli
