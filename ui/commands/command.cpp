#include "ui/commands/command.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/commands/words.hpp"
#include "ui/nearest.hpp"
#include "ui/views/contact_dialog.hpp"
#include "ui/views/contacts_dialog.hpp"
#include "ui/views/screens.hpp"
#include "ui/views/user_dialogs.hpp"

namespace keydeck::ui {
namespace {

std::string refuse_locked(const Object& user) { return user.state == "locked" ? user.name + " is locked already." : ""; }
std::string refuse_unlocked(const Object& user) { return user.state == "locked" ? "" : user.name + " is not locked."; }
std::string refuse_stopped(const Object& job) {
    return job.state == "running" ? "" : fmt::format("Job #{} does not run: it is {}.", job.select, job.state);
}
std::string refuse_running(const Object& job) {
    return job.state == "running" ? fmt::format("Job #{} is running.", job.select) : "";
}

using enum ScreenId;

// What the screens are called, and what their names take behind them.
std::vector<Command> screen_commands() {
    std::vector<Command> out;
    for (const ScreenEntry& entry : screens()) {
        Command command{.words = entry.action.substr(entry.action.find('.') + 1), .help = entry.help, .screen = entry.id};
        command.may_lack = true;
        if (entry.id == kUsers) command.operand = Operand::kUser;
        if (entry.id == kWallets) command.operand = Operand::kWallet;
        if (entry.id == kKeys) command.operand = Operand::kKey;
        if (entry.id == kAudit) command.operand = Operand::kText;
        if (command.operand != Operand::kNone) command.use = Use::kFilter;
        out.push_back(command);
    }
    return out;
}

const std::vector<Command>& other_commands() {
    constexpr auto kRow = Use::kRow;
    static const std::vector<Command> kCommands{
        {"user add", "make a user", kUsers, {"user.create"}, Operand::kText, Use::kForm, true, {}, make_create_user_dialog},
        {"user list", "all users", kUsers},
        {"user list --filter", "users by the beginning of their names", kUsers, {}, Operand::kUser, Use::kFilter},
        {"user show", "go to a user", kUsers, {}, Operand::kUser, kRow},
        {"user lock", "lock a user", kUsers, {"user.lock"}, Operand::kUser, kRow, false, refuse_locked},
        {"user unlock", "unlock a user", kUsers, {"user.lock"}, Operand::kUser, kRow, false, refuse_unlocked},
        {"wallet create",
         "make a wallet for a user",
         kWallets,
         {"wallet.create"},
         Operand::kUser,
         Use::kForm,
         true,
         {},
         make_create_wallet_dialog},
        {"wallet list", "all wallets", kWallets},
        {"wallet list --filter", "wallets by label, user or address", kWallets, {}, Operand::kWallet, Use::kFilter},
        {"wallet list --user", "the wallets of a user", kWallets, {}, Operand::kUser, Use::kScopeUser},
        {"wallet list --key", "the wallets under a key", kWallets, {}, Operand::kKey, Use::kScopeKey},
        {"wallet show", "a wallet in full", kWallets, {"wallet.detail"}, Operand::kWallet, kRow},
        {"wallet label", "change a wallet's label", kWallets, {"wallet.label"}, Operand::kWallet, kRow},
        {"wallet remove", "take a wallet out of the lists", kWallets, {"wallet.remove"}, Operand::kWallet, kRow},
        {"sign message", "sign a message", kWallets, {"wallet.sign", "sign.message"}, Operand::kWallet, kRow},
        {"sign transaction", "sign a transaction", kWallets, {"wallet.sign", "sign.transaction"}, Operand::kWallet, kRow},
        {"sign typed-data", "sign typed data", kWallets, {"wallet.sign", "sign.typed-data"}, Operand::kWallet, kRow},
        {"key list", "all keys", kKeys},
        {"key list --state", "keys in one state", kKeys, {}, Operand::kKeyState, Use::kFilter},
        {"key show", "go to a key", kKeys, {}, Operand::kKey, kRow},
        {"key rotate", "rotate a key", kKeys, {"key.rotate"}, Operand::kKey, kRow},
        {"key disable", "disable a key", kKeys, {"key.disable"}, Operand::kKey, kRow},
        {"key enable", "enable a key", kKeys, {"key.enable"}, Operand::kKey, kRow},
        {"key schedule-deletion", "schedule a key's deletion", kKeys, {"key.schedule-deletion"}, Operand::kKey, kRow},
        {"key cancel-deletion", "cancel a key's deletion", kKeys, {"key.cancel-deletion"}, Operand::kKey, kRow},
        {"pool rewrap --from", "move what stands under a key", kKeys, {"key.move"}, Operand::kKey, kRow},
        {"pool rewrap --wallet", "move a wallet to another key", kWallets, {"wallet.move"}, Operand::kWallet, kRow},
        {"pool retire", "retire a key of the pool", kKeys, {"key.retire"}, Operand::kKey, kRow},
        {"audit list", "what happened, newest first", kAudit},
        {"audit list --user", "what happened to a user's wallets", kAudit, {}, Operand::kUser, Use::kScopeUser},
        {"audit list --key", "what happened with a key", kAudit, {}, Operand::kKey, Use::kScopeKey},
        {"audit verify", "verify the hash chain", kAudit, {"audit.verify"}},
        {"job list", "all jobs", kJobs},
        {"job show", "a job in full", kJobs, {"job.detail"}, Operand::kJob, kRow},
        {"job pause", "pause a job", kJobs, {"job.pause"}, Operand::kJob, kRow, false, refuse_stopped},
        {"job resume", "go on with a job", kJobs, {"job.pause"}, Operand::kJob, kRow, false, refuse_running},
        {"job cancel", "cancel a job for good", kJobs, {"job.cancel"}, Operand::kJob, kRow},
        {"job retry", "try again what failed in a job", kJobs, {"job.retry"}, Operand::kJob, kRow},
        {"alerts list", "what fires", kHealth},
        {"alerts acknowledge", "acknowledge an alert", kHealth, {"alert.acknowledge"}, Operand::kAlert, kRow},
        {"alerts silence", "silence an alert", kHealth, {"alert.silence"}, Operand::kAlert, kRow},
        {"cost", "what the keys cost", kHealth},
        {"contact list", "the address book", {}, {"contacts"}},
        {"contact add",
         "give an address a name",
         {},
         {"contacts"},
         Operand::kText,
         Use::kForm,
         true,
         {},
         make_add_contact_dialog,
         off_for_operator_writes},
        {"contact remove",
         "take a name out of the address book",
         {},
         {"contacts"},
         Operand::kContact,
         Use::kForm,
         false,
         {},
         [](std::string name) { return make_contacts_dialog(std::move(name), true); },
         off_for_operator_writes},
        {"tour", "the tour of the demo, from its beginning", {}, {"tour"}},
        {"theme", "another theme", {}, {}, Operand::kTheme, Use::kTheme},
        {"lock", "forget the wallets opened for signing", {}, {"vault.lock"}},
        {"help", "what the keys do here", {}, {"help"}},
        {"messages", "messages and errors", {}, {"messages"}},
        {"undo", "take the last reversible action back", {}, {"undo"}},
        {"refresh", "read again", {}, {"refresh"}},
        {"redraw", "redraw the screen", {}, {"redraw"}},
        {"suspend", "suspend; fg comes back", {}, {"suspend"}},
        {"quit", "quit", {}, {"quit"}},
        {"q", "quit", {}, {"quit"}},
    };
    return kCommands;
}

/// How many words of the line are those of the command; 0: others.
std::size_t matched(const Command& command, const std::vector<std::string>& words) {
    const std::vector<std::string> own = split_words(command.words).words;
    const bool same = own.size() <= words.size() && std::ranges::equal(own, std::span(words).first(own.size()));
    return same ? own.size() : 0;
}

Understood unknown(const std::vector<std::string>& words) {
    Understood out;
    std::vector<std::string> names;
    // Where the first word is one of several commands, the second is the wrong one.
    const std::string group = words.front() + " ";
    for (const Command& command : commands()) {
        if (words.size() > 1 && command.words.starts_with(group)) names.emplace_back(command.words);
    }
    const bool in_group = !names.empty();
    if (!in_group) {
        for (const Command& command : commands()) {
            if (words.size() > 1 || !command.words.contains(' ')) names.emplace_back(command.words);
        }
    }
    const std::string said = words.size() > 1 ? fmt::format("{} {}", words[0], words[1]) : words[0];
    out.near = near_names(said, names);
    if (out.near.empty() && words.size() > 1 && !in_group) out.near = near_names(words[0], names);
    const bool is_group =
        std::ranges::any_of(commands(), [&](const Command& command) { return command.words.starts_with(group); });
    if (words.size() == 1 && is_group) {
        out.problem = fmt::format("{} needs a word after it.", words[0]);
    } else if (is_group && out.near.empty()) {
        out.problem =
            fmt::format("There is no command \"{}\" here. The command line has more: keydeck {} --help", said, words[0]);
    } else {
        out.problem = fmt::format("There is no command \"{}\".", said);
    }
    return out;
}

}  // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> kAll = [] {
        std::vector<Command> all = screen_commands();
        for (const Command& command : other_commands()) all.push_back(command);
        return all;
    }();
    return kAll;
}

