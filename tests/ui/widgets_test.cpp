// Bars, lines of blocks, QR codes.
#include <gtest/gtest.h>

#include <array>
#include <clocale>
#include <utility>

#include "ui/widgets/bar.hpp"
#include "ui/widgets/qr_code.hpp"
#include "ui/widgets/sparkline.hpp"

namespace keydeck::ui {
namespace {

TEST(Bar, IsFullOnlyAtTheEndAndEmptyOnlyAtTheBeginning) {
    EXPECT_EQ(bar_of(0, 10, 4, Charset::kUnicode), "░░░░");
    EXPECT_EQ(bar_of(1, 10'000, 4, Charset::kUnicode), "▏░░░");
    EXPECT_EQ(bar_of(1, 2, 4, Charset::kUnicode), "██░░");
    EXPECT_EQ(bar_of(9, 16, 4, Charset::kUnicode), "██▎░");
    EXPECT_EQ(bar_of(9'999, 10'000, 4, Charset::kUnicode), "███▉");
    EXPECT_EQ(bar_of(1000, 1000, 4, Charset::kUnicode), "████");
    EXPECT_EQ(bar_of(2000, 1000, 4, Charset::kUnicode), "████");
    EXPECT_EQ(bar_of(0, 0, 4, Charset::kUnicode), "░░░░");
}

TEST(Bar, HasWholeColumnsInAscii) {
    EXPECT_EQ(bar_of(9, 16, 4, Charset::kAscii), "██░░") << "the frame makes ascii of these";
    EXPECT_EQ(bar_of(1, 10'000, 4, Charset::kAscii), "█░░░");
    EXPECT_EQ(bar_of(9'999, 10'000, 4, Charset::kAscii), "███░");
}

TEST(Sparkline, SomethingIsNeverABlank) {
    constexpr std::array<std::int64_t, 5> kValues{0, 1, 500, 999, 1000};
    EXPECT_EQ(spark_of(kValues, Charset::kUnicode), " ▁▄██");
    EXPECT_EQ(spark_of(kValues, Charset::kAscii), " _-##");
    EXPECT_EQ(spark_of(std::array<std::int64_t, 2>{}, Charset::kUnicode), "  ");
    EXPECT_EQ(spark_of({}, Charset::kUnicode), "");
}

TEST(Sparkline, ShowsTheNewestWhereThereIsNoRoomForAll) {
    constexpr std::array<std::int64_t, 5> kValues{8, 8, 1, 2, 4};
    Frame frame({1, 10});
    draw_sparkline(frame, 0, 1, 3, kValues);
    EXPECT_EQ(frame.row_text(0), " ▂▄█");
}

constexpr std::string_view kAddress = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";

// ISO/IEC 18004: 42 bytes with correction level M are version 3, 29 modules; three finder patterns, and the dark module.
TEST(QrCode, AnAddressIsVersionThree) {
    const auto code = QrCode::of(kAddress);
    ASSERT_TRUE(code);
    EXPECT_EQ(code->size(), 29);
    constexpr std::array<std::pair<int, int>, 3> kCorners{{{0, 0}, {0, 22}, {22, 0}}};
    for (const auto& [row, col] : kCorners) {
        for (int i = 0; i < 7; ++i) {
            EXPECT_TRUE(code->dark(row, col + i) && code->dark(row + 6, col + i) && code->dark(row + i, col));
        }
        EXPECT_TRUE(code->dark(row + 3, col + 3));
        EXPECT_FALSE(code->dark(row + 1, col + 1));
    }
    EXPECT_TRUE(code->dark(4 * 3 + 9, 8));
    EXPECT_FALSE(code->dark(-1, 0) || code->dark(0, 29)) << "the edge is light";
}

// libqrencode's own splitting (QRcode_encodeString) makes this one 33 modules a side, as it does one random address in ten.
TEST(QrCode, DigitsInARowMakeItNoLarger) {
    const auto code = QrCode::of("0x598642B40343154ebc39481Fe9052Eaa5fC98b6e");
    ASSERT_TRUE(code);
    EXPECT_EQ(code->size(), 29);
}

TEST(QrCode, TakesTheWidestEdgeThatFits) {
    const auto code = QrCode::of(kAddress);
    EXPECT_EQ(qr_room(*code, kQuietZone, Charset::kUnicode), (Size{19, 37}));
    EXPECT_EQ(qr_room(*code, kLeastQuietZone, Charset::kUnicode), (Size{17, 33}));
    EXPECT_EQ(qr_room(*code, kQuietZone, Charset::kAscii), (Size{37, 74}));
    EXPECT_EQ(quiet_zone_in(*code, {19, 37}, Charset::kUnicode), kQuietZone);
    EXPECT_EQ(quiet_zone_in(*code, {18, 37}, Charset::kUnicode), kLeastQuietZone);
    EXPECT_FALSE(quiet_zone_in(*code, {16, 37}, Charset::kUnicode));
    EXPECT_FALSE(quiet_zone_in(*code, {19, 37}, Charset::kAscii));
}

// Every cell has the role that is black on white, the blank ones too; the modules are those of the code.
TEST(QrCode, IsDrawnModuleByModule) {
    std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): no other thread
    const auto code = QrCode::of(kAddress);
    for (const Charset charset : {Charset::kUnicode, Charset::kAscii}) {
        const Size room = qr_room(*code, kQuietZone, charset);
        Frame frame(room, charset);
        draw_qr(frame, {0, 0}, *code, kQuietZone);
        const bool ascii = charset == Charset::kAscii;
        for (int row = 0; row < room.rows; ++row) {
            for (int col = 0; col < room.cols; ++col) {
                const Cell& cell = frame.row(row)[static_cast<std::size_t>(col)];
                EXPECT_EQ(cell.style.role, Role::kQrCode);
                const int module = (ascii ? col / 2 : col) - kQuietZone;
                const int upper = (ascii ? row : 2 * row) - kQuietZone;
                const bool dark = code->dark(upper, module);
                const bool below = code->dark(upper + 1, module);
                const char32_t expected = ascii           ? (dark ? U'#' : U' ')
                                          : dark && below ? U'█'
                                          : dark          ? U'▀'
                                          : below         ? U'▄'
                                                          : U' ';
                EXPECT_EQ(cell.text[0], expected) << row << " " << col;
            }
        }
    }
}

TEST(QrCode, RefusesWhatNoCodeHolds) { EXPECT_FALSE(QrCode::of(std::string(3000, 'x'))); }

}  // namespace
}  // namespace keydeck::ui
