#include "ui/terminal/frame.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

TEST(Frame, CutsWhatDoesNotFit) {
    Frame frame({2, 5});
    EXPECT_EQ(frame.put(0, 3, "abc"), 2);
    EXPECT_EQ(frame.put(1, 4, "中"), 0) << "no half of a wide character at the edge";
    EXPECT_EQ(frame.put(5, 0, "x"), 0);
    EXPECT_EQ(frame.put(-1, 0, "x"), 0);
    EXPECT_EQ(frame.put(0, 9, "x"), 0);
    EXPECT_EQ(frame.text(), "   ab\n\n");
}

TEST(Frame, KeepsColumnsStraightBehindWideCharacters) {
    Frame frame({2, 12});
    frame.put_fitted(0, 0, 6, "中文字符");
    frame.put(0, 6, "|");
    frame.put_fitted(1, 0, 6, "abc");
    frame.put(1, 6, "|");
    EXPECT_EQ(frame.row(0)[6].text[0], U'|');
    EXPECT_EQ(frame.row(1)[6].text[0], U'|');
    EXPECT_EQ(frame.row_text(0), "中文… |");
}

TEST(Frame, ReleasesBothHalvesOfAnOverwrittenWideCharacter) {
    Frame frame({1, 6});
    frame.put(0, 0, "中文");
    frame.put(0, 1, "x");
    EXPECT_EQ(frame.row_text(0), " x文");
    frame.put(0, 2, "y");
    EXPECT_EQ(frame.row_text(0), " xy");
}

TEST(Frame, NeverLetsAHiddenCharacterThrough) {
    Frame frame({1, 40});
    frame.put(0, 0, "a\u202E\x1b]0;evil\x07");
    EXPECT_EQ(frame.row_text(0), "a⟨U+202E⟩⟨U+001B⟩]0;evil⟨U+0007⟩");
    EXPECT_EQ(frame.row(0)[1].style.role, Role::kHidden);
}

TEST(Frame, DrawsRulesAndBoxesInAscii) {
    Frame frame({3, 14}, Charset::kAscii);
    frame.box({0, 0, 3, 14}, "Name");
    frame.put(1, 2, "● ok");
    EXPECT_EQ(frame.text(), "+- Name -----+\n| * ok       |\n+------------+\n");
}

TEST(Frame, DrawsUnicodeBoxes) {
    Frame frame({4, 14});
    frame.box({0, 0, 4, 14}, "Name");
    frame.box_rule({0, 0, 4, 14}, 2);
    EXPECT_EQ(frame.text(), "┌─ Name ─────┐\n│            │\n├────────────┤\n└────────────┘\n");
}

TEST(Frame, CopiesPartsWithTheirCursor) {
    Frame body({5, 4});
    body.put(3, 0, "here");
    body.cursor = Point{3, 2};
    Frame frame({4, 10});
    frame.blit({1, 5, 2, 4}, body, 2);
    EXPECT_EQ(frame.text(), "\n\n     here\n\n");
    EXPECT_EQ(frame.cursor, (Point{2, 7}));
    Frame other({4, 10});
    other.blit({0, 0, 2, 4}, body, 0);
    EXPECT_FALSE(other.cursor) << "the cursor is not among the rows copied";
}

TEST(Frame, AlignsToTheRight) {
    Frame frame({1, 8});
    frame.put_fitted(0, 0, 8, "1,204", {}, Align::kRight);
    EXPECT_EQ(frame.row_text(0), "   1,204");
}

TEST(Frame, SurvivesSillySizes) {
    Frame nothing({0, 0});
    nothing.box({0, 0, 10, 10}, "x");
    nothing.rule(0, 0, 5, "t");
    EXPECT_EQ(nothing.text(), "");
    Frame negative({-1, 5});
    EXPECT_EQ(negative.size().rows, 0);
}

}  // namespace
}  // namespace keydeck::ui
