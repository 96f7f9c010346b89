#include "ui/widgets/qr_code.hpp"

#include <qrencode.h>

#include <memory>
#include <string>
#include <utility>

namespace keydeck::ui {
namespace {

using QrHandle = std::unique_ptr<QRcode, decltype([](QRcode* code) { ::QRcode_free(code); })>;

constexpr int kAnyVersion = 0;  // the smallest that holds it

// Two modules, one above the other.
std::string_view half_block(bool upper, bool lower) {
    if (upper) return lower ? "█" : "▀";
    return lower ? "▄" : " ";
}

}  // namespace

std::optional<QrCode> QrCode::of(std::string_view text) {
    // All of it as bytes: the library would split runs of digits off, which makes one address in ten larger, not smaller.
    std::vector<unsigned char> bytes(text.begin(), text.end());
    const QrHandle code(::QRcode_encodeData(static_cast<int>(bytes.size()), bytes.data(), kAnyVersion, QR_ECLEVEL_M));
    if (!code) return std::nullopt;
    std::vector<bool> modules(static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width));
    for (std::size_t i = 0; i < modules.size(); ++i) modules[i] = (code->data[i] & 1U) != 0;
    return QrCode(code->width, std::move(modules));
}

Size qr_room(const QrCode& code, int quiet_zone, Charset charset) {
    const int side = code.size() + 2 * quiet_zone;
    return charset == Charset::kAscii ? Size{side, 2 * side} : Size{(side + 1) / 2, side};
}

std::optional<int> quiet_zone_in(const QrCode& code, Size room, Charset charset) {
    for (const int zone : {kQuietZone, kLeastQuietZone}) {
        const Size needed = qr_room(code, zone, charset);
        if (needed.rows <= room.rows && needed.cols <= room.cols) return zone;
    }
    return std::nullopt;
}

void draw_qr(Frame& frame, Point at, const QrCode& code, int quiet_zone) {
    const bool ascii = frame.charset() == Charset::kAscii;
    const Size size = qr_room(code, quiet_zone, frame.charset());
    const Style style{Role::kQrCode};
    for (int row = 0; row < size.rows; ++row) {
        std::string line;
        for (int col = 0; col < code.size() + 2 * quiet_zone; ++col) {
            const int module = col - quiet_zone;
            if (ascii) {
                line += code.dark(row - quiet_zone, module) ? "##" : "  ";
            } else {
                const int upper = 2 * row - quiet_zone;
                line += half_block(code.dark(upper, module), code.dark(upper + 1, module));
            }
        }
        frame.put(at.row + row, at.col, line, style);
    }
}

}  // namespace keydeck::ui
