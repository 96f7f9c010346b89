#include "ui/dialog_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace keydeck::ui {
namespace {

Action entry(std::string_view name, std::vector<Key> keys, std::string_view help, std::string_view hint) {
    return {name, std::move(keys), help, hint, {}, {}};
}

}  // namespace

std::span<const DialogKeys> dialog_keys() {
    static const std::vector<DialogKeys> kAll{
        {"what only shows something", {"dialog.copy", "dialog.copy-json", "dialog.close"}, U""},
        {"an error", {"error.copy", "error.close"}, U"rn"},
        {"a wallet in full", {"dialog.copy", "wallet.key", "wallet.audit", "wallet.user", "dialog.close"}, U""},
        {"the choice of what to sign", {"sign.message", "sign.transaction", "sign.typed-data"}, U""},
        {"the preview of a signature",
         {"form.back", "sign.copy-digest", "sign.copy-digests", "sign.name-recipient", "sign.as-given", "sign.text-or-hex"},
         U"Sn"},
        {"the question about many", {"bulk.list"}, U"yn"},
        {"the preview of moving", {"form.back", "bulk.list"}, U"Mn"},
        {"the preview of rotating", {"form.back"}, U"Cn"},
        {"the preview of a new wallet", {"form.back"}, U"Cn"},
        {"the deletion of a key", {"key.disable", "key.move"}, U"Dn"},
        {"the command lines", {"call.copy"}, U""},
        {"what can be taken back", {"undo.take-back"}, U""},
        {"the address book", {"contact.add", "contact.remove", "dialog.copy", "dialog.close"}, U""},
        {"the welcome", {"welcome.demo", "welcome.local", "welcome.aws", "welcome.read-only", "quit"}, U""},
    };
    return kAll;
}

const Actions& dialog_actions() {
    static const Actions kAll{
        entry("dialog.copy", {key(U'y')}, "copy", "copy"),
        entry("dialog.copy-json", {key(U'Y')}, "copy as JSON", "copy as JSON"),
        entry("dialog.close", {key(KeyCode::kEnter), key(U'c'), key(U'h')}, "close", "close"),
        entry("error.copy", {key(U'y')}, "copy what an error says", "copy details"),
        entry("error.close", {key(U'c'), key(KeyCode::kEnter)}, "leave an error as it is", "close"),
        entry("wallet.key", {key(U'K')}, "go to its key", "key"),
        entry("wallet.audit", {key(U'a')}, "what happened with this wallet", "audit"),
        entry("wallet.user", {key(U'U')}, "go to its user", "user"),
        entry("sign.message", {key(U'm')}, "message (EIP-191), text or hex", ""),
        entry("sign.transaction", {key(U't')}, "transaction, from JSON", ""),
        entry("sign.typed-data", {key(U'd')}, "typed data (EIP-712), from JSON", ""),
        entry("form.back", {key(U'b')}, "back to the form", "back to the form"),
        entry("sign.copy-digest", {key(U'y')}, "copy the digest that is signed", "copy digest"),
        entry("sign.copy-digests", {key(U'Y')}, "copy all digests, with their names", ""),
        entry("sign.name-recipient", {key(U'A')}, "give the recipient a name, then look again", "name it"),
        entry("sign.as-given", {key(U'x')}, "what is signed as it was given, or the preview", ""),
        entry("sign.text-or-hex", {key(U't')}, "read the message as text, or as hex", "text/hex"),
        entry("bulk.list", {key(U'l')}, "all of them", "all of them"),
        entry("key.disable", {key(U'd')}, "disable…", "disable"),
        entry("key.move", {key(U'm')}, "move what stands under it…", "move first"),
        entry("call.copy", {key(U'y')}, "copy the line", "copy"),
        entry("undo.take-back", {key(KeyCode::kEnter)}, "take it back…", "take it back…"),
        entry("contact.add", {key(U'a')}, "give an address a name…", "add"),
        entry("contact.remove", {key(U'X')}, "take it out of the address book…", "remove"),
        entry("welcome.demo", {key(U'd')}, "begin with a demo", ""),
        entry("welcome.local", {key(U'l')}, "make a vault with the embedded KMS", ""),
        entry("welcome.aws", {key(U'a')}, "make a vault with its keys in AWS KMS", ""),
        entry("welcome.read-only", {key(U'r')}, "look at a vault that is somewhere else", ""),
        entry("quit", {key(U'q'), ctrl(U'c')}, "quit", "quit"),
    };
    return kAll;
}

Action dialog_action(std::string_view name, std::function<void(const Scene&, Effects&)> run,
                     std::function<std::string(const Scene&)> off, std::string_view help) {
    const Action* known = find_named(dialog_actions(), name);
    Action out = known != nullptr ? *known : Action{};  // a test sees to it that each is known
    out.name = name;
    out.run = std::move(run);
    out.off = std::move(off);
    if (!help.empty()) out.help = help;
    return out;
}

bool is_kept_by_dialogs(const Key& key) {
    using enum KeyCode;
    constexpr std::array kCodes{kEscape, kTab, kBackTab, kBackspace, kUp, kDown, kPageUp, kPageDown, kHome, kEnd};
    if (key.code == kChar) return std::u32string_view(U"jkgG .").contains(key.character);
    if (key.code == kCtrl) return std::u32string_view(U"npdu").contains(key.character);
    return std::ranges::find(kCodes, key.code) != kCodes.end();
}

}  // namespace keydeck::ui
