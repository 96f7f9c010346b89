// What `.` shows is a command line: read by a real shell, understood by the real parser, for every action and dialog.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli/command_line.hpp"
#include "app/cli/context.hpp"
#include "app/cli/output.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/ui/harness.hpp"

namespace keydeck {
namespace {

/// The words a POSIX shell makes of a line, `keydeck` replaced by something that prints them. A pipe's first half runs too.
std::vector<std::string> words_of(const std::string& line) {
    const std::string script = "keydeck() { printf '%s\\0' \"$@\"; }\n" + line + "\n";
    const testing_support::TemporaryDirectory directory;
    const std::string path = directory.path() / "call.sh";
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
    std::fwrite(script.data(), 1, script.size(), file.get());
    file.reset();
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> shell(::popen(("/bin/sh " + path).c_str(), "r"), ::pclose);
    std::string all;
    std::array<char, 4096> buffer{};
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), shell.get())) > 0;)
        all.append(buffer.data(), got);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = all.find('\0', at);
        out.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

class CallsTest : public testing::Test {
protected:
    CallsTest() {
        Engine& engine = world.engine_of_another_process();
        const Session session = world.operator_session();
        for (const char* name : {"alice", "it's -- Bob", "-dash"}) EXPECT_TRUE(engine.add_user(session, name));
        wallet = ui::import_known(engine, "alice", 1, "main");
        ui::import_known(engine, "it's -- Bob", 2, "$(x) `y`");
        ui::import_known(engine, "-dash", 3, "-n");
        EXPECT_TRUE(engine.add_pool_keys(session, 1));
        world.touch();
    }
    /// The line was understood: all of it, and it names a command.
    void expect_understood(const std::string& line) {
        std::vector<std::string> words = words_of(line);
        ASSERT_FALSE(words.empty()) << line;
        cli::Output out;
        cli::Context context(out);
        const auto app = cli::make_command_line(context);
        std::reverse(words.begin(), words.end());
        try {
            app->parse(words);
        } catch (const CLI::ParseError& error) {
            ADD_FAILURE() << line << ": " << error.what();
        }
        EXPECT_TRUE(context.chosen) << line;
    }
    /// Every line of the list that `.` opens; the list is closed again.
    std::vector<std::string> lines() {
        world.copied.clear();
        world.press(".");
        for (int i = 0; i < 20; ++i) world.press("yj");
        world.press("<Esc>");
        std::vector<std::string> out;
        for (const ui::Copy& copy : world.copied) {
            if (out.empty() || out.back() != copy.value) out.push_back(copy.value);
        }
        for (const std::string& line : out) expect_understood(line);
        return out;
    }
    /// The line of the dialog that is open.
    std::string line() {
        world.copied.clear();
        world.press(".");
        EXPECT_TRUE(world.shows("Command lines")) << world.screen();
        world.press("y<Esc>");
        if (world.copied.empty()) return "";
        expect_understood(world.copied.back().value);
        return world.copied.back().value;
    }
    ui::Harness world;
    Wallet wallet;
};

TEST_F(CallsTest, EveryActionOnEveryScreenSaysARealCommandLine) {
    const std::vector<std::string> users = lines();
    EXPECT_EQ(users.size(), 5U);
    for (const char* keys : {"j", "j", "3", "j", "j", "4", "j", "5"}) {
        world.press(keys);
        EXPECT_FALSE(lines().empty()) << keys << world.screen();
    }
    world.press("2gjj");
    const std::string lock = "keydeck user lock 'it'\\''s -- Bob'";
    const auto bob = lines();
    EXPECT_NE(std::ranges::find(bob, lock), bob.end());
    EXPECT_EQ(words_of(lock), (std::vector<std::string>{"user", "lock", "it's -- Bob"}));
}

TEST_F(CallsTest, ADialogSaysWhatItIsAboutToDo) {
    const std::string id = wallet.key_id;
    world.press(":key schedule-deletion " + wallet.key_alias + "<Enter>");
    world.wait();
    EXPECT_EQ(line(), fmt::format("keydeck key schedule-deletion --days 30 --acknowledge {} {}",
                                  world.engine().deletion_impact(world.operator_session(), id)->total(), id));
    world.press("<Esc>:key rotate " + id + "<Enter>");
    world.press("<Right>");
    EXPECT_EQ(line(), "keydeck key rotate --every 365 " + id);
    world.press("<Esc>:key disable " + id + "<Enter>");
    world.wait();
    EXPECT_EQ(line(), "keydeck key disable " + id);
    world.press("<Esc>:pool rewrap --from " + id + "<Enter>");
    world.press("<Right>");
    EXPECT_TRUE(line().starts_with("keydeck pool rewrap --from " + id + " --to ")) << world.screen();
    world.press("<Esc>:pool retire " + id + "<Enter>");
    world.wait();
    EXPECT_EQ(line(), "keydeck pool retire " + id);
    world.press("<Esc>:user lock -- -dash<Enter>");
    world.wait();
    EXPECT_EQ(line(), "keydeck user lock -- -dash");
    world.press("<Esc>:wallet create alice<Enter><Tab><Tab>");
    EXPECT_EQ(line(), "keydeck wallet create --custody envelope --words 12 alice");
}

TEST_F(CallsTest, ASignatureIsThatOfTheSameBytes) {
    const std::string address(ui::kFirstAddress);
    world.press(":sign message main<Enter>");
    world.paste("it's\n-- two lines");
    world.press("<Tab><Tab><Enter>");
    world.wait();
    const std::string text = line();
    EXPECT_EQ(words_of(text), (std::vector<std::string>{"sign", "message", address, "it's\n-- two lines"}));
    world.press("<Esc><Esc>:sign message main<Enter>");
    world.paste("0xdeadbeef");
    world.press("<Tab><Right><Tab><Enter>");
    world.wait();
    EXPECT_EQ(line(), "keydeck sign message --hex 0xdeadbeef " + address);
    world.press("<Esc><Esc>:sign transaction main<Enter><Tab>");
    world.paste(R"({"chainId": 1, "nonce": 1, "to": "0x5F63260EecF7F5E184046A03C89B3edd147Cb820", "value": "1",
"gas": 21000, "maxFeePerGas": "2", "maxPriorityFeePerGas": "1"})");
    world.press("<Tab><Enter>");
    world.wait();
    const std::string transaction = line();
    EXPECT_TRUE(transaction.starts_with("printf %s '{\"chainId\"")) << transaction;
    EXPECT_TRUE(transaction.ends_with("| keydeck sign transaction --file=- " + address)) << transaction;
}

TEST_F(CallsTest, WhatIsTypedStaysText) {
    world.press("u...");
    EXPECT_TRUE(world.shows("...")) << world.screen();
    EXPECT_FALSE(world.shows("Command lines"));
    world.press("<Esc>:..");
    EXPECT_TRUE(world.shows(":.."));
    world.press("<Esc>/.");
    EXPECT_TRUE(world.shows("filter: .")) << world.screen();
}

}  // namespace
}  // namespace keydeck
