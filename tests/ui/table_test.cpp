#include "ui/widgets/table.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

const std::vector<Column> kColumns{{"NAME", 10, 20, 0, Align::kLeft},
                                   {"COUNT", 6, 6, 2, Align::kRight},
                                   {"STATE", 8, 8, 0, Align::kLeft},
                                   {"WHEN", 10, 10, 1, Align::kLeft}};

TEST(Table, DropsTheLeastImportantColumnFirst) {
    EXPECT_EQ(column_widths(kColumns, 42), (std::vector<int>{10, 6, 8, 10}));
    EXPECT_EQ(column_widths(kColumns, 41), (std::vector<int>{17, 0, 8, 10}));
    EXPECT_EQ(column_widths(kColumns, 30), (std::vector<int>{18, 0, 8, 0}));
    EXPECT_EQ(column_widths(kColumns, 5), (std::vector<int>{10, 0, 8, 0})) << "the name and the state are never dropped";
}

TEST(Table, GivesSpareRoomToColumnsThatCanUseIt) {
    EXPECT_EQ(column_widths(kColumns, 80), (std::vector<int>{20, 6, 8, 10}));
}

TEST(Table, MarksTheSelectedRowBySignAndByReverse) {
    Frame frame({3, 24});
    const std::vector<Column> columns{{"NAME", 8, 8, 0, Align::kLeft}, {"N", 4, 4, 0, Align::kRight}};
    const std::vector<TableRow> rows{{{{"中文"}, {"1"}}, false}, {{{"a name too long"}, {"1,234"}}, true}};
    draw_table(frame, {0, 0, 3, 24}, columns, rows, false);
    EXPECT_EQ(frame.text(), "  NAME         N\n  中文         1\n> a name …  1,2…\n");
    EXPECT_TRUE(frame.row(2)[20].style.selected);
    EXPECT_FALSE(frame.row(1)[3].style.selected);
}

TEST(Table, TheTitleSaysTheOrderWhateverRoomThereIs) {
    const auto title = [](int cols, Sorted sorted, Charset charset) {
        Frame frame({1, cols + 2}, charset);
        draw_table(frame, {0, 0, 1, cols + 2}, std::vector<Column>{{"WHEN", cols, cols, 0, Align::kLeft, sorted}}, {},
                   false);
        return frame.text();
    };
    EXPECT_EQ(title(6, Sorted::kUp, Charset::kUnicode), "  WHEN ▲\n");
    EXPECT_EQ(title(5, Sorted::kDown, Charset::kUnicode), "  WHEN▼\n");
    EXPECT_EQ(title(4, Sorted::kDown, Charset::kUnicode), "  WH…▼\n");
    EXPECT_EQ(title(6, Sorted::kUp, Charset::kAscii), "  WHEN ^\n");
    EXPECT_EQ(title(6, Sorted::kNot, Charset::kUnicode), "  WHEN\n");
}

}  // namespace
}  // namespace keydeck::ui
