#include "ui/linear/words.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"
#include "ui/linear/speaker.hpp"
#include "ui/widgets/form.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

std::vector<std::string> texts(const Frame& frame) {
    std::vector<std::string> out;
    for (const SpokenLine& line : lines_of(frame, frame.area())) out.push_back(line.text);
    return out;
}

TEST(Words, SayWhatSignsMean) {
    EXPECT_EQ(plain_words("▲ at risk"), "warning: at risk");
    EXPECT_EQ(plain_words("● Enabled"), "Enabled");
    EXPECT_EQ(plain_words("Users › alice › Wallets"), "Users, alice, Wallets");
    EXPECT_EQ(plain_words("! denied"), "denied");
    EXPECT_EQ(plain_words("—"), "none");
    EXPECT_EQ(plain_words("← default →"), "default");
    EXPECT_EQ(plain_words("pool-02 → pool-09"), "pool-02 to pool-09");
    EXPECT_EQ(sentence("row"), "row.");
    EXPECT_EQ(sentence("Sure?"), "Sure?");
    EXPECT_EQ(sentence(""), "");
}

TEST(Words, ARowNamesItsFiguresAndLeavesOutWhatIsEmpty) {
    const std::vector<Column> columns{{"USER", 1, 1, 0, Align::kLeft},
                                      {"WALLETS", 1, 1, 0, Align::kRight},
                                      {"P95", 1, 1, 0, Align::kRight},
                                      {"LABEL", 1, 1, 0, Align::kLeft},
                                      {"STATUS", 1, 1, 0, Align::kLeft}};
    EXPECT_EQ(row_words(columns, std::vector<TableCell>{{"alice"}, {"3"}, {"40 ms"}, {"—"}, {"active"}}),
              "alice, 3 wallets, p95 40 ms, active");
    EXPECT_EQ(row_words(columns, std::vector<TableCell>{{"bob"}, {"1"}, {"—"}, {""}, {"▲ locked"}}),
              "bob, 1 wallet, warning: locked");
    EXPECT_EQ(row_in_full(columns, std::vector<TableCell>{{"bob"}, {"1"}, {"—"}, {""}, {"active"}}),
              "User: bob. Wallets: 1. P95: none. Label: none. Status: active.");
}

