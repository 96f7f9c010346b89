#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli/command_line.hpp"
#include "app/cli/completion.hpp"
#include "app/cli/context.hpp"
#include "app/cli/counted.hpp"
#include "app/cli/nearest.hpp"
#include "app/cli/output.hpp"

namespace keydeck::cli {
namespace {

class CommandLineTest : public testing::Test {
protected:
    /// Understands the words; whether they are a command line.
    bool parse(std::vector<std::string> words) {
        context_.options = {};
        context_.chosen = nullptr;
        app_ = make_command_line(context_);
        std::reverse(words.begin(), words.end());
        try {
            app_->parse(words);
        } catch (const CLI::ParseError&) {
            return false;
        }
        return true;
    }
    Output out_;
    Context context_{out_};
    std::unique_ptr<CLI::App> app_;
};

TEST_F(CommandLineTest, GlobalOptionsStandBeforeAndAfterTheCommand) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"--json", "--vault", "/v", "--as", "alice", "wallet", "list"},
             {"wallet", "--json", "--vault", "/v", "list", "--as", "alice"},
             {"wallet", "list", "--json", "--vault=/v", "--as", "alice"},
         }) {
        ASSERT_TRUE(parse(words));
        EXPECT_TRUE(context_.options.json);
        EXPECT_EQ(context_.options.settings.vault, "/v");
        EXPECT_EQ(context_.options.as_user, "alice");
        EXPECT_TRUE(context_.chosen);
    }
}

TEST_F(CommandLineTest, NamesThatAreCommandsElsewhereAreValues) {
    EXPECT_TRUE(parse({"user", "add", "key"}));
    EXPECT_TRUE(parse({"user", "add", "user"}));
    EXPECT_TRUE(parse({"wallet", "label", "wallet", "list"}));
    EXPECT_TRUE(parse({"sign", "message", "alice", "demo"}));
    EXPECT_TRUE(parse({"sign", "message", "alice", "--", "--json"}));
    EXPECT_FALSE(context_.options.json);
    EXPECT_TRUE(parse({"sign", "message", "alice", "{}"}));
    EXPECT_TRUE(parse({"sign", "message", "alice", "[a,b]"}));
    EXPECT_TRUE(parse({"sign", "message", "alice", ""}));
    EXPECT_TRUE(parse({"sign", "message", "alice", "%%"}));
}

TEST_F(CommandLineTest, RefusesWhatIsNoCommandLine) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"nonsense"},
             {"wallet"},
             {"wallet", "nonsense"},
             {"wallet", "create"},
             {"wallet", "list", "extra"},
             {"wallet", "list", "--nonsense"},
             {"wallet", "list", "--limit"},
             {"sign", "typed-data", "alice"},
             {"user", "list", "wallet", "list"},
             {"--vault"},
         }) {
        EXPECT_FALSE(parse(words)) << words.front();
    }
}

TEST_F(CommandLineTest, BareIsTheScreens) {
    ASSERT_TRUE(parse({}));
    EXPECT_FALSE(context_.chosen);
    ASSERT_TRUE(parse({"--vault", "/v"}));
    EXPECT_FALSE(context_.chosen);
}

void collect_paths(const CLI::App& app, const std::string& path, std::set<std::string>& paths) {
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty()) paths.insert(path);
    for (const CLI::App* command : commands) {
        collect_paths(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), paths);
    }
}

