// How a preview and a finished signature are shown.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ui/widgets/error_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {

using SignedThing = std::variant<MessageSignature, TransactionSignature>;

/// The sentence, everything the engine says about what is signed, in full, the warnings, and the digests. `described`: how
/// the bytes were given.
[[nodiscard]] std::vector<TextLine> preview_lines(const SigningPreview& preview, const std::string& described,
                                                  const Scene& scene);

/// A message's bytes, sixteen a line, with what of them is printable ASCII.
[[nodiscard]] std::vector<TextLine> bytes_lines(std::string_view bytes);
/// The JSON as the person gave it, in the lines it has; indented where it is one line.
[[nodiscard]] std::vector<TextLine> given_lines(const std::string& json, const Scene& scene);

/// The signature, to be copied; `Y` copies it as JSON.
[[nodiscard]] std::unique_ptr<Dialog> make_sign_result(const SignedThing& made, const SigningPreview& preview,
                                                       const Scene& scene);

/// A signature that did not come about. `what`: which, for whom.
[[nodiscard]] ErrorReport signing_failure(std::string what, const Wallet& wallet, const Error& error);

}  // namespace keydeck::ui
