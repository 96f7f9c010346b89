#include "ui/terminal/key_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace keydeck::ui {
namespace {

// `j Enter <pasted text>`: what came of the bytes.
std::string names_of(const std::vector<Input>& inputs) {
    std::string out;
    for (const Input& input : inputs) {
        if (!out.empty()) out += " ";
        if (const Key* key = std::get_if<Key>(&input)) {
            out += name_of(*key);
        } else {
            const Paste& paste = std::get<Paste>(input);
            out += paste.too_long ? "<too long>" : "<" + std::string(paste.text.text()) + ">";
        }
    }
    return out;
}

std::string parsed(std::string_view bytes, bool time_out = true) {
    KeyParser parser;
    std::vector<Input> out;
    parser.feed(as_bytes(bytes), out);
    if (time_out && parser.wait()) parser.time_out(out);
    EXPECT_TRUE(!time_out || !parser.wait()) << "nothing may stay unfinished after a time-out";
    return names_of(out);
}

struct Case {
    std::string_view bytes;
    std::string_view keys;
};

constexpr Case kKnown[] = {
    {"jk", "j k"},
    {"\r", "Enter"},
    {"\n", "Enter"},
    {"\t", "Tab"},
    {"\x7f\x08", "Bksp Bksp"},
    {"\x01\x0c\x12\x1a", "Ctrl-A Ctrl-L Ctrl-R Ctrl-Z"},
    {" ", "Space"},
    {"\x1b", "Esc"},
    {"\x1b\x1b", "Esc Esc"},
    {"\x1b[A\x1b[B\x1b[C\x1b[D", "Up Down Right Left"},
    {"\x1bOA\x1bOB\x1bOC\x1bOD", "Up Down Right Left"},
    {"\x1b[H\x1b[F\x1bOH\x1bOF", "Home End Home End"},
    {"\x1b[1~\x1b[4~\x1b[7~\x1b[8~", "Home End Home End"},
    {"\x1b[2~\x1b[3~\x1b[5~\x1b[6~", "Ins Del PgUp PgDn"},
    {"\x1b[Z", "Shift-Tab"},
    {"\x1bOP\x1bOQ\x1bOR\x1bOS", "F1 F2 F3 F4"},
    {"\x1b[11~\x1b[15~\x1b[17~\x1b[24~", "F1 F5 F6 F12"},
    {"\x1b[[A\x1b[[E", "F1 F5"},
    {"\x1b[1;5A\x1b[1;2B", "Up Down"},
    {"\x1b[3;5~", "Del"},
    {"\x1bOM", "Enter"},
    {"\x1bOj\x1bOq", "* 1"},
    {"\x1b[27u\x1b[13u\x1b[9;2u\x1b[97;5u\x1b[106u", "Esc Enter Shift-Tab Ctrl-A j"},
    {"\x1bx", "Alt-x"},
    {"é中😀", "é 中 😀"},
    {"\x1b[200~two\rlines\x1b[201~", "<two\nlines>"},
    {"\x1b[200~a\r\nb\nc\x1b[201~q", "<a\nb\nc> q"},
    {"\x1b[200~esc \x1b[A inside\x1b[201~", "<esc \x1b[A inside>"},
    {"\x1b[200~\x1b\x1b[201~", "<\x1b>"},
    {"\x1b[200~\x1b[201\x1b[201~", "<\x1b[201>"},
    {"\x1b[200~\x1b[201~", "<>"},
};

TEST(KeyParser, KnowsWhatTerminalsSend) {
    for (const Case& each : kKnown) EXPECT_EQ(parsed(each.bytes), each.keys);
}

TEST(KeyParser, TakesBytesInAnyPieces) {
    for (const Case& each : kKnown) {
        KeyParser parser;
        std::vector<Input> out;
        for (const char byte : each.bytes) parser.feed(as_bytes(std::string_view(&byte, 1)), out);
        if (parser.wait()) parser.time_out(out);
        EXPECT_EQ(names_of(out), each.keys);
    }
}

TEST(KeyParser, SwallowsWhatItDoesNotKnow) {
    constexpr Case kOdd[] = {
        {"\x1b[?1;2cj", "j"},                        // device attributes
        {"\x1b[12;40Rj", "j"},                       // a cursor report, not F3
        {"\x1b[<0;10;20Mj", "j"},                    // a mouse report
        {"\x1b[Mabcj", "j"},                         // an old mouse report
        {"\x1b[I\x1b[Oj", "j"},                      // focus
        {"\x1b]11;rgb:0000/0000/0000\x07j", "j"},    // a colour reply, BEL
        {"\x1b]11;rgb:0000/0000/0000\x1b\\j", "j"},  // the same, ST
        {"\x1bP>|foot(1.2)\x1b\\j", "j"},            // DCS
        {"\x1b[999~j", "j"},
        {"\x1b[201~j", "j"},  // the end of a paste that never began
        {"\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1Aj", "j"},
        {"\x1b[99999999999999999999~j", "j"},
        {"\x1b[1\xC3\xA9j", "j"},    // given up at a byte that cannot be part of it
        {"\x1b[12\x1b[Aj", "Up j"},  // broken off by another one
        {"\xC3(j", "( j"},           // broken off characters
        {"\xE4\xB8\x1b[A", "Up"},
        {"\xFF\xFE\xC0\xAF", ""},
        {"\xED\xA0\x80", ""},
        {"\x1c\x1d\x1e\x1f", ""},
    };
    for (const Case& each : kOdd) EXPECT_EQ(parsed(each.bytes), each.keys) << each.bytes;
}

TEST(KeyParser, WaitsForTheRestOfASequence) {
    KeyParser parser;
    std::vector<Input> out;
    parser.feed(as_bytes("\x1b"), out);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(parser.wait(), KeyParser::kEscapeDelay);
    parser.feed(as_bytes("[A"), out);
    EXPECT_EQ(names_of(out), "Up");
    EXPECT_FALSE(parser.wait());
}

TEST(KeyParser, AnUnfinishedSequenceIsNoKeyOfItsOwn) {
    EXPECT_EQ(parsed("\x1b["), "Alt-[");
    EXPECT_EQ(parsed("\x1bO"), "Alt-O");
    EXPECT_EQ(parsed("\x1b[1;5"), "Alt-[");
    EXPECT_EQ(parsed("\x1b]0;title"), "");
}

TEST(KeyParser, APasteIsOneThingHoweverLong) {
    std::string text(100'000, 'x');
    EXPECT_EQ(parsed("\x1b[200~" + text + "\x1b[201~q"), "<" + text + "> q");
    text.assign(KeyParser::kMaximumPaste + 1, 'x');
    EXPECT_EQ(parsed("\x1b[200~" + text + "\x1b[201~q"), "<too long> q");
}

TEST(KeyParser, APasteWithoutEndIsDelivered) {
    EXPECT_EQ(parsed("\x1b[200~abc"), "<abc>");
    KeyParser parser;
    std::vector<Input> out;
    parser.feed(as_bytes("\x1b[200~abc"), out);
    EXPECT_EQ(parser.wait(), KeyParser::kPasteSilence);
    parser.feed(as_bytes("q"), out);
    EXPECT_TRUE(out.empty()) << "q is part of the paste, not a key";
}

TEST(KeyParser, ForgetsWhatItIsToldTo) {
    KeyParser parser;
    std::vector<Input> out;
    parser.feed(as_bytes("\x1b[200~abc"), out);
    parser.reset();
    parser.feed(as_bytes("j"), out);
    EXPECT_EQ(names_of(out), "j");
}

// Any bytes whatever: no crash, no endless state, and time_out() always ends in the ground state.
TEST(KeyParser, ComesBackFromAnyBytes) {
    std::uint64_t state = 42;
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (int i = 0; i < 60; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            constexpr std::string_view kLikely = "\x1b[O]P;200~201~M<?uABz1\x07\\";
            const auto pick = static_cast<std::size_t>(state >> 40U);
            bytes.push_back(pick % 3 == 0 ? static_cast<char>(pick >> 4U) : kLikely[pick % kLikely.size()]);
        }
        KeyParser parser;
        std::vector<Input> out;
        parser.feed(as_bytes(bytes), out);
        if (parser.wait()) parser.time_out(out);
        EXPECT_FALSE(parser.wait());
        out.clear();
        parser.feed(as_bytes("j"), out);
        EXPECT_EQ(names_of(out), "j");
    }
}

}  // namespace
}  // namespace keydeck::ui
