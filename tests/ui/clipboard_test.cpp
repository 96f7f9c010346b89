#include "ui/terminal/clipboard.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

// RFC 4648, section 10.
TEST(Clipboard, EncodesForOsc52) {
    EXPECT_EQ(osc52(""), "\x1b]52;c;\x07");
    EXPECT_EQ(osc52("f"), "\x1b]52;c;Zg==\x07");
    EXPECT_EQ(osc52("fo"), "\x1b]52;c;Zm8=\x07");
    EXPECT_EQ(osc52("foo"), "\x1b]52;c;Zm9v\x07");
    EXPECT_EQ(osc52("foob"), "\x1b]52;c;Zm9vYg==\x07");
    EXPECT_EQ(osc52("fooba"), "\x1b]52;c;Zm9vYmE=\x07");
    EXPECT_EQ(osc52("foobar"), "\x1b]52;c;Zm9vYmFy\x07");
    EXPECT_EQ(osc52("\xff\xfe"), "\x1b]52;c;//4=\x07");
}

}  // namespace
}  // namespace keydeck::ui
