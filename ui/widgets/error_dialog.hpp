// What an error says, and in which order.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// In this order: what failed, in plain words; what did not happen; where and which ids; the cause; what can be done.
struct ErrorReport {
    std::string title;     ///< "Signing failed"
    std::string not_done;  ///< "Nothing was signed."
    std::string what;      ///< "sign a message with 0x…"
    Error error;
    std::string subject{};  ///< "The KMS did not sign": before the cause in plain words, where there are some
    std::string key{};      ///< the KMS key that was to do it; empty: `what` says it
};

using Retry = std::function<void(const Scene&, Effects&)>;

/// What is kept under `!`. The call that failed and how often it was tried comes from the scene.
[[nodiscard]] Message message_of(const ErrorReport& report, const Scene& scene);
/// `retry` may be empty: then there is no key for it. What it does was confirmed before, so `r` may be the key that opened
/// the dialog (the last try failed), but not while it is held (Dialog::may_repeat).
[[nodiscard]] std::unique_ptr<Dialog> make_error_dialog(const ErrorReport& report, Retry retry, const Scene& scene);

/// Keeps an error under `!` and shows it at once. Where it waited for a passphrase that was not given, it only says so.
void report_error(const ErrorReport& report, Retry retry, const Scene& scene, Effects& effects);

}  // namespace keydeck::ui
