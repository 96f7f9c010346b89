// A QR code in a terminal: dark on light whatever the theme, for a camera knows no themes.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ui/terminal/frame.hpp"

namespace keydeck::ui {

/// The modules of a code: ISO/IEC 18004, error correction M.
class QrCode {
public:
    /// Of text in bytes, case kept. Empty where it is too long (over 2,331 bytes).
    [[nodiscard]] static std::optional<QrCode> of(std::string_view text);

    [[nodiscard]] int size() const { return size_; }  ///< modules a side
    /// Outside of the code lies its quiet zone, which is light.
    [[nodiscard]] bool dark(int row, int col) const {
        if (row < 0 || col < 0 || row >= size_ || col >= size_) return false;
        return modules_[static_cast<std::size_t>(row) * static_cast<std::size_t>(size_) + static_cast<std::size_t>(col)];
    }

private:
    QrCode(int size, std::vector<bool> modules) : size_(size), modules_(std::move(modules)) {}
    int size_;
    std::vector<bool> modules_;
};

/// The light edge, in modules. The standard asks for four; where that leaves no room two do, which is what cameras need of a
/// code that stands on a screen.
inline constexpr int kQuietZone = 4;
inline constexpr int kLeastQuietZone = 2;

/// What a code takes with so much of an edge: half blocks, two modules in a cell; in ascii two cells for a module.
[[nodiscard]] Size qr_room(const QrCode& code, int quiet_zone, Charset charset);
/// The widest edge that fits into `room`; empty where none does.
[[nodiscard]] std::optional<int> quiet_zone_in(const QrCode& code, Size room, Charset charset);
/// Draws it with its upper left corner there.
void draw_qr(Frame& frame, Point at, const QrCode& code, int quiet_zone);

}  // namespace keydeck::ui
