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

// The bars of measured times and their scale, which stands over them.
std::string without_bars(const std::string& text) {
    static const std::regex kScale("0 to +[0-9.]+ m?s( *)");
    std::string scaled;
    auto last = text.begin();
    for (std::sregex_iterator match(text.begin(), text.end(), kScale); match != std::sregex_iterator(); ++match) {
        const std::string title = "0 to N";
        scaled.append(last, text.begin() + match->position()).append(title);
        if (match->length(1) > 0) scaled.append(static_cast<std::size_t>(match->length()) - title.size(), ' ');
        last = text.begin() + match->position() + match->length();
    }
    scaled.append(last, text.end());
    static const std::regex kBlocks("█|▉|▊|▋|▌|▍|▎|▏|░");
    static const std::regex kSigns("m?s  ([#.]{10,})");
    std::istringstream lines(scaled);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        static const std::regex kMeasured("[0-9.]+%.* m?s  ");
        if (std::regex_search(line, kMeasured)) {
            line = std::regex_replace(line, kBlocks, "x");
            std::smatch signs;
            while (std::regex_search(line, signs, kSigns))
                line.replace(static_cast<std::size_t>(signs.position(1)), static_cast<std::size_t>(signs.length(1)),
                             std::string(static_cast<std::size_t>(signs.length(1)), 'x'));
        }
        out += line + "\n";
    }
    return out;
}

// Measured times: in a column as wide as before, in a sentence whole; and the line of blocks that shows them.
std::string without_latencies(const std::string& text) {
    static const std::regex kTime(
        "p50 [0-9.]+ m?s p95 [0-9.]+ m?s p99 [0-9.]+ m?s|( +)[0-9.]+ m?s(?= )|(Slowest p95.*max )[^\n]*");
    std::string out;
    auto last = text.begin();
    for (std::sregex_iterator match(text.begin(), text.end(), kTime); match != std::sregex_iterator(); ++match) {
        out.append(last, text.begin() + match->position());
        if (match->str(2).empty() && match->str(1).empty()) {
            out += "p50 1 ms p95 2 ms p99 3 ms";
        } else if (match->str(2).empty()) {
            out += std::string(static_cast<std::size_t>(match->length()) - 4, ' ') + "N ms";
        } else {
            out += match->str(2) + "N ms)";
        }
        last = text.begin() + match->position() + match->length();
    }
    out.append(last, text.end());
    const std::size_t title = out.find("Slowest p95");
    if (title == std::string::npos) return out;
    const std::size_t begin = out.find('\n', title) + 1;
    const std::size_t end = out.find('\n', begin);
    static const std::regex kBlocks("▁|▂|▃|▄|▅|▆|▇|█|[_.:=+*#-]");
    return out.substr(0, begin) + std::regex_replace(out.substr(begin, end - begin), kBlocks, "x") + out.substr(end);
}

// What differs from run to run, replaced by something as long: key ids (also where they are cut) and hashes of the chain.
std::string masked(const std::string& screen) {
    const std::string text = without_bars(screen);
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
    static const std::regex kSize("Database  [0-9.]+ [kM]B");
    return std::regex_replace(without_latencies(out.append(last, text.end())), kSize, "Database  N MB");
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
        RowWriters writers;
        writers.user = [](const User& user) { return user.name; };
        out.writers = std::make_shared<const RowWriters>(std::move(writers));
        return out;
    }
    void expect(const std::string& name) { compare(fmt::format("{}-{}", name, GetParam().name), world.screen()); }
    Harness world;
};

TEST_P(Golden, Screens) {
    world.press("1");
    expect("home");
    world.press("2");
    expect("users");
    world.press("<Enter>");
    expect("wallets");
    world.press("<Enter>");
    expect("wallet-detail");
    world.press("<Esc>4");
    expect("keys");
    world.press("5");
    expect("audit");
    world.press("6");
    expect("jobs-none");
    world.press("7");
    expect("health-quiet");
}

// A pool of two keys; a rotation that is late, a key that ends, a job that is done and one that stopped.
TEST_P(Golden, LifeOfAKey) {
    Engine& engine = world.engine_of_another_process();
    const Session session = world.operator_session();
    ASSERT_TRUE(engine.add_pool_keys(session, 1));
    const std::string first = engine.wallet(session, kFirstAddress)->key_id;
    world.touch();
    world.press("4g");
    world.press("R<Enter><Enter>");
    world.wait();
    expect("rotate-preview");
    world.press("<Esc>R<Right>");
    expect("rotate");
    world.press("<Esc>m");
    expect("move");
    world.press("<Right><Enter><Enter><Enter>");
    world.wait();
    expect("move-preview");
    world.press("<Esc>t");
    world.wait();
    expect("retire");
    world.press("<Esc>");
    std::stop_source stop;
    stop.request_stop();
    Rewrap move;
    move.from = first;
    EXPECT_FALSE(engine.rewrap(session, move, {{}, stop.get_token()}));
    world.touch();
    world.press("6");
    expect("jobs");
    world.press("p");
    world.wait();
    expect("job-continue");
    world.press("<Esc>");
    ASSERT_TRUE(engine.schedule_key_deletion(session, engine.wallet(session, kFirstAddress)->key_id, 7, 3));
    world.clock.advance(std::chrono::hours(2));
    world.wait(std::chrono::minutes(1));
    world.touch();
    world.wait(Desk::kToast);
    world.press("7");
    expect("health");
    world.press("a");
    world.wait();
    expect("acknowledge");
    world.press("<Esc>S");
    expect("silence");
    world.press("<Esc>4");
    expect("keys-pending");
    world.press("3");
    expect("wallets-at-risk");
    world.press("1");
    expect("home-attention");
}

TEST_P(Golden, Overlays) {
    world.press("?");
    expect("help");
    world.press("<Esc>!");
    expect("messages");
    world.press("<Esc>:user lock ");
    expect("command");
    world.press("<C-u>usre<Enter>");
    expect("command-unknown");
    world.press("<Esc>.");
    expect("calls");
    world.press("<Esc>/alixe");
    expect("no-match");
}

TEST_P(Golden, ManyAtOnce) {
    world.press("<Space>jv");
    world.wait(Desk::kToast);
    expect("marks");
    world.press("L");
    world.wait();
    expect("lock-users");
    world.press("y");
    world.wait(Desk::kToast);
    world.press("z");
    expect("undo");
    world.press("<Esc>Ox<Tab><C-u>/srv/lists/users");
    expect("export");
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
    while (world.shows("PgDn read on")) world.press("<Tab>");
    world.press("<Tab><C-u>31");
    expect("schedule-deletion-window");
}

INSTANTIATE_TEST_SUITE_P(Shapes, Golden, testing::ValuesIn(kShapes),
                         [](const auto& shape) { return "At" + shape.param.name; });

TEST_P(Golden, AsciiMeansAscii) {
    if (GetParam().charset != Charset::kAscii) return;
    for (const char* keys : {"1", "2", "3", "4", "4m", "<Esc>5", "6", "7", "?", "<Esc>2w"}) {
        world.press(keys);
        for (const char c : world.screen()) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c <= 0x7e)) << keys;
    }
}

}  // namespace
}  // namespace keydeck::ui
