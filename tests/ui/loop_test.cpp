#include "ui/loop.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "harness.hpp"
#include "ui/terminal/key_parser.hpp"

namespace keydeck::ui {
namespace {

// A terminal whose keys come from a script, one step each time the loop says that nothing is under way.
class ScriptedTerminal final : public Terminal {
public:
    using Step = std::function<void(ScriptedTerminal&)>;
    explicit ScriptedTerminal(std::vector<Step> steps) : steps_(std::move(steps)) {
        EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0);
    }
    ~ScriptedTerminal() override {
        ::close(ends_[0]);
        if (ends_[1] >= 0) ::close(ends_[1]);
    }
    void send(std::string_view bytes) const {
        EXPECT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    void hang_up() {
        ::close(ends_[1]);
        ends_[1] = -1;
    }

    Size size() override { return size_now; }
    void draw(const Frame& frame) override {
        ++frames;
        last = frame.text();
    }
    void set_theme(const Theme& /*theme*/) override {}
    void forget() override {}
    int input_descriptor() const override { return ends_[0]; }
    InputState read(std::vector<Input>& out) override {
        std::array<std::uint8_t, 4096> buffer{};
        while (true) {
            const ssize_t got = ::read(ends_[0], buffer.data(), buffer.size());
            if (got == 0) return InputState::kClosed;
            if (got < 0) return InputState::kOpen;
            parser_.feed(ByteView(buffer).first(static_cast<std::size_t>(got)), out);
        }
    }
    std::optional<std::chrono::milliseconds> wait() const override { return parser_.wait(); }
    void time_out(std::vector<Input>& out) override { parser_.time_out(out); }
    void flush_input() override {
        std::array<std::uint8_t, 4096> buffer{};
        while (::read(ends_[0], buffer.data(), buffer.size()) > 0) {
        }
        parser_.reset();
        ++flushes;
    }
    void suspend() override { ++suspensions; }
    void resume() override { ++resumptions; }
    void set_title(std::string_view title) override {
        titles.emplace_back(title);
        if (at_ < steps_.size()) {
            steps_[at_++](*this);
        } else {
            send("q");
        }
    }
    bool copy(std::string_view text) override {
        copied = text;
        return true;
    }
    std::string notice() const override { return ""; }

    Size size_now{24, 80};
    std::string last;
    std::string copied;
    std::vector<std::string> titles;
    int frames = 0;
    int flushes = 0;
    int suspensions = 0;
    int resumptions = 0;

private:
    std::vector<Step> steps_;
    std::size_t at_ = 0;
    std::array<int, 2> ends_{-1, -1};
    KeyParser parser_;
};

int run_script(Harness& harness, ScriptedTerminal& terminal) {
    const SystemClock clock;
    const SignalPipe signals;
    DeskOptions options;
    options.start = ScreenId::kUsers;
    Desk desk(options);
    TaskPool pool(harness.engine());
    const VaultWatch watch(harness.engine().vault()->path);
    return Loop(desk, terminal, pool, signals, watch, clock, true).run();
}

TEST(Loop, ShowsTheFirstScreenAndQuits) {
    Harness harness;
    ScriptedTerminal terminal({});
    EXPECT_EQ(run_script(harness, terminal), 0);
    EXPECT_NE(terminal.last.find("[2 Users]"), std::string::npos);
    EXPECT_EQ(terminal.titles.front(), "keydeck idle 1");
}

TEST(Loop, ShowsWhatAnotherProcessCommitted) {
    Harness harness;
    ScriptedTerminal terminal({[&](ScriptedTerminal&) {
                                   ASSERT_TRUE(
                                       harness.engine_of_another_process().add_user(harness.operator_session(), "dave"));
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_NE(t.last.find("dave"), std::string::npos) << t.last;
                                   t.send("q");
                               }});
    EXPECT_EQ(run_script(harness, terminal), 0);
}

TEST(Loop, ADialogThatIsScrolledIsDrawn) {
    Harness harness;
    ScriptedTerminal terminal({[](ScriptedTerminal& t) { t.send("?"); },
                               [](ScriptedTerminal& t) {
                                   EXPECT_NE(t.last.find("more rows below"), std::string::npos) << t.last;
                                   EXPECT_NE(t.last.find("Here"), std::string::npos) << t.last;
                                   t.send("\x1b[6~");
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_EQ(t.last.find("Here"), std::string::npos) << t.last;
                                   t.send("\x1b");  // `q` would be searched for
                               }});
    EXPECT_EQ(run_script(harness, terminal), 0);
}

TEST(Loop, ALoneEscapeIsAKey) {
    Harness harness;
    ScriptedTerminal terminal({[](ScriptedTerminal& t) { t.send("?"); },
                               [](ScriptedTerminal& t) {
                                   EXPECT_NE(t.last.find("Here"), std::string::npos);
                                   t.send("\x1b");
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_EQ(t.last.find("Here"), std::string::npos);
                                   t.send("q");
                               }});
    EXPECT_EQ(run_script(harness, terminal), 0);
}

// `L` opens a question; what was typed ahead of it, even its confirming key, is thrown away.
TEST(Loop, TypeAheadNeverReachesADangerousDialog) {
    Harness harness;
    ASSERT_TRUE(harness.engine_of_another_process().add_user(harness.operator_session(), "dave"));
    ScriptedTerminal terminal({[](ScriptedTerminal& t) { t.send("Lyyyyyyyyyyyyyyyyyyyyyyy"); },
                               [](ScriptedTerminal& t) {
                                   EXPECT_NE(t.last.find("Lock user dave?"), std::string::npos) << t.last;
                                   EXPECT_GE(t.flushes, 1);
                                   t.send("n");
                               }});
    EXPECT_EQ(run_script(harness, terminal), 0);
    EXPECT_FALSE(harness.engine().user(harness.operator_session(), "dave")->locked);
}

TEST(Loop, EndsBySignalWithItsNumber) {
    Harness harness;
    ScriptedTerminal terminal({[](ScriptedTerminal&) { ::raise(SIGTERM); }});
    EXPECT_EQ(run_script(harness, terminal), 128 + SIGTERM);
}

TEST(Loop, EndsWhenTheTerminalIsGone) {
    Harness harness;
    ScriptedTerminal terminal({[](ScriptedTerminal& t) { t.hang_up(); }});
    EXPECT_EQ(run_script(harness, terminal), 128 + SIGHUP);
}

TEST(Loop, FollowsTheSizeAndTheStops) {
    Harness harness;
    ScriptedTerminal terminal({[](ScriptedTerminal& t) {
                                   t.size_now = {10, 40};
                                   ::raise(SIGWINCH);
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_NE(t.last.find("needs at least 60x16"), std::string::npos);
                                   t.size_now = {36, 120};
                                   ::raise(SIGWINCH);
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_NE(t.last.find("[2 Users]"), std::string::npos);
                                   ::raise(SIGTSTP);
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_EQ(t.suspensions, 1);
                                   t.send("\x1a");
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_EQ(t.suspensions, 2);
                                   ::raise(SIGCONT);
                               },
                               [](ScriptedTerminal& t) {
                                   EXPECT_EQ(t.resumptions, 1);
                                   t.send("q");
                               }});
    EXPECT_EQ(run_script(harness, terminal), 0);
}

}  // namespace
}  // namespace keydeck::ui