TEST(Words, LinesKeepEveryWordAndLeaveOutTheDrawing) {
    const Frame frame = draw_text({{"Address", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", {}, true, false},
                                   rule_line(),
                                   {"", "  alice   0x01  cold", {}, true, false},
                                   {"Muted", "value", {Role::kMuted}, false, false}},
                                  200, Charset::kUnicode);
    EXPECT_EQ(texts(frame), (std::vector<std::string>{"Address: 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
                                                      "alice, 0x01, cold", "Muted, value"}));
    Frame bars({2, 40});
    bars.rule(0, 0, 40, "Wallet");
    bars.put(1, 0, "████░░░░ 61%  9 m");
    EXPECT_EQ(texts(bars), (std::vector<std::string>{"Wallet", "61%, 9 m"}));
}

TEST(Words, FindTheFieldThatIsTypedInto) {
    Scene scene;
    Form form("Save");
    auto& name = form.add<TextField>("Name", 64);
    auto& text = form.add<TextField>("Text", 256, 4);
    form.add<ChoiceField>("Kind", std::vector<std::string>{"one", "two"});
    const auto drawn = [&] {
        Frame frame({form.rows(80, scene), 80});
        form.draw(frame, frame.area(), scene);
        return frame;
    };
    EXPECT_EQ(texts(drawn())[0], "Name: empty");
    EXPECT_EQ(input_of(drawn()), (SpokenInput{"Name", ""}));
    name.set("alice");
    EXPECT_EQ(input_of(drawn()), (SpokenInput{"Name", "alice"}));
    EXPECT_EQ(texts(drawn())[0], "Name: alice");
    form.on_key(key(KeyCode::kTab));
    text.set("one\ntwo");
    EXPECT_EQ(input_of(drawn()), (SpokenInput{"Text", "one\ntwo"}));
    form.on_key(key(KeyCode::kTab));
    EXPECT_EQ(input_of(drawn()), std::nullopt);
    EXPECT_EQ(texts(drawn()).back(), "Kind, chosen: one, two");
}

/// What a person with --linear hears: the harness is the loop, the speaker the terminal.
class Listener {
public:
    explicit Listener(HarnessOptions options = {}) : harness(linear(std::move(options))) { harness.draws = false; }
    std::string hear(Occasion occasion = Occasion::kKey) {
        std::string out = speaker.say(harness.desk().spoken(harness.now), occasion, harness.now.steady);
        if (speaker.dialog_is_said()) harness.desk().dialog_was_said();
        return out;
    }
    /// Key by key, as the loop does it.
    std::string press(std::initializer_list<std::string_view> keys) {
        std::string out;
        for (const std::string_view each : keys) {
            harness.press(each);
            out += hear();
        }
        return out;
    }
    Harness harness;
    Speaker speaker{Charset::kUnicode};

private:
    static HarnessOptions linear(HarnessOptions options) {
        options.start = ScreenId::kUsers;
        options.size = {48, 100};
        return options;
    }
};

class Linear : public testing::Test {
protected:
    Linear() {
        Engine& other = listener.harness.engine_of_another_process();
        for (const char* name : {"alice", "bob", "charlie"})
            EXPECT_TRUE(other.add_user(listener.harness.operator_session(), name));
        import_known(other, "alice", 1, "main");
        listener.harness.touch();
    }
    Listener listener;
};

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(Linear, AScreenIsItsHeadingAndTheRow) {
    EXPECT_EQ(listener.hear(),
              "Keydeck, TEST, read and write.\nUsers. 3 users.\nRow 1 of 3: alice, 1 wallet, 0x7E5F45…395Bdf, "
              "active, never.\n");
    EXPECT_EQ(listener.hear(), "");
    EXPECT_EQ(listener.press({"j"}), "Row 2 of 3: bob, 0 wallets, no wallet yet, new, never.\n");
    EXPECT_EQ(listener.press({"G"}), "Row 3 of 3: charlie, 0 wallets, no wallet yet, new, never.\n");
    EXPECT_EQ(listener.press({"G"}), "");
    const std::string wallets = listener.press({"3"});
    EXPECT_TRUE(wallets.starts_with("Wallets. 1 wallet.\nRow 1 of 1: 0x7E5F45…395Bdf, main, alice")) << wallets;
}

TEST_F(Linear, TheRowInFullNamesItsColumns) {
    listener.hear();
    const std::string full = listener.speaker.describe(listener.harness.desk().spoken(listener.harness.now));
    EXPECT_TRUE(
        full.starts_with("User: alice. Wallets: 1. Default address: 0x7E5F45…395Bdf. Status: active. Last sign: never.\n"))
        << full;
    EXPECT_TRUE(says(full, "main")) << full;  // the details below
}

TEST_F(Linear, TimeAloneIsNoNews) {
    listener.hear();
    listener.harness.wait(std::chrono::minutes(3));
    EXPECT_EQ(listener.hear(Occasion::kTime), "");
    EXPECT_EQ(listener.hear(), "");
}

TEST_F(Linear, OthersChangesAreSaidButNotInAStorm) {
    listener.hear();
    Engine& other = listener.harness.engine_of_another_process();
    ASSERT_TRUE(other.add_user(listener.harness.operator_session(), "dave"));
    listener.harness.touch();
    EXPECT_EQ(listener.hear(Occasion::kEvent),
              "Users. 4 users.\nRow 1 of 4: alice, 1 wallet, 0x7E5F45…395Bdf, active, never.\n");
    ASSERT_TRUE(other.add_user(listener.harness.operator_session(), "erin"));
    listener.harness.touch();
    EXPECT_EQ(listener.hear(Occasion::kEvent), "");
    listener.harness.wait(Speaker::kProgressEvery);
    EXPECT_TRUE(says(listener.hear(Occasion::kEvent), "Users. 5 users."));
}

TEST_F(Linear, TypingAFilterIsEchoedAndItsResultSaidAtTheEnd) {
    listener.hear();
    EXPECT_TRUE(says(listener.press({"/"}), "Filter: empty."));
    EXPECT_EQ(listener.press({"b", "o"}), "bo");
    EXPECT_EQ(listener.press({"<BS>"}), "\nb\n");
    EXPECT_EQ(listener.press({"<Enter>"}),
              "Users, filter b. prefix match, 1 of 3 users.\nRow 1 of 1: bob, 0 wallets, no wallet yet, new, never.\n");
    EXPECT_TRUE(says(listener.press({"<Esc>"}), "Users. 3 users."));
}

TEST_F(Linear, ADialogIsReadWholeAndCountsAsSeen) {
    listener.hear();
    const std::string asked = listener.press({"L"});
    EXPECT_TRUE(says(asked, "Lock user alice?")) << asked;
    EXPECT_TRUE(says(asked, "Cancel has the focus, Yes (y)")) << asked;
    listener.harness.wait();
    const std::string done = listener.press({"y"});
    EXPECT_TRUE(says(done, "z undoes it")) << done;
    EXPECT_TRUE(says(done, "Back in Users.")) << done;
    EXPECT_TRUE(listener.harness.engine().user(listener.harness.operator_session(), "alice")->locked);
}

TEST_F(Linear, WhatIsSignedIsReadBeforeItCanBeSigned) {
    listener.hear();
    listener.press({"s"});
    EXPECT_TRUE(says(listener.press({"m"}), "Message"));
    EXPECT_EQ(listener.press({"h", "i"}), "hi");
    std::string preview = listener.press({"<Tab>", "<Tab>"});
    preview += listener.press({"<Enter>"});
    EXPECT_TRUE(says(preview, "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")) << preview;
    EXPECT_TRUE(says(preview, "Sign (S)")) << preview;
    listener.harness.wait();
    const std::string result = listener.press({"S"});
    EXPECT_TRUE(says(result, "0x")) << result;
    AuditQuery query;
    query.action = "SignMessage";
    EXPECT_EQ(listener.harness.engine().list_audit(listener.harness.operator_session(), query)->size(), 1U);
}

/// The deletion of a key with two dozen wallets: more than is said at once.
class LongReview : public testing::Test {
protected:
    LongReview() {
        Engine& other = listener.harness.engine_of_another_process();
        const Session session = listener.harness.operator_session();
        EXPECT_TRUE(other.add_user(session, "alice"));
        for (int i = 1; i <= 24; ++i) import_known(other, "alice", i, fmt::format("w{:02}", i));
        listener.harness.touch();
        listener.press({"4"});
        begun = listener.press({"X"});
        listener.harness.wait();
    }
    std::string read(std::string_view key) {
        listener.harness.press(key);
        const auto requests = listener.harness.reading;
        listener.harness.reading.reset();
        EXPECT_TRUE(requests) << key;
        std::string out = listener.speaker.read_on(listener.harness.desk().spoken(listener.harness.now), *requests);
        if (listener.speaker.dialog_is_said()) listener.harness.desk().dialog_was_said();
        return out + listener.hear();
    }
    std::string buttons() { return listener.harness.desk().spoken(listener.harness.now).dialog->buttons; }
    Listener listener;
    std::string begun;
};

TEST_F(LongReview, IsBegunAndReadLineByLine) {
    EXPECT_TRUE(says(begun, "Schedule deletion of key")) << begun;
    EXPECT_TRUE(says(begun, "lines. Down says the next one, Up the one before, Page down all the rest.")) << begun;
    EXPECT_TRUE(says(begun, "24 wallets of 1 user will be lost FOR EVER")) << begun;
    EXPECT_FALSE(says(begun, "w02")) << begun;
    EXPECT_TRUE(says(read("<Down>"), "alice")) << "the first wallet";
    const std::string second = read("j");
    EXPECT_TRUE(says(second, "w23") || says(second, "w02")) << second;
    EXPECT_EQ(std::ranges::count(second, '\n'), 1) << second;
    EXPECT_FALSE(says(read("<Up>"), second));
    EXPECT_EQ(read("<Down>"), second);
    EXPECT_TRUE(says(read("g"), "will be lost FOR EVER"));
}

TEST_F(LongReview, CountsAsSeenOnlyWhenItWasSaidToItsEnd) {
    EXPECT_TRUE(says(buttons(), "read to the end first")) << buttons();
    const std::size_t lines = listener.harness.desk().spoken(listener.harness.now).dialog->lines.size();
    std::string said;
    for (std::size_t i = 1; i + 1 < lines; ++i) said = read("<Down>");
    EXPECT_TRUE(says(buttons(), "read to the end first")) << "one is left\n" << said;
    said = read("<Down>");
    EXPECT_TRUE(says(said, "That was the last line.")) << said;
    EXPECT_FALSE(says(buttons(), "read to the end first")) << buttons();
    EXPECT_TRUE(says(said, "off: ")) << "what the buttons say now is heard" << said;
}

TEST_F(LongReview, WhoJumpsHasNotHeardWhatLiesBetween) {
    read("<Down>");
    read("<Up>");
    read("g");
    EXPECT_TRUE(says(buttons(), "read to the end first"));
    const std::string rest = read("<PgDn>");
    EXPECT_TRUE(says(rest, "w12")) << rest;
    EXPECT_FALSE(says(buttons(), "read to the end first"));
    EXPECT_TRUE(says(read("<PgDn>"), "That is all of it."));
}

// The guard knows only what was said: a dialog that nobody heard confirms nothing.
TEST_F(Linear, AnUnheardDialogConfirmsNothing) {
    listener.hear();
    listener.harness.desk().handle(key(U'L'), listener.harness.now);
    listener.harness.now.steady += std::chrono::seconds(1);
    listener.harness.desk().handle(key(U'y'), listener.harness.now);
    EXPECT_FALSE(listener.harness.engine().user(listener.harness.operator_session(), "alice")->locked);
}

TEST_F(Linear, EverythingIsSaidAgainOnRequest) {
    const std::string first = listener.hear();
    EXPECT_EQ(listener.hear(), "");
    listener.speaker.forget();
    EXPECT_EQ(listener.hear(), first);
}

// A name that would command a terminal, or hide in it, becomes visible letters.
TEST(Speaker, WritesNothingThatCommandsATerminal) {
    Speaker speaker(Charset::kUnicode);
    Spoken spoken;
    spoken.view.heading = "a\x1b[2Jb\rc\u202Ed";
    const std::string out = speaker.say(spoken, Occasion::kKey, {});
    EXPECT_EQ(out.find('\x1b'), std::string::npos);
    EXPECT_EQ(out.find('\r'), std::string::npos);
    EXPECT_TRUE(says(out, "⟨U+202E⟩")) << out;
    Speaker plain(Charset::kAscii);
    for (const char c : plain.say(spoken, Occasion::kKey, {})) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F));
}

TEST(Speaker, ProgressIsSaidSeldom) {
    Speaker speaker(Charset::kUnicode);
    Spoken spoken;
    spoken.progress = "move wallets… 1 s, 3 of 10";
    SteadyTime now{};
    EXPECT_EQ(speaker.say(spoken, Occasion::kTime, now), "move wallets… 1 s, 3 of 10.\n");
    spoken.progress = "move wallets… 2 s, 4 of 10";
    EXPECT_EQ(speaker.say(spoken, Occasion::kTime, now + std::chrono::seconds(1)), "");
    EXPECT_EQ(speaker.say(spoken, Occasion::kTime, now + std::chrono::seconds(10)), "move wallets… 2 s, 4 of 10.\n");
}

}  // namespace
}  // namespace keydeck::ui
