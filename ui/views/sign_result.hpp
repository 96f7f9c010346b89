// How a preview and a finished signature are shown.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ui/widgets/error_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {

using SignedThing = std::variant<MessageSignature, TransactionSignature>;

/// The sentence, the warnings, then everything the engine says about what is signed, in full. `described`: how the bytes
/// were given.
[[nodiscard]] std::vector<TextLine> preview_lines(const SigningPreview& preview, const std::string& described,
                                                  const Scene& scene);

/// The signature, to be copied; `Y` copies it as JSON.
[[nodiscard]] std::unique_ptr<Dialog> make_sign_result(const SignedThing& made, const SigningPreview& preview,
                                                       const Scene& scene);

/// A signature that did not come about. `what`: which, for whom.
[[nodiscard]] ErrorReport signing_failure(std::string what, const Wallet& wallet, const Error& error);

}  // namespace keydeck::ui
