#include "ui/widgets/sparkline.hpp"

#include <algorithm>
#include <array>

namespace keydeck::ui {

std::string spark_of(std::span<const std::int64_t> values, Charset charset) {
    constexpr std::array<std::string_view, 9> kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr std::array<std::string_view, 9> kSigns{" ", "_", ".", ":", "-", "=", "+", "*", "#"};
    const auto& signs = charset == Charset::kAscii ? kSigns : kBlocks;
    const std::int64_t most = values.empty() ? 1 : std::max<std::int64_t>(*std::ranges::max_element(values), 1);
    std::string out;
    for (const std::int64_t value : values) {
        const std::int64_t height = value <= 0 ? 0 : std::max<std::int64_t>((value * 8 + most - 1) / most, 1);
        out += signs[static_cast<std::size_t>(height)];
    }
    return out;
}

void draw_sparkline(Frame& frame, int row, int col, int cols, std::span<const std::int64_t> values) {
    const std::size_t shown = std::min(values.size(), static_cast<std::size_t>(std::max(cols, 0)));
    frame.put(row, col, spark_of(values.last(shown), frame.charset()), {Role::kAccent}, cols);
}

}  // namespace keydeck::ui