// CLI.md's commands, word for word; those of later versions must not be there yet.
TEST_F(CommandLineTest, HasTheCommandsOfTheContract) {
    const std::set<std::string> contract = {"demo",
                                            "init",
                                            "user add",
                                            "user list",
                                            "user show",
                                            "user rename",
                                            "user lock",
                                            "user unlock",
                                            "user remove",
                                            "wallet create",
                                            "wallet import",
                                            "wallet list",
                                            "wallet show",
                                            "wallet label",
                                            "wallet remove",
                                            "wallet restore",
                                            "wallet export",
                                            "sign message",
                                            "sign typed-data",
                                            "sign transaction",
                                            "sign authorization",
                                            "verify message",
                                            "verify typed-data",
                                            "decode transaction",
                                            "key create",
                                            "key list",
                                            "key show",
                                            "key alias",
                                            "key tag",
                                            "key enable",
                                            "key disable",
                                            "key rotate",
                                            "key schedule-deletion",
                                            "key cancel-deletion",
                                            "kms serve",
                                            "kms access-key create",
                                            "kms access-key list",
                                            "kms access-key remove",
                                            "pool init",
                                            "pool status",
                                            "pool add",
                                            "pool rewrap",
                                            "pool retire",
                                            "migrate fernet",
                                            "job list",
                                            "backup",
                                            "restore",
                                            "recovery-sheet",
                                            "secret put",
                                            "secret get",
                                            "secret list",
                                            "secret versions",
                                            "secret remove",
                                            "secret restore",
                                            "job show",
                                            "job pause",
                                            "job resume",
                                            "job retry",
                                            "job cancel",
                                            "audit list",
                                            "audit verify",
                                            "audit export",
                                            "audit archive",
                                            "alerts list",
                                            "alerts check",
                                            "alerts acknowledge",
                                            "alerts silence",
                                            "metrics",
                                            "cost",
                                            "doctor terminal",
                                            "contact add",
                                            "contact list",
                                            "contact remove",
                                            "config show",
                                            "config keymap",
                                            "config check",
                                            "config iam-policy",
                                            "completion"};
    std::set<std::string> paths;
    collect_paths(*make_command_line(context_), "", paths);
    EXPECT_EQ(paths, contract);
}

TEST_F(CommandLineTest, CompletionKnowsEveryCommandAndOption) {
    const auto app = make_command_line(context_);
    std::set<std::string> paths;
    collect_paths(*app, "keydeck", paths);
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto script = completion_script(*app, shell);
        ASSERT_TRUE(script) << shell;
        for (const std::string& path : paths)
            EXPECT_NE(script->find("'" + path + "'"), std::string::npos) << shell << ": " << path;
        EXPECT_NE(script->find("keystore-passphrase-file"), std::string::npos) << shell;
        EXPECT_NE(script->find("envelope kms-key"), std::string::npos) << shell;
    }
    EXPECT_EQ(completion_script(*app, "csh").error().code, ErrorCode::kInvalidInput);
}

TEST(Counted, TakesAnSUnlessItIsOne) {
    EXPECT_EQ(counted(1, "wallet"), "1 wallet");
    EXPECT_EQ(counted(0, "wallet"), "0 wallets");
    EXPECT_EQ(counted(1'204, "key"), "1204 keys");
}

TEST(NearestName, IsASlipAway) {
    const std::vector<std::string> names = {"create", "import", "list", "label", "remove", "schedule-deletion"};
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"crate", "create"},             // a letter less
        {"lisst", "list"},               // one more
        {"lost", "list"},                // another
        {"lable", "label"},              // two swapped
        {"sched", "schedule-deletion"},  // begun
        {"list", "list"},
        {"nonsense", ""},
        {"ls", ""},  // half of it is wrong
        {"", ""},
    };
    for (const auto& [word, name] : cases) EXPECT_EQ(nearest_name(word, names), name) << word;
    EXPECT_EQ(nearest_name("list", {}), "");
}

TEST(ExitStatus, IsTheContracts) {
    const std::pair<ErrorCode, int> contract[] = {
        {ErrorCode::kAlreadyExists, 1}, {ErrorCode::kRejected, 1},  {ErrorCode::kCancelled, 1}, {ErrorCode::kInternal, 1},
        {ErrorCode::kInvalidInput, 2},  {ErrorCode::kNotFound, 3},  {ErrorCode::kDenied, 4},    {ErrorCode::kLocked, 4},
        {ErrorCode::kUnavailable, 5},   {ErrorCode::kThrottled, 5}, {ErrorCode::kCorrupt, 6},
    };
    for (const auto& [code, status] : contract) EXPECT_EQ(exit_status(code), status) << to_string(code);
}

TEST(ErrorJson, HasFourFields) {
    EXPECT_EQ(error_json({ErrorCode::kRejected, "It is \"off\".", "", "DisabledException"}),
              R"({"error":{"code":"rejected","message":"It is \"off\".","hint":null,"kms_error":"DisabledException"}})");
}

}  // namespace
}  // namespace keydeck::cli