std::string_view placeholder(Operand operand) {
    switch (operand) {
        case Operand::kNone:
            return "";
        case Operand::kText:
            return "TEXT";
        case Operand::kUser:
            return "USER";
        case Operand::kWallet:
            return "WALLET";
        case Operand::kKey:
            return "KEY";
        case Operand::kKeyState:
            return "STATE";
        case Operand::kContact:
            return "CONTACT";
        case Operand::kJob:
        case Operand::kAlert:
            return "ID";
        case Operand::kTheme:
            return "NAME";
    }
    return "";
}

Understood understand(std::string_view line) {
    Words split = split_words(line);
    if (!split.words.empty() && split.words.front() == "keydeck") split.words.erase(split.words.begin());
    Understood out;
    if (split.unfinished) {
        out.problem = "A quote is not closed.";
        return out;
    }
    if (split.words.empty()) return out;
    std::size_t most = 0;
    for (const Command& command : commands()) {
        const std::size_t own = matched(command, split.words);
        if (own <= most) continue;
        most = own;
        out.command = &command;
    }
    if (out.command == nullptr) return unknown(split.words);
    if (split.words.size() > most && split.words[most] == "--")  // what follows may begin with a dash
        split.words.erase(split.words.begin() + static_cast<std::ptrdiff_t>(most));
    for (std::size_t i = most; i < split.words.size(); ++i) out.operand += (i > most ? " " : "") + split.words[i];
    const std::size_t operands = split.words.size() - most;
    const bool many = out.command->use == Use::kFilter || out.command->use == Use::kForm;  // words of one text
    if (out.command->operand == Operand::kNone && operands > 0) {
        out.problem = fmt::format("{} takes nothing behind it.", out.command->words);
    } else if (out.operand.empty() && out.command->operand != Operand::kNone && !out.command->may_lack) {
        out.problem = fmt::format("{} needs {} behind it.", out.command->words, placeholder(out.command->operand));
    } else if (operands > 1 && !many &&
               std::ranges::any_of(split.words, [](const std::string& word) { return word.starts_with("--"); })) {
        out.problem = fmt::format("Options are chosen in the dialog: {} takes a {} alone.", out.command->words,
                                  placeholder(out.command->operand));
    } else if (operands > 1 && !many) {
        out.problem =
            fmt::format("One {} at a time; a name with blanks stands in quotes.", placeholder(out.command->operand));
    }
    return out;
}

Deed deed_of(const Command& command, const std::string& operand, const Object* object) {
    Deed out;
    out.says = std::string(command.words);
    if (command.screen) {
        out.place = Place{};
        out.place->screen = *command.screen;
        if (command.use == Use::kFilter) out.place->filter = operand;
        if (command.use == Use::kScopeUser) out.place->user = object != nullptr ? object->name : operand;
        if (command.use == Use::kScopeKey && object != nullptr) {
            out.place->key_id = object->select;
            out.place->key_name = object->name;
        }
        if (command.use == Use::kRow && object != nullptr) out.place->select = object->select;
    }
    for (const std::string_view action : command.actions) {
        if (!action.empty()) out.actions.emplace_back(action);
    }
    if (command.form != nullptr) {
        out.instead = [form = command.form, operand](const Scene&, Effects& effects) {
            effects.open.push_back(form(operand));
        };
    }
    return out;
}

}  // namespace keydeck::ui
