#include "ui/widgets/text_edit.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

void type(TextEdit& edit, std::string_view text) {
    for (const char c : text) edit.on_key(key(static_cast<char32_t>(c)));
}

TEST(TextEdit, EditsAtTheCursor) {
    TextEdit edit(100);
    type(edit, "alce");
    edit.on_key(key(KeyCode::kLeft));
    edit.on_key(key(KeyCode::kLeft));
    edit.on_key(key(U'i'));
    EXPECT_EQ(edit.text(), "alice");
    edit.on_key(key(KeyCode::kHome));
    edit.on_key(key(KeyCode::kDelete));
    EXPECT_EQ(edit.text(), "lice");
    edit.on_key(key(KeyCode::kEnd));
    edit.on_key(key(KeyCode::kBackspace));
    EXPECT_EQ(edit.text(), "lic");
    edit.on_key(ctrl(U'u'));
    EXPECT_EQ(edit.text(), "");
    edit.on_key(key(KeyCode::kBackspace));
    edit.on_key(key(KeyCode::kDelete));
    EXPECT_EQ(edit.text(), "");
}

TEST(TextEdit, MovesOverWholeCharacters) {
    TextEdit edit(100);
    edit.set("a中e\u0301\u202E");
    edit.on_key(key(KeyCode::kBackspace));
    EXPECT_EQ(edit.text(), "a中e\u0301");
    edit.on_key(key(KeyCode::kBackspace));
    EXPECT_EQ(edit.text(), "a中") << "a mark goes with its letter";
    edit.on_key(key(KeyCode::kLeft));
    edit.on_key(key(KeyCode::kDelete));
    EXPECT_EQ(edit.text(), "a");
}

TEST(TextEdit, AOneLineFieldTakesTheFirstLineOfAPaste) {
    TextEdit edit(100);
    EXPECT_TRUE(edit.insert("alice\nrm -rf"));
    EXPECT_EQ(edit.text(), "alice");
    EXPECT_FALSE(edit.on_key(key(KeyCode::kEnter)));
}

TEST(TextEdit, RefusesWhatIsTooLong) {
    TextEdit edit(5);
    EXPECT_FALSE(edit.insert("abcdef"));
    EXPECT_EQ(edit.text(), "");
    EXPECT_TRUE(edit.insert("abcde"));
    type(edit, "f");
    EXPECT_EQ(edit.text(), "abcde");
}

TEST(TextEdit, KeepsLinesAndBytesOfManyLines) {
    TextEdit edit(100, Lines::kMany);
    edit.insert("one\n  two\t\u202E");
    EXPECT_EQ(edit.text(), "one\n  two\t\u202E");
    edit.on_key(key(KeyCode::kEnter));
    type(edit, "x");
    EXPECT_EQ(edit.text(), "one\n  two\t\u202E\nx");
    EXPECT_EQ(edit.rows(40, Charset::kUnicode), 3);
}

TEST(TextEdit, MovesUpAndDownBetweenLines) {
    TextEdit edit(100, Lines::kMany);
    edit.insert("first\nab\nthird");
    edit.on_key(key(KeyCode::kUp));
    edit.on_key(key(U'X'));
    EXPECT_EQ(edit.text(), "first\nabX\nthird");
    edit.on_key(key(KeyCode::kUp));
    edit.on_key(key(U'Y'));
    EXPECT_EQ(edit.text(), "firYst\nabX\nthird");
    edit.on_key(key(KeyCode::kUp));
    edit.on_key(key(KeyCode::kHome));
    edit.on_key(key(KeyCode::kDown));
    edit.on_key(key(KeyCode::kDown));
    edit.on_key(key(KeyCode::kDown));
    edit.on_key(key(U'Z'));
    EXPECT_EQ(edit.text(), "firYst\nabX\nZthird");
}

TEST(TextEdit, ShowsThePartAroundTheCursor) {
    TextEdit edit(100);
    edit.set("abcdefghij");
    Frame frame({1, 6});
    edit.draw(frame, {0, 0, 1, 5}, true);
    EXPECT_EQ(frame.row_text(0), "ghij");
    EXPECT_EQ(frame.cursor, (Point{0, 4}));
    edit.on_key(key(KeyCode::kHome));
    Frame again({1, 6});
    edit.draw(again, {0, 0, 1, 5}, true);
    EXPECT_EQ(again.row_text(0), "abcd…");
    EXPECT_EQ(again.cursor, (Point{0, 0}));
}

TEST(TextEdit, ScrollsManyLinesToTheCursor) {
    TextEdit edit(100, Lines::kMany);
    edit.insert("1\n2\n3\n4\n5");
    Frame frame({2, 4});
    edit.draw(frame, {0, 0, 2, 4}, true);
    EXPECT_EQ(frame.text(), "4\n5\n");
    EXPECT_EQ(frame.cursor, (Point{1, 1}));
}

TEST(SecretEdit, KeepsWhatIsTypedAndShowsNothing) {
    SecretEdit edit;
    for (const char32_t c : std::u32string_view(U"pé中😀")) edit.on_key(key(c));
    EXPECT_EQ(edit.secret().text(), "pé中😀");
    edit.on_key(key(KeyCode::kBackspace));
    EXPECT_EQ(edit.secret().text(), "pé中");
    edit.on_key(key(KeyCode::kBackspace));
    EXPECT_EQ(edit.secret().text(), "pé");
    EXPECT_TRUE(edit.paste(SecretBytes::copy_of("more\nsecond line")));
    EXPECT_EQ(edit.secret().text(), "pémore");
    EXPECT_FALSE(edit.paste(SecretBytes(SecretEdit::kMostBytes)));
    edit.on_key(ctrl(U'u'));
    EXPECT_TRUE(edit.secret().empty());
    edit.on_key(key(KeyCode::kBackspace));
    EXPECT_TRUE(edit.secret().empty());
}

}  // namespace
}  // namespace keydeck::ui
