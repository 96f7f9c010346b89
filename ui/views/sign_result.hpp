// How a preview and a finished signature are shown.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

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

}  // namespace keydeck::ui
