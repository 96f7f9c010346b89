// Screens and dialogs as text, compared with the files in golden/. KEYDECK_UPDATE_GOLDEN=1 writes them anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

// What differs from run to run, replaced by something as long: key ids (also where they are cut) and hashes of the chain.
std::string masked(const std::string& text) {
    static const std::regex kRandom("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]*|(prev|this) 0x[0-9a-f]{16}");
    constexpr std::string_view kId = "11111111-2222-3333-4444-555555555555";
    std::string out;
    auto last = text.begin();
    for (std::sregex_iterator match(text.begin(), text.end(), kRandom); match != std::sregex_iterator(); ++match) {
        out.append(last, text.begin() + match->position());
        out += match->str(1).empty() ? std::string(kId.substr(0, static_cast<std::size_t>(match->length())))
                                     : match->str(1) + " 0x0123456789abcdef";
        last = text.begin() + match->position() + match->length();
    }
    return out.append(last, text.end());
}

void compare(const std::string& name, const std::string& screen) {
    const std::string path = fmt::format("{}/tests/ui/golden/{}.txt", KEYDECK_SOURCE_DIR, name);
    const std::string text = masked(screen);
    if (std::getenv("KEYDECK_UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path) << text;
        return;
    }
    std::ifstream in(path);
    ASSERT_TRUE(in) << path << " is missing: run with KEYDECK_UPDATE_GOLDEN=1";
    std::stringstream expected;
    expected << in.rdbuf();
    EXPECT_EQ(text, expected.str()) << name;
}

struct Shape {
    std::string name;
    Size size;
    Charset charset = Charset::kUnicode;
};

const std::vector<Shape> kShapes{
    {"80x24", {24, 80}}, {"120x36", {36, 120}}, {"60x16", {16, 60}}, {"ascii", {24, 80}, Charset::kAscii}};

class Golden : public testing::TestWithParam<Shape> {
protected:
    Golden() : world(options()) {
        Engine& engine = world.engine_of_another_process();
        const Session session = world.operator_session();
        for (const char* name : {"alice", "bob", "charlie", "中文名字"}) EXPECT_TRUE(engine.add_user(session, name));
        import_known(engine, "alice", 1, "main");
        import_known(engine, "alice", 2, "savings");
        import_known(engine, "bob", 3);
        world.clock.advance(std::chrono::minutes(12));
        EXPECT_TRUE(engine.sign_message(session, kFirstAddress, as_bytes("hello")));
        EXPECT_TRUE(engine.lock_user(session, "charlie"));
        world.wait(std::chrono::minutes(3));
        world.touch();
        world.wait(Desk::kToast);
    }
    static HarnessOptions options() {
        HarnessOptions out;
        out.size = GetParam().size;
        out.charset = GetParam().charset;
        return out;
    }
    void expect(const std::string& name) { compare(fmt::format("{}-{}", name, GetParam().name), world.screen()); }
    Harness world;
};

TEST_P(Golden, Screens) {
    expect("users");
    world.press("<Enter>");
    expect("wallets");
    world.press("4");
    expect("keys");
    world.press("5");
    expect("audit");
}

TEST_P(Golden, Overlays) {
    world.press("?");
    expect("help");
    world.press("<Esc>!");
    expect("messages");
    world.press("<Esc>/zz");
    expect("no-match");
}

TEST_P(Golden, Forms) {
    world.press("u");
    expect("create-user");
    world.press("<Esc>w");
    expect("create-wallet");
    world.press("<Tab><Tab><Tab><Enter><Enter>");
    world.wait();
    expect("create-wallet-preview");
    world.press("<Esc>L");
    expect("lock-user");
}

TEST_P(Golden, Signing) {
    world.press("3sm");
    world.paste("Sign in to demo.example\nNonce: 7f3a91\nIssued: 2026-09-28T12:04:05Z");
    expect("sign-message-compose");
    world.press("<Tab><Tab><Enter>");
    world.wait();
    expect("sign-message");
    world.press("GS");
    expect("signature");
    world.press("<Esc>st<Tab>");
    world.paste(
        R"({"chainId": 1, "nonce": 42, "to": "0x5F63260EecF7F5E184046A03C89B3edd147Cb820", "value": "1500000000000000000",
"gas": 21000, "maxFeePerGas": "28800000000", "maxPriorityFeePerGas": "1500000000"})");
    world.press("<Tab><Enter>");
    world.wait();
    expect("sign-transaction");
}

TEST_P(Golden, Deletion) {
    world.press("4X");
    world.wait();
    expect("schedule-deletion");
    world.press("<Tab><C-u>31");
    expect("schedule-deletion-window");
}

INSTANTIATE_TEST_SUITE_P(Shapes, Golden, testing::ValuesIn(kShapes),
                         [](const auto& shape) { return "At" + shape.param.name; });

TEST_P(Golden, AsciiMeansAscii) {
    if (GetParam().charset != Charset::kAscii) return;
    for (const char* keys : {"2", "3", "4", "5", "?", "<Esc>2w"}) {
        world.press(keys);
        for (const char c : world.screen()) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c <= 0x7e)) << keys;
    }
}

}  // namespace
}  // namespace keydeck::ui
