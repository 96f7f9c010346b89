#include "ui/terminal/examination.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ui/terminal/child_output.hpp"

namespace keydeck::ui {
namespace {

using std::chrono::milliseconds;

TerminalFacts good() {
    TerminalFacts facts;
    facts.has_terminal = true;
    facts.term = "xterm-256color";
    facts.terminfo = {true, "xterm-256color", 256, true};
    facts.charset = "UTF-8";
    facts.cols = 80;
    facts.rows = 24;
    facts.bracketed_paste = facts.synchronized_output = ModeSupport::kYes;
    return facts;
}

DoctorFinding of(const TerminalFacts& facts, std::string_view check) {
    const auto findings = findings_of(facts);
    const auto found = std::ranges::find(findings, check, &DoctorFinding::check);
    EXPECT_NE(found, findings.end()) << check;
    return found == findings.end() ? DoctorFinding{} : *found;
}

TEST(Examination, ReadsTmuxsEscapeTime) {
    EXPECT_EQ(parse_escape_time("escape-time 500\n"), milliseconds(500));
    EXPECT_EQ(parse_escape_time("escape-time 0"), milliseconds(0));
}

TEST(Examination, TakesNothingElseForATime) {
    for (const char* printed : {"",
                                "\n",
                                "escape-time",
                                "escape-time ",
                                "escape-time\n",
                                "escape-time abc\n",
                                "escape-time -5\n",
                                "escape-time 5 ms\n",
                                "escape-time 5\n5\n",
                                "escape-time 99999999999999999999\n",
                                "escape-time 60001\n",
                                "escape-time  5\n",
                                "escape-time +5\n",
                                "escape-time 0x10\n",
                                "escape-time 5\r\n",
                                " escape-time 5\n",
                                "escape-times 5\n",
                                "Escape-Time 5\n",
                                "500\n",
                                "no server running on /tmp/tmux-0/default\n",
                                "escape-time \xff\n"})
        EXPECT_EQ(parse_escape_time(printed), std::nullopt) << printed;
    EXPECT_EQ(parse_escape_time(std::string_view("escape-time 5\0", 14)), std::nullopt);
}

TEST(Examination, ReadsWhatTheTerminalSaysOfAMode) {
    EXPECT_EQ(parse_mode_report("\x1b[?2004;2$y\x1b[?2026;1$y\x1b[?62;c", 2026), ModeSupport::kYes);
    EXPECT_EQ(parse_mode_report("\x1b[?2004;2$y\x1b[?2026;0$y\x1b[?62;c", 2026), ModeSupport::kNo);
    EXPECT_EQ(parse_mode_report("\x1b[?2026;4$y", 2026), ModeSupport::kNo);
    EXPECT_EQ(parse_mode_report("j\x1b[?2026;3$y", 2026), ModeSupport::kYes);
    for (const char* sent : {"", "\x1b[?62;c", "\x1b[?2026;", "\x1b[?2026;1", "\x1b[?2026;1$", "\x1b[?2026;1y",
                             "\x1b[?2026;9$y", "\x1b[?2026;12$y", "\x1b[2026;1$y", "\x1b[?20261;1$y"})
        EXPECT_EQ(parse_mode_report(sent, 2026), ModeSupport::kUnknown) << sent;
}

TEST(Examination, AGoodTerminalHasNothingToMend) {
    for (const DoctorFinding& finding : findings_of(good())) {
        EXPECT_EQ(finding.severity, "ok") << finding.sentence;
        EXPECT_EQ(finding.command, "");
        EXPECT_TRUE(finding.sentence.ends_with('.')) << finding.sentence;
    }
}

TEST(Examination, SaysWhyEscIsSlowAndWhatMendsIt) {
    TerminalFacts facts = good();
    facts.multiplexer = Multiplexer::kTmux;
    facts.tmux_answers = true;
    facts.tmux_escape_time = milliseconds(500);
    const DoctorFinding slow = of(facts, "escape-time");
    EXPECT_EQ(slow.severity, "notice");
    EXPECT_NE(slow.sentence.find("500 ms"), std::string::npos);
    EXPECT_NE(slow.sentence.find("set -s escape-time 10"), std::string::npos);
    EXPECT_EQ(slow.command, "tmux set -s escape-time 10");
    facts.tmux_escape_time = milliseconds(10);
    EXPECT_EQ(of(facts, "escape-time").severity, "ok");
    facts.tmux_escape_time.reset();
    EXPECT_EQ(of(facts, "escape-time").severity, "notice");
    facts.multiplexer = Multiplexer::kScreen;
    EXPECT_EQ(of(facts, "escape-time").command, "screen -X maptimeout 10");
}

TEST(Examination, NamesTheWayToTheClipboard) {
    TerminalFacts facts = good();
    EXPECT_NE(of(facts, "clipboard").sentence.find("OSC 52"), std::string::npos);
    facts.multiplexer = Multiplexer::kTmux;
    EXPECT_EQ(of(facts, "clipboard").severity, "notice");
    facts.tmux_answers = true;
    EXPECT_NE(of(facts, "clipboard").sentence.find("load-buffer"), std::string::npos);
    facts.multiplexer = Multiplexer::kNone;
    for (const char* term : {"vt100", "linux", "screen-256color"}) {
        facts.term = term;
        EXPECT_EQ(of(facts, "clipboard").severity, "notice") << term;
    }
}

TEST(Examination, FindsWhatCannotWork) {
    TerminalFacts facts = good();
    facts.cols = 40;
    EXPECT_EQ(of(facts, "size").severity, "problem");
    facts.terminfo = {true, "dumb", 0, false};
    facts.term = "dumb";
    EXPECT_EQ(of(facts, "terminfo").severity, "problem");
    facts.terminfo = {};
    EXPECT_EQ(of(facts, "terminfo").command, "apt-get install ncurses-base");
    facts.term = "xterm-kitty";
    facts.terminfo = {false, "xterm-256color", 256, true};
    EXPECT_NE(of(facts, "terminfo").sentence.find("drawing as for xterm-256color"), std::string::npos);
    facts.charset = "ANSI_X3.4-1968";
    EXPECT_EQ(of(facts, "charset").command, "export LC_ALL=C.UTF-8");
    facts.terminfo.colours = 0;
    EXPECT_EQ(of(facts, "colours").severity, "notice");
    facts.no_color = true;
    EXPECT_EQ(of(facts, "colours").severity, "ok");
    facts.has_terminal = false;
    EXPECT_EQ(of(facts, "terminal").command, "keydeck --once");
}

TEST(ChildOutput, IsWhatItPrintedWhereItWorked) {
    EXPECT_EQ(output_of({"printf", "escape-time 10"}, milliseconds(30'000)), "escape-time 10");
    EXPECT_EQ(output_of({"false"}, milliseconds(30'000)), std::nullopt);
    EXPECT_EQ(output_of({"no-such-program-anywhere"}, milliseconds(30'000)), std::nullopt);
    EXPECT_EQ(output_of({"sleep", "1000"}, milliseconds(20)), std::nullopt);  // killed
}

}  // namespace
}  // namespace keydeck::ui
