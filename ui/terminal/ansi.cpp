#include "ui/terminal/ansi.hpp"

#include <fmt/format.h>

#include "ui/theme.hpp"

namespace keydeck::ui {
namespace {

std::string rendition(const Style& style) {
    const Look look = look_of(style.role);
    std::string out;
    if (look.bold) out += ";1";
    if (look.dim || style.dimmed) out += ";2";
    if (look.underline) out += ";4";
    if (look.reverse != style.selected) out += ";7";
    if (look.colour != Colour::kDefault) out += fmt::format(";3{}", static_cast<int>(look.colour));
    return out;
}

bool is_blank(const Cell& cell) {
    return cell.length == 1 && cell.text[0] == U' ' && !cell.style.selected && !look_of(cell.style.role).underline &&
           !look_of(cell.style.role).reverse;
}

}  // namespace

std::string ansi_text(const Frame& frame) {
    std::string out;
    for (int row = 0; row < frame.size().rows; ++row) {
        auto cells = frame.row(row);
        while (!cells.empty() && is_blank(cells.back())) cells = cells.first(cells.size() - 1);
        std::string in_force;
        for (const Cell& cell : cells) {
            if (const std::string wanted = rendition(cell.style); wanted != in_force) {
                out += "\x1b[0" + wanted + "m";
                in_force = wanted;
            }
            for (std::size_t i = 0; i < cell.length; ++i) append_utf8(out, cell.text[i]);
        }
        if (!in_force.empty()) out += "\x1b[0m";
        out += "\n";
    }
    return out;
}

}  // namespace keydeck::ui
