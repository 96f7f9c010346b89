// Signing: compose, see exactly what will be signed, confirm, read the result.
#pragma once

#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// Whose signature it will be.
struct SignFor {
    AddressBytes address{};
    std::string user;
    std::string label;  ///< may be empty
};

/// Asks what is to be signed: a message, a transaction, typed data.
[[nodiscard]] std::unique_ptr<Dialog> make_sign_menu(SignFor wallet);
/// The command line that signs a message from its standard input.
[[nodiscard]] Call sign_message_call(const AddressBytes& wallet);
[[nodiscard]] std::unique_ptr<Dialog> make_sign_dialog(SigningKind kind, SignFor wallet);

}  // namespace keydeck::ui
