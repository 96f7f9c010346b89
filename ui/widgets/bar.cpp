#include "ui/widgets/bar.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace keydeck::ui {
namespace {

constexpr int kParts = 8;  // of a column

}  // namespace

std::string bar_of(std::int64_t part, std::int64_t whole, int cols, Charset charset) {
    constexpr std::array<std::string_view, kParts> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const int parts = charset == Charset::kAscii ? 1 : kParts;
    const double share = whole > 0 ? std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0) : 0.0;
    int filled = static_cast<int>(share * cols * parts);
    if (share > 0.0) filled = std::max(filled, 1);
    if (share < 1.0) filled = std::min(filled, cols * parts - 1);
    std::string out;
    for (int i = 0; i < filled / parts; ++i) out += "█";
    int used = filled / parts;
    if (filled % parts > 0) {
        out += kEighths[static_cast<std::size_t>(filled % parts)];
        ++used;
    }
    for (; used < cols; ++used) out += "░";
    return out;
}

}  // namespace keydeck::ui
