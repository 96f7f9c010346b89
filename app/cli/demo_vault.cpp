#include "app/cli/demo_vault.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "app/cli/counted.hpp"
#include "app/cli/demo_story.hpp"

namespace keydeck::cli {
namespace {

namespace fs = std::filesystem;

// Stands in every demo vault with the embedded KMS and in no other, from before the databases exist until after they are
// gone.
constexpr auto kKeyFile = "keydeck-demo.key";
constexpr auto kSealFile = "seal.key";
constexpr std::array kDatabases = {"keydeck.db", "kms.db"};
constexpr int kShortestWindow = 7;

bool is_there(const fs::path& path) {
    std::error_code problem;
    return fs::exists(fs::symlink_status(path, problem));
}

bool is_vault(const fs::path& directory) { return is_there(directory / "keydeck.db") && is_there(directory / "kms.db"); }

/// One database without the other, and the demo's key beside it: a creation or a removal that was interrupted.
bool is_remnant(const fs::path& directory) {
    return is_there(directory / kKeyFile) && !is_vault(directory) &&
           (is_there(directory / "keydeck.db") || is_there(directory / "kms.db"));
}

/// A file that the program itself makes for a database: its log, its index, a backup before a migration.
bool belongs_to_database(const std::string& name) {
    for (const std::string database : kDatabases) {
        if (name == database || name == database + "-wal" || name == database + "-shm" || name == database + "-journal")
            return true;
        if (name.starts_with(database + ".v") && name.ends_with(".bak")) return true;
    }
    return false;
}

void remove_known_files(const fs::path& directory) {
    std::error_code problem;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, problem)) {
        const std::string name = entry.path().filename();
        std::error_code ignored;
        if (name.starts_with(".keydeck-new-") && entry.is_directory(ignored)) remove_known_files(entry.path());
        if (belongs_to_database(name)) fs::remove(entry.path(), ignored);
    }
    fs::remove(directory / kSealFile, problem);
    fs::remove(directory / kKeyFile, problem);  // last: while it is there, what is left can be told to be the demo's
    fs::remove(directory, problem);             // fails where something else is in it, which then stays
}

Status check_mark(Engine& engine, const std::string& directory) {
    auto vault = engine.vault();
    if (!vault) return fail(vault);
    if (vault->is_demo) return {};
    return fail(ErrorCode::kRejected,
                fmt::format("The vault in {} is not a demo, and nothing in it was touched.", directory),
                "Open it with `keydeck --vault DIR`; the demo wants a directory of its own.");
}

/// What the demo costs in AWS, before anything is made there. https://aws.amazon.com/kms/pricing/
Status tell_cost(Context& context) {
    const int keys = demo_key_count();
    const std::string sentence = fmt::format(
        "The demo makes {0} keys in your AWS account, at 1 USD each a month (by the hour): {0}.00 USD a month until "
        "`keydeck demo --clean`, about {1:.2f} USD an hour. Its few dozen requests cost less than a cent.",
        keys, keys / 730.0);
    if (context.options.yes || !context.out().interactive()) context.out().note(sentence);
    return context.ask_first(sentence, "Make the demo in AWS?");
}

}  // namespace

Result<std::string> demo_directory(const Context& context) {
    const std::string& named = context.options.settings.vault;
    return named.empty() ? data_directory("keydeck-demo") : Result<std::string>(named);
}

Result<Engine*> open_demo_vault(Context& context, const std::string& directory, const std::string& kms) {
    if (is_remnant(directory)) remove_known_files(directory);
    if (!is_there(fs::path(directory) / "keydeck.db")) {
        if (context.options.read_only) {
            return fail(ErrorCode::kDenied, "There is no demo yet, and --read-only forbids to make one.");
        }
        VaultCreation creation;
        creation.directory = directory;
        creation.is_demo = true;
        if (kms == "aws") {
            if (Status agreed = tell_cost(context); !agreed) return fail(agreed);
            creation.kms = kms;
            creation.region.clear();
        } else {
            creation.key_file = fs::path(directory) / kKeyFile;
        }
        Status created = Engine::create_vault(creation);
        if (!created) return fail(created);
    }
    auto engine = context.open_engine(directory);
    if (!engine) return fail(engine);
    Status marked = check_mark(**engine, directory);
    if (!marked) return fail(marked);
    auto vault = (*engine)->vault();
    if (!vault) return fail(vault);
    if (!kms.empty() && vault->kms != kms) {
        return fail(ErrorCode::kRejected, fmt::format("The demo in {} has its keys in KMS \"{}\".", directory, vault->kms),
                    fmt::format("`keydeck demo --kms {} --fresh` starts over.", kms));
    }
    return engine;
}

Result<std::vector<KeyInfo>> retire_demo_keys(Context& context, const std::string& directory) {
    std::vector<KeyInfo> retired;
    const fs::path path(directory);
    if (!is_there(path / "keydeck.db") || !is_there(path / kSealFile)) return retired;
    auto engine = context.open_engine(directory);
    if (!engine) return fail(engine);
    Status marked = check_mark(**engine, directory);
    if (!marked) return fail(marked);
    auto vault = (*engine)->vault();
    if (!vault) return fail(vault);
    const Session session = Session::of_operator("demo");
    auto all = (*engine)->list_keys(session, {});
    if (!all) return fail(all);
    std::vector<KeyInfo> keys;
    for (KeyInfo& key : *all) {
        const std::pair<std::string, std::string> mark{"keydeck:vault", vault->id};
        const bool tagged = std::ranges::find(key.tags, mark) != key.tags.end();
        if (tagged || !key.purpose.empty()) keys.push_back(std::move(key));
    }
    Status agreed =
        context.ask_first(fmt::format("The demo has {} in AWS; the deletion can be cancelled for {} days, in AWS's console.",
                                      counted(std::ssize(keys), "key"), kShortestWindow),
                          "Schedule the deletion of them all?");
    if (!agreed) return fail(agreed);
    for (const KeyInfo& key : keys) {
        if (key.state == "PendingDeletion") continue;
        auto scheduled = (*engine)->schedule_key_deletion(session, key.id, kShortestWindow, key.wallets + key.secrets);
        if (!scheduled) return fail(scheduled);
        retired.push_back(std::move(*scheduled));
    }
    context.close_engine();
    return retired;
}

Status remove_demo_vault(const std::string& directory) {
    if (is_remnant(directory)) {
        remove_known_files(directory);
        return {};
    }
    const fs::path path(directory);
    if (!is_there(path / "keydeck.db") && !is_there(path / "kms.db") && !is_there(path / kSealFile)) return {};
    auto engine = Engine::open({.directory = directory, .read_only = true});
    if (!engine) {
        return fail(engine.error().code, engine.error().message,
                    "Whether it is a demo cannot be told; if you know that it is, remove the directory yourself.");
    }
    Status marked = check_mark(**engine, directory);
    if (!marked) return marked;
    engine->reset();
    remove_known_files(path);
    if (is_there(path / "keydeck.db") || is_there(path / "kms.db")) {
        return fail(ErrorCode::kDenied, fmt::format("The demo's files in {} cannot be removed.", directory));
    }
    return {};
}

}  // namespace keydeck::cli
