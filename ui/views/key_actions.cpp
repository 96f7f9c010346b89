#include "ui/views/key_actions.hpp"

#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/change.hpp"
#include "ui/views/job_tasks.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

// What asking about a key and taking it back has in common.
struct KeyChange {
    std::string verb;  ///< "disable"
    std::string done;  ///< "is disabled"
    Result<KeyInfo> (Engine::*call)(const Session&, std::string_view);
    std::string undo_verb;  ///< "Enable"; empty: cannot be taken back
    Result<KeyInfo> (Engine::*undo_call)(const Session&, std::string_view) = nullptr;
};

Task key_task(const KeyChange& change, const std::string& id, const std::string& name, const Session& session);

Undo undo_of(const KeyChange& change, const std::string& id, const std::string& name, const Session& session) {
    const std::string lower = change.undo_verb == "Enable" ? "enable" : "disable";
    const KeyChange back{lower, lower == "enable" ? "is enabled" : "is disabled", change.undo_call, "", nullptr};
    return {fmt::format("{} key {} again?", change.undo_verb, name), key_task(back, id, name, session)};
}

Task key_task(const KeyChange& change, const std::string& id, const std::string& name, const Session& session) {
    const ChangeWords words{fmt::format("{} key {}", change.verb, name),
                            fmt::format("Could not {} key {}", change.verb, name), "The key is as it was."};
    return change_task(
        words, [call = change.call, id, session](Engine& engine, const TaskContext&) { return (engine.*call)(session, id); },
        [change, id, name, session](const Result<KeyInfo>&, const Scene&, Effects& effects) {
            effects.toasts.push_back(fmt::format("Key {} {}", name, change.done));
            if (change.undo_call != nullptr) effects.undo = undo_of(change, id, name, session);
        });
}

void ask(const std::string& question, std::vector<TextLine> lines, const KeyChange& change, const KeyInfo& key,
         Effects& effects) {
    const std::string name = key_name(key.alias, key.id);
    lines.insert(lines.begin(), {"Key id", key.id, {}, true, false});
    effects.open.push_back(std::make_unique<QuestionDialog>(
        question, std::move(lines),
        [change, id = key.id, name](const Scene& scene, Effects& more) {
            more.tasks.push_back(key_task(change, id, name, scene.session));
        },
        Call{{"key", change.undo_call != nullptr ? change.verb : "cancel-deletion"}, {key.id}, {}}));
}

}  // namespace

void ask_disable_key(const KeyInfo& key, Effects& effects) {
    const KeyChange change{"disable", "is disabled", &Engine::disable_key, "Enable", &Engine::enable_key};
    ask(fmt::format("Disable key {}?", key_name(key.alias, key.id)),
        {{"Then",
          fmt::format("{} that depend on it cannot sign until it is enabled again.",
                      counted(key.wallets, "wallet", "wallets")),
          {},
          false,
          false}},
        change, key, effects);
}

void ask_enable_key(const KeyInfo& key, Effects& effects) {
    const KeyChange change{"enable", "is enabled", &Engine::enable_key, "Disable", &Engine::disable_key};
    ask(fmt::format("Enable key {}?", key_name(key.alias, key.id)),
        {{"Then",
          fmt::format("{} that depend on it can sign again.", counted(key.wallets, "wallet", "wallets")),
          {},
          false,
          false}},
        change, key, effects);
}

void ask_cancel_deletion(const KeyInfo& key, const Scene& scene, Effects& effects) {
    const KeyChange change{
        "cancel the deletion of",
        fmt::format("will not be deleted; it is disabled now ({} enables it)", key_word(scene, "key.enable")),
        &Engine::cancel_key_deletion, "", nullptr};
    ask(fmt::format("Cancel the deletion of key {}?", key_name(key.alias, key.id)),
        {{"Then", "The key comes back disabled; enabling it is a step of its own.", {}, false, false}}, change, key,
        effects);
}

