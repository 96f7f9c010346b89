#include "app/cli/screen_files.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace keydeck::cli {
namespace {

namespace fs = std::filesystem;

class ScreenFilesTest : public testing::Test {
protected:
    void SetUp() override {
        fs::create_directories(directory_ / "themes");
        setenv("HOME", home_.path().c_str(), 1);
        setenv("XDG_CONFIG_HOME", (home_.path() / "config").c_str(), 1);
    }
    void write(const char* name, std::string_view text) const { std::ofstream(directory_ / name) << text; }
    std::vector<std::string> sentences() const {
        std::vector<std::string> out;
        for (const ConfigProblem& problem : read_screen_files().problems) {
            const std::string prefix = directory_.string() + "/";
            EXPECT_TRUE(problem.sentence.starts_with(prefix)) << problem.sentence;
            out.push_back(problem.sentence.substr(prefix.size()));
        }
        return out;
    }
    testing_support::TemporaryDirectory home_;
    fs::path directory_ = home_.path() / "config/keydeck";
};

TEST_F(ScreenFilesTest, NoFilesAreFine) {
    fs::remove_all(directory_);
    const ScreenFiles files = read_screen_files();
    EXPECT_TRUE(files.keymap.empty());
    EXPECT_TRUE(files.themes.empty());
    EXPECT_TRUE(files.problems.empty());
}

TEST_F(ScreenFilesTest, ReadsKeysDottedQuotedAndListed) {
    write("keymap.toml", "user.create = \"F5\"\n\"move.down\" = [\"F6\", \"Down\"]\n[theme]\nnext = []\n");
    const ScreenFiles files = read_screen_files();
    EXPECT_TRUE(files.problems.empty());
    ASSERT_EQ(files.keymap.size(), 3U);
    EXPECT_EQ(files.keymap[0].action, "user.create");
    EXPECT_EQ(files.keymap[0].line, 1U);
    EXPECT_EQ(files.keymap[1].keys, (std::vector<std::string>{"F6", "Down"}));
    EXPECT_EQ(files.keymap[2].action, "theme.next");
    EXPECT_TRUE(files.keymap[2].keys.empty());
}

TEST_F(ScreenFilesTest, TellsFileLineAndReasonAndUsesNothingOfTheFile) {
    write("keymap.toml", "help = \"H\"\nquit = 3\nnothing.there = \"x\"\ncopy = \"Ctrl-B\"\n");
    EXPECT_EQ(sentences(),
              (std::vector<std::string>{
                  "keymap.toml, line 2: quit must be a key in quotes, or a list of keys.",
                  "keymap.toml, line 3: there is no action \"nothing.there\"; `keydeck config keymap` lists them.",
                  "keymap.toml, line 4: copy: Ctrl-B is reserved for terminals and window managers."}));
    EXPECT_TRUE(read_screen_files().keymap.empty());
    write("keymap.toml", "help = \"H\nquit\n");
    ASSERT_EQ(sentences().size(), 1U);
    EXPECT_TRUE(sentences()[0].starts_with("keymap.toml, line 1: this is not TOML: ")) << sentences()[0];
}

TEST_F(ScreenFilesTest, ReadsThemes) {
    write("themes/mine.toml", "base = \"light\"\ndanger = \"white on red bold\"\n");
    write("themes/bad.toml", "danger = \"rot\"\nok = 3\n");
    write("themes/My.toml", "ok = \"green\"\n");
    write("themes/notes.txt", "not a theme");
    const ScreenFiles files = read_screen_files();
    ASSERT_EQ(files.themes.size(), 1U);
    EXPECT_EQ(files.themes[0].name, "mine");
    EXPECT_EQ(problem_with_theme("mine", files), "");
    EXPECT_EQ(problem_with_theme("dark", files), "");
    EXPECT_EQ(problem_with_theme("bad", files), "There is no theme \"bad\"; there are auto, dark, light, 16, mono, mine.");
    const auto said = sentences();
    ASSERT_EQ(said.size(), 3U);
    EXPECT_TRUE(said[0].starts_with("themes/My.toml: theme is \"My\"")) << said[0];
    EXPECT_EQ(said[1], "themes/bad.toml, line 2: ok must be a text, like \"red bold\".");
    EXPECT_TRUE(said[2].starts_with("themes/bad.toml, line 1: danger is \"rot\"")) << said[2];
}

}  // namespace
}  // namespace keydeck::cli