void ask_retire_key(const KeyInfo& key, const Scene& scene, Effects& effects) {
    const std::string name = key_name(key.alias, key.id);
    std::string amount = counted(key.wallets, "wallet", "wallets");
    if (key.secrets > 0) amount += " and " + counted(key.secrets, "secret", "secrets");
    std::vector<TextLine> lines{
        {"", fmt::format("Retire key {}: {} leave it", name, amount), {Role::kTitle}, false, false},
        rule_line(),
        {"Key id", key.id, {}, true, false},
        {"First", "Nothing new is sealed under it from now on.", {}, false, false},
        {"Then",
         "Everything under it moves to enabled keys of the pool. Each is read back and opened under its new key before "
         "its old copy goes.",
         {},
         false,
         false},
        {"At last",
         fmt::format(
             "It is disabled, if nothing is left under it; else it stays enabled. Its deletion is a step of its own ({}).",
             key_word(scene, "key.schedule-deletion")),
         {},
         false,
         false},
        {"Stop",
         fmt::format("{} on the Jobs screen pauses it, and so does leaving. {} again goes on from there.",
                     key_word(scene, "job.pause"), key_word(scene, "key.retire")),
         {},
         false,
         false},
        {"Back",
         fmt::format("{} takes a retired key into the pool again.", key_word(scene, "key.enable")),
         {},
         false,
         false},
    };
    effects.open.push_back(std::make_unique<ConfirmDialog>(
        "Retire key " + name, std::move(lines), "Retire", U'C',
        [key](const Scene& now, Effects& more) {
            more.tasks.push_back(retire_task(key, now.session));
            more.go = place_of_new_job();
        },
        Call{{"pool", "retire"}, {key.id}, {}}));
}

std::string why_not_retire(const KeyInfo& key, const Scene& scene) {
    if (key.purpose != "pool") return "only a key of the pool is retired";
    if (key.state == "PendingDeletion") return "its deletion is scheduled";
    if (key.state == "Enabled") return "";
    return fmt::format("it is disabled already ({} enables it, which moving needs)", key_word(scene, "key.enable"));
}

namespace {

Task user_task(const std::string& name, bool lock, const Session& session) {
    const std::string verb = lock ? "lock" : "unlock";
    return change_task(
        {fmt::format("{} user {}", verb, name), fmt::format("Could not {} the user", verb), "The user is as before."},
        [name, lock, session](Engine& engine, const TaskContext&) {
            return lock ? engine.lock_user(session, name) : engine.unlock_user(session, name);
        },
        [name, lock, verb, session](const Result<User>&, const Scene& scene, Effects& effects) {
            effects.toasts.push_back(fmt::format("User {} is {}ed", scene.safe(name), verb));
            effects.undo = Undo{fmt::format("{} user {} again?", lock ? "Unlock" : "Lock", scene.safe(name)),
                                user_task(name, !lock, session)};
        });
}

}  // namespace

void ask_lock_user(const User& user, Effects& effects) {
    const bool lock = !user.locked;
    const std::string shown = safe_text(user.name, Charset::kUnicode);
    effects.open.push_back(std::make_unique<QuestionDialog>(
        fmt::format("{} user {}?", lock ? "Lock" : "Unlock", shown),
        std::vector<TextLine>{{"Then",
                               fmt::format("{} of this user {}.", counted(user.wallets, "wallet", "wallets"),
                                           lock ? "cannot sign until the user is unlocked" : "can sign again"),
                               {},
                               false,
                               false}},
        [name = user.name, lock](const Scene& scene, Effects& more) {
            more.tasks.push_back(user_task(name, lock, scene.session));
        },
        Call{{"user", lock ? "lock" : "unlock"}, {user.name}, {}}));
}

Action lock_vault_action() {
    return {"vault.lock",
            {key(U'L')},
            "lock the vault: forget the wallets opened for signing",
            "",
            [](const Scene&, Effects& effects) {
                effects.tasks.push_back(make_task(
                    "lock the vault", Lane::kData, false,
                    [](Engine& engine, const TaskContext&) -> Status {
                        engine.lock();
                        return {};
                    },
                    [](const Status&, const Scene&, Effects& more) {
                        more.toasts.emplace_back("Locked: no wallet is open in memory");
                    }));
            },
            {}};
}

}  // namespace keydeck::ui
